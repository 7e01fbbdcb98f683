"""Ana's world of private things: one of everything, of which nobody is told anything."""

from dataclasses import dataclass
from uuid import UUID

from httpx import AsyncClient

from one.domains.notices import say
from one.ontology import Ontology
from one.runtime.durable import Start, start
from one.store import Draft, Happening, Link, Viewer
from one.store.notes import held_note, write_note
from one.store.sight import PEOPLE
from tests.domains.accounts.people import address, signed_up
from tests.domains.conftest import Client
from tests.domains.live import live
from tests.domains.notices.rooms import acting, follower
from tests.domains.test_spaces_http import asked_and_told
from tests.world import World, id_of

WORD = "quetzal"
"""In every name and text of Ana's, and nowhere else."""
PLAN = """FEATURE: Quetzal plan

CREATE community called "Quetzal club"
"""


@dataclass(frozen=True, slots=True)
class Hers:
    """The ids of what is Ana's, things by their types."""

    things: dict[str, list[UUID]]
    ties: list[UUID]
    events: list[UUID]
    tags: list[UUID]
    rest: list[UUID]

    @property
    def ids(self) -> list[UUID]:
        things = [id for some in self.things.values() for id in some]
        return [*things, *self.ties, *self.events, *self.tags, *self.rest]


async def things_of(world: World, ana: Viewer) -> dict[str, list[UUID]]:
    """Of each type one that is private and, where there are such, a draft."""
    made: dict[str, list[UUID]] = {}
    async with world.write(ana) as store:
        for name, kind in world.desk.ontology.entities.items():
            if name in PEOPLE:
                continue
            drafts = [Draft(name, f"{WORD} draft", {}, "draft")] if kind.initial == "draft" else []
            first = Draft(name, f"{WORD} {name}", {}, visibility="private")
            made[name] = [(await store.create(draft)).id for draft in (first, *drafts)]
    return made


def links(ontology: Ontology, things: dict[str, list[UUID]], people: dict[str, UUID]) -> list[Link]:
    """A connection of each type among them."""
    ends = {**{name: ids[0] for name, ids in things.items()}, **people}
    found: list[Link] = []
    for name, kind in ontology.connections.items():
        pairs = ((s, t) for some, other in kind.pairs for s in sorted(some) for t in sorted(other))
        pair = next((p for p in pairs if p[0] in ends and p[1] in ends and p[0] != p[1]), None)
        facts = {"engagementType": "liked"} if "engagementType" in kind.required else {}
        if pair is not None and name not in ("owns", "following"):
            found.append(Link(name, ends[pair[0]], ends[pair[1]], facts))
    return found


async def filled(world: World, client: Client, owner: AsyncClient, ana: Viewer) -> Hers:
    """Fills her world."""
    guest = await follower(world, ana, name=WORD)
    rest = [*(await asked_and_told(world, ana, guest)).values()]
    things = await things_of(world, ana)
    people = {"audience_member": id_of(guest)}
    async with world.write() as store:
        wanted = links(world.desk.ontology, things, people)
        ties = [(await store.connect(link)).id for link in wanted]
        token, _ = await store.issue_token(entity=id_of(ana), role="person", name=WORD)
        begun = Start(feature=WORD, digest="none", author=ana, input={"word": WORD})
        run = await start(store.session, begun)
    events: list[UUID] = []
    kinds = [kind for kind in world.desk.ontology.events.values() if not kind.required]
    async with world.write(ana) as store:
        (tag,) = await store.tag(things["course"][0], [f"topic:{WORD}"])
        for kind in kinds:
            on = things[min(kind.subjects & things.keys(), default="course")][0]
            events.append((await store.record(Happening(kind.name, on, {}, session=WORD))).id)
        await held_note(store.session, id_of(ana), id_of(guest))
        facts = {"level": WORD}
        await write_note(store.session, id_of(ana), id_of(guest), properties=facts, tags=[WORD])
    async with acting(world, guest) as ctx:
        rest.append((await say(ctx, to=id_of(ana), text=f"{WORD}?")).id)
    await live(world, id_of(ana), PLAN, handle=WORD)
    browser, fan = await signed_up(client, owner, address(WORD))
    await browser.get("/api/account")
    rest += [id_of(guest), token.id, run, fan]
    return Hers(things, ties, events, [tag.id], rest)
