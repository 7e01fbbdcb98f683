"""Whom features write to, with whose eyes they look, and what they learn of people."""

from dataclasses import replace
from datetime import timedelta

import pytest

from one.clock import Clock
from one.domains.graph import get_note
from one.errors import Invalid, NotFound
from one.store import Desk, Entity, EntityAsk
from tests.domains.notices.rooms import acting, inbox, outbox
from tests.sdk.written import Players, written
from tests.world import World, id_of

GUIDE = """
FEATURE: Send a guide
INPUT:
  - fan: who asks
  - email address: where to send it
  - note: what to say
CHECK fan exists
SEND note TO email address VIA email
CALL email to send WITH to email address, subject "A guide", body note
GIVE "sent"
"""


async def test_a_typed_address_gets_one_letter_a_day_without_the_typed_words(
    desk: Desk,
) -> None:
    clock = Clock()
    players = await Players.made(await World.made(desk.with_clock(clock)))
    async with players.working(GUIDE) as working:
        for _ in range(3):
            run = await working.run(emailAddress="victim@example.org", note="Cheap pills")
            assert run.status == "done", run.reason
        (sent,) = await outbox(players.world)
        assert "pills" not in sent.subject + sent.body
        clock.offset += timedelta(days=1)
        await working.run(emailAddress="victim@example.org", note="Cheap pills")
        assert len(await outbox(players.world)) == 2
    async with players.world.read() as store:
        people = (await store.entities(EntityAsk(types=("audience_member",)))).items
        assert sorted(one.name for one in people) == ["Finn", "victim"]


async def test_a_guest_is_seen_by_the_author_alone(players: Players) -> None:
    async with players.working(GUIDE) as working:
        await working.run(emailAddress="g@example.org", note="Hi")
    for viewer, count in ((players.author, 1), (players.runner, 0)):
        async with players.world.read(viewer) as store:
            found = (await store.entities(EntityAsk(types=("audience_member",)))).items
            assert len([one for one in found if one.name == "g"]) == count


DIGEST = """
FEATURE: Digest
EVERY DAY at 9am
GET all blog posts SAVE AS posts
GET number of blog posts SAVE AS count
NOTIFY my followers ABOUT "[count] posts" WITH posts
"""
HELLO = """
FEATURE: Hello
WHEN a fan enrolls in my course
GET all blog posts SAVE AS posts
NOTIFY fan ABOUT "Look" WITH posts
"""


async def with_posts(players: Players) -> None:
    await players.world.thing("blog_post", by=players.author, status="published", name="Seen")
    await players.world.thing("blog_post", by=players.author, status="draft", name="Secret")


async def test_a_digest_holds_what_everybody_may_see(players: Players) -> None:
    await with_posts(players)
    await players.world.connect("following", id_of(players.runner), id_of(players.author))
    async with players.working(DIGEST) as working:
        run = await working.rested(await working.set_off(written(DIGEST)))
    assert run.status == "done", run.reason
    (told,) = await inbox(players.world, players.runner)
    assert "1 posts" in str(told)
    assert "Seen" in str(told)
    assert "Secret" not in str(told)


async def test_who_set_it_off_is_told_what_they_may_see(players: Players) -> None:
    await with_posts(players)
    async with players.working(HELLO) as working:
        run = await working.rested(await working.set_off(written(HELLO)))
    assert run.status == "done", run.reason
    (told,) = await inbox(players.world, players.runner)
    assert "Seen" in str(told)
    assert "Secret" not in str(told)


SPY = """
FEATURE: Spy
INPUT:
  - fan: who asks
  - course: which course
CHECK fan exists
IF fan is enrolled in course THEN
  SET found to "in"
ELSE
  SET found to "out"
GIVE found
"""


async def test_what_a_person_does_with_others_is_not_told(players: Players) -> None:
    rival = await players.world.person("creator", "Rival")
    theirs = await players.world.course(by=rival)
    mine = await players.world.course(by=players.author)
    for course in (theirs, mine):
        await players.world.connect("enrolled_in", id_of(players.runner), course.id)
    assert (await players.run(SPY, course=str(mine.id)))["found"] == "in"
    assert (await players.run(SPY, course=str(theirs.id)))["found"] == "out"


MINT = """
FEATURE: Mint
INPUT:
  - fan: who asks
  - token: which token
CHECK fan exists
GIVE fan 1000 of token
"""


async def test_another_creators_tokens_are_not_given(players: Players) -> None:
    rival = await players.world.person("creator", "Rival")
    theirs = await players.world.thing("token", by=rival, status="active")
    with pytest.raises(Invalid, match="not theirs to give"):
        await players.run(MINT, token=str(theirs.id))
    async with players.world.read() as store:
        assert await store.balance(id_of(players.runner), theirs.id) == 0


VIP = """
FEATURE: Level up
INPUT:
  - fan: who
CHECK fan exists
SET fan's level to 3
ADD 1 to fan's visits
TAG fan WITH topic:vip
GIVE fan's level, fan
"""
TELL = """
FEATURE: Tell my level
INPUT:
  - fan: who
CHECK fan exists
GIVE fan's level
"""


async def test_what_is_said_of_a_person_is_the_authors_private_note(players: Players) -> None:
    async def shown() -> Entity:
        async with players.world.read() as store:
            return await store.get(id_of(players.runner), private=True)

    before = await shown()
    for _ in range(2):
        assert "visits" not in str((await players.run(VIP))["fan"])
    assert await shown() == before
    assert await players.run(TELL) == {"level": 3}
    rival = await players.world.person("creator", "Rival")
    assert await replace(players, author=rival).run(TELL) == {}
    async with acting(players.world, players.author) as ctx:
        noted = await get_note(ctx, id=id_of(players.runner))
    assert (noted.properties, noted.tags) == ({"level": 3, "x_visits": 2}, ["topic:vip"])
    async with acting(players.world, rival) as ctx:
        nothing = await get_note(ctx, id=id_of(rival))
        with pytest.raises(NotFound):
            await get_note(ctx, id=id_of(players.runner))
    assert (nothing.properties, nothing.tags, nothing.updated_at) == ({}, [], None)
