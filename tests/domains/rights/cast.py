"""The cast: Ana, whose things are looked at, and those who look, each with things of theirs."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Literal, get_args
from uuid import UUID

from httpx import AsyncClient

from one.clock import new_id
from one.domains.notices import GUEST
from one.store import Draft, EventAsk, Patch, Viewer
from one.store.journal import Entry, Posting, post_all
from one.store.sight import StaffRole
from one.store.staff import appoint
from tests.domains.conftest import client_of, transport_of
from tests.domains.live import GREET, live
from tests.domains.test_spaces_http import DEEPER, Ids, asked_and_told, belongings
from tests.world import World, id_of

SLUG = "greet_a_fan"
OPENED = GREET.replace("Greet a fan", "Open the doors").replace(
    "INPUT:\n  - name: what to call them\n\n", "WHEN signal doors open\n\nSET name to 5\n"
)

Role = Literal[
    "nobody",
    "stranger",
    "fan",
    "member",
    "collaborator",
    "owner",
    "support",
    "read_only",
    "admin",
    "boss",
]
"""`owner` is Ana. `boss` is of the staff, as an owner of the deployment."""
ROLES: tuple[Role, ...] = get_args(Role)
STAFF_ROLES: dict[Role, StaffRole] = {
    "support": "support",
    "read_only": "read_only",
    "admin": "admin",
    "boss": "owner",
}

State = Literal["public", "members", "private", "draft", "deleted", "guest"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class Cast:
    """`ana`: what is Ana's. `own`: what each of the others has, who looks with it."""

    world: World
    ana: Viewer
    friend: Viewer
    club: UUID
    hers: Ids
    own: dict[Role, Ids]
    clients: dict[Role, AsyncClient]

    async def colleague(self) -> UUID:
        """Somebody else of the staff."""
        who = id_of(await self.world.person())
        async with self.world.write() as store:
            await appoint(store.session, who, "read_only")
        return who

    async def thing(self, state: State) -> UUID:
        """A course of Ana's, in her club, with a collaborator; or a guest of hers."""
        if state == "guest":
            async with self.world.write(self.ana) as store:
                known = {"email": f"{new_id().hex}@mail.example", "source": GUEST}
                return (await store.create(Draft("audience_member", "Her guest", known))).id
        visible = state if state in ("members", "private") else "public"
        async with self.world.write(self.ana) as store:
            made = await store.create(Draft("course", "Hers", {}, "published", visible))
            await store.tag(made.id, ["topic:hers"], pointer="/names")
        await self.world.connect("part_of", made.id, self.club)
        await self.world.connect("collaborates_with", id_of(self.friend), made.id)
        async with self.world.write(self.ana) as store:
            if state == "draft":
                await store.update(made.id, Patch(status="draft"))
            if state == "deleted":
                await store.delete(made.id)
        return made.id


async def hidden(world: World, ana: Viewer, hers: Ids) -> None:
    """A draft of hers, with what is told of it: a connection, an event, a tag."""
    clone = await world.thing("ai_clone", by=ana, status="draft")
    draft = await world.thing("lesson", by=ana, status="draft")
    made = await world.connect("part_of", draft.id, hers.of["entities"])
    async with world.write(ana) as store:
        (tag,) = await store.tag(draft.id, ["topic:merger"])
        event = (await store.events(EventAsk(entity_id=draft.id))).items[0]
    hers.of.update({"connections": made.id, "events": event.id, "tags": tag.id, "say.by": clone.id})


async def earned(world: World, ana: Viewer) -> UUID:
    """The later one of two facts that changed what she has."""
    held = (Posting("world", -850), Posting("held", 850, id_of(ana)))
    facts = [Entry("charge", f"charge:{n}", "usd", "sandbox", held) for n in range(2)]
    async with world.write() as store:
        return (await post_all(store.session, facts))[1].id


@asynccontextmanager
async def cast_of(world: World) -> AsyncGenerator[Cast]:
    """Everybody, at one site in process."""
    viewers: dict[Role, Viewer] = {
        role: await world.person(name=role.title()) for role in ROLES[1:]
    }
    own: dict[Role, Ids] = {
        role: await belongings(world, viewer) for role, viewer in viewers.items()
    }
    for role, viewer in viewers.items():
        own[role] = replace(own[role], slug=SLUG)
        own[role].of.update({"owner": id_of(viewer), DEEPER: id_of(viewer)})
    own["nobody"] = own["stranger"]
    ana, friend = viewers["owner"], viewers["collaborator"]
    club = await world.thing("community", by=ana, name="A club")
    await world.connect("following", id_of(viewers["fan"]), id_of(ana))
    await world.connect("member_of", id_of(viewers["member"]), club.id)
    async with world.write() as store:
        for role, kind in STAFF_ROLES.items():
            await appoint(store.session, id_of(viewers[role]), kind)
    await live(world, id_of(ana), GREET, handle="ana")
    await live(world, id_of(ana), OPENED)
    await hidden(world, ana, own["owner"])
    to_her = await asked_and_told(world, viewers["stranger"], ana)
    her_letter = own["owner"].of["decide_letter.id"]
    befores = ("list_my_runs", own["owner"].of["runs"]), ("list_letters", her_letter)
    own["owner"].of.update({**to_her, "decide_letter.id": her_letter})
    own["owner"].of.update({f"{name}.before": id for name, id in befores})
    own["owner"].of["list_purchases.before"] = own["owner"].of["payments"]
    own["owner"].of["list_requests.before"] = to_her["answer_request.id"]
    own["owner"].of["list_entries.before"] = await earned(world, ana)
    transport, clients = transport_of(world), dict[Role, AsyncClient]()
    for role in ROLES:
        viewer = viewers.get(role)
        if viewer is not None and role in STAFF_ROLES:
            viewer = Viewer(viewer.id, "staff")
        clients[role] = await client_of(world, viewer, transport)
    try:
        yield Cast(world, ana, friend, club.id, own["owner"], own, clients)
    finally:
        for client in clients.values():
            await client.aclose()
