"""The data commands of a feature: each is one effect on the four tables, in one transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self, cast
from uuid import UUID

from pydantic import JsonValue

from one.errors import Conflict, Invalid, NotFound
from one.ontology.types import Type
from one.runtime import Context
from one.runtime.durable.segment import Segment
from one.sdk import consent, finding, giving, moments, noting, parking, reaching, rights
from one.sdk.asking import Query, Tie
from one.sdk.reckoning import items, read
from one.sdk.refusal import NotTheirs
from one.sdk.standing import Standing, as_one, speaks_for
from one.sdk.values import Money, Thing, Value, happening, kept, known, plain, relation, text, thing
from one.store import PEOPLE, ConnectionAsk, Draft, Happening, Link, Patch, Visibility

Done = Callable[[Context], Awaitable[Value]]
Values = Mapping[str, Value]
NONE: Values = {}


@dataclass(frozen=True, slots=True)
class New:
    """A thing to be made; what isn't said is as its type has it."""

    type: str
    name: Value = None
    properties: Values = field(default_factory=lambda: NONE)
    status: str | None = None
    visibility: Visibility | None = None


@dataclass(frozen=True, slots=True)
class _Link:
    type: str
    source: Thing
    target: Thing
    facts: Mapping[str, JsonValue]


@dataclass(slots=True)
class Data:
    """Commands of one transaction. `front` is a loop's item's in it, `root` in the program."""

    segment: Segment
    standing: Standing
    front: str = ""
    root: str = ""

    def at(self, front: str) -> Self:
        """The commands of one item of a loop."""
        inner = f"{front}."
        return replace(self, front=self.front + inner, root=self.root + inner)

    def each(self, path: str, of: Value) -> list[tuple[Self, Value]]:
        """The items of a list, each with commands of its own."""
        found = items(of)
        return [(self.at(f"{path}[item={n}]"), one) for n, one in enumerate(found, 1)]

    def place(self, path: str) -> str:
        """A path as the whole program has it."""
        return self.root + path

    async def _do(self, path: str, operation: str, act: Done, *given: Value) -> Value:
        async def acted(ctx: Context) -> JsonValue:
            async with parking.held(ctx, self.standing):
                await consent.sanction(ctx, self.standing, path=self.place(path))
                return kept(await act(ctx))

        digest = [plain(one) for one in given]
        return known(
            await self.segment.do(self.front + path, acted, operation=operation, given=digest)
        )

    # --- who it is for

    async def admit(self, *, needs_runner: bool) -> None:
        """Lets in who may run this. Raises NotSignedIn, Denied."""

        async def act(ctx: Context) -> Value:
            await rights.admit(ctx, self.standing, needs_runner=needs_runner)
            return None

        await self._do("admit", "admit", act)

    async def guest(self, path: str, address: str) -> Thing:
        """The person without account who typed an address."""

        async def act(ctx: Context) -> Value:
            return await reaching.guest_of(ctx, self.standing, address)

        return cast("Thing", await self._do(path, "guest", act, address))

    async def pick(self, path: str, name: str, *, value: Value) -> Value:
        """What came in under a name, as far as it may be picked."""

        async def act(ctx: Context) -> Value:
            found = [
                await rights.pick(ctx, self.standing, name=name, found=one)
                for one in items(value)
                if isinstance(one, Thing)
            ]
            if isinstance(value, Thing) or value is None:
                return found[0] if found else None
            return [one for one in found if one is not None]

        return await self._do(path, "pick", act, name, value)

    async def visible(self, path: str, value: Thing) -> Value:
        """A thing as who gets the answer may see it; nothing where they can't."""

        async def act(ctx: Context) -> Value:
            return await rights.visible(ctx, self.standing, value.id)

        return await self._do(path, "visible", act, value)

    # --- things

    async def create(self, path: str, new: New) -> Thing:
        """A new thing; the author's, unless it is connected to another owner."""
        called = text(new.name) or f"New {new.type.replace('_', ' ')}"

        async def act(ctx: Context) -> Value:
            kind = ctx.ontology.entity(new.type)
            facts = moments.settled(_facts(kind, new.properties), kind, now=ctx.store.session.now)
            draft = Draft(new.type, called[:300], facts, new.status, new.visibility)
            writer = as_one(ctx, ctx.actor.id) if new.type in PEOPLE else ctx
            return thing(await writer.store.create(draft))

        digest = (new.type, called, dict(new.properties), new.status)
        return cast("Thing", await self._do(path, "create", act, *digest))

    async def find(self, path: str, query: Query) -> Value:
        """Rows; the first or nothing where the query has a limit of one; a number by its select."""

        async def act(ctx: Context) -> Value:
            return await finding.find(ctx, self.standing, query, path=self.place(path))

        return await self._do(path, "find", act, repr(query))

    async def need(self, path: str, query: Query, *, called: str) -> Value:
        """The row that must be there. Raises NotFound."""
        found = await self.find(path, query)
        if found is None or found == []:
            raise NotFound(f"“{called}” is not there yet.", cure="Make it first.")
        return found

    async def load(self, path: str, ids: Value, *, unseen: bool = False) -> Value:
        """Things by their ids; nothing for one that nobody who stands behind this can see.

        `unseen`: the author's own too where whoever gets it can't see them.
        """

        async def act(ctx: Context) -> Value:
            return await finding.load(ctx, self.standing, ids, unseen=unseen)

        return await self._do(path, "load", act, ids)

    async def update(
        self,
        path: str,
        target: Value,
        *,
        set: Values = NONE,
        add: Values = NONE,
        status: str | None = None,
    ) -> Value:
        """Changed properties; numbers are added to in the database, nobody's change is lost."""

        async def act(ctx: Context) -> Value:
            updated: Value = None
            for one in items(target):
                found = _thing(one)
                updated = await self._update(ctx, found, path, set=set, add=add, status=status)
            return updated

        return await self._do(path, "update", act, target, dict(set), dict(add), status)

    async def _update(
        self, ctx: Context, found: Thing, path: str, *, set: Values, add: Values, status: str | None
    ) -> Value:
        place = self.place(path)
        for key in ("balance", "tokenBalance"):
            if key in add:
                await self._grant(ctx, found, amount=add[key], asset=None, place=place)
                add = {other: n for other, n in add.items() if other != key}
        more = dict(_more(found, key, value) for key, value in add.items())
        if noting.is_noted(self.standing, found):
            if not (set or more or status):
                return found
            return await noting.note(ctx, self.standing, found, set=set, add=more, status=status)
        writer = await rights.hands(ctx, self.standing, found, path=place)
        changed = {key: value for key, value in set.items() if key != "name"}
        kind = ctx.ontology.entity(found.type)
        facts = moments.settled(_as_kept(kind, changed), kind, now=ctx.store.session.now)
        patch = Patch(
            name=text(set["name"]) if "name" in set else None,
            status=status,
            properties=facts or None,
            increment=more or None,
        )
        return thing(await writer.store.update(found.id, patch))

    async def delete(self, path: str, target: Value) -> Value:
        """Hides things everywhere."""
        return await self._life(path, "delete", target)

    async def restore(self, path: str, target: Value) -> Value:
        """Brings things back that were deleted or archived."""
        return await self._life(path, "restore", target)

    async def archive(self, path: str, target: Value) -> Value:
        """Takes things out of use."""
        return await self._life(path, "archive", target)

    async def publish(self, path: str, target: Value) -> Value:
        """Shows things to those who may see them."""
        return await self._life(path, "publish", target)

    async def _life(self, path: str, how: str, target: Value) -> Value:
        async def act(ctx: Context) -> Value:
            changed: Value = None
            for one in items(target):
                found = _thing(one)
                store = (await rights.hands(ctx, self.standing, found, path=self.place(path))).store
                match how:
                    case "delete":
                        changed = thing(await store.delete(found.id))
                    case "restore":
                        changed = thing(await store.restore(found.id))
                    case "archive":
                        changed = thing(await store.archive(found.id))
                    case _:
                        changed = thing(await store.update(found.id, Patch(status="published")))
            return changed

        return await self._do(path, how, act, target)

    async def tag(self, path: str, target: Value, *, names: Sequence[Value]) -> None:
        """Tags on things, as `category:name`."""

        async def act(ctx: Context) -> Value:
            for one in items(target):
                found, words = _thing(one), [text(n) for n in names]
                if noting.is_noted(self.standing, found):
                    await noting.tag(ctx, self.standing, found, names=words)
                    continue
                store = (await rights.hands(ctx, self.standing, found, path=self.place(path))).store
                await store.tag(found.id, words)
            return None

        await self._do(path, "tag", act, target, list(names))

    # --- connections

    async def connect(
        self, path: str, source: Value, *, type: str, to: Value, metadata: Values = NONE
    ) -> Value:
        """Relations that hold from now on; one that holds already stays as it is."""

        async def act(ctx: Context) -> Value:
            facts, made = _facts(ctx.ontology.connection(type), metadata), None
            for one in items(source):
                for other in items(to):
                    link = _Link(type, _thing(one), _thing(other), facts)
                    made = await self._connect(ctx, link, self.place(path))
            return made

        return await self._do(path, f"connect {type}", act, source, to, dict(metadata))

    async def _connect(self, ctx: Context, link: "_Link", path: str) -> Value:
        kind = ctx.ontology.connection(link.type)
        made = Link(kind.name, link.source.id, link.target.id, link.facts)
        if kind.name == "owns":
            await consent.speak(ctx, self.standing, link.source, path=path)
            return await giving.own(ctx, self.standing, made, person=link.source)
        if kind.written_by == "system":
            return await giving.fact(ctx, self.standing, made, person=link.source, path=path)
        speaker = await consent.voice(
            ctx, self.standing, made, ends=(link.source, link.target), path=path
        )
        if speaker is None:
            return None
        await rights.given(ctx, self.standing, link.source, of=link.target, path=path)
        try:
            return relation(await speaker.store.connect(made))
        except Conflict:
            held = await self._held(ctx, kind.name, link.source, link.target)
            if held is None:
                raise
            return held

    async def _held(self, ctx: Context, type: str, source: Thing, target: Thing) -> Value:
        ask = ConnectionAsk(types=(type,), from_id=source.id, to_id=target.id)
        page = await as_one(ctx, None).store.connections(ask, limit=1)
        return relation(page.items[0]) if page.items else None

    async def disconnect(self, path: str, source: Value, *, type: str, to: Value) -> None:
        """Ends relations; where there is none, nothing is to be done."""

        async def act(ctx: Context) -> Value:
            store = as_one(ctx, ctx.actor.id).store
            for one in items(source):
                for other in items(to):
                    ends = (_thing(one).id, _thing(other).id)
                    ask = ConnectionAsk(types=(type,), from_id=ends[0], to_id=ends[1])
                    for row in (await store.connections(ask, limit=200)).items:
                        await self._require_end(ctx, ends)
                        await store.end(row.id)
            return None

        await self._do(path, f"disconnect {type}", act, source, to)

    async def _require_end(self, ctx: Context, ends: tuple[UUID, UUID]) -> None:
        for end in ends:
            if await speaks_for(ctx, self.standing, end):
                return
        raise NotTheirs("This relation is not theirs to end.")

    async def connected(
        self, path: str, source: Value, *, type: str, to: Value, sort: str = ""
    ) -> bool:
        """Whether a relation holds between the two; `to` may be a type of things.

        `sort` is what the word says beside the type: `liked`, `purchase`, `moderator`.
        """

        async def act(ctx: Context) -> Value:
            tie = Tie(type, target=to, metadata=finding.sort_of(ctx, type, sort))
            return await finding.connected(ctx, source, tie=tie)

        return bool(await self._do(path, f"connected {type} {sort}".strip(), act, source, to))

    async def owns(self, path: str, person: Value, *, of: Value) -> bool:
        """Whether somebody owns a thing, has bought it, or holds some of it."""

        async def act(ctx: Context) -> Value:
            return await finding.owns(ctx, person, of)

        return bool(await self._do(path, "owns", act, person, of))

    async def balance(self, path: str, person: Value, *, of: Value = None) -> int:
        """How many of a token somebody holds; the author's own token unless another is named."""

        async def act(ctx: Context) -> Value:
            return await giving.balance(ctx, self.standing, person=person, asset=of)

        return cast("int", await self._do(path, "balance", act, person, of))

    # --- events and gifts

    async def record(
        self,
        path: str,
        type: str,
        *,
        entity: Value = None,
        actor: Value = None,
        metadata: Values = NONE,
    ) -> Value:
        """What happened, to a thing, by somebody."""

        async def act(ctx: Context) -> Value:
            kind = ctx.ontology.event(type)
            facts = _facts(kind, metadata)
            if isinstance(actor, Thing) and kind.written_by == "open":
                await consent.speak(ctx, self.standing, actor, path=self.place(path))
            who = actor.id if isinstance(actor, Thing) else self._acting(ctx)
            about = _thing(entity).id if entity is not None else who
            if entity is None and type.startswith("token_"):
                token = await giving.token_of(ctx, self.standing, None)
                about = token.id if token else about
            if about is None:
                raise Invalid("Nothing is said of what this happened to.", cure="Say FOR what.")
            if kind.written_by == "system":
                said = Happening(kind.name, about, facts)
                return await giving.event(ctx, self.standing, said, actor=who)
            if kind.written_by != "open" and not await speaks_for(ctx, self.standing, about):
                raise NotTheirs(f"{type.replace('_', ' ')} is not theirs to say of it.")
            store = as_one(ctx, who).store
            return happening(await store.record(Happening(kind.name, about, facts)))

        return await self._do(path, f"record {type}", act, entity, actor, dict(metadata))

    def _acting(self, ctx: Context) -> UUID | None:
        return self.standing.runner or ctx.actor.id

    async def grant(
        self, path: str, to: Value, *, amount: Value, asset: Value = None, when: bool = True
    ) -> None:
        """Tokens for somebody, or for each of several; with less than none they are taken. Nothing
        unless it is so `when` they are given.
        """
        if not when:
            return

        async def act(ctx: Context) -> Value:
            for one in items(to):
                place = self.place(path)
                await self._grant(ctx, _thing(one), amount=amount, asset=asset, place=place)
            return None

        await self._do(path, "grant", act, to, amount, asset)

    async def _grant(
        self, ctx: Context, person: Thing, *, amount: Value, asset: Value, place: str
    ) -> None:
        if isinstance(amount, int | float) and amount < 0:
            await consent.speak(ctx, self.standing, person, path=place)
        else:
            rights.not_only_taken(self.standing, place)
        await rights.given(ctx, self.standing, person, of=None, path=place)
        await giving.grant(ctx, self.standing, to=person, amount=amount, asset=asset)

    # --- people

    async def notify(
        self,
        path: str,
        to: Value,
        *,
        about: Value,
        channels: Sequence[str] = ("app",),
        data: Values = NONE,
    ) -> None:
        """A notice for each person on each channel, sent once this is committed."""

        async def act(ctx: Context) -> Value:
            place = self.place(path)
            notice = reaching.Telling(about, f"{self.standing.run}:{place}", place, channels, data)
            return await reaching.notify(ctx, self.standing, notice, to=items(to))

        await self._do(path, "notify", act, to, about, list(channels), dict(data))


