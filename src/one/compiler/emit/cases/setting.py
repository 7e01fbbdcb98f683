"""What a rehearsal puts in place for one way: people, things, relations, answers, as statements."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from one.compiler.emit.cases.alike import owned_anyway, relation_of
from one.compiler.emit.cases.finding import AGED, Finding, connecting
from one.compiler.emit.cases.scene import MADE_AT, Facts, Name, names_of, person
from one.compiler.emit.cases.ways import Unreached, Walk
from one.compiler.emit.effects import length
from one.compiler.emit.expressions import Expressions, call, constant, listing, mapping
from one.compiler.emit.inputs import attribute
from one.compiler.emit.printing import quoted, source
from one.compiler.emit.scope import Local
from one.compiler.emit.solving import Cash, Known, There, When
from one.compiler.expression import (
    Binary,
    Call,
    Expr,
    Get,
    Lit,
    Ref,
    Unary,
    children,
)
from one.compiler.kinds import PEOPLE, Base, Kind
from one.compiler.program import Program, Query, Service, Target, Tie, steps_of, trees_in
from one.compiler.samples import SAMPLES

_SAMPLES = (
    (re.compile(r"e-?mail|address"), "finn@example.com"),
    (re.compile(r"link|url|website"), "https://example.com"),
    (re.compile(r"phone|number"), "+491701234567"),
    (re.compile(r"\bdate|day\b"), "2030-01-31"),
)


@dataclass(slots=True)
class Setting:
    """`facts` are the values that the way asks for."""

    on: Walk
    facts: Facts
    lines: list[str] = field(default_factory=list[str])
    given: list[str] = field(default_factory=list[str])
    placed: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def write(self) -> list[str]:
        """The statements up to the run. Raises Unreached where something can't be put in place."""
        self._inputs()
        self._tokens()
        late = [tree for tree in self.facts if any(map(self.on.scene.is_found, names_of(tree)))]
        for tree, value in self.facts.items():
            if tree not in late:
                self._relation(tree, value)
        for step in steps_of(self.on.program.flow):
            match step.restore:
                case Target(target=Ref(name)) if self._finding.is_here(Ref(name)):
                    self.add(f"await rehearsal.delete({self._local(name)})")
                case _:
                    continue
        self._found_rows()
        for tree in late:
            self._found_relation(tree, self.facts[tree])
        for name, found in self.on.scene.all_names.items():
            if found.source == "relation" and found.query is not None:
                self._tie_found(name, found.query)
        self._script()
        run = f"did = await rehearsal.run({', '.join(self.given)})"
        return [*self.lines, run]

    def _inputs(self) -> None:
        """What comes in: people, then things, the oldest first, then plain values."""
        inputs = [(name, one) for name, one in self.on.scene.names.items() if one.source == "input"]
        inputs.sort(key=lambda one: (*_order_of(one[1].kind), -(self._age(one[0]) or 0)))
        for n, (name, found) in enumerate(inputs):
            self._input(name, found)
            age = self._age(name)
            after = [each for one, _ in inputs[n + 1 :] if (each := self._age(one)) is not None]
            if age is not None and age < max(after, default=0):
                raise Unreached("what is older is put in place too late")
            if age and age > max(after, default=0):
                self.add(f"{AGED}{age - max(after, default=0)}))")

    def _age(self, name: str) -> int | None:
        """For how many days something has been there, where that matters."""
        ages = [
            round(-value.seconds / 86_400)
            for tree, value in self.facts.items()
            if isinstance(value, When) and isinstance(tree, Get) and tree.of == Ref(name)
            if tree.key in MADE_AT
        ]
        return max(ages, default=None)

    def _found_rows(self) -> None:
        """What queries find, the oldest first."""
        placed: list[tuple[list[str], int]] = []
        for name, found in self.on.scene.all_names.items():
            if found.source in ("row", "rows", "count") and found.query is not None:
                before, self.lines = self.lines, []
                self._rows(name, found, found.query)
                aged = [int(one[len(AGED) : -2]) for one in self.lines if one.startswith(AGED)]
                placed.append((self.lines, max(aged, default=0)))
                self.lines = before
        aging = any(self._age(one) is not None for one in self.on.scene.names)
        oldest = sorted(_with_grounds(placed), key=lambda one: -one[1])
        for (lines, age), after in zip(oldest, [*(age for _, age in oldest[1:]), 0], strict=False):
            self.lines += [one for one in lines if not one.startswith(AGED)]
            if age > after:
                if aging or any("rehearsal.now" in one for one in self.lines):
                    raise Unreached("what has a date can't be put in place so long before")
                self.add(f"{AGED}{age - after}))")

    @property
    def _at(self) -> Expressions:
        return Expressions(self.on.write.names, "rehearsal", "rehearsal")

    @property
    def _finding(self) -> Finding:
        return Finding(self.on, self.facts, self.placed)

    def add(self, line: str) -> None:
        self.lines.append(line)

    # --- inputs

    def _input(self, name: str, found: Name) -> None:
        it = Ref(name)
        if it in self.facts and self.facts[it] is None:
            self.add(f"{self.on.write.names.known[name].python}: Value = None")
            return
        local = self.on.write.names.known[name].python
        value = self._value(name, found)
        self.add(f"{local}: list[Value] = []" if value == "[]" else f"{local} = {value}")
        self.given.append(f"{attribute(name)}={local}")

    def _value(self, name: str, found: Name) -> str:
        kind, it = found.kind, Ref(name)
        if kind.base is Base.LIST:
            many = self.facts.get(Call("length", (it,)), 2)
            item = kind.item or Kind(Base.TEXT)
            return f"[{', '.join(self._items(name, found, item, many=int(str(many))))}]"
        if kind.base is Base.THING:
            return self._thing(it, self._narrowed(name, kind), called=_named(name))
        known = self.facts.get(it)
        return _written(known) if known is not None else self._sample(name, found)

    def _items(self, name: str, found: Name, kind: Kind, *, many: int) -> Iterator[str]:
        items = [Ref(one) for one, each in self.on.scene.names.items() if each.of == name]
        fixed = [self.facts[one] for one in items if self.facts.get(one) is not None]
        for n in range(many):
            if kind.base is Base.THING:
                yield self._thing(items[0] if items else Ref(name), kind, called=_named(name))
            elif fixed:
                yield _written(fixed[0])
            elif found.slot is not None and found.slot.one_of:
                chosen = found.slot.one_of
                yield source(self._at.value(chosen[n % len(chosen)]))
            else:
                yield self._plain(kind, f"{_named(name)} {n + 1}")

    def _narrowed(self, name: str, kind: Kind) -> Kind:
        """The types of a thing that fit every relation that the feature speaks of it in."""
        types = kind.types
        for tie, end in ties_of(self.on.program, self.on.scene.plain(Ref(name))):
            known = self.on.vocabulary.connection_types.get(tie)
            allowed = frozenset(one for pair in (known.pairs if known else ()) for one in pair[end])
            types = types & allowed or types or allowed
        return replace(kind, types=types)

    def _sample(self, name: str, found: Name) -> str:
        slot = found.slot
        if slot is not None and slot.one_of:
            return source(self._at.value(slot.one_of[0]))
        if slot is not None and found.kind.base is Base.TEXT:
            gloss = f"{name} {slot.gloss}".lower()
            for words, sample in _SAMPLES:
                if words.search(gloss):
                    return source(constant(sample))
        bounds = [one for one in (slot.min, slot.max) if one is not None] if slot else []
        if bounds and found.kind.base is Base.DURATION and isinstance(bounds[0], Lit):
            return source(length(self._at, str(bounds[0].value)))
        if bounds and found.kind.base is not Base.TEXT:
            return source(self._at.value(bounds[0]))
        return self._plain(found.kind, f"Some {_named(name).lower()}")

    def _plain(self, kind: Kind, said: str) -> str:
        match kind.base, SAMPLES.get(kind.base):
            case Base.DATETIME, _:
                return "rehearsal.now + days(1)"
            case Base.DURATION, _:
                return "hours(1)"
            case Base.TEXT, _:
                return source(constant(said))
            case _, {"amount": int(amount), "currency": str(currency)}:
                return _written(Cash(amount, currency))
            case _, (bool() | int() | float()) as value:
                return _written(value)
            case _:
                return source(mapping({"note": constant(said)}))

    # --- people and things

    def _thing(
        self, it: Ref, kind: Kind, *, called: str, more: "dict[str, str] | None" = None
    ) -> str:
        facts: dict[str, str] = dict(more or {})
        status, named = "", source(constant(called))
        for tree, value in self.facts.items():
            match tree:
                case Get(Ref(name), key) if name == it.name and value is not None:
                    if key in MADE_AT:
                        continue
                    if key == "status":
                        status = _written(value)
                    elif key == "name":
                        named = _written(value)
                    elif key == "type":
                        kind = Kind(Base.THING, frozenset({str(value)}))
                    else:
                        facts[key] = _written(value)
                case _:
                    continue
        for key, value in self._read_of(it, kind).items():
            if Get(it, key) not in self.facts:
                facts.setdefault(key, value)
        for key in [one for one in facts if "avatar" in one.lower() or one.endswith("Url")]:
            facts[key] = '"https://example.com/one.png"'
        status = facts.pop("status", status) or self._status_before(it, kind)
        named = facts.pop("name", named)
        by = facts.pop("by", None) or self._owner(it)
        return self._made(kind, named, facts, status=status, by=by)

    def _status_before(self, it: Ref, kind: Kind) -> str:
        """A status from which the feature can change it as it does."""
        type = self.on.vocabulary.entity_types.get(sorted(kind.types)[0]) if kind.types else None
        for step in steps_of(self.on.program.flow):
            wanted = step.update.status if step.update and step.update.target == it else None
            wanted = "published" if step.publish and step.publish.target == it else wanted
            if not wanted or type is None or step.restore is not None:
                continue
            allowed = [one for one, after in type.transitions.items() if wanted in after]
            if type.initial not in allowed and allowed:
                return source(constant(sorted(allowed)[0]))
        return ""

    def _read_of(self, it: Ref, kind: Kind) -> dict[str, str]:
        """A value for each property that the feature reads of a thing."""
        found: dict[str, str] = {}
        for step in steps_of(self.on.program.flow):
            if borne := self._borne_of(it, step.service):
                found[borne] = source(constant("A reference"))
            for tree in trees_in(step):
                for key in _keys_of(it.name, tree):
                    known = self.on.vocabulary.property_kind(kind.types, key)
                    if known is not None and known[1].base in _SAMPLED and key not in _COLUMNS:
                        found[key] = self._plain(known[1], "Some words")
        return found

    def _borne_of(self, it: Ref, asked: Service | None) -> str:
        """The property by which a service that is asked of it knows a thing."""
        action = self.on.vocabulary.action(asked.provider, asked.method) if asked else None
        for param in action.params if action else ():
            if asked is not None and param.borne and asked.params.get(param.name) == it:
                return param.borne[0]
        return ""

    def _made(self, kind: Kind, named: str, facts: dict[str, str], *, status: str, by: str) -> str:
        pairs = ", ".join(f"{source(constant(key))}: {value}" for key, value in facts.items())
        beside = f", facts={{{pairs}}}" if pairs else ""
        if person(kind):
            one = sorted(kind.types & PEOPLE)[0]
            type = f', type="{one}"' if one != "audience_member" else ""
            return f"await rehearsal.person({named}{beside}{type})"
        one = sorted(kind.types)[0] if kind.types else "digital_product"
        status = f", status={status}" if status else ""
        by = f", by={by}" if by else ""
        return f"await rehearsal.thing({source(constant(one))}, {named}{beside}{status}{by})"

    def _owner(self, it: Ref) -> str:
        """Who has the thing, as the facts say. Raises Unreached where several do."""
        for tree, value in self.facts.items():
            match tree:
                case Call("owns", (Ref(who), Ref(what))) if what == it.name and value:
                    if (known := self.on.scene.names.get(who)) and known.kind.base is Base.LIST:
                        raise Unreached("nothing can be put in place that several own")
                    return self._local(who)
                case Call("connected", (Ref(who), Lit("owns"), Ref(what))) if (
                    what == it.name and value
                ):
                    return self._local(who)
                case Call("owns", (Call("me", ()), Ref(what))) if what == it.name and not value:
                    return "await rehearsal.person()"
                case _:
                    continue
        return ""

    def _local(self, name: str) -> str:
        return source(self._at.value(Ref(name)))

    # --- relations and tokens

    def _tokens(self) -> None:
        steps = list(steps_of(self.on.program.flow))
        held = [tree for tree in self.facts if isinstance(tree, Call) and tree.name == "balance"]
        if any(step.grant is not None or step.update is not None for step in steps) and not held:
            self.add("await rehearsal.token()")
        for step in steps:
            if step.grant is None or not _takes(step.grant.amount):
                continue
            match self.on.scene.plain(step.grant.to):
                case Ref(name) as who if Call("balance", (who,)) not in self.facts:
                    given = self.on.scene.names.get(name, Name("opaque")).source == "input"
                    if given and self.facts.get(who, ...) is not None:
                        self.add(f"await rehearsal.hold({self._local(name)}, 1000)")
                case _:
                    continue

    def _relation(self, tree: Expr, value: Known) -> None:
        at = self._at
        match tree:
            case Call("balance", (who, *asset)) if isinstance(value, int):
                of = {"of": at.value(asset[0])} if asset else {}
                held = call("rehearsal.hold", at.value(who), constant(value), **of)
                self.add(f"await {source(held)}")
            case Call("connected", (who, Lit(str(type)), other)) if (
                value and type != "owns" and (type, who, other) not in self._found_ties
            ):
                said = source(at.value(other))
                if isinstance(other, Lit):
                    far = quoted(self._far_end(type)) if other == Lit("thing") else said
                    said = f"await rehearsal.thing({far})"
                elif type != "transacted" and self.on.owned_at(Tie(type=type, to=other)):
                    hopeless = Unreached("nothing of theirs can be put in place")
                    said = self._finding.of_theirs(type, said, hopeless=hopeless)
                if type == "holds":
                    self.add(f"await rehearsal.hold({source(at.value(who))}, 1, of={said})")
                else:
                    self.add(connecting(source(at.value(who)), said, type=type))
            case _:
                return

    def _far_end(self, type: str) -> str:
        """Some type of what the relation may run to."""
        pairs = self.on.vocabulary.connection_types[type].pairs
        return min((name for _, to in pairs for name in to), default="course")

    @property
    def _found_ties(self) -> list[tuple[str, Expr, Expr] | None]:
        """The relations that queries find."""
        names = self.on.scene.all_names.values()
        return [relation_of(one.query) for one in names if one.source == "relation" and one.query]

    def _found_relation(self, tree: Expr, value: Known) -> None:
        """The same of what queries find: of each of them."""
        [name, *others] = [one for one in sorted(names_of(tree)) if self.on.scene.is_found(one)]
        if others:
            raise Unreached("what is found twice can't be put in place")
        written = self.on.write.names.known.get(name)
        for local in self.placed.get(name, []):
            self.on.write.names.known[name] = Local(local)
            self._relation(tree, value)
        if written is not None:
            self.on.write.names.known[name] = written

    def _tie_found(self, name: str, query: Query) -> None:
        """The relation that a query finds between two things."""
        it, sides = Ref(name), relation_of(query)
        if self.on.scene.facts.get(it) is None or sides is None:
            return
        type, one, other = sides
        facts = {
            tree.key: _written(value)
            for tree, value in self.facts.items()
            if isinstance(tree, Get) and tree.of == it and value is not None
        }
        pairs = ", ".join(f'"{key}": {value}' for key, value in facts.items())
        for source_ in self._stands_for(one):
            for target in self._stands_for(other):
                self.add(connecting(source_, target, type=type, metadata=pairs and f"{{{pairs}}}"))

    def _stands_for(self, tree: Expr) -> list[str]:
        if isinstance(tree, Ref) and self.on.scene.is_found(tree.name):
            return self.placed.get(tree.name, [])
        return [source(self._at.value(tree))]

    # --- rows that queries find

    def _rows(self, name: str, found: Name, query: Query) -> None:
        it = Ref(name)
        if found.source == "row":
            many = 0 if self.on.scene.facts.get(it) is None else 1
        elif found.source == "count":
            many = self.facts.get(it, 2)
        else:
            many = self.facts.get(Call("length", (it,)), 2)
        placed = query.from_ == "entities" and not owned_anyway(query)
        if not isinstance(many, int) or not many or not placed:
            return
        if found.twin:
            self.placed[name] = self.placed.get(found.twin, [])
            return
        anyway = self._finding.there_anyway(query)
        if many < anyway:
            raise Unreached(f"something is there anyway of what is looked for at {found.place}")
        items = [Ref(one) for one, each in self.on.scene.names.items() if each.of == name]
        for n in range(many - anyway):
            self._row(items[0] if items else it, found, query, number=n)

    def _row(self, it: Ref, found: Name, query: Query, *, number: int) -> None:
        facts: dict[str, str] = {}
        ties: list[str] = []
        kind = self.on.row_kind(query)
        for one in query.where:
            self._finding.fit(one, facts=facts, ties=ties, place=found.place, kind=kind)
        sought = source(self._at.words(query.search)) if query.search is not None else ""
        called = facts.pop("name", sought or source(constant(f"Found {number + 1}")))
        made = self._thing(it, kind, called="", more={**facts, "name": called})
        if all(one.startswith(AGED) for one in ties) and not self._finding.is_spoken_of(it):
            self.lines += [made, *ties]
            return
        local = self.on.write.names.fresh(f"{it.name}_{number + 1}")
        self.placed.setdefault(it.name, []).append(local)
        self.add(f"{local} = {made}")
        for tie in ties:
            self.add(tie.replace("$row", local))

    # --- what happens on the way

    def _script(self) -> None:
        for name, found in self.on.scene.names.items():
            if found.source in ("answer", "event"):
                self._planned(name, found)
        fails = self.on.script.fails
        if fails:
            places = ", ".join(source(constant(one)) for one in fails)
            self.add(f"rehearsal.fails({places})")

    def _planned(self, name: str, found: Name) -> None:
        fields = {
            tree.key: value
            for tree, value in self.facts.items()
            if isinstance(tree, Get) and tree.of == Ref(name) and value is not None
        }
        place = source(constant(found.place))
        pairs = ", ".join(f'"{key}": {_written(one)}' for key, one in fields.items())
        if found.source == "event":
            if found.place in self.on.script.comes:
                beside = f", {{{pairs}}}" if pairs else ""
                self.add(f"rehearsal.comes({place}{beside})")
            return
        many = self.facts.get(Call("length", (Ref(name),)))
        if isinstance(many, int) and found.kind.base is Base.LIST:
            item = found.kind.item or Kind(Base.TEXT)
            items = ", ".join(self._plain(item, f"Answer {n + 1}") for n in range(many))
            self.add(f"rehearsal.answers({place}, [{items}])")
            return
        whole = self.facts.get(Ref(name))
        if whole is not None and not isinstance(whole, There):
            self.add(f"rehearsal.answers({place}, {_written(whole)})")
        elif pairs:
            self.add(f"rehearsal.answers({place}, {{{pairs}}})")


