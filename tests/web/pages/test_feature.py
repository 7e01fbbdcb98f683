"""A feature of somebody else's in a browser without scripts: read, run and followed by a fan, a
visitor and a guest.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient, Response

from one.settings import Settings
from tests.web.pages.browsing import address, attribute, fill, leads_to, sign_up, text_of
from tests.web.pages.test_foundation import check_closed
from tests.workshop.conftest import Town, town_of
from tests.world import World

pytestmark = pytest.mark.anyio

GREET = """FEATURE: Greet a fan
INPUT:
  - fan: who asks
  - nickname: what to call them
OUTPUT:
  - greeting: what they hear
CHECK fan exists
  OTHERWISE say "Please sign in first"
CHECK nickname is not "Rumpelstiltskin"
  OTHERWISE say "Any other name, please"
NOTIFY fan ABOUT "Good to see you" VIA app
GIVE greeting is "Hello [nickname]"
"""
SECRETS = """FEATURE: Ask my coach
INPUT:
  - fan: who asks
  - code: their code
  - question: what they ask
OUTPUT:
  - answer: what they hear
IF code is "SESAME-OPEN" THEN
  TAG fan WITH goal:whalehunting
  CREATE lead called "Big fish 4711" WITH notes "very rich", score 918273
CALL OpenAI to answer WITH question, system "You are a stern pirate" SAVE AS answer
NOTIFY fan ABOUT "The door is at https://door.example/hush" VIA app
WAIT 2 days
GIVE answer
"""
HIDDEN = ("SESAME", "whalehunting", "4711", "very rich", "918273", "pirate", "door.example", "hush")
MAIL = """FEATURE: Send me the list
INPUT:
  - visitor: who wants it
  - email: their e-mail address
OUTPUT:
  - message: what they read
SEND "Here is the list" TO email
GIVE message is "It is on its way"
"""
SHOUT = """FEATURE: Put up a shoutout
INPUT:
  - fan: who asks
  - words: what they say
OUTPUT:
  - message: what they read
CREATE blog post called words SAVE AS post
PUBLISH post
GIVE message is "It is out"
"""
SLOW = """FEATURE: Wait for me
INPUT:
  - fan: who asks
OUTPUT:
  - message: what they read
NOTIFY fan ABOUT "Soon" VIA app
WAIT until signal red lantern TIMEOUT after 3 days
GIVE message is "There you are"
"""
PICK = """FEATURE: Tell me about a course
INPUT:
  - fan: who asks
  - course: which course
OUTPUT:
  - answer: what they hear
CHECK fan exists
GIVE answer is "[course's name]"
"""
LATER = """FEATURE: Hear from me
INPUT:
  - visitor: who asks
  - email: their e-mail address
OUTPUT:
  - message: what they read
SEND "It begins" TO email
WAIT until signal red lantern TIMEOUT after 3 days
GIVE message is "There you are"
"""
CHECKOUT = """FEATURE: Book a talk
INPUT:
  - visitor: who asks
  - email: their e-mail address
OUTPUT:
  - message: what they read
CALL Stripe to create checkout WITH amount 20 USD SAVE AS checkout
SEND "Pay, and it is yours" TO email
WAIT UNTIL visitor pays TIMEOUT after 3 days
GIVE message is "Thank you"
"""
CHARGE = """FEATURE: Book a lesson
INPUT:
  - fan: who books
OUTPUT:
  - answer: what they hear
CHECK fan exists
CALL payment processor to charge $20 WITH customer fan SAVE AS payment
GIVE answer is "booked"
"""
CLOCK = """FEATURE: Every morning
EVERY DAY at 9am
NOTIFY me ABOUT "Good morning"
"""
OWN = 'FEATURE: Make a course\nCREATE course called "New"\n'

Browser = Callable[[], AsyncClient]


@pytest.fixture
def town(world: World) -> Town:
    return town_of(world, Settings.model_validate({"mode": "development", "secret_keys": "own"}))


@pytest.fixture
async def opened(town: Town) -> AsyncGenerator[Browser]:
    """Opens browsers."""
    async with AsyncExitStack() as stack:
        made: list[AsyncClient] = []

        def new() -> AsyncClient:
            headers = {"Origin": "http://localhost", "Accept": "text/html"}
            client = AsyncClient(
                transport=town.transport, base_url="http://localhost", headers=headers
            )
            made.append(client)
            stack.push_async_callback(client.aclose)
            return client

        yield new


@pytest.fixture
async def ana(opened: Browser) -> AsyncClient:
    """A creator's."""
    browser = opened()
    await sign_up(browser, address(), name="Ana Brown", handle="ana")
    return browser


