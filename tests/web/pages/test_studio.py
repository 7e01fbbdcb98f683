"""The studio without scripts: a feature is begun, mended, tried, deployed, run, changed, rolled
back and shared, and of two who write at once nobody loses a word.
"""

import re
from collections.abc import AsyncGenerator, Mapping
from html import unescape

import pytest
from httpx import AsyncClient, Response
from pydantic import JsonValue

from one.errors import Invalid
from one.library import ABOUT, texts
from one.settings import Settings
from one.web.pages import drafts, live
from one.web.pages import studio as studio_pages
from one.web.pages.code import painted
from one.web.pages.inputs import blanks_of, given
from tests.web.pages.browsing import address, attribute, fill, leads_to, sign_up, text_of
from tests.web.pages.test_explore import made
from tests.web.pages.test_foundation import HOSTILE, check_closed
from tests.workshop.conftest import Town, town_of
from tests.world import World

pytestmark = pytest.mark.anyio

GREET = """\
FEATURE: Greet a fan

INPUT:
  - name: what to call them

OUTPUT:
  - greeting: what to say

GIVE greeting is "Hello [name]"
"""
WRONG = GREET.replace("GIVE", "GIEV")
PICK = """\
FEATURE: Show a lesson

INPUT:
  - fan: who asks
  - lesson: which lesson

CHECK fan exists
GIVE name is lesson's name
"""
LOUD = GREET.replace("Hello", "HELLO")
COUNT = """\
FEATURE: Count lessons

INPUT:
  - fan: who asks
  - lessons: which lessons, a list of lessons

CHECK fan exists
GIVE number of lessons as count
"""


@pytest.fixture
def studio(world: World) -> Town:
    return town_of(world, Settings.model_validate({"mode": "development", "secret_keys": "own"}))


@pytest.fixture
async def browser(studio: Town) -> AsyncGenerator[AsyncClient]:
    """A creator's."""
    headers = {"Origin": "http://localhost", "Accept": "text/html"}
    async with AsyncClient(
        transport=studio.transport, base_url="http://localhost", headers=headers
    ) as client:
        await sign_up(client, address())
        yield client


async def begun(browser: AsyncClient, text: str) -> str:
    """The address of a draft that holds this."""
    return leads_to(await fill(browser, "/studio/new", text=text))


async def deployed(browser: AsyncClient, text: str) -> Response:
    """The page of a feature that was just made live."""
    draft = await begun(browser, text)
    return await browser.get(leads_to(await fill(browser, f"{draft}/deploy")))


def buttons(page: Response, name: str) -> list[str]:
    return [
        unescape(one)
        for one in re.findall(rf'<button[^>]* name="{name}" value="([^"]*)"', page.text)
    ]


def check_editor(page: Response) -> None:
    """As every page, but that the style sheets of its editor are let in by name."""
    policy = page.headers["content-security-policy"]
    (nonce,) = re.findall(r"style-src 'self' 'nonce-([\w-]{20,})'", policy)
    assert f'content="{nonce}"' in page.text
    page.headers["content-security-policy"] = policy.replace(f" 'nonce-{nonce}'", "")
    check_closed(page)


async def test_a_creator_begins_from_a_text_that_works(browser: AsyncClient) -> None:
    page = await browser.get("/studio")
    check_closed(page)
    assert "No feature is live yet" in text_of(page)
    assert ABOUT.keys() == texts().keys()
    for name, words in ABOUT.items():
        assert f'href="/studio/new?from={name}"' in page.text
        assert words in text_of(page)
    shown = await browser.get("/studio/new", params={"from": "tip_a_creator"})
    check_closed(shown)
    assert "FEATURE: Tip a creator" in text_of(shown)
    draft = leads_to(await fill(browser, "/studio/new", **{"from": "tip_a_creator"}))
    check_editor(await browser.get(draft))
    assert "Tip a creator saved" in text_of(await browser.get("/studio"))
    assert (await browser.get("/studio/new", params={"from": "nothing"})).status_code == 404


