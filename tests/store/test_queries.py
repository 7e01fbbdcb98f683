"""What features ask is answered as plain Python would, with the eyes of whoever asks."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from pydantic import JsonValue

from one.clock import new_id
from one.errors import Invalid, OneError
from one.store import (
    ANYBODY,
    Connection,
    Entity,
    Event,
    Link,
    Move,
    Patch,
    Query,
    Store,
    Tag,
    Viewer,
)
from one.store.happenings import Happening
from one.store.queries import AnyOf, Average, Compare, Condition, Tied
from tests.store.asking import Seen, amount_of, in_order
from tests.world import STAFF, World, id_of

pytestmark = pytest.mark.anyio

MOODS = ("Calm", "calm and warm", "Loud", "How to sing", "")
COURSES = Compare("type", "eq", "course")
GOODS = Compare("type", "in", ["course", "digital_product", "lesson"])
PEOPLE = Compare("type", "in", ["creator", "audience_member"])


@dataclass
class Market:
    """Things and people of all sorts; `ties` are the connections made."""

    world: World
    people: list[Viewer]
    things: list[UUID]
    ties: list[UUID]
    token: UUID

    async def seen(self, store: Store) -> Seen:
        ids = [*self.things, *map(id_of, self.people)]
        found = await Seen.by(store, ids, self.ties)
        held = {id_of(who): await store.balance(id_of(who), self.token) for who in self.people}
        found.balances = held
        return found


async def market(world: World, chance: random.Random) -> Market:
    people = [await world.person(chance.choice(("creator", "audience_member"))) for _ in range(5)]
    owner = people[0] = await world.person("creator", "Ana")
    token = await world.thing("token", by=owner, status="active")
    things: list[UUID] = []
    for type in chance.choices(("course", "digital_product", "lesson"), k=24):
        made = await world.thing(
            type,
            by=chance.choice(people[:2]),
            name=chance.choice(MOODS) or "x",
            status=chance.choice(("published", "published", "draft")),
            **drawn(chance),
        )
        things.append(made.id)
    async with world.write() as store:
        for id in [*things, *map(id_of, people)]:
            if chance.random() < 0.4:
                seen = chance.choice(("public", "members", "parties", "private"))
                await store.update(id, Patch(visibility=seen))
        await store.delete(things[-1])
        for who in people[1:]:
            if amount := chance.choice((0, 3, 5)):
                await store.move(Move(id_of(who), token.id, amount, "earned", {}))
    return Market(world, people, things, await tied(world, chance, people, things), token.id)


def drawn(chance: random.Random) -> dict[str, JsonValue]:
    every: dict[str, JsonValue] = {
        "price": {
            "amount": chance.choice((500, 1500, 2000)),
            "currency": chance.choice(("usd", "eur")),
        },
        "x_mood": chance.choice(MOODS),
        "x_score": chance.choice((0, 2, 2.5, 10)),
        "x_words": chance.sample(["blue", "red", "Green"], 2),
        "x_ready": chance.choice((True, False)),
        "x_due": f"2026-0{chance.randint(1, 9)}-01T09:00:00Z",
    }
    if chance.random() < 0.3:
        del every["price"]
    return {key: value for key, value in every.items() if key == "price" or chance.random() < 0.7}


async def tied(
    world: World, chance: random.Random, people: list[Viewer], things: list[UUID]
) -> list[UUID]:
    made: list[UUID] = []
    for type in chance.choices(("enrolled_in", "following", "part_of", "engaged_with"), k=60):
        metadata: dict[str, JsonValue] = {}
        source, target = id_of(chance.choice(people)), chance.choice(things)
        if type == "enrolled_in":
            metadata = {"progress": chance.choice((0.1, 0.5, 0.9))}
        elif type == "engaged_with":
            metadata = {"engagementType": chance.choice(("liked", "saved"))}
        elif type == "following":
            target = id_of(chance.choice(people))
        else:
            source = chance.choice(things)
        try:
            made.append((await world.connect(type, source, target, **metadata)).id)
        except OneError:
            continue  # what makes no sense isn't made
    async with world.write() as store:
        records = await store.session.tx.rows(
            "SELECT id FROM connections WHERE space_id = %(space)s AND type IN ('owns', 'holds')",
            store.session.params(),
        )
    return [*made, *(id for (id,) in records if isinstance(id, UUID))]


PLAIN: tuple[tuple[str, JsonValue], ...] = (
    ("x_ready", True),
    ("x_ready", False),
    ("x_words", ["blue", "red"]),
    ("x_due", None),
)
VALUES: dict[str, tuple[JsonValue, ...]] = {
    "price": (1500, {"amount": 1500, "currency": "usd"}, {"amount": 500, "currency": "eur"}),
    "x_mood": MOODS,
    "name": MOODS,
    "x_score": (0, 2, 2.5, 99),
    "name.length": (4, 13),
    "x_words.length": (2, 3),
    "x_due": ("2026-03-01T09:00:00Z", "2026-05-05"),
}


def ids(rows: Sequence[Entity | Connection | Event | Tag]) -> list[UUID]:
    return [row.id for row in rows]


def condition(chance: random.Random, scene: Market, depth: int = 0) -> Condition:
    kind = chance.random()
    negated = chance.random() < 0.25
    if kind < 0.2 and depth < 2:
        some = [condition(chance, scene, depth + 1) for _ in range(chance.randint(1, 3))]
        return AnyOf(tuple(some), negated=negated)
    if kind < 0.35:
        return replace(tie(chance, scene), negated=negated)
    if kind < 0.45:
        path, value = chance.choice(PLAIN)
        return Compare(path, chance.choice(("eq", "ne")), value, negated=negated)
    path = chance.choice(tuple(VALUES))
    return Compare(path, *compared(chance, path), negated=negated)


def compared(chance: random.Random, path: str) -> tuple[str, JsonValue]:
    values = VALUES[path]
    operator = chance.choice(("eq", "ne", "gt", "gte", "lt", "lte", "in", "exists", "between"))
    texts = ("contains", "startsWith")
    if path in ("x_mood", "name") and chance.random() < 0.5:
        return chance.choice(texts), chance.choice(("CALM", "how", "o", "warm"))
    if operator == "exists":
        return operator, chance.choice((True, False))
    if operator == "in":
        return operator, [*values[:2]]
    if operator == "between":
        return operator, chance.sample(values, 2)
    return operator, chance.choice(values)


def tie(chance: random.Random, scene: Market) -> Tied:
    person, thing = id_of(chance.choice(scene.people)), chance.choice(scene.things)
    return chance.choice(
        (
            Tied("owns", from_id=person),
            Tied("enrolled_in", from_id=person),
            Tied("part_of", to_id=thing),
            Tied("part_of", from_id=thing),
            Tied("engaged_with", from_id=person, metadata={"engagementType": "liked"}),
            replace(counted(chance), from_type="thing"),
            replace(counted(chance, "part_of"), to_type="thing"),
        )
    )


def counted(chance: random.Random, type: str = "enrolled_in") -> Tied:
    operator = chance.choice(("eq", "ne", "gt", "gte", "lt", "lte"))
    return Tied(type, count=(operator, chance.randint(0, 3)))


@pytest.mark.parametrize("seed", range(4))
async def test_every_condition_means_what_python_says(world: World, seed: int) -> None:
    chance = random.Random(seed)
    scene = await market(world, chance)
    for viewer in (*scene.people[:3], await world.person(), STAFF, ANYBODY):
        async with world.read(viewer) as store:
            seen = await scene.seen(store)
            for _ in range(60):
                where = (GOODS, *(condition(chance, scene) for _ in range(chance.randint(1, 3))))
                found = await store.ask(Query(where=where))
                wanted = in_order(seen.rows(*where), {}, down=False)
                assert ids(found) == ids(wanted), where


@pytest.mark.parametrize("seed", range(2))
async def test_people_are_chosen_by_their_ties_and_balances(world: World, seed: int) -> None:
    chance = random.Random(seed + 100)
    scene = await market(world, chance)
    for viewer in (*scene.people, STAFF, ANYBODY):
        async with world.read(viewer) as store:
            seen = await scene.seen(store)
            if viewer != scene.people[0]:  # the token that a balance speaks of is the asker's own
                seen.balances = {}
            for thing in scene.things:
                for progress in (0.3, 0.95):
                    tied = Tied("enrolled_in", to_id=thing)
                    late = Compare("enrolled_in.progress", "lt", progress)
                    found = await store.ask(Query(where=(PEOPLE, tied, late)))
                    wanted = {
                        row.id
                        for row in seen.rows(PEOPLE, tied)
                        if any(
                            float(str(one.metadata["progress"])) < progress
                            for one in seen.tied(row, tied)
                        )
                    }
                    assert {row.id for row in found} == wanted
            for least in (0, 3, 4):
                rich = (PEOPLE, Compare("balance", "gt", least))
                found = await store.ask(Query(where=rich))
                assert {row.id for row in found} == {row.id for row in seen.rows(*rich)}


@pytest.mark.parametrize("seed", range(2))
async def test_orders_and_averages_are_over_what_is_seen(world: World, seed: int) -> None:
    chance = random.Random(seed + 200)
    scene = await market(world, chance)
    for viewer in (scene.people[0], scene.people[3], STAFF):
        async with world.read(viewer) as store:
            seen = await scene.seen(store)
            rows = seen.rows(GOODS)
            for path in ("price", "x_mood", "x_score", "name", "createdAt", "name.length"):
                values = {row.id: seen.value(row, path) for row in rows}
                for down in (True, False):
                    order = (f"-{path}" if down else path,)
                    found = await store.ask(Query(where=(GOODS,), order=order))
                    assert ids(found) == ids(in_order(rows, values, down=down)), order
                    few = await store.ask(Query(where=(GOODS,), order=order, limit=3))
                    assert few == found[:3]
            for path in ("price", "x_score"):
                for operator in ("gt", "gte", "lt", "lte"):
                    where = (GOODS, Compare(path, operator, Average(path)))
                    found = await store.ask(Query(where=where))
                    assert {row.id for row in found} == {row.id for row in seen.rows(*where)}


async def test_numbers_of_rows_are_of_what_is_seen(world: World) -> None:
    scene = await market(world, random.Random(7))
    usd = (GOODS, Compare("price", "gt", {"amount": 0, "currency": "usd"}))
    for viewer in (scene.people[0], scene.people[4], STAFF):
        async with world.read(viewer) as store:
            rows = (await scene.seen(store)).rows(*usd)
            amounts = [int(amount_of(row.properties["price"])[0] or 0) for row in rows]
            assert await store.measure(Query(where=usd, select="count")) == len(rows)
            total = await store.measure(Query(where=usd, select="sum(price)"))
            mean = await store.measure(Query(where=usd, select="avg(price)"))
            most = await store.measure(Query(where=usd, select="max(price)"))
            assert total == ({"amount": sum(amounts), "currency": "usd"} if amounts else 0)
            if amounts:
                half_up = int(sum(amounts) / len(amounts) + 0.5)
                assert mean == {"amount": half_up, "currency": "usd"}
                assert most == {"amount": max(amounts), "currency": "usd"}
    async with world.read(STAFF) as store:
        with pytest.raises(Invalid, match="eur and usd"):
            await store.measure(Query(where=(GOODS,), select="sum(price)"))
        nothing = (COURSES, Compare("name", "eq", "nobody made this"))
        nones = [
            await store.measure(Query(where=nothing, select=select))
            for select in ("count", "sum(price)", "avg(price)", "trend(x_score)", "growth(x_score)")
        ]
    assert nones == [0, 0, None, 0, 0]


async def test_rows_may_be_answered_as_some_of_their_fields(world: World) -> None:
    ana = await world.person()
    made = await world.thing("course", by=ana, name="Breath", level="beginner", x_mood="calm")
    async with world.read(ana) as store:
        asked = Query(where=(COURSES,), select=("name", "level", "mood", "id", "summary"))
        rows = await store.measure(asked)
    assert rows == [
        {
            "name": "Breath",
            "level": "beginner",
            "mood": "calm",
            "id": str(made.id),
            "summary": None,
        }
    ]


async def tracked(world: World, ana: Viewer, thing: Entity, values: list[float]) -> None:
    """One measure a day, the last one today."""
    now = world.desk.clock.now()
    async with world.write(ana) as store:
        for at, value in enumerate(values):
            metadata: dict[str, JsonValue] = {"metricType": "practice", "value": value}
            when = now.replace(hour=0) - (len(values) - 1 - at) * (now - now.replace(day=1)) / 100
            await store.record(Happening("metric_calculated", thing.id, metadata, when))


async def test_measures_over_time_say_where_they_go(world: World) -> None:
    ana = await world.person()
    course, other = await world.course(by=ana), await world.course(by=ana)
    await tracked(world, ana, course, [10, 20, 30, 40])
    await tracked(world, ana, other, [7])
    kind = Compare("type", "eq", "metric_calculated")
    metric = Compare("metadata.metricType", "eq", "practice")

    async def told(select: str, thing: Entity, viewer: Viewer = ana) -> JsonValue:
        where = (kind, metric, Compare("entityId", "eq", str(thing.id)))
        async with world.read(viewer) as store:
            return await store.measure(Query("events", where, select=f"{select}(metadata.value)"))

    assert [await told(one, course) for one in ("growth", "avg", "sum", "min")] == [3, 25, 100, 10]
    assert [await told(one, other) for one in ("growth", "trend", "projection")] == [0, 0, 7]
    trend, projection = await told("trend", course), await told("projection", course)
    assert isinstance(trend, float)
    assert isinstance(projection, float)
    assert trend > 0
    assert projection > 40
    assert await told("avg", course, await world.person()) is None


async def test_what_happened_to_somebodys_things_is_found_by_whose_they_are(world: World) -> None:
    ana, bo = await world.person(), await world.person()
    hers, his = await world.course(by=ana), await world.course(by=bo)
    paid: dict[str, JsonValue] = {"status": "completed", "amount": 500, "currency": "usd"}
    async with world.write(Viewer(ana.id, "staff")) as store:
        for course in (hers, hers, his):  # she bought his
            await store.record(Happening("payment_processed", course.id, paid))
    kind = Compare("type", "eq", "payment_processed")
    async with world.read(ana) as store:
        every = await store.measure(Query("events", (kind,), select="sum(metadata.amount)"))
        mine = (kind, Tied("owns", from_id=ana.id))
        earned = await store.measure(Query("events", mine, select="sum(metadata.amount)"))
    assert every == {"amount": 1500, "currency": "usd"}
    assert earned == {"amount": 1000, "currency": "usd"}


async def test_popularity_is_counted_and_what_was_taken_back_is_not(world: World) -> None:
    ana, bo, cy = await world.person(), await world.person(), await world.person()
    liked, seen, plain = [await world.course(by=ana, name=name) for name in ("a", "b", "c")]
    like = await world.connect("engaged_with", id_of(bo), liked.id, engagementType="liked")
    await world.connect("engaged_with", id_of(cy), liked.id, engagementType="liked")
    await world.connect("engaged_with", id_of(cy), plain.id, engagementType="rated", rating=4)
    await world.connect("transacted", id_of(cy), seen.id, transactionType="purchase")
    await world.connect("following", id_of(cy), id_of(bo))
    async with world.write(bo) as store:
        await store.record(Happening("content_viewed", seen.id, {}))
        await store.record(Happening("content_viewed", seen.id, {}))
        await store.record(Happening("content_viewed", seen.id, {}))
        shared: dict[str, JsonValue] = {"interactionType": "shared"}
        await store.record(Happening("content_interacted", plain.id, shared))

    async def names(order: str, where: Condition = COURSES, by: Viewer = ana) -> str:
        async with world.read(by) as store:
            rows = await store.ask(Query(where=(where,), order=(order,)))
        return "".join(row.name for row in rows if isinstance(row, Entity))

    fields = ("-likes", "-views", "-shares", "-rating", "-sales", "-engagement", "engagement")
    assert [await names(one) for one in fields] == [
        *("acb", "bca", "cba", "cba", "bca"),
        *("bac", "cab"),
    ]
    assert (await names("-views", by=cy))[0] == "c"  # who viewed is for the owner to know
    async with world.write() as store:
        await store.end(like.id)
    high = Compare("likes", "gt", Average("likes"))
    async with world.read(ana) as store:
        loved = await store.ask(Query(where=(COURSES, high)))
        fans = await store.ask(Query(where=(PEOPLE,), order=("-engagement",)))
        known = await store.ask(Query(where=(PEOPLE, Compare("followers", "gte", 1))))
    assert [row.id for row in loved] == [liked.id]
    assert [row.id for row in fans][:2] == [id_of(bo), id_of(cy)]
    assert [row.id for row in known] == [id_of(bo)]


async def test_words_are_looked_for_in_the_types_asked_for(world: World) -> None:
    ana = await world.person()
    both = await world.thing("course", by=ana, name="Breathing songs", status="published")
    one = await world.thing("course", by=ana, name="Songs of the sea", status="published")
    await world.thing("lesson", by=ana, name="Songs and breath", status="published")
    await world.thing("course", by=await world.person(), name="Songs in secret", status="draft")
    async with world.read(ana) as store:
        found = await store.ask(Query(where=(COURSES,), search="what song helps breathing?"))
        nothing = await store.ask(Query(where=(COURSES,), search="the of and"))
        more = (COURSES, Compare("name", "startsWith", "breath"))
        narrow = await store.ask(Query(where=more, search="songs", limit=10))
    assert [row.id for row in found] == [both.id, one.id]
    assert nothing == []
    assert [row.id for row in narrow] == [both.id]


async def test_connections_events_and_tags_are_asked_by_their_columns(world: World) -> None:
    ana, bo = await world.person(), await world.person("audience_member")
    course = await world.course(by=ana)
    tie = await world.connect("enrolled_in", id_of(bo), course.id, progress=0.5)
    async with world.write(ana) as store:
        viewed = await store.record(Happening("content_viewed", course.id, {"duration": 30}))
        (tag,) = await store.tag(course.id, ["skill:breathing"])
    ends = (Compare("fromEntityId", "eq", str(bo.id)), Compare("toEntityId", "eq", str(course.id)))
    kind = Compare("relationshipType", "eq", "enrolled_in")
    happened = (
        Compare("eventType", "eq", "content_viewed"),
        Compare("metadata.duration", "gte", 30),
        Compare("occurredAt", "gt", "2020-01-01T00:00:00Z"),
        Compare("actorId", "eq", str(ana.id)),
    )

    async def counted(viewer: Viewer) -> list[int]:
        async with world.read(viewer) as store:
            return [
                len(await store.ask(Query("connections", (kind, *ends)))),
                len(await store.ask(Query("connections", (kind, Compare("progress", "lt", 1))))),
                len(await store.ask(Query("events", happened))),
                len(await store.ask(Query("tags", (Compare("category", "eq", "skill"),)))),
            ]

    assert await counted(ana) == [1, 1, 1, 1]
    assert await counted(await world.person()) == [0, 0, 0, 1]
    async with world.read(ana) as store:
        assert await store.ask(Query("connections", (kind, *ends))) == [
            await store.connection(tie.id)
        ]
        assert await store.ask(Query("events", happened)) == [await store.event(viewed.id)]
        assert await store.ask(Query("tags")) == [tag]
    elsewhere = await World.made(world.desk)
    async with elsewhere.read(STAFF) as store:
        assert await store.ask(Query("connections", (kind, *ends))) == []


async def test_a_tie_to_anything_of_a_type_is_none_to_another_type(world: World) -> None:
    ana, bo, cleo = await world.person(), await world.person(), await world.person()
    course, lesson = await world.course(by=ana), await world.thing("lesson", by=ana)
    await world.connect("completed", id_of(bo), lesson.id)
    await world.connect("completed", id_of(cleo), course.id)
    async with world.read(ana) as store:

        async def names(*tied: Tied) -> set[UUID]:
            return {one.id for one in await store.ask(Query("entities", (PEOPLE, *tied)))}

        assert await names(Tied("completed", to_type="lesson")) == {id_of(bo)}
        assert await names(Tied("completed", to_type="thing")) == {id_of(bo), id_of(cleo)}
        idle = await names(Tied("completed", to_type="lesson", negated=True))
        assert idle == {id_of(ana), id_of(cleo)}
        things = (Compare("type", "in", ["course", "lesson"]),)
        done = Tied("completed", from_type="creator")
        assert len(await store.ask(Query("entities", (*things, done)))) == 2


async def test_rows_are_chosen_by_how_many_they_are_tied_to(world: World) -> None:
    ana, bo, cleo = await world.person(), await world.person(), await world.person()
    courses = [await world.course(by=ana) for _ in range(3)]
    for who, some in ((bo, courses[:2]), (cleo, courses[:1])):
        for one in some:
            await world.connect("enrolled_in", id_of(who), one.id)
    sold: dict[str, JsonValue] = {"transactionType": "purchase", "amount": 5, "currency": "usd"}
    for one in courses[:2]:
        await world.connect("transacted", id_of(bo), one.id, **sold)
    await world.connect("transacted", id_of(cleo), courses[0].id, state="refunded", **sold)
    learners = Tied("enrolled_in", from_type="thing")
    owned = Tied("owns", to_type="course", bought=True)
    mine = Tied("owns", from_id=id_of(ana))
    async with world.read(ana) as store:

        async def places(operator: str, number: JsonValue, *more: Condition) -> list[int]:
            many = replace(learners, count=(operator, number))
            found = await store.ask(Query(where=(COURSES, many, *more)))
            return sorted([one.id for one in courses].index(row.id) for row in found)

        async def owners(operator: str, number: JsonValue) -> set[UUID]:
            many = replace(owned, count=(operator, number))
            return {row.id for row in await store.ask(Query(where=(PEOPLE, many)))}

        assert await places("gt", 1) == [0] == await places("gte", 2, mine)
        assert await places("lt", 2) == [1, 2] == await places("lte", 1, mine)
        assert await places("eq", 0) == [2] == await places("between", [0, 0])
        assert await places("ne", 0) == [0, 1] == await places("between", [1, 9], mine)
        either = AnyOf((replace(learners, count=("gt", 1)), replace(learners, count=("eq", 0))))
        assert await places("lt", 9, either) == [0, 2]
        assert await places("lt", 9, replace(either, negated=True)) == [1]
        assert await owners("gte", 2) == {id_of(ana), id_of(bo)}
        assert await owners("lt", 1) == {id_of(cleo)}
        bought = await store.ask(Query(where=(PEOPLE, replace(owned, to_id=courses[1].id))))
        assert {row.id for row in bought} == {id_of(ana), id_of(bo)}
        many = replace(learners, count=("gt", 0))
        assert await store.measure(Query(where=(COURSES, many), select="count")) == 2
    async with world.read(await world.person()) as store:  # who is enrolled is none of theirs
        assert await places("gt", 0) == []


async def test_what_is_private_chooses_nothing(world: World) -> None:
    ana, bo = await world.person(), await world.person()
    clone = await world.thing("ai_clone", by=ana, status="active", systemPrompt="Be kind.")
    course = await world.course(by=ana)
    await world.connect("following", id_of(bo), id_of(ana), notificationsEnabled=True)
    prompt = (Compare("type", "eq", "ai_clone"), Compare("systemPrompt", "contains", "kind"))
    told = Compare("following.notificationsEnabled", "eq", value=True)
    loud = (PEOPLE, Tied("following", to_id=ana.id), told)
    shares = (Compare("type", "eq", "owns"), Compare("metadata.revenueShare", "gt", 1))

    async def found(viewer: Viewer) -> list[int]:
        async with world.read(viewer) as store:
            return [
                len(await store.ask(Query(where=prompt))),
                len(await store.ask(Query(where=loud))),
                len(await store.ask(Query("connections", shares))),
            ]

    assert [await found(who) for who in (ana, STAFF, await world.person())] == [
        [0, 1, 2],
        [1, 1, 2],
        [0, 0, 0],
    ]
    assert {clone.id, course.id}


async def test_what_makes_no_sense_is_refused_with_its_cure(world: World) -> None:
    refused = [
        Query(where=(Compare("name", "eq", "x"),)),
        Query("events", (Compare("metadata.value", "gt", 1),)),
        Query(where=(COURSES,), limit=0),
        Query(where=(COURSES,), limit=1001),
        Query(where=(Compare("type", "eq", "dream"),)),
        Query(where=(COURSES, Compare("price; drop", "eq", 1))),
        Query(where=(COURSES, Compare("price", "near", 1))),
        Query(where=(COURSES, Compare("price", "gt", None))),
        Query(where=(COURSES, Compare("price", "between", 5))),
        Query(where=(COURSES, Compare("createdAt", "gt", "yesterday"))),
        Query(where=(COURSES, Compare("name", "contains", "\0"))),
        Query(where=(COURSES, Compare("version", "gt", "many"))),
        Query(where=(COURSES, Compare("price", "eq", Average("price")))),
        Query(where=(COURSES, Tied("dreams_of", to_id=new_id()))),
        Query(where=(COURSES, Tied("owns", from_type="thing", count=("contains", 1)))),
        Query(where=(COURSES, Tied("owns", from_type="thing", count=("gt", "many")))),
        Query(where=(COURSES, Tied("owns", count=("gt", 1)))),
        Query("connections", (Compare("type", "eq", "owns"), Tied("owns", to_id=new_id()))),
        Query("events", (Compare("type", "eq", "content_viewed"),), search="words"),
        Query("tags", (Compare("metadata.x", "eq", 1),)),
    ]
    async with world.read(STAFF) as store:
        for query in refused:
            with pytest.raises(Invalid) as why:
                await store.ask(query)
            assert why.value.cure, query
        for select in ("total revenue", "sum(price", "sum(price); drop", "median(price)"):
            with pytest.raises(Invalid):
                await store.measure(Query(where=(COURSES,), select=select))
        with pytest.raises(Invalid):
            await store.measure(Query(where=(COURSES,)))


async def test_texts_stay_texts_whatever_they_hold(world: World) -> None:
    ana = await world.person()
    name = "'; DROP TABLE x; -- %(space)s {0} \\ $1"
    made = await world.thing("course", by=ana, name=name, x_mood=name)
    async with world.read(ana) as store:
        for path in ("name", "x_mood"):
            for operator in ("eq", "contains", "startsWith", "in", "gte"):
                value: JsonValue = [name] if operator == "in" else name
                rows = await store.ask(Query(where=(COURSES, Compare(path, operator, value))))
                assert [row.id for row in rows] == [made.id]
        assert await store.ask(Query(where=(COURSES,), search=name)) is not None


async def test_too_many_rows_are_refused_before_they_are_looked_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("one.store.queries.choosing.MOST_LOOKED_AT", 3)
    monkeypatch.setattr("one.store.queries.MOST_ROWS", 4)
    ana, bo = await world.person(), await world.person()
    made = [await world.course(by=ana) for _ in range(5)]
    await world.connect("enrolled_in", id_of(bo), made[0].id)
    mood = Compare("x_mood", "eq", "calm")
    async with world.read(ana) as store:
        for query in (
            Query(where=(COURSES, mood)),
            Query(where=(COURSES,), order=("-price",), limit=1),
            Query(where=(COURSES,), select="sum(price)"),
        ):
            with pytest.raises(Invalid, match="looked through"):
                await (store.measure(query) if query.select else store.ask(query))
        with pytest.raises(Invalid, match="more than"):
            await store.ask(Query(where=(COURSES,)))
        assert len(await store.ask(Query(where=(COURSES,), limit=4))) == 4
        assert await store.measure(Query(where=(COURSES,), select="count")) == 5
        mine = (COURSES, Tied("enrolled_in", from_id=bo.id), mood)
        assert await store.ask(Query(where=mine)) == []


async def test_a_query_is_answered_within_a_transaction_that_wrote(world: World) -> None:
    ana = await world.person()
    bo = await world.person()
    async with world.write(ana) as store:
        made = await store.connect(Link("following", id_of(ana), id_of(bo), {}))
        found = await store.ask(Query("connections", (Compare("type", "eq", "following"),)))
    assert ids(found) == [made.id]