@pytest.fixture
async def bo(opened: Browser) -> AsyncClient:
    """A fan's."""
    browser = opened()
    await sign_up(browser, address("bo"), name="Bo Green", kind="audience_member")
    return browser


async def live(browser: AsyncClient, text: str) -> str:
    """The page of a feature that is live since; its author is asked what can be asked."""
    made = await browser.post("/api/features", json={"text": text})
    assert made.status_code in (200, 201), made.text
    return "/f" + made.json()["items"][0]["address"].removeprefix("/api/features")


async def me(browser: AsyncClient) -> str:
    return (await browser.get("/api/account")).json()["entity"]


async def run(browser: AsyncClient, page: str, **fields: str) -> Response:
    once = attribute(await browser.get(page), "once")
    given = {f"in.{name}": value for name, value in fields.items()}
    return await fill(browser, page, once=once, **given)


async def comes(browser: AsyncClient, path: str, words: str) -> str:
    """What a page says once it says this."""
    said = ""
    for _ in range(200):
        said = text_of(await browser.get(path))
        if words in said:
            return said
        await asyncio.sleep(0.05)
    raise AssertionError(said)


async def test_a_fan_reads_what_it_does_runs_it_and_reads_what_it_gave(
    ana: AsyncClient, bo: AsyncClient
) -> None:
    page = await live(ana, GREET)
    shown = await bo.get(page)
    check_closed(shown)
    for words in (
        "A feature of Ana Brown",
        "Anyone who is signed in may run it",
        "Make sure that the fan exists, else stop and say “Please sign in first”.",
        "Greeting: what they hear.",
        "What to call them.",
    ):
        assert words in text_of(shown), words
    assert "Rumpelstiltskin" not in shown.text
    there = leads_to(await run(bo, page, nickname="Bee"))
    came = await bo.get(there)
    check_closed(came)
    for words in ("Done", "Greeting Hello Bee", "Nickname Bee", "Ana Brown", "Run it again"):
        assert words in text_of(came), words
    assert f'href="{page}"' in came.text


async def test_what_it_refuses_with_stands_above_what_was_typed(
    ana: AsyncClient, bo: AsyncClient
) -> None:
    page = await live(ana, GREET)
    empty = await run(bo, page, nickname="")
    assert (empty.status_code, "Fill this in." in text_of(empty)) == (422, True)
    refused = await run(bo, page, nickname="Rumpelstiltskin")
    assert refused.status_code == 422
    assert "Any other name, please" in text_of(refused)
    assert 'value="Rumpelstiltskin"' in refused.text


async def test_a_form_that_is_posted_twice_runs_once(ana: AsyncClient, bo: AsyncClient) -> None:
    page = await live(ana, GREET)
    once = attribute(await bo.get(page), "once")
    fields = {"once": once, "in.nickname": "Bee"}
    first, again = [leads_to(await bo.post(page, data=fields)) for _ in range(2)]
    assert first == again


async def test_nobody_reads_what_the_author_wrote_into_it(
    ana: AsyncClient, bo: AsyncClient, opened: Browser
) -> None:
    page = await live(ana, SECRETS)
    said = "/api/live-feature?slug=ask_my_coach&by=ana"
    for browser in (ana, bo, opened()):
        for path in (page, said):
            shown = await browser.get(path)
            assert shown.status_code == 200
            assert "OpenAI" in shown.text
            assert "Wait 2 days" in shown.text
            assert not [word for word in HIDDEN if word in shown.text], path
    may = text_of(await bo.get(page))
    assert "Keeps a note of this run that Ana Brown alone sees." in may
    assert "to OpenAI" in may


