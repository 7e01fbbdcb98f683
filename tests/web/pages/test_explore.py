"""The explorer in a browser without scripts: things found, made, changed and taken through life."""

import re
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager

import pytest
from httpx import AsyncClient, Response

from one.store.database import Transaction
from tests.web.pages.browsing import (
    address,
    attribute,
    browser_in,
    fill,
    leads_to,
    sign_up,
    text_of,
)
from tests.web.pages.test_foundation import HOSTILE, check_closed
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ana(browser: AsyncClient) -> AsyncClient:
    """Somebody who is in."""
    await sign_up(browser, address())
    return browser


async def made(browser: AsyncClient, type: str = "course", **more: object) -> str:
    """The id of a thing of whoever is in."""
    body = {"type": type, "name": "Bread at home", **more}
    answer = await browser.post("/api/entities", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def saved(browser: AsyncClient, id: str, **keys: str) -> Response:
    """Posts the form of a thing as it stands, with some of its fields filled in otherwise."""
    page = await browser.get(f"/things/{id}")
    version = attribute(page, "version")
    return await fill(browser, f"/things/{id}", version=version, **keyed(keys))


def keyed(keys: dict[str, str]) -> dict[str, str]:
    return {f"key.{key}": text for key, text in keys.items()}


async def test_types_and_lists_show_what_one_may_see(ana: AsyncClient, world: World) -> None:
    await made(ana, status="published")
    hidden = await made(ana, name="Not yet")
    types = await ana.get("/explore")
    check_closed(types)
    assert re.search(r"Courses\s+2\s", text_of(types))
    listed = await ana.get("/explore/course")
    check_closed(listed)
    assert "Bread at home" in listed.text
    assert hidden in listed.text
    async with browser_in(world) as visitor:
        assert re.search(r"Courses\s+1\s", text_of(await visitor.get("/explore")))
        seen = await visitor.get("/explore/course")
        assert "Bread at home" in seen.text
        assert hidden not in seen.text
        assert (await visitor.get(f"/things/{hidden}")).status_code == 404
    assert (await ana.get("/explore/unicorn")).status_code == 404


async def test_a_list_is_narrowed_and_paged_by_its_address(ana: AsyncClient) -> None:
    for at in range(53):
        await made(ana, name=f"Loaf {at}", status="published")
    id = await made(ana, name="[1] null", tags=["topic:yoga"], properties={"slug": "null"})
    for query in ("q=[1", "tag=topic:yoga", "key=slug&is=null", "status=draft"):
        page = await ana.get(f"/explore/course?{query}")
        assert id in page.text, query
        assert "Loaf" not in page.text, query
    first = await ana.get("/explore/course?q=loaf")
    more = re.search(r'href="(/explore/course\?q=loaf&amp;cursor=[^"]+)"', first.text)
    assert more
    rest = await ana.get(more[1].replace("&amp;", "&"))
    assert first.text.count("/things/") == 50
    assert rest.text.count("/things/") == 3
    assert "None like this" in text_of(await ana.get("/explore/course?q=cake"))
    wrong = await ana.get("/explore/course?status=baked&cursor=%00")
    assert wrong.status_code < 500


async def test_each_kind_of_field_is_kept_as_it_is_typed(ana: AsyncClient) -> None:
    id = await made(ana)
    typed = {
        "name": "Rye",
        "description": "Long\nand wide",
        "price": "12,50",
        "price.currency": "EUR",
        "certificate": "true",
        "capacity": "12",
        "passingScore": "0.5",
        "level": "beginner",
        "objectives": "To knead\r\n\r\nTo bake ",
        "startsAt": "2030-05-07T09:00",
        "visibility": "members",
    }
    page = await ana.get(f"/things/{id}")
    check_closed(page)
    assert leads_to(await saved(ana, id, **typed)) == f"/things/{id}?done=saved"
    thing = (await ana.get(f"/api/entities/{id}")).json()
    assert (thing["name"], thing["visibility"], thing["version"]) == ("Rye", "members", 2)
    assert thing["properties"] == {
        "description": "Long\nand wide",
        "price": {"amount": 1250, "currency": "eur"},
        "certificate": True,
        "capacity": 12,
        "passingScore": 0.5,
        "level": "beginner",
        "objectives": ["To knead", "To bake"],
        "startsAt": "2030-05-07T09:00:00Z",
    }
    again = await ana.get(f"/things/{id}")
    for text in ('value="12.50"', 'value="2030-05-07T09:00:00"', "To knead\nTo bake"):
        assert text in again.text
    assert leads_to(await saved(ana, id, **typed)) == f"/things/{id}?done=same"
    assert leads_to(await saved(ana, id, price="", objectives="")) == f"/things/{id}?done=saved"
    left = (await ana.get(f"/api/entities/{id}")).json()["properties"]
    assert not left.keys() & {"price", "objectives"}


async def test_what_is_wrong_stands_beside_its_field(ana: AsyncClient) -> None:
    id = await made(ana)
    wrong = await saved(ana, id, name="", capacity="many", slug="No Slug", price="12,345.678")
    assert wrong.status_code == 422
    assert "Name is required." in text_of(wrong)
    assert "Write a number, like 12 or 0.5." in text_of(wrong)
    assert 'value="many"' in wrong.text
    wrong = await saved(ana, id, slug="No Slug", capacity="-1")
    assert wrong.status_code == 422
    assert "Slug must be lower-case letters" in text_of(wrong)
    assert "Capacity must be at least 0." in text_of(wrong)


async def test_who_was_slower_chooses_field_by_field(ana: AsyncClient) -> None:
    id = await made(ana, properties={"summary": "Old", "level": "beginner"})
    for typed in ({"name": "Theirs", "summary": "Theirs too"}, {"level": "all"}):
        assert (await saved(ana, id, **typed)).status_code == 303
    mine = {"name": "Mine", "summary": "Old", "subtitle": "New", "level": "beginner"}
    page = await fill(ana, f"/things/{id}", version="1", **keyed(mine))
    assert page.status_code == 409
    check_closed(page)
    chosen = dict(re.findall(r'name="(take\.\w+)" value="(\w+)" checked', page.text))
    assert chosen == {
        "take.name": "mine",
        "take.summary": "theirs",
        "take.subtitle": "mine",
        "take.level": "theirs",
    }
    assert page.text.count("both changed it") == 1
    version = attribute(page, "version")
    assert version == "3"
    taken = await fill(ana, f"/things/{id}", version=version, **keyed(mine), **chosen)
    assert leads_to(taken) == f"/things/{id}?done=saved"
    thing = (await ana.get(f"/api/entities/{id}")).json()
    assert thing["name"] == "Mine"
    assert thing["properties"] == {"summary": "Theirs too", "subtitle": "New", "level": "all"}
    whole = {**chosen, "take.name": "theirs", "whole": "mine"}
    stale = await fill(ana, f"/things/{id}", version="3", **keyed(mine), **whole)
    assert stale.status_code == 409
    again = {"version": attribute(stale, "version"), **keyed(mine), **whole}
    assert leads_to(await fill(ana, f"/things/{id}", **again)).endswith("saved")
    thing = (await ana.get(f"/api/entities/{id}")).json()
    assert thing["properties"] == {"summary": "Old", "subtitle": "New", "level": "beginner"}


async def test_tags_are_put_on_and_taken_off(ana: AsyncClient) -> None:
    id = await made(ana)
    assert leads_to(await fill(ana, f"/things/{id}/tag", tags="yoga, skill:knead"))
    page = await ana.get(f"/things/{id}")
    assert "/explore/course?tag=skill%3Aknead" in page.text
    assert leads_to(await fill(ana, f"/things/{id}/untag", tag="topic:yoga"))
    assert "topic%3Ayoga" not in (await ana.get(f"/things/{id}")).text
    wrong = await fill(ana, f"/things/{id}/tag", tags="nonsense:word")
    assert wrong.status_code == 422
    assert 'value="nonsense:word"' in wrong.text


async def test_a_tag_leads_to_its_things_of_every_type(ana: AsyncClient, world: World) -> None:
    tag = "topic:yoga & <b>tea</b>"
    shown = {"status": "published", "visibility": "public", "tags": [tag]}
    seen = [await made(ana, type, **shown) for type in ("course", "lesson")]
    hidden = await made(ana, tags=[tag])
    other = await made(ana, status="published", tags=["topic:other"])
    listed = await ana.get("/explore/tags")
    check_closed(listed)
    (there,) = re.findall(r'href="(/explore/tags/things\?tag=topic%3Ayoga[^"]*)"', listed.text)
    page = await ana.get(there)
    check_closed(page)
    assert "<b>tea" not in page.text
    for id in (*seen, hidden):
        assert f'href="/things/{id}"' in page.text
    assert other not in page.text
    async with browser_in(world) as visitor:
        page = await visitor.get(there)
        assert all(id in page.text for id in seen)
        assert hidden not in page.text
        none = await visitor.get("/explore/tags/things?tag=topic:nothing")
        assert "Nothing has this tag" in text_of(none)
        assert leads_to(await visitor.get("/explore/tags/things")) == "/explore/tags"
        assert (await visitor.get("/explore/tags/things?tag=a:b:c&cursor=x")).status_code < 500


async def test_a_list_is_narrowed_by_amounts_of_one_currency(ana: AsyncClient) -> None:
    ids: dict[str, str] = {}
    for amount, currency in ((1000, "usd"), (2050, "usd"), (2050, "eur"), (2050, "jpy")):
        price = {"amount": amount, "currency": currency}
        id = await made(ana, name=f"{amount} {currency}", properties={"price": price})
        ids[f"{amount} {currency}"] = id
    await made(ana, name="Free of charge")

    async def found(query: str) -> set[str]:
        page = await ana.get(f"/explore/course?{query}")
        assert page.status_code == 200
        check_closed(page)
        return {name for name, id in ids.items() if f"/things/{id}" in page.text}

    assert await found("from=10&to=20.50") == {"1000 usd", "2050 usd"}
    assert await found("from=10.01") == {"2050 usd"}
    assert await found("to=20,49&currency=USD") == {"1000 usd"}
    assert await found("from=20.5&currency=eur") == {"2050 eur"}
    assert await found("from=2050&currency=jpy") == {"2050 jpy"}
    assert await found("currency=jpy") == ids.keys()
    for query, words in (
        ("from=much", "Write it like 12.50"),
        ("from=1&currency=zzz", "That is no currency."),
        ("from=1&q=2050", "narrowed by how names begin, or by amounts"),
    ):
        assert words in text_of(await ana.get(f"/explore/course?{query}"))
    for score in (2, 40):
        await made(ana, "lead", name=f"Lead of {score}", properties={"score": score})
    leads = text_of(await ana.get("/explore/lead?from=3"))
    assert "Lead of 40" in leads
    assert "Lead of 2" not in leads
    assert 'name="currency"' not in (await ana.get("/explore/lead")).text


async def test_a_thing_is_taken_through_its_life(ana: AsyncClient) -> None:
    id = await made(ana)
    for act, status in (("publish", "published"), ("archive", "archived"), ("restore", "draft")):
        assert f"/things/{id}/{act}" in (await ana.get(f"/things/{id}")).text
        assert leads_to(await fill(ana, f"/things/{id}/{act}"))
        now = (await ana.get(f"/api/entities/{id}")).json()["status"]
        assert now == status or act == "restore"
    assert leads_to(await fill(ana, f"/things/{id}/delete")) == f"/things/{id}"
    gone = await ana.get(f"/things/{id}")
    check_closed(gone)
    assert "This is deleted" in text_of(gone)
    assert (await ana.get(f"/api/entities/{id}")).status_code == 404
    assert leads_to(await fill(ana, f"/things/{id}/restore"))
    assert (await ana.get(f"/api/entities/{id}")).status_code == 200


async def test_the_map_leads_to_every_type_and_tells_what_connects_them(
    browser: AsyncClient, world: World
) -> None:
    page = await browser.get("/explore/map")
    check_closed(page)
    for name in world.desk.ontology.entities:
        assert f'href="/explore/{name}"' in page.text
    for name in world.desk.ontology.connections:
        assert name.replace("_", " ").capitalize() in page.text


async def test_a_thing_is_made_by_a_form_of_its_type(ana: AsyncClient, world: World) -> None:
    form = await ana.get("/explore/course/new")
    check_closed(form)
    typed = {"once": attribute(form, "once"), **keyed({"name": "Rye", "capacity": "many"})}
    wrong = await fill(ana, "/explore/course/new", **typed)
    assert wrong.status_code == 422
    assert attribute(wrong, "key.name") == "Rye"
    assert "Write a number" in text_of(wrong)
    typed |= keyed({"capacity": "3", "visibility": "members"})
    there = leads_to(await fill(ana, "/explore/course/new", **typed))
    assert leads_to(await fill(ana, "/explore/course/new", **typed)) == there
    thing = (await ana.get(f"/api/entities/{there[8:44]}")).json()
    assert (thing["name"], thing["visibility"]) == ("Rye", "members")
    assert thing["properties"]["capacity"] == 3
    assert (await ana.get("/explore/creator/new")).status_code == 403
    async with browser_in(world) as visitor:
        assert leads_to(await visitor.get("/explore/course/new")).startswith("/sign-in")


async def test_things_are_connected_as_the_ontology_allows(ana: AsyncClient) -> None:
    course = await made(ana, name="<b>Bread")
    lesson = await made(ana, "lesson", name="Kneading")
    sides = await ana.get(f"/things/{course}/connections")
    check_closed(sides)
    assert 'value="part_of.in"' in sides.text
    assert 'value="transacted.in"' not in sides.text
    pick = f"/things/{course}/connect?as=part_of.in&q=knea"
    found = await ana.get(pick)
    check_closed(found)
    assert lesson in found.text
    assert (await ana.get(pick.replace("part_of", "nothing"))).status_code == 422
    path, asked = (
        f"/things/{course}/connect",
        {"as": "part_of.in", "once": attribute(found, "once")},
    )
    assert (await fill(ana, path, **asked)).status_code == 422
    assert (await fill(ana, path, other="x", **asked)).status_code == 422
    connected = await fill(ana, path, other=lesson, **asked)
    assert leads_to(connected).endswith("/connections?done=connected")
    for here, there, words in ((course, lesson, "Part of this"), (lesson, course, "Part of")):
        page = await ana.get(f"/things/{here}/connections")
        check_closed(page)
        assert words in text_of(page)
        assert page.text.count(f'href="/things/{there}"') == 2
        assert "<b>Bread" not in page.text
    id = attribute(await ana.get(f"/things/{lesson}/connections"), "connection")
    assert leads_to(await fill(ana, f"/things/{lesson}/disconnect", connection=id))
    page = await ana.get(f"/things/{course}/connections")
    assert f'href="/things/{lesson}"' not in page.text


async def test_what_happened_and_what_it_was_are_told(ana: AsyncClient) -> None:
    id = await made(ana, properties={"price": {"amount": 500, "currency": "usd"}})
    typed = {"name": "Rye", "price": "7.50", "price.currency": "usd"}
    assert leads_to(await saved(ana, id, **typed))
    history = await ana.get(f"/things/{id}/history")
    check_closed(history)
    told = text_of(history)
    assert "Ana changed it" in told
    assert "Name Bread at home → became Rye" in told
    assert "Price 5.00 USD → became 7.50 USD" in told
    assert "Ana made it" in told
    assert leads_to(await saved(ana, id, **{**typed, "price": "0"}))
    assert "Price 7.50 USD → became Free" in text_of(await ana.get(f"/things/{id}/history"))
    events = await ana.get(f"/things/{id}/events")
    check_closed(events)
    assert "Entity created" in text_of(events)
    for path in ("?before=1", "?before=x", "?before=2"):
        assert (await ana.get(f"/things/{id}/history{path}")).status_code < 500


async def test_hostile_text_shows_as_text(ana: AsyncClient) -> None:
    keys = {"summary": HOSTILE, "objectives": [HOSTILE], "x_free": HOSTILE}
    id = await made(ana, name=HOSTILE, properties=keys)
    for path in (f"/things/{id}", "/explore/course", f"/explore/course?q={HOSTILE}"):
        page = await ana.get(path)
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
    old = await fill(ana, f"/things/{id}", version="7", **{"key.summary": HOSTILE + "!"})
    assert old.status_code in (303, 409)
    assert "<script>alert" not in old.text


async def test_a_stranger_reads_and_cant_change(ana: AsyncClient, world: World) -> None:
    id = await made(ana, status="published", properties={"summary": "For all"})
    async with browser_in(world) as other:
        visitor = await other.get(f"/things/{id}")
        check_closed(visitor)
        assert "For all" in text_of(visitor)
        await sign_up(other, address("bo"))
        page = await other.get(f"/things/{id}")
        assert "For all" in text_of(page)
        assert 'action="/things/' not in page.text
        acts = ("", "/tag", "/untag", "/publish", "/archive", "/delete")
        for act in acts:
            fields = {"key.name": "Mine now", "tags": "a", "tag": "a"}
            refused = await fill(other, f"/things/{id}{act}", **fields)
            assert refused.status_code == 403, act
        deleted = await made(ana, status="published")
        await fill(ana, f"/things/{deleted}/delete")
        assert (await other.get(f"/things/{deleted}")).status_code == 404
        assert (await fill(other, f"/things/{deleted}/restore")).status_code == 404


Reading = Callable[..., Awaitable[object]]


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Generator[list[str]]:
    """The statements that read rows meanwhile."""
    said: list[str] = []
    with monkeypatch.context() as patch:
        for name in ("row", "rows"):
            patch.setattr(Transaction, name, _noting(getattr(Transaction, name), said))
        yield said


def _noting(read: Reading, said: list[str]) -> Reading:
    def noted(
        tx: Transaction, sql: str, params: Mapping[str, object] | None = None
    ) -> Awaitable[object]:
        said.append(sql)
        return read(tx, sql, params)

    return noted


async def test_no_page_asks_more_than_twelve_times(
    ana: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await made(ana, tags=["topic:yoga"], properties={"summary": "One"})
    await saved(ana, id, summary="Two")
    things = [f"/things/{id}{side}" for side in ("", "/events", "/history", "/connections")]
    things += [f"/things/{id}/connect?as=part_of.in&q=b", "/explore/course/new", "/explore/map"]
    for path in ("/explore", "/explore/course?q=b", "/explore/events", "/explore/tags", *things):
        with counted(monkeypatch) as said:
            assert (await ana.get(path)).status_code == 200
        assert 0 < len(said) <= 12, (path, said)
