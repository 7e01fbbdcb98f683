"""Telling people: once, in the app and by letter, and only those who may be reached."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from pydantic import JsonValue

from one.clock import Clock, new_id
from one.domains.notices import GUEST, Notice, reach_of, tell
from one.domains.notices.reach import MOST_INVITED
from one.store import Patch, Viewer
from tests.domains.conftest import Client
from tests.domains.notices.rooms import acting, fan, follower, ids, inbox, outbox, told
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio


async def test_a_notice_is_its_persons_and_a_letter_waits_for_each_channel(world: World) -> None:
    ana = await world.person()
    ben = await follower(world, ana)
    came = await told(world, ana, ben, channels=["app", "email", "sms"], data={"lesson": "One"})
    assert (came.count, came.queued, came.missed, came.left_out) == (
        1,
        {"email": 1},
        {"sms": 1},
        {},
    )
    (notice,) = await inbox(world, ben)
    assert (notice["title"], notice["sender"]) == ("Your course is ready", str(ana.id))
    assert notice["text"] == "Your course is ready\n\nLesson: One"
    (letter,) = await outbox(world)
    assert (letter.subject, letter.body, letter.status) == (
        notice["title"],
        notice["text"],
        "waiting",
    )


async def test_a_key_tells_a_person_once_however_often_it_is_told(world: World) -> None:
    ana = await world.person()
    ben = await follower(world, ana)
    again = [told(world, ana, ben, key="welcome", channels=["email"]) for _ in range(8)]
    came = await asyncio.gather(*again)
    assert sum(each.count for each in came) == 1
    assert sum(each.left_out.get("repeated", 0) for each in came) == 7
    assert len(await inbox(world, ben)) == len(await outbox(world)) == 1


async def test_what_is_undone_was_never_told(world: World) -> None:
    ana = await world.person()
    ben = await follower(world, ana)
    with suppress(ZeroDivisionError):
        async with acting(world, ana) as ctx:
            await tell(ctx, Notice(about="Hello", key="a", channels=["email"]), to=[id_of(ben)])
            raise ZeroDivisionError
    assert await inbox(world, ben) == []
    assert await outbox(world) == []


async def test_strangers_the_gone_and_what_is_no_person_are_left_out_and_counted(
    world: World,
) -> None:
    ana, ben = await world.person(), await fan(world)
    course = await world.course(by=ana)
    nobody = Viewer(new_id(), "person")
    came = await told(world, ana, ben, nobody, Viewer(course.id), channels=["email"])
    assert (came.count, came.left_out) == (0, {"stranger": 3})


async def test_a_tie_to_the_author_or_a_thing_of_theirs_lets_them_write(world: World) -> None:
    ana, other = await world.person(), await world.person(name="Oz")
    course, community = await world.course(by=ana), await world.thing("community", by=ana)
    fans = {name: await fan(world, name) for name in ("Following", "Enrolled", "Bought", "Joined")}
    await world.connect("following", id_of(fans["Following"]), id_of(ana))
    await world.connect("enrolled_in", id_of(fans["Enrolled"]), course.id)
    await world.connect("transacted", id_of(fans["Bought"]), course.id)
    await world.connect("member_of", id_of(fans["Joined"]), community.id)
    assert (await told(world, ana, *fans.values())).count == 4
    assert (await told(world, other, *fans.values())).left_out == {"stranger": 4}


async def test_a_tie_counts_for_a_year_after_its_end(world: World) -> None:
    ana = await world.person()
    ben = await fan(world)
    for days, standing in ((364, "tie"), (366, None)):
        past = World(world.desk.with_clock(Clock(-timedelta(days=days))), world.space)
        tie = await past.connect("following", id_of(ben), id_of(ana))
        async with past.write() as store:
            await store.end(tie.id)
        async with acting(world, ana) as ctx:
            found = await reach_of(ctx, [id_of(ben)])
            assert found.reaches[id_of(ben)].standing == standing
        async with world.write() as store:
            await store.session.tx.run("DELETE FROM connections WHERE id = %(id)s", {"id": tie.id})


async def test_the_runner_and_the_actor_hear_of_their_run_and_of_no_other(world: World) -> None:
    ana, ben = await world.person(), await fan(world)
    assert (await told(world, ana, ben, run_of=[id_of(ben)])).count == 1
    assert (await told(world, ana, ben)).left_out == {"stranger": 1}


async def test_a_stranger_is_invited_once_in_the_runners_name(world: World) -> None:
    ana, runner, ben = await world.person(), await fan(world, "Ria"), await fan(world)
    calls = [told(world, ana, ben, run_of=[id_of(runner)], channels=["email"]) for _ in range(5)]
    came = await asyncio.gather(*calls)
    assert sum(each.count for each in came) == 1
    (notice,) = await inbox(world, ben)
    assert notice["title"] == "Ria invites you: Your course is ready"
    assert [letter.subject for letter in await outbox(world)] == [notice["title"]]
    again = await told(world, ana, ben, run_of=[id_of(runner)])
    assert again.left_out == {"limit": 1}


async def test_one_person_invites_so_many_a_day_however_many_run_at_once(world: World) -> None:
    ana, runner = await world.person(), await fan(world, "Ria")
    strangers = [await fan(world, f"S{n}") for n in range(MOST_INVITED + 4)]
    calls = [told(world, ana, each, run_of=[id_of(runner)]) for each in strangers]
    assert sum(each.count for each in await asyncio.gather(*calls)) == MOST_INVITED


async def guest_of(world: World, author: Viewer) -> Viewer:
    known = {"email": "g@example.com", "source": GUEST}
    made = await world.thing("audience_member", by=author, name="G", **known)
    return Viewer(made.id, "person")


async def test_another_authors_guest_is_a_stranger(world: World) -> None:
    ana, other = await world.person(), await world.person(name="Oz")
    guest = await guest_of(world, ana)
    assert (await told(world, other, guest, channels=["email"])).left_out == {"stranger": 1}
    assert (await told(world, ana, guest, channels=["email"])).queued == {"email": 1}


async def test_what_strangers_want_is_told_to_nobody(world: World) -> None:
    ana, ben = await world.person(), await fan(world, unsubscribed=True)
    assert (await told(world, ana, ben)).left_out == {"stranger": 1}


async def test_a_typed_address_gets_one_letter_a_day_without_the_runners_words(
    world: World,
) -> None:
    ana, other = await world.person(), await world.person(name="Oz")
    spam = "Buy at http://spam.example now"
    guests = [await guest_of(world, author) for author in (ana, ana, other)]
    first = [
        told(
            world,
            author,
            guest,
            about=f"For you: {spam.upper()}",
            typed=[spam],
            channels=["email"],
            run_of=[id_of(guest)],
        )
        for author, guest in zip((ana, ana, other), guests, strict=True)
    ]
    came = await asyncio.gather(*first)
    assert sum(each.queued.get("email", 0) for each in came) == 1
    assert sum(each.left_out.get("limit", 0) for each in came) == 2
    (letter,) = await outbox(world)
    assert (letter.subject, letter.body) == ("For you: …", "For you: …")
    tomorrow = World(world.desk.with_clock(Clock(timedelta(days=1))), world.space)
    assert (await told(tomorrow, ana, guests[0], channels=["email"])).queued == {"email": 1}


async def test_who_is_unsubscribed_by_an_imported_list_hears_only_of_their_own_runs(
    world: World,
) -> None:
    ana = await world.person()
    ben = await follower(world, ana)
    async with world.write() as store:
        await store.update(id_of(ben), Patch(properties={"unsubscribed": True}))
    assert (await told(world, ana, ben)).left_out == {"unsubscribed": 1}
    assert (await told(world, ana, ben, run_of=[id_of(ben)])).count == 1


async def test_nothing_is_left_of_what_a_purged_person_was_told(world: World) -> None:
    ana = await world.person()
    ben = await follower(world, ana)
    await told(world, ana, ben, channels=["email"])
    async with world.write() as store:
        await store.delete(id_of(ben))
        await store.purge(id_of(ben))
    assert await outbox(world) == []


async def test_the_platform_reaches_everyone(world: World) -> None:
    ben = await fan(world)
    assert (await told(world, STAFF, ben)).count == 1


async def test_a_subject_is_one_line_whatever_is_written(world: World) -> None:
    ana = await world.person()
    ben = await follower(world, ana)
    about = "Hello\r\nBcc: all@example.com\r\n" + "x" * 1_000
    await told(world, ana, ben, about=about, channels=["email"])
    (letter,) = await outbox(world)
    assert letter.subject.startswith("Hello Bcc: all@example.com x")
    assert len(letter.subject) <= 200
    assert "\n" not in letter.subject


async def test_a_person_tells_their_followers_over_http(world: World, client: Client) -> None:
    ana = await world.person()
    ben, stranger = await follower(world, ana), await fan(world, "Sam")
    said = {"to": ids(ben, stranger), "about": "Live at 8", "channels": ["app", "email"]}
    answer = await (await client(ana)).post("/api/notices/notify", json=said)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "count": 1,
        "queued": {"email": 1},
        "missed": {},
        "leftOut": {"stranger": 1},
    }
    assert (await (await client(None)).post("/api/notices/notify", json=said)).status_code == 401
    for kind in ("invitation", "request", "Not a kind"):
        forged = await (await client(ana)).post("/api/notices/notify", json=said | {"kind": kind})
        assert forged.status_code == 422


async def test_the_words_of_data_read_as_a_person_says_them(world: World) -> None:
    ana = await world.person()
    ben = await follower(world, ana)
    data: dict[str, JsonValue] = {
        "subject": "Paid",
        "text": "Thank you.",
        "total": {"amount": 9_950, "currency": "usd"},
        "lessonTitles": ["One", "Two"],
        "course": {"id": str(new_id()), "name": "Guitar", "type": "course"},
        "ready": True,
        "note": None,
    }
    await told(world, ana, ben, data=data)
    (notice,) = await inbox(world, ben)
    assert notice["title"] == "Paid"
    assert notice["text"] == (
        "Thank you.\n\nTotal: 99.50 USD\nLesson titles: One, Two\nCourse: Guitar\nReady: yes"
    )