_SAMPLED = (
    Base.INTEGER,
    Base.NUMBER,
    Base.RATIO,
    Base.SHARE,
    Base.MONEY,
    Base.TEXT,
    Base.BOOLEAN,
)
_COLUMNS = ("id", "type", "name", "status", "createdAt", "updatedAt", "version")


def _keys_of(name: str, tree: Expr) -> Iterator[str]:
    """The properties of a name that a tree reads."""
    match tree:
        case Get(Ref(of), key) if of == name:
            yield key
        case _:
            for child in children(tree):
                yield from _keys_of(name, child)


def ties_of(program: Program, it: Expr) -> Iterator[tuple[str, int]]:
    """The relations that a program speaks of a name in, and at which end it stands, 0 or 1."""
    for step in steps_of(program.flow):
        for tied in (step.connect, step.disconnect):
            if tied is not None:
                if tied.from_ == it:
                    yield tied.type, 0
                if tied.to == it:
                    yield tied.type, 1
        for tie in (one.connected for one in (step.query.where if step.query else [])):
            if tie is not None:
                if tie.from_ == it:
                    yield tie.type, 0
                if tie.to == it:
                    yield tie.type, 1
        for tree in trees_in(step):
            yield from _asked_ties(tree, it)


def _asked_ties(tree: Expr, it: Expr) -> Iterator[tuple[str, int]]:
    match tree:
        case Call("connected", (one, Lit(str(tie)), other)):
            yield from ((tie, n) for n, end in enumerate((one, other)) if end == it)
        case _:
            for child in children(tree):
                yield from _asked_ties(child, it)