async def test_a_visitor_is_led_to_sign_in_and_back(ana: AsyncClient, opened: Browser) -> None:
    page = await live(ana, GREET)
    visitor = opened()
    shown = await visitor.get(page)
    check_closed(shown)
    assert shown.text.count('href="/sign-in?next=%2Ff%2Fana%2Fgreet_a_fan"') == 2
    assert "<form" not in shown.text
    assert leads_to(await fill(visitor, page)).startswith("/sign-in?next=%2Ff%2Fana%2Fgreet_a_fan")


async def test_a_guest_runs_what_takes_an_address(
    town: Town, ana: AsyncClient, opened: Browser
) -> None:
    page = await live(ana, MAIL)
    guest = opened()
    async with town.working():
        there = leads_to(await run(guest, page, email="cy@mail.example"))
    came = await guest.get(there)
    check_closed(came)
    assert "What it gave you Message It is on its way" in text_of(came)
    wrong = await run(guest, page, email="cy")
    assert wrong.is_client_error
    assert 'value="cy"' in wrong.text


async def test_a_guest_has_a_page_of_a_run_that_goes_on(
    town: Town, ana: AsyncClient, bo: AsyncClient, opened: Browser
) -> None:
    page = await live(ana, LATER)
    guest = opened()
    async with town.working():
        there = leads_to(await run(guest, page, email="cy@mail.example"))
        waiting = await guest.get(there)
        check_closed(waiting)
        assert "It waits for somebody’s word, until" in text_of(waiting)
        assert "Keep the address of this page." in text_of(waiting)
        assert not [word for word in ("lantern", "cy@mail", "/cancel") if word in waiting.text]
        key = there.removeprefix("/ran/")
        id = str(UUID(hex=key.partition(".")[0]))
        steps = (await ana.get(f"/api/runs/{id}")).json()["steps"]
        told = {"topic": next(one["waitsFor"] for one in steps if one["waitsFor"])}
        assert (await ana.post(f"/api/runs/{id}/signal", json=told)).is_success
        await comes(guest, there, "What it gave you Message There you are")
    for browser in (guest, bo):
        for guess in (id, id.replace("-", ""), f"{id}.{key[33:]}x", f"{UUID(int=7).hex}{key[32:]}"):
            gone = await browser.get(f"/ran/{guess}")
            assert gone.status_code == 404
            assert "There you are" not in gone.text
    assert leads_to(await guest.get(f"/runs/{id}")).startswith("/sign-in")
    assert (await bo.get(f"/runs/{id}")).status_code == 404


async def test_the_address_of_a_guests_run_is_good_for_a_month(
    town: Town, ana: AsyncClient, opened: Browser
) -> None:
    page = await live(ana, MAIL)
    guest = opened()
    async with town.working():
        there = leads_to(await run(guest, page, email="cy@mail.example"))
    clock = town.world.desk.clock
    try:
        clock.offset = timedelta(days=29)
        assert (await guest.get(there)).status_code == 200
        clock.offset = timedelta(days=31)
        gone = await guest.get(there)
    finally:
        clock.offset = timedelta()
    assert gone.status_code == 404
    assert "There is no run at this address, or no longer." in text_of(gone)


async def test_a_guest_is_led_to_where_they_pay(
    town: Town, ana: AsyncClient, opened: Browser
) -> None:
    page = await live(ana, CHECKOUT)
    guest = opened()
    async with town.working():
        there = leads_to(await run(guest, page, email="cy@mail.example"))
        await comes(guest, there, "It waits for you to pay.")
    assert re.search(r'href="/pay/[0-9a-f-]{36}"', (await guest.get(there)).text)


