"""The world that an empty development database begins with: a few creators and six weeks of life.

It is told through the same operations that everybody uses, by the people it tells of, with a
clock that starts six weeks ago. Nothing in it is random: every start tells the same story.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pydantic import JsonValue

from one.clock import Clock
from one.domains import graph
from one.runtime import Context, Deployment
from one.store import DEFAULT_SPACE, PLATFORM, Entity, EntityAsk, Viewer

WEEKS = 6
_HOST = Viewer(PLATFORM, "staff")

Facts = dict[str, JsonValue]


def _usd(cents: int) -> JsonValue:
    return {"amount": cents, "currency": "usd"}


@dataclass(frozen=True, slots=True)
class Offer:
    """Something a creator made. `parts` are its lessons, by title and minutes."""

    type: str
    name: str
    properties: Facts
    tags: tuple[str, ...]
    parts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    handle: str
    properties: Facts
    offers: tuple[Offer, ...] = ()


CREATORS = (
    Person(
        "Mara Lindqvist",
        "mara",
        {
            "tagline": "Calm strength for busy people",
            "niche": "breathwork",
            "location": "Gothenburg",
            "verified": True,
        },
        (
            Offer(
                "course",
                "Breathe Before You Speak",
                {
                    "slug": "breathe-before-you-speak",
                    "summary": "Four short lessons to settle your nerves before any talk.",
                    "description": "Breathing drills, posture and voice for people who present.",
                    "language": "en",
                    "level": "beginner",
                    "durationMinutes": 74,
                    "price": _usd(4900),
                    "certificate": True,
                },
                ("industry:wellness", "topic:breathing", "audience:speakers", "goal:confidence"),
                (
                    ("Find your baseline", 14),
                    ("The four-count reset", 18),
                    ("Voice on the exhale", 22),
                    ("Walking on stage", 20),
                ),
            ),
            Offer(
                "community",
                "The Slow Room",
                {"summary": "A quiet place to practise together, every weekday at seven."},
                ("industry:wellness", "format:community"),
            ),
            Offer(
                "token",
                "Mara Minutes",
                {
                    "symbol": "MIN",
                    "summary": "Each one is a minute of live practice with Mara.",
                    "price": _usd(150),
                    "decimals": 0,
                },
                ("technology:token",),
            ),
        ),
    ),
    Person(
        "Teo Okafor",
        "teo",
        {
            "tagline": "Sound design from found objects",
            "niche": "music production",
            "location": "Lagos",
            "verified": True,
        },
        (
            Offer(
                "digital_product",
                "Kitchen Drums Vol. 1",
                {
                    "slug": "kitchen-drums-1",
                    "summary": "212 drum hits recorded on pots, glass and one old fridge.",
                    "language": "en",
                    "price": _usd(1900),
                    "formats": ["wav"],
                },
                ("industry:music", "format:samples", "skill:production"),
            ),
            Offer(
                "course",
                "Record Anything",
                {
                    "slug": "record-anything",
                    "summary": "Turn a phone and a quiet room into a studio.",
                    "language": "en",
                    "level": "intermediate",
                    "durationMinutes": 96,
                    "price": _usd(7900),
                },
                ("industry:music", "skill:recording", "topic:sound"),
                (("Listening first", 20), ("Rooms and rugs", 31), ("From hit to kit", 45)),
            ),
        ),
    ),
    Person(
        "Inés Ferreira",
        "ines",
        {
            "tagline": "Bread, patience, and the science of both",
            "niche": "baking",
            "location": "Porto",
        },
        (
            Offer(
                "blog_post",
                "Why your starter sulks in winter",
                {
                    "slug": "starter-in-winter",
                    "excerpt": "Temperature is an ingredient. Treat it like one.",
                    "content": "A starter is a small farm. In winter the farm sleeps.",
                    "language": "en",
                    "readingMinutes": 6,
                },
                ("industry:food", "topic:sourdough"),
            ),
            Offer(
                "course",
                "Sourdough at Home",
                {
                    "slug": "sourdough-at-home",
                    "summary": "From flour and water to a loaf you would queue for.",
                    "language": "pt",
                    "level": "beginner",
                    "durationMinutes": 130,
                    "price": _usd(3900),
                },
                ("industry:food", "topic:sourdough", "goal:craft"),
                (("Your first starter", 35), ("Shaping", 50), ("The bake", 45)),
            ),
        ),
    ),
)

FANS = (
    ("Noor Haddad", "noor"),
    ("Jonas Weber", "jonas"),
    ("Priya Nair", "priya"),
    ("Sam Whitfield", "samw"),
    ("Lucía Ortega", "lucia"),
    ("Kenji Mori", "kenji"),
    ("Amara Diallo", "amara"),
    ("Ben Katz", "benk"),
    ("Freya Olsen", "freya"),
    ("Mateus Rocha", "mateus"),
    ("Hana Novak", "hana"),
    ("Tom Byrne", "tomb"),
)


class Story:
    """Tells what people do, at their time, through the operations they would use."""

    def __init__(self, deployment: Deployment, space: UUID) -> None:
        self._clock = Clock()
        self._space = space
        desk = deployment.desk.with_clock(self._clock)
        self._deployment = Deployment(deployment.settings, desk)

    def on_day(self, day: int, minute: int = 0) -> None:
        """Moves to `day` days after the beginning."""
        before = timedelta(days=7 * WEEKS - day) - timedelta(minutes=minute)
        self._clock.offset = -before

    def scene(self, actor: Viewer) -> "Scene":
        return Scene(self._deployment, actor, space=self._space)


class Scene:
    """One transaction of one person."""

    def __init__(self, deployment: Deployment, actor: Viewer, *, space: UUID) -> None:
        self._opened = deployment.desk.write(space, actor)
        self._space = space
        self._deployment = deployment
        self._actor = actor

    async def __aenter__(self) -> Context:
        store = await self._opened.__aenter__()
        return Context(store, self._actor, self._space, self._deployment)

    async def __aexit__(self, *error: object) -> None:
        await self._opened.__aexit__(*error)  # pyright: ignore[reportArgumentType] # handed on


async def is_empty(deployment: Deployment, *, space: UUID = DEFAULT_SPACE) -> bool:
    """Whether nothing but the platform itself is there."""
    async with deployment.desk.read(space, _HOST) as store:
        return (await store.count(EntityAsk())).count <= 1


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays in the demo world, for what goes on in it: a creator and the fans."""

    creator: Viewer
    fans: list[Viewer]