async def test_a_mistake_is_told_at_its_line_and_mended_by_its_button(browser: AsyncClient) -> None:
    draft = await begun(browser, WRONG)
    page = await browser.get(draft, params={"tab": "questions"})
    assert "1 mistake" in text_of(page)
    assert "“GIEV” is not a word I know here" in text_of(page)
    (fix,) = buttons(page, "fix")
    version = attribute(page, "version")
    there = leads_to(await fill(browser, draft, text=WRONG, version=version, fix=fix))
    mended = await browser.get(there)
    assert "Compiles" in text_of(mended)
    assert "GIVE greeting" in text_of(mended)
    gone = await fill(browser, draft, text=GREET, version=attribute(mended, "version"), fix=fix)
    assert (gone.status_code, "offered any more" in text_of(gone)) == (422, True)


async def test_a_text_is_tidied_and_all_that_is_certain_is_mended(browser: AsyncClient) -> None:
    rough = GREET.replace("FEATURE: ", "feature:   ").replace(
        "GIVE greeting is", "GIVE   greeting is"
    )
    draft = await begun(browser, rough)
    there = leads_to(await fill(browser, draft, text=rough, version="1", do="tidy", tab="flow"))
    tidy = await browser.get(there)
    assert "Tidied: 2 lines laid out anew." in text_of(tidy)
    assert 'GIVE greeting is "Hello [name]"' in text_of(tidy)
    assert attribute(tidy, "tab") == "flow"
    fields = {"text": GREET, "version": attribute(tidy, "version")}
    again = await browser.get(leads_to(await fill(browser, draft, **fields, do="tidy")))
    assert "It is tidy already." in text_of(again)
    wrong = f"{WRONG}\n\n{WRONG.replace('Greet', 'Meet').replace('GIEV', 'GIVVE')}"
    fields = {"text": wrong, "version": attribute(again, "version")}
    mended = await browser.get(leads_to(await fill(browser, draft, **fields, do="mend")))
    assert "Mended 2, in lines 9 and 20." in text_of(mended)
    assert "Compiles" in text_of(mended)
    fields = {"text": GREET, "version": attribute(mended, "version")}
    fine = await browser.get(leads_to(await fill(browser, draft, **fields, do="mend")))
    assert "nothing to mend that is certain" in text_of(fine)


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("change", "only a stand-in"),
        ("understood", "It needs name (text)."),
        ("questions", "No questions, no mistakes."),
        ("flow", "Look at it large"),
        ("rights", "Everybody may run it"),
        ("code", "class Given"),
        ("try", "What to call them."),
    ],
)
async def test_beside_the_text_stands_what_is_to_be_known_of_it(
    browser: AsyncClient, tab: str, words: str
) -> None:
    draft = await begun(browser, GREET)
    version = "1"
    page = await browser.get(
        leads_to(await fill(browser, draft, text=GREET, version=version, tab=tab))
    )
    check_editor(page)
    assert words in text_of(page) or words in page.text
    for text in ("", "FEATURE:", HOSTILE, "FEATURE: A\n" + "GIVE x\n" * 300):
        other = await browser.get(await begun(browser, text), params={"tab": tab})
        assert other.status_code == 200
        assert "<script>" not in other.text


async def test_a_text_is_tried_with_what_is_filled_in(browser: AsyncClient) -> None:
    draft = await begun(browser, GREET)
    tried = await fill(browser, draft, text=GREET, version="1", do="try", **{"in.name": "Bo & Cy"})
    assert "It ends well." in text_of(tried)
    assert "Hello Bo & Cy" in text_of(tried)
    assert attribute(tried, "in.name") == "Bo & Cy"
    wrong = await fill(browser, draft, text=WRONG, version="1", do="try")
    assert (wrong.status_code, "can't be tried yet" in text_of(wrong)) == (422, True)
    assert (await browser.get("/api/features")).json()["items"] == []


async def test_of_two_who_write_at_once_nobody_loses_a_word(browser: AsyncClient) -> None:
    draft = await begun(browser, GREET)
    leads_to(await fill(browser, draft, text=LOUD, version="1"))
    parted = await fill(browser, draft, text=f"{GREET}# mine", version="1")
    check_closed(parted)
    assert parted.status_code == 409
    assert "Two versions" in text_of(parted)
    assert "# mine" in text_of(parted)
    assert "HELLO" in text_of(parted)
    version = attribute(parted, "version")
    leads_to(await fill(browser, draft, text=f"{GREET}# mine", version=version))
    assert "# mine" in text_of(await browser.get(draft))