def _with_grounds(placed: list[tuple[list[str], int]]) -> Iterator[tuple[list[str], int]]:
    """What is put in place, as old as what stands in a relation to it."""
    for n, (lines, age) in enumerate(placed):
        made = [found[1] for one in lines if (found := _MAKES.match(one))]
        later = (
            old
            for others, old in placed[n + 1 :]
            if any(re.search(rf"\b{local}\b", one) for local in made for one in others)
        )
        yield lines, max([age, *later])


_MAKES = re.compile(r"(\w+) = ")


def _order_of(kind: Kind) -> tuple[bool, bool]:
    return not person(kind), kind.base is not Base.THING


def _takes(amount: Expr) -> bool:
    match amount:
        case Unary("-", _):
            return True
        case Lit(int() | float() as value):
            return value < 0
        case Binary("-", Lit(0), _):
            return True
        case _:
            return False


def _named(name: str) -> str:
    said = attribute(name).strip("_").replace("_", " ")
    return said[:1].upper() + said[1:]


def _written(value: Known) -> str:
    match value:
        case Cash(amount, currency):
            return f'Money({int(amount)}, "{currency}")'
        case tuple():
            plain = [one for one in value if isinstance(one, str | int | float)]
            return source(listing([constant(one) for one in plain]))
        case There():
            return "None"
        case When(seconds):
            moved = f"days({abs(seconds) / 86_400:g})"
            return f"rehearsal.now {'+' if seconds >= 0 else '-'} {moved}"
        case _:
            return source(constant(value))