async def tell(deployment: Deployment, *, space: UUID = DEFAULT_SPACE) -> Cast:
    """Fills an empty space with the demo world, about 400 rows of it."""
    story = Story(deployment, space)
    made = [await _arrive(story, person, day=3 * at) for at, person in enumerate(CREATORS)]
    fans = [
        await _join(story, Person(name, handle, {}), type="audience_member", day=10 + at)
        for at, (name, handle) in enumerate(FANS)
    ]
    for at, fan in enumerate(fans):
        creator, things = made[at % len(made)]
        await _follow(story, fan, creator=creator, things=things, day=14 + at)
    await _share(story, made)
    return Cast(made[0][0], fans)


async def _join(story: Story, person: Person, *, type: str, day: int) -> Viewer:
    story.on_day(day)
    facts = {"handle": person.handle, **person.properties}
    async with story.scene(_HOST) as ctx:
        entity = await graph.create_entity(ctx, type=type, name=person.name, properties=facts)
    return Viewer(entity.id, "person")


async def _arrive(story: Story, person: Person, *, day: int) -> tuple[Viewer, list[Entity]]:
    """A creator signs up and publishes what they made."""
    creator = await _join(story, person, type="creator", day=day)
    things: list[Entity] = []
    for at, offer in enumerate(person.offers):
        story.on_day(day + 1 + at)
        async with story.scene(creator) as ctx:
            things.append(await _publish(ctx, offer))
    return creator, things


async def _publish(ctx: Context, offer: Offer) -> Entity:
    made = await graph.create_entity(
        ctx,
        type=offer.type,
        name=offer.name,
        properties=offer.properties,
        tags=list(offer.tags),
    )
    for order, (title, minutes) in enumerate(offer.parts, 1):
        facts: Facts = {"order": order, "durationMinutes": minutes}
        lesson = await graph.create_entity(ctx, type="lesson", name=title, properties=facts)
        await graph.connect(
            ctx, type="part_of", from_=lesson.id, to=made.id, metadata={"order": order}
        )
        await graph.publish_entity(ctx, id=lesson.id)
    return made if made.status == "active" else await graph.publish_entity(ctx, id=made.id)


async def _follow(
    story: Story, fan: Viewer, *, creator: Viewer, things: list[Entity], day: int
) -> None:
    """A fan finds a creator, looks around, and joins what there is to join."""
    assert fan.id is not None
    assert creator.id is not None
    story.on_day(day)
    async with story.scene(fan) as ctx:
        await graph.connect(ctx, type="following", from_=fan.id, to=creator.id)
        for thing in things:
            await _look(ctx, fan.id, thing)
    for course in (thing for thing in things if thing.type == "course"):
        story.on_day(day + 2)
        async with story.scene(creator) as ctx:
            await graph.connect(ctx, type="enrolled_in", from_=fan.id, to=course.id)
            await graph.record_event(ctx, type="course_enrolled", entity=course.id)
        for week, progress in enumerate((0.25, 0.5, 1.0)):
            story.on_day(day + 4 + 4 * week)
            async with story.scene(fan) as ctx:
                await graph.record_event(
                    ctx,
                    type="progress_updated",
                    entity=course.id,
                    metadata={"progress": progress},
                )


_VIEWED = frozenset({"course", "blog_post"})


async def _look(ctx: Context, fan: UUID, thing: Entity) -> None:
    if thing.type in _VIEWED:
        await graph.record_event(
            ctx, type="content_viewed", entity=thing.id, metadata={"duration": 95}
        )
        await graph.connect(
            ctx,
            type="engaged_with",
            from_=fan,
            to=thing.id,
            metadata={"engagementType": "liked"},
        )
    elif thing.type == "community":
        await graph.connect(ctx, type="member_of", from_=fan, to=thing.id)


async def _share(story: Story, made: list[tuple[Viewer, list[Entity]]]) -> None:
    """The first two creators make something together and divide what it earns."""
    (mara, hers), (teo, _) = made[0], made[1]
    assert mara.id is not None
    assert teo.id is not None
    story.on_day(30)
    async with story.scene(mara) as ctx:
        shares = [
            graph.OwnerShare(owner=mara.id, share=7_000),
            graph.OwnerShare(owner=teo.id, share=3_000),
        ]
        await graph.share_revenue(ctx, id=hers[0].id, shares=shares)