def _facts(type: Type, values: Values) -> dict[str, JsonValue]:
    """What is there of values, as the type keeps it."""
    return _as_kept(type, {key: one for key, one in values.items() if one is not None})


def _as_kept(type: Type, values: Values) -> dict[str, JsonValue]:
    """Values as the type keeps them: a single one where it has several is a list of it."""
    return {
        key: [plain(one)]
        if key in type.lists and one is not None and not isinstance(one, list)
        else plain(one)
        for key, one in values.items()
    }


def _thing(value: Value) -> Thing:
    """A value that must be a thing. Raises Invalid."""
    if isinstance(value, Thing):
        return value
    if value is None:
        raise Invalid("What this is about is not there.", cure="Check that it exists first.")
    raise Invalid(f"“{text(value)[:80]}” is no thing.", cure="Save it with SAVE AS, and name it.")


def _more(found: Thing, key: str, value: Value) -> tuple[str, int | float]:
    """What is added to a property, and where: to an amount of money of the same currency."""
    if not isinstance(value, Money):
        return key, _amount(value)
    there = read(found, key)
    if not isinstance(there, Money):
        cure = f"SET {found.name}'s {key} first."
        raise Invalid(f"{found.name} has no {key} to add {text(value)} to.", cure=cure)
    return f"{key}.amount", (there + value).amount - there.amount


def _amount(value: Value) -> int | float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise Invalid(f"“{text(value)[:80]}” is no number.")