async def test_what_is_wrong_is_not_deployed_and_leads_back_to_the_text(
    browser: AsyncClient,
) -> None:
    draft = await begun(browser, WRONG)
    assert (
        leads_to(await fill(browser, draft, text=WRONG, version="1", do="deploy"))
        == f"{draft}/deploy"
    )
    for page in (await browser.get(f"{draft}/deploy"), await fill(browser, f"{draft}/deploy")):
        assert page.status_code == 422
        assert "does not compile yet" in text_of(page)
        assert f'href="{draft}?tab=questions"' in page.text
    assert (await browser.get("/api/features")).json()["items"] == []


async def test_a_feature_goes_live_runs_and_is_changed_and_rolled_back(
    browser: AsyncClient,
) -> None:
    page = await deployed(browser, GREET)
    check_closed(page)
    assert "It is live" in text_of(page)
    assert "/api/features/ana/greet_a_fan" in text_of(page)
    assert "What you are writing" not in text_of(await browser.get("/studio"))
    here = "/studio/features/greet_a_fan"
    came = await fill(browser, here, **{"in.name": "Bo"})
    assert "greeting Hello Bo" in text_of(came)
    assert "1 run in 24 h" in text_of(await browser.get("/studio"))
    empty = await fill(browser, here, **{"in.name": ""})
    assert (empty.status_code, "Fill this in" in text_of(empty)) == (422, True)
    draft = leads_to(await fill(browser, f"{here}/edit"))
    assert leads_to(await fill(browser, f"{here}/edit")) == draft
    leads_to(await fill(browser, draft, text=LOUD, version="1"))
    plan = await browser.get(f"{draft}/deploy")
    check_closed(plan)
    assert "In the place of revision 1" in text_of(plan)
    assert "HELLO" in text_of(plan)
    on_trial = leads_to(
        await fill(browser, f"{draft}/deploy", version=attribute(plan, "version"), canary="10")
    )
    shown = text_of(await browser.get(on_trial))
    assert "10 % on revision 2" in shown
    past = await browser.get(here, params={"tab": "revisions", "with": "2"})
    assert "From revision 1 to 2" in text_of(past)
    for path, said, words in (
        ("canary", {"percent": "100"}, "Revision 2"),
        ("keep", {"revision": "1"}, "Revision 1"),
        ("retire", {}, "Taken down"),
    ):
        version = attribute(await browser.get(here, params={"tab": "revisions"}), "version")
        stale = await fill(browser, f"{here}/{path}", version="1", **said)
        assert (stale.status_code, "changed since you looked" in text_of(stale)) == (409, True)
        done = leads_to(await fill(browser, f"{here}/{path}", version=version, **said))
        assert words in text_of(await browser.get(done))


async def test_a_feature_is_given_things_by_their_names(browser: AsyncClient) -> None:
    ids = {name: await made(browser, "lesson", name=name) for name in ("Kneading", "Baking")}
    page = await deployed(browser, PICK)
    check_closed(page)
    assert '<option value="Kneading">' in page.text
    here = "/studio/features/show_a_lesson"
    for said in ("kneading", ids["Kneading"]):
        assert "name Kneading" in text_of(await fill(browser, here, **{"in.lesson": said}))
    near = await fill(browser, here, **{"in.lesson": "bak"})
    assert (near.status_code, "Did you mean one of these?" in text_of(near)) == (422, True)
    picked = {"in.lesson": "bak", "in.lesson.pick": ids["Baking"]}
    assert "name Baking" in text_of(await fill(browser, here, **picked))
    await deployed(browser, COUNT)
    several = {"in.lessons": f"baking\r\n{ids['Kneading']}\r\n"}
    assert "count 2" in text_of(await fill(browser, "/studio/features/count_lessons", **several))
    await made(browser, "lesson", name="Baking")
    for said, words in (
        ("Baking", "“Baking”: write the id of the one you mean"),
        ("Knead", "“Knead”: Nothing is called just so. Did you mean one of these? “Kneading”"),
        ("Cake", "“Cake”: Nothing that you see is called so"),
    ):
        wrong = await fill(browser, "/studio/features/count_lessons", **{"in.lessons": said})
        assert (wrong.status_code, words in text_of(wrong)) == (422, True), text_of(wrong)