async def test_the_receipt_leads_to_the_run_and_back(
    town: Town, ana: AsyncClient, bo: AsyncClient
) -> None:
    page = await live(ana, CHARGE)
    async with town.working():
        there = leads_to(await run(bo, page)).partition("?")[0]
        await comes(bo, there, "What it gave you Answer booked")
    ran = await bo.get(there)
    found = re.search(r'href="(/purchases/[0-9a-f-]{36})"', ran.text)
    assert found, text_of(ran)
    receipt = await bo.get(found[1])
    check_closed(receipt)
    assert "Began with a run of Book a lesson" in text_of(receipt)
    for path in (there, page):
        assert f'href="{path}"' in receipt.text
    bought = found[1].rpartition("/")[2]
    assert (await bo.get(f"/api{there}")).json()["bought"] == [bought]
    assert (await ana.get(f"/api{there}")).json()["bought"] == []


async def test_what_is_not_paid_yet_leads_back_to_the_run(
    town: Town, ana: AsyncClient, bo: AsyncClient
) -> None:
    page = await live(ana, CHECKOUT)
    async with town.working():
        there = leads_to(await run(bo, page, email="bo@mail.example")).partition("?")[0]
        await comes(bo, there, "It waits for you to pay.")
    pay = (await bo.get(f"/api{there}")).json()["pay"]
    receipt = await bo.get(f"/purchases/{pay}")
    assert "Began with a run of Book a talk" in text_of(receipt)
    assert f'href="{there}"' in receipt.text
    assert (await ana.get(f"/api{there}")).json()["pay"] is None


async def test_a_program_without_an_account_is_told_where_its_run_is(
    town: Town, ana: AsyncClient, opened: Browser
) -> None:
    page = await live(ana, LATER)
    guest = opened()
    async with town.working():
        begun = await guest.post(
            f"/api/features{page.removeprefix('/f')}",
            json={"email": "cy@mail.example"},
            headers={"prefer": "wait=1"},
        )
    assert begun.status_code == 202, begun.text
    found = await guest.get(begun.headers["location"])
    assert (found.status_code, found.json()["run"]["status"]) == (200, "waiting")
    assert (found.json()["text"], found.json()["lines"]) == (None, {})


async def test_what_it_waits_for_is_told_without_the_names_of_signals(
    town: Town, ana: AsyncClient, bo: AsyncClient
) -> None:
    page = await live(ana, SLOW)
    async with town.working():
        there = leads_to(await run(bo, page))
        waiting = await bo.get(there)
        assert "It waits for somebody’s word, until" in text_of(waiting)
        assert "lantern" not in waiting.text
        assert "lantern" not in (await bo.get(f"/api{there.partition('?')[0]}")).text
        assert "red lantern" in (await ana.get(there)).text
        stopped = leads_to(await fill(bo, f"{there.partition('?')[0]}/cancel"))
        over = await comes(bo, stopped, "It was cancelled.")
    assert "Try again" in over


async def test_whose_yes_is_asked_for_gives_it_on_the_page_of_the_run(
    town: Town, ana: AsyncClient, bo: AsyncClient
) -> None:
    page = await live(ana, SHOUT)
    assert "Ana Brown is asked first: to publish the post." in text_of(await bo.get(page))
    async with town.working():
        there = leads_to(await run(bo, page, words="Hello all")).partition("?")[0]
        assert "It waits for Ana Brown:" in text_of(await bo.get(there))
        asked = await ana.get(there)
        check_closed(asked)
        request = attribute(asked, "request")
        assert (await fill(bo, f"{there}/answer", request=request, yes="true")).status_code == 404
        assert leads_to(await fill(ana, f"{there}/answer", request=request, yes="true"))
        await comes(bo, there, "What it gave you Message It is out")


async def test_what_is_not_live_for_who_looks_says_so(
    ana: AsyncClient, bo: AsyncClient, opened: Browser
) -> None:
    clock, own, greet = await live(ana, CLOCK), await live(ana, OWN), await live(ana, GREET)
    for browser in (bo, opened()):
        for path in (clock, own, "/f/ana/nothing", "/f/nobody/greet_a_fan", "/f/greet_a_fan"):
            shown = await browser.get(path)
            check_closed(shown)
            assert shown.status_code == 404
            assert "There is no feature at this address." in text_of(shown)
            assert "Every morning" not in shown.text
    assert "Nobody runs it: it runs by itself" in text_of(await ana.get(clock))
    assert "You and those who help you may run it" in text_of(await ana.get(own))
    await ana.post("/api/features/greet_a_fan/retire-feature", json={})
    gone = await bo.get(greet)
    assert gone.status_code == 404
    assert "Ana Brown has taken “Greet a fan” down." in text_of(gone)
    assert f'href="/things/{await me(ana)}"' in gone.text
    assert (await fill(bo, greet, **{"in.nickname": "Bee"})).status_code == 404


