"""Things that a form refers to, picked by their names without scripts."""

import re
from html import unescape

import pytest
from httpx import AsyncClient, Response

from tests.web.pages.browsing import (
    address,
    attribute,
    browser_in,
    fill,
    leads_to,
    sign_up,
    text_of,
)
from tests.web.pages.test_explore import made
from tests.web.pages.test_foundation import HOSTILE, check_closed
from tests.world import World

pytestmark = pytest.mark.anyio
NEW = "/explore/message/new"


@pytest.fixture
async def ana(browser: AsyncClient) -> AsyncClient:
    await sign_up(browser, address())
    return browser


async def reply(ana: AsyncClient, to: str, **more: str) -> Response:
    """Posts the form of a message that answers another."""
    form = await ana.get(NEW)
    typed = {"once": attribute(form, "once"), "key.name": "Answer", "key.replyTo": to}
    return await fill(ana, NEW, **typed, **{f"key.replyTo.{end}": id for end, id in more.items()})


async def answered(ana: AsyncClient, came: Response) -> str:
    """What the message that was made answers."""
    there = leads_to(came)
    return (await ana.get(f"/api/entities/{there[8:44]}")).json()["properties"]["replyTo"]


def offered(page: Response) -> list[str]:
    return re.findall(r'name="key\.replyTo\.pick" value="([^"]+)"', page.text)


async def test_a_name_stands_for_the_one_thing_that_is_called_so(ana: AsyncClient) -> None:
    first = await made(ana, "message", name="First words")
    await made(ana, "course", name="First of all")
    form = await ana.get(NEW)
    check_closed(form)
    assert '<option value="First words">' in form.text
    assert "First of all" not in form.text
    for said in ("first WORDS ", first):
        assert await answered(ana, await reply(ana, said)) == first
    strange = "x" * 200 + HOSTILE + '"\\'
    id = await made(ana, "message", name=strange)
    assert await answered(ana, await reply(ana, strange)) == id


async def test_one_of_several_is_chosen_beside_the_field(ana: AsyncClient, world: World) -> None:
    twins = {await made(ana, "message", name="Twin") for _ in range(2)}
    longer = await made(ana, "message", name="Longer words")
    async with browser_in(world) as other:
        await sign_up(other, address("bo"))
        hidden = await made(other, "message", name="Twin")
    several = await reply(ana, "twin")
    assert several.status_code == 422
    check_closed(several)
    assert "Several are called so: choose one." in text_of(several)
    assert set(offered(several)) == twins
    assert hidden not in several.text
    for id in twins:
        assert await answered(ana, await reply(ana, "twin", pick=id)) == id
    near = await reply(ana, "long")
    assert "Did you mean one of these?" in text_of(near)
    assert offered(near) == [longer]
    assert await answered(ana, await reply(ana, "long", pick=longer)) == longer
    for said, pick in (("cake", longer), ("cake", ""), ("a\0b", ""), ("x" * 299, hidden)):
        none = await reply(ana, said, pick=pick)
        assert none.status_code == 422
        assert "Nothing that you see is called so." in text_of(none)
        assert attribute(none, "key.replyTo") == said


async def test_what_stands_there_stays_whatever_else_is_called_so(ana: AsyncClient) -> None:
    first = await made(ana, "message", name="First words")
    there = leads_to(await reply(ana, "First words")).partition("?")[0]
    await made(ana, "message", name="First words")
    page = await ana.get(there)
    assert attribute(page, "key.replyTo") == "First words"
    assert f'href="/things/{first}"' in page.text
    stood = {"version": attribute(page, "version"), "key.replyTo": "First words"}
    which = {"key.replyTo.which": attribute(page, "key.replyTo.which")}
    assert leads_to(await fill(ana, there, **stood, **which)).endswith("?done=same")
    assert (await fill(ana, there, **stood)).status_code == 422
    away = await fill(ana, there, **{**stood, "key.replyTo": ""}, **which)
    assert leads_to(away).endswith("?done=saved")


async def test_of_two_who_change_what_it_refers_to_the_slower_sees_both_names(
    ana: AsyncClient,
) -> None:
    for name in ("First words", "Second words", "Third words"):
        await made(ana, "message", name=name)
    there = leads_to(await reply(ana, "First words")).partition("?")[0]
    typed = {"version": "1", "key.replyTo": "Second words"}
    assert leads_to(await fill(ana, there, **typed)).endswith("?done=saved")
    both = await fill(ana, there, **{**typed, "key.replyTo": "Third words"})
    assert both.status_code == 409
    check_closed(both)
    assert "Second words" in text_of(both)
    mine = re.search(r'name="key\.replyTo"[^>]*>([^<]*)<', both.text)
    assert mine
    chosen = {"version": attribute(both, "version"), "take.replyTo": "mine"}
    kept = await fill(ana, there, **chosen, **{"key.replyTo": unescape(mine[1])})
    assert leads_to(kept).endswith("?done=saved")
    assert attribute(await ana.get(there), "key.replyTo") == "Third words"


async def test_a_connection_says_by_whom_by_name(ana: AsyncClient, world: World) -> None:
    async with browser_in(world) as other:
        email = address("bo")
        await sign_up(other, email, name="Bo Green", kind="creator")
        bo = (await other.get("/api/account")).json()["entity"]
    community = await made(ana, "community", name="Bakers")
    me = (await ana.get("/api/account")).json()["entity"]
    path = f"/things/{me}/connect"
    form = await ana.get(f"{path}?as=member_of.out&q=bak")
    check_closed(form)
    asked = {"as": "member_of.out", "other": community, "once": attribute(form, "once")}
    wrong = await fill(ana, path, **asked, **{"key.invitedBy": "Nobody here"})
    assert wrong.status_code == 422
    assert "Nothing that you see is called so." in text_of(wrong)
    assert leads_to(await fill(ana, path, **asked, **{"key.invitedBy": "bo green"}))
    found = (await ana.get(f"/api/connections?from={me}&type=member_of")).json()["items"]
    assert [one["metadata"]["invitedBy"] for one in found] == [bo]
    picked = await ana.get("/find?as=key.invitedBy&type=creator&key.invitedBy=bo")
    assert '<option value="Bo Green">' in picked.text