async def test_how_often_a_feature_ran_and_went_wrong_is_told(browser: AsyncClient) -> None:
    strict = GREET.replace("GIVE", 'CHECK name is "Bo"\n  OTHERWISE say "Only Bo"\nGIVE')
    await deployed(browser, strict)
    assert "in 24 h" not in text_of(await browser.get("/studio"))
    for name in ("Bo", "Cy", "Di"):
        came = await fill(browser, "/studio/features/greet_a_fan", **{"in.name": name})
        assert ("Only Bo" in text_of(came)) == (name != "Bo")
    assert "3 runs in 24 h, 2 went wrong" in text_of(await browser.get("/studio"))


async def test_what_was_not_looked_at_is_not_deployed(browser: AsyncClient) -> None:
    draft = await begun(browser, GREET)
    plan = await browser.get(f"{draft}/deploy")
    leads_to(await fill(browser, draft, text=LOUD, version="1"))
    refused = await fill(browser, f"{draft}/deploy", draft=attribute(plan, "draft"))
    assert (refused.status_code, "changed since you looked" in text_of(refused)) == (409, True)
    assert (await browser.get("/api/features")).json()["items"] == []
    leads_to(await fill(browser, f"{draft}/deploy", draft=attribute(refused, "draft")))


async def test_nothing_that_is_typed_breaks_the_studio(world: World, browser: AsyncClient) -> None:
    """In this mode a bug is raised on."""
    await deployed(browser, GREET)
    draft = (await begun(browser, PICK)).rpartition("/")[2]
    names = ("text", "version", "fix", "tab", "do", "from", "package", "feature", "in.name")
    fields = (
        *names,
        "idea",
        "proposal",
        "base",
        "draft",
        "canary",
        "percent",
        "revision",
        "once",
        "line.x",
        "yes.x",
    )
    strict = town_of(world, Settings.model_validate({"mode": "test", "secret_keys": "own"}))
    async with AsyncClient(
        transport=strict.transport, base_url="http://localhost", headers=browser.headers
    ) as client:
        client.cookies = browser.cookies
        for text in ("\0", HOSTILE, "\u202e" * 3_000, "9" * 400, "-1"):
            for page in (*studio_pages.PAGES, *drafts.PAGES[::2], *live.PAGES):
                for slug in ("greet_a_fan", "%F0%9F%98%80"):
                    path = page.path.replace("{id:uuid}", draft).replace("{slug}", slug)
                    query: dict[str, str] = dict.fromkeys(
                        ("tab", "done", "from", "with", "feature"), text[:500]
                    )
                    assert (await client.get(path, params=query)).status_code < 500
                    said = await fill(client, path, **dict.fromkeys(fields, text))
                    assert said.status_code < 500
                    assert "<script>" not in said.text


async def test_a_line_is_ticked_at_the_deploy_and_keeps_its_tick(browser: AsyncClient) -> None:
    draft = await begun(browser, PICK)
    plan = await browser.get(f"{draft}/deploy")
    (line,) = set(re.findall(r'name="yes\.([0-9a-f]{12})"', plan.text))
    ticked = {f"line.{line}": "1", f"yes.{line}": "1"}
    leads_to(await fill(browser, f"{draft}/deploy", **ticked))
    again = leads_to(await fill(browser, "/studio/features/show_a_lesson/edit"))
    assert re.search(
        rf'name="yes\.{line}" value="1" checked', (await browser.get(f"{again}/deploy")).text
    )


