"""What a preview finds around it: things and people that its text looks up, made up beforehand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import JsonValue

from one.compiler.emit.cases.ways import plain_words
from one.compiler.expression import Call, Expr, Lit, Ref, children
from one.compiler.kinds import PEOPLE
from one.compiler.program import Program, Query, Tie, Values, steps_of, trees_in
from one.compiler.vocabulary import Vocabulary, spaced
from one.errors import OneError
from one.sdk.values import Thing, Value
from one.workshop.rehearsal import Rehearsal

_NAMES = ("Bea", "Cem")
_HELD = 1_000
_ME = Call("me", ())
_USUAL = ("course", "community")
"""What people are taken to be in, where a relation to somebody is one to a thing of theirs."""


@dataclass(slots=True)
class Surroundings:
    """`given` are the ids of the people and things that came in, by the input's name."""

    rehearsal: Rehearsal
    vocabulary: Vocabulary
    given: Mapping[str, JsonValue]
    found: dict[str, None] = field(default_factory=dict[str, None])
    _there: dict[str, Thing] = field(default_factory=dict[str, Thing])
    _mine: dict[str, Thing] = field(default_factory=dict[str, Thing])

    async def make(self, program: Program, people: Sequence[str]) -> list[str]:
        """Makes what the text looks up and can be told; its names. `people` are inputs that are
        somebody: they have tokens where the text speaks of any.
        """
        if _speaks_of_tokens(program):
            await self._tokens(people)
        for step in steps_of(program.flow):
            if step.query is not None and step.query.from_ == "entities":
                await self._row(step.query, step.output or "")
        return [*self.found]

    async def _tokens(self, people: Sequence[str]) -> None:
        token = await self.rehearsal.token()
        self.found[f"a token, {token.name}"] = None
        for name in people:
            id = self.given.get(name)
            if isinstance(id, str):
                holder = await self.rehearsal.known(UUID(id))
                await self.rehearsal.hold(holder, _HELD)
                self.found[f"{_HELD:,} of it for {holder.name}"] = None

    async def _row(self, query: Query, name: str) -> None:
        """What one query finds; nothing where the text doesn't say plainly what that is."""
        ties = [one.connected for one in query.where if one.connected and not one.negated]
        types = plain_words(query, "type")
        if len(ties) != 1 or not types:
            return
        try:
            end = await self._end(ties[0])
            if end is None:
                return
            for n in range(1 if query.limit == 1 or not types & PEOPLE else len(_NAMES)):
                row = await self._made(types, query, n)
                await self._tie(ties[0], row, end)
                self._there[name] = row
        except OneError:  # what needs more than is told of it
            return

    async def _made(self, types: frozenset[str], query: Query, n: int) -> Thing:
        if types & PEOPLE:
            self.found[_NAMES[n]] = None
            type = "audience_member" if "audience_member" in types else min(types)
            return await self.rehearsal.person(_NAMES[n], type=type)
        type = min(types)
        status = next(iter(sorted(plain_words(query, "status"))), None)
        return await self._own(type, status)

    async def _own(self, type: str, status: str | None = None) -> Thing:
        """Something of the author's, one of a type."""
        if type not in self._mine:
            name = f"My {spaced(type)}"
            self._mine[type] = await self.rehearsal.thing(type, name, status=status)
            self.found[name] = None
        return self._mine[type]

    async def _end(self, tie: Tie) -> Thing | None:
        """What the rows stand in a relation to; none where that isn't known beforehand."""
        end = tie.from_ if tie.from_ is not None else tie.to
        match end:
            case Ref(name) if name in self._there:
                return self._there[name]
            case Ref(name) if isinstance(id := self.given.get(name), str):
                return await self.rehearsal.known(UUID(id))
            case _ if end == _ME and tie.from_ is None:
                return await self._mine_at(tie)
            case _:
                return self.rehearsal.me if end == _ME else None

    async def _mine_at(self, tie: Tie) -> Thing:
        """The author, or the thing of theirs that such relations lead to."""
        pairs = self.vocabulary.connection_types[tie.type].pairs
        types = frozenset[str]().union(*(ends for _, ends in pairs))
        if types & PEOPLE:
            return self.rehearsal.me
        return await self._own(next((one for one in _USUAL if one in types), min(types)))

    async def _tie(self, tie: Tie, row: Thing, end: Thing) -> None:
        if tie.type == "owns" and end == self.rehearsal.me:
            return  # what the author made is theirs
        source, target = (end, row) if tie.from_ is not None else (row, end)
        await self.rehearsal.connect(
            source, type=tie.type, to=target, metadata=dict(_literal(tie.metadata))
        )


def _literal(values: Values) -> Iterator[tuple[str, Value]]:
    for key, tree in values.items():
        if isinstance(tree, Lit):
            yield key, tree.value


def _speaks_of_tokens(program: Program) -> bool:
    """Whether the text gives, takes or asks for tokens."""
    steps = list(steps_of(program.flow))
    return any(step.grant is not None or any(map(_asks, trees_in(step))) for step in steps)


def _asks(tree: Expr) -> bool:
    return (isinstance(tree, Call) and tree.name == "balance") or any(map(_asks, children(tree)))