async def test_ones_own_things_are_offered_first_then_the_authors_newest_first(
    ana: AsyncClient, bo: AsyncClient, opened: Browser
) -> None:
    cy = opened()
    await sign_up(cy, address("cy"), name="Cy Gray", handle="cy")
    for browser, name in (
        *((bo, "Bo one"), (bo, "Bo two"), (ana, "Ana one"), (ana, "Ana two")),
        *((cy, "Cy one"), (cy, "Cy two")),
    ):
        made = await browser.post("/api/entities", json={"type": "course", "name": name})
        assert made.status_code == 201, made.text
        if name != "Ana two":
            await browser.post(f"/api/entities/{made.json()['id']}/publish", json={})
    page = await live(ana, PICK)

    async def offered(browser: AsyncClient) -> list[str]:
        return re.findall(r'<option value="(\w+ (?:one|two))">', (await browser.get(page)).text)

    others = ["Cy two", "Cy one"]
    assert await offered(bo) == ["Bo two", "Bo one", "Ana one", *others]
    assert await offered(ana) == ["Ana two", "Ana one", *others, "Bo two", "Bo one"]


async def test_what_a_person_owns_is_listed_to_who_sees_both(
    ana: AsyncClient, bo: AsyncClient, opened: Browser
) -> None:
    for name in ("Shown", "Hidden"):
        made = await ana.post("/api/entities", json={"type": "course", "name": name})
        if name == "Shown":
            await ana.post(f"/api/entities/{made.json()['id']}/publish", json={})
    person = await me(ana)

    async def listed(browser: AsyncClient) -> list[str]:
        said = await browser.get(f"/api/entities?type=course&owner={person}")
        return [one["name"] for one in said.json()["items"]]

    assert await listed(ana) == ["Hidden", "Shown"]
    assert await listed(bo) == await listed(opened()) == ["Shown"]
    hiding = {"visibility": "private"}
    assert (await ana.patch(f"/api/entities/{person}", json=hiding)).is_success
    assert await listed(bo) == []
    assert await listed(ana) == ["Hidden", "Shown"]


async def test_an_authors_id_leads_to_the_address(ana: AsyncClient, bo: AsyncClient) -> None:
    page = await live(ana, GREET)
    assert leads_to(await bo.get(f"/f/{await me(ana)}/greet_a_fan")) == page


async def test_it_is_found_on_its_authors_page_and_in_the_list_of_what_one_ran(
    ana: AsyncClient, bo: AsyncClient, opened: Browser
) -> None:
    page, own = await live(ana, GREET), await live(ana, OWN)
    person = f"/things/{await me(ana)}"
    for browser in (bo, opened()):
        shown = await browser.get(person)
        check_closed(shown)
        assert "What you can run Greet a fan" in text_of(shown)
        assert f'href="{page}"' in shown.text
        assert own not in shown.text
    await run(bo, page, nickname="Bee")
    listed = await bo.get("/runs")
    check_closed(listed)
    assert "Greet a fan of Ana Brown" in text_of(listed)
    found = re.search(r'href="(/f/[^"]+)"', listed.text)
    assert found, listed.text
    assert leads_to(await bo.get(found[1])) == page


async def test_the_studio_shows_the_link_to_share(ana: AsyncClient) -> None:
    page = await live(ana, GREET)
    for tab in ("try", "share"):
        shown = await ana.get(f"/studio/features/greet_a_fan?tab={tab}")
        check_closed(shown)
        assert re.search(rf'id="link">(<a href="{page}">)?https?://[^<"]*{page}<', shown.text)
        assert 'data-copies="link"' in shown.text
    await live(ana, OWN)
    hers = text_of(await ana.get("/studio/features/make_a_course?tab=share"))
    assert "its page is there for you alone" in hers