async def test_a_package_is_taken_in_as_a_draft_by_somebody_else(
    studio: Town, browser: AsyncClient
) -> None:
    await deployed(browser, GREET)
    package = await browser.get("/studio/features/greet_a_fan/package")
    assert package.headers["content-disposition"] == 'attachment; filename="greet_a_fan.one"'
    assert "Shared by @ana" in package.text
    assert package.text.endswith(GREET)
    async with AsyncClient(
        transport=studio.transport, base_url="http://localhost", headers=browser.headers
    ) as other:
        await sign_up(other, address("bo"), name="Bo")
        there = leads_to(await fill(other, "/studio/new/package", package=package.text))
        page = text_of(await other.get(there))
        assert "no data, no keys" in page
        assert "Everybody may run it" in page
        draft = there.partition("?")[0]
        leads_to(await fill(other, f"{draft}/deploy"))
        again = (await other.get("/studio/features/greet_a_fan/package")).text
        assert again.count("A feature for ONE:") == 1
        assert "Shared by @bo" in again
        nothing = await fill(other, "/studio/new/package", package=" ")
        assert (nothing.status_code, "Choose a file" in text_of(nothing)) == (422, True)


async def test_what_is_anothers_is_not_there(studio: Town, browser: AsyncClient) -> None:
    draft = await begun(browser, GREET)
    await deployed(browser, LOUD)
    async with AsyncClient(
        transport=studio.transport, base_url="http://localhost", headers=browser.headers
    ) as other:
        for path in ("/studio", draft, "/studio/features/greet_a_fan"):
            assert leads_to(await other.get(path)).startswith("/sign-in")
        await sign_up(other, address("bo"), name="Bo")
        for path in (
            draft,
            f"{draft}/deploy",
            "/studio/features/greet_a_fan",
            "/studio/features/greet_a_fan/package",
        ):
            assert (await other.get(path)).status_code == 404, path
        assert (await fill(other, f"{draft}/discard")).status_code == 404
    assert "GIVE greeting" in text_of(await browser.get(draft))
    assert leads_to(await fill(browser, f"{draft}/discard")) == "/studio?done=discarded"
    assert (await browser.get(draft)).status_code == 404


SLOTS: Mapping[str, JsonValue] = {
    "course": {"type": "Id<course>"},
    "tone": {"type": "text", "oneOf": ["warm", "cool"]},
    "price": {"type": "money", "min": {"amount": 2_000, "currency": "usd"}},
    "count": {"type": "integer", "min": 1, "max": 5},
    "day": {"type": "datetime"},
    "names": {"type": "text[]"},
    "sure": {"type": "boolean"},
    "off": {"type": "ratio?", "optional": True},
}


def test_what_is_filled_in_is_read_as_its_kind() -> None:
    blanks = blanks_of(SLOTS)
    typed = {
        "in.course": "Piano",
        "in.tone": "warm",
        "in.price": "12.50",
        "in.price.currency": "eur",
        "in.count": "3",
        "in.day": "2030-01-31T12:00",
        "in.names": "Bo\n\n Cy ",
        "in.sure": "no",
        "in.off": "25 %",
    }
    assert given(blanks, typed) == {
        "course": "Piano",
        "tone": "warm",
        "price": {"amount": 1_250, "currency": "eur"},
        "count": 3,
        "day": "2030-01-31T12:00:00Z",
        "names": ["Bo", "Cy"],
        "sure": False,
        "off": 0.25,
    }


def test_what_cant_be_read_is_told_beside_its_field() -> None:
    typed = {"in.price": "a lot", "in.count": "1.5"}
    with pytest.raises(Invalid) as refused:
        given(blanks_of(SLOTS), typed)
    told = {one.pointer: one.message for one in refused.value.faults}
    assert told["/in.price"] == "Write it like 12.50"
    assert told["/in.count"] == "Write a whole number"
    assert told["/in.course"] == "Fill this in"
    assert "/in.off" not in told


def test_code_is_coloured_and_stays_as_it_is() -> None:
    text = 'def f(x: str) -> str:\n    """<b>"""\n    return f"{x} {{y}}"  # é & so\n'
    shown = painted("a.py", text)
    assert unescape(re.sub("<[^>]*>", "", shown)) == text
    assert '<span class="code-command">def</span>' in shown
    assert "<b>" not in shown
    assert painted("a.py", "def (") == "def ("
    assert painted("a.json", '{"a": "<"}') == "{&#34;a&#34;: &#34;&lt;&#34;}"
