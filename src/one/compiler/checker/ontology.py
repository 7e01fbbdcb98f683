"""Things, relations and events against the ontology: types, ends, properties, statuses."""

import re
from collections.abc import Callable, Iterable, Mapping

from one.compiler.checker.infer import PLAIN_BASES, Judge, Names, spoken
from one.compiler.diagnosis import Applies, Edit, Fix, listed, nearest
from one.compiler.expression import Expr, Get, Items, Lit, MoneyLit, Ref, has_hole, write_value
from one.compiler.kinds import PEOPLE, UNKNOWN, Base, Kind, fits, say_kind
from one.compiler.light import frozen
from one.compiler.program import Connect, Disconnect, Entity, Event, Grant, Step, Until, Update
from one.compiler.reader import Span
from one.compiler.vocabulary import STATUSES, Words, spaced
from one.errors import JSON, Invalid
from one.ontology.types import ConnectionType, EntityType, EventType
from one.ontology.words import article

Place = Callable[[Step, str], Span]
_DOERS = frozenset({"creator", "audience_member", "community", "ai_clone"})
_HEARERS = frozenset(
    {"creator", "audience_member", "community", "membership", "conversation", "agent", "ai_clone"}
)


def check_things(judge: Judge, step: Step, names: Names, *, place: Place) -> None:
    """Judges the step when it makes or changes something."""
    if step.entity is not None:
        _entity(judge, step, step.entity, names, place=place)
    elif step.connect is not None:
        _connect(judge, step, step.connect, names, place=place)
    elif step.event is not None:
        _event(judge, step, step.event, names, place=place)
    elif step.update is not None:
        _update(judge, step, step.update, names, place=place)
    elif step.disconnect is not None:
        _disconnect(judge, step, step.disconnect, names, place=place)
    elif step.notify is not None:
        _heard(judge, step, step.notify.to, names, place=place)
    elif step.show is not None and step.show.to is not None:
        _heard(judge, step, step.show.to, names, place=place)
    elif step.grant is not None:
        _grant(judge, step, step.grant, names, place=place)
    elif isinstance(step.wait, Until):
        _awaited(judge, step, step.wait.until, names, place=place)
    else:
        _changed(judge, step, names, place=place)


def _awaited(judge: Judge, step: Step, until: Expr, names: Names, *, place: Place) -> None:
    """What a wait ends at: a plain value that is no moment never comes."""
    kind = judge.kind(until, dict(names)) if isinstance(until, Ref | Get | Lit) else UNKNOWN
    if kind.numeric or kind.base in {Base.MONEY, Base.BOOLEAN, Base.LIST, Base.THING}:
        span = judge.place_of(until) or place(step, "until")
        said = f"A wait ends at a moment; this is {say_kind(kind.sure)}."
        judge.error("E502", said, span=span)


def _changed(judge: Judge, step: Step, names: Names, *, place: Place) -> None:
    part = step.tag or step.delete or step.restore or step.archive or step.publish
    if part is None:
        return
    if step.tag is not None and Lit("") in step.tag.names:
        judge.error("E405", "A tag can't be empty.", span=place(step, "names"))
    span = place(step, "target")
    _touched(judge, part.target, names, told=_TOUCHED[step.kind], span=span)


_TOUCHED = {
    "tag": "tagged",
    "delete": "deleted",
    "restore": "restored",
    "archive": "archived",
    "publish": "published",
}


def _touched(judge: Judge, target: Expr, names: Names, *, told: str, span: Span) -> bool:
    """Whether it is something that can be changed; told when it is a plain value."""
    kind = UNKNOWN if has_hole(target) else judge.kind(target, dict(names)).sure
    if kind.base not in PLAIN_BASES:
        return True
    said = f"Only things can be {told}; this is {say_kind(kind)}."
    why = "A thing is called by its type and its name: my course called “Baking”."
    judge.error("E502", said, span=judge.place_of(target) or span, why=why)
    judge.accuse(target)
    return False


def _heard(judge: Judge, step: Step, to: Expr, names: Names, *, place: Place) -> None:
    """Whom a message goes to: people, where people are, or an address."""
    kind = UNKNOWN if has_hole(to) else judge.kind(to, dict(names)).sure
    span = judge.place_of(to) or place(step, "to")
    if step.notify is not None and step.notify.about == Lit(""):
        judge.error("E204", "There is nothing to say here.", span=place(step, "about"))
    if not _hears(kind.item or kind):
        said = f"A message goes to a person or a community; this is {say_kind(kind)}."
        judge.error("E502", said, span=span)
    elif isinstance(to, Lit) and isinstance(to.value, str) and not _ADDRESS.search(to.value):
        said = f"“{to.value}” is no address."
        why = "Name a person, as an input, or write an e-mail address or a phone number."
        judge.error("E502", said, span=span, why=why)


_ADDRESS = re.compile(r"\S@\S|\d{4}")


def _grant(judge: Judge, step: Step, grant: Grant, names: Names, *, place: Place) -> None:
    judge.place = place(step, "to")
    kind = judge.kind(grant.to, dict(names))
    amount = judge.kind(grant.amount, dict(names)).sure
    span = judge.place_of(grant.amount) or place(step, "amount")
    if amount.base in {Base.RATIO, Base.SHARE, Base.DURATION}:
        judge.error("E502", f"Tokens are counted; this is {say_kind(amount)}.", span=span)
    elif grant.amount in {Lit(0), Lit(0.0)}:
        why = "Say how many tokens. What is free needs no gift."
        judge.error("E502", "Tokens that come to nothing change nothing.", span=span, why=why)
    if not kind.vague and not kind.person:
        judge.error("E502", f"Tokens are given to a person; this is {say_kind(kind)}.")
        judge.accuse(grant.to)


def _disconnect(judge: Judge, step: Step, ended: Disconnect, names: Names, *, place: Place) -> None:
    kind = judge.vocabulary.connection_types.get(ended.type)
    if kind is None:
        judge.place = place(step, "type")
        known = judge.vocabulary.connection_types
        judge.unknown("E402", ended.type, what="relation", known=known)
        return
    judge.place = place(step, "")
    _tie(judge, kind, ended, names)


def _tie(judge: Judge, relation: ConnectionType, tie: Connect | Disconnect, names: Names) -> bool:
    """Whether the two can stand in the relation; told when not. It ends with each of a list."""
    ended = isinstance(tie, Disconnect)
    if has_hole(tie.from_) or has_hole(tie.to):
        return False
    left, right = judge.kind(tie.from_, dict(names)), judge.kind(tie.to, dict(names))
    if ended:
        left, right = left.item or left, right.item or right
    if tie.from_ == tie.to:
        judge.error("E408", f"Nothing {'is' if ended else 'can be'} connected to itself.")
        return False
    if not _ends(judge, relation, left, right):
        judge.accuse(tie.from_, tie.to)
        return False
    return True


def _hears(kind: Kind) -> bool:
    """Whether a message can go there: people, where people are, or an address in a text."""
    if kind.base is Base.THING:
        return not kind.types or bool(kind.types & _HEARERS)
    return kind.vague or kind.base in {Base.TEXT, Base.EVENT, Base.OUTCOME, Base.RECORD}


def _entity(judge: Judge, step: Step, entity: Entity, names: Names, *, place: Place) -> None:
    kind = judge.vocabulary.entity_types.get(entity.type)
    if kind is None:
        judge.place = place(step, "type")
        judge.unknown("E401", entity.type, what="type", known=judge.vocabulary.entity_types)
        return
    if entity.name is not None and entity.name == Lit(""):
        judge.place = place(step, "name")
        judge.error("E405", "A name can't be empty.")
    if entity.status is not None:
        judge.place = place(step, "status")
        _status(judge, kind, entity.status)
    _keys(
        judge,
        _Bag(step, entity.properties, judge.vocabulary.entity(entity.type), kind, "properties"),
        names,
        place,
    )


def _status(judge: Judge, kind: EntityType, status: str) -> None:
    known = [one for one in STATUSES if one in kind.transitions] or list(STATUSES)
    if status not in known:
        close = nearest(status, known, count=1)
        fixes = [
            Fix(
                f"Write {one}",
                (Edit(judge.place, judge.spelt(one, f"{one} status")),),
                Applies.MAYBE,
            )
            for one in close
        ]
        judge.error(
            "E406",
            f"A {kind.singular} has no status “{status}”. It can be {listed(known)}.",
            *fixes,
        )


@frozen
class _Bag:
    """Keys and values of a step, below `prefix`, against the schema of a type."""

    step: Step
    values: Mapping[str, Expr]
    words: Words
    kind: EntityType | ConnectionType | EventType
    prefix: str


def _keys(judge: Judge, bag: _Bag, names: Names, place: Place) -> None:
    step, words, prefix = bag.step, bag.words, bag.prefix
    plain: dict[str, JSON] = {}
    for key, tree in bag.values.items():
        judge.place = place(step, f"{prefix}/{key}")
        if key.startswith("x_") or has_hole(tree):
            continue
        if key not in words.kinds:
            close = nearest(key, words.kinds)
            near = f" Did you mean {listed(close)}?" if close else ""
            judge.error(
                "E206",
                f"A {spaced(words.name)} has no “{key}”.{near}",
                why="A key of your own begins with x_.",
            )
        elif _is_plain(tree):
            plain[key] = write_value(tree)
        else:
            _fits(judge, key, tree, words.kinds[key], names=names)
    _validated(judge, bag, plain, place)


def _is_plain(tree: Expr) -> bool:
    match tree:
        case Lit(value):
            return value is not None
        case MoneyLit():
            return True
        case Items(values):
            return all(_is_plain(one) for one in values)
        case _:
            return False


def _fits(judge: Judge, key: str, tree: Expr, wanted: Kind, *, names: Names) -> None:
    kind = judge.kind(tree, dict(names))
    if not fits(kind.sure, wanted) and not _close(kind, wanted):
        code = "E506" if wanted.base is Base.MONEY and kind.numeric else "E502"
        many = kind.base is Base.LIST and wanted.base is Base.TEXT
        name = spaced(tree.name) if many and isinstance(tree, Ref) else ""
        why = f"Save it as text: SAVE AS {name} as text." if name else ""
        said = f"“{spaced(key)}” should be {say_kind(wanted)}; {spoken(tree)} is {say_kind(kind)}."
        judge.error(code, said, why=why)


def _close(kind: Kind, wanted: Kind) -> bool:
    """What the runtime turns into the other without loss."""
    if wanted.base is Base.LIST:
        return wanted.item is not None and fits(kind, wanted.item)
    if wanted.base is Base.TEXT and kind.base is Base.LIST:
        return False
    return wanted.base in {Base.DURATION, Base.DATETIME} and kind.base in {
        Base.TEXT,
        Base.INTEGER,
        Base.NUMBER,
    }


def _validated(judge: Judge, bag: _Bag, plain: dict[str, JSON], place: Place) -> None:
    """Literal values against the schema itself: documented values, ranges, formats."""
    if not plain:
        return
    try:
        bag.kind.read(_settled(bag.words, plain), partial=True)
    except Invalid as error:
        for fault in error.faults:
            key = fault.pointer.removeprefix(bag.kind.at).lstrip("/").split("/")[0]
            judge.place = place(bag.step, f"{bag.prefix}/{key}")
            wanted = bag.words.kinds.get(key, UNKNOWN)
            shapeless = fault.message.startswith("must be an object")
            said = f"must be {say_kind(wanted)}" if shapeless else fault.message
            if wanted.base is Base.SHARE and not shapeless:
                said = "is a percentage of all that is owned, from 0% to 100%"
            judge.error("E411", f"“{spaced(key)}” {said}.")


def _settled(words: Words, plain: dict[str, JSON]) -> dict[str, JSON]:
    """Loose spellings of plain values as the schema wants them: one text as a list, 5 as 5.0."""
    found: dict[str, JSON] = {}
    for key, value in plain.items():
        wanted = words.kinds.get(key)
        if wanted is not None and wanted.base is Base.LIST and not isinstance(value, list):
            found[key] = [value]
        elif (
            wanted is not None
            and wanted.base in {Base.RATIO, Base.NUMBER}
            and isinstance(value, int)
            and not isinstance(value, bool)
        ):
            found[key] = float(value)
        elif wanted is not None and wanted.base is Base.DATETIME and isinstance(value, str):
            continue
        else:
            found[key] = value
    return found


def _connect(judge: Judge, step: Step, connect: Connect, names: Names, *, place: Place) -> None:
    kind = judge.vocabulary.connection_types.get(connect.type)
    if kind is None:
        alias = judge.vocabulary.ontology.words.connection_alias(connect.type)
        if alias is not None and alias.type in judge.vocabulary.connection_types:
            judge.place = place(step, "type")
            judge.note("E420", f"{connect.type} is written as {alias.type}.")
            connect.type = alias.type
            connect.metadata = {
                **{
                    key: Lit(value)
                    for key, value in alias.metadata.items()
                    if isinstance(value, str | int | bool)
                },
                **connect.metadata,
            }
            _connect(judge, step, connect, names, place=place)
            return
        judge.place = place(step, "type")
        judge.unknown(
            "E402", connect.type, what="relation", known=judge.vocabulary.connection_types
        )
        return
    judge.place = place(step, "")
    if _tie(judge, kind, connect, names):
        _keys(
            judge,
            _Bag(
                step, connect.metadata, judge.vocabulary.connection(connect.type), kind, "metadata"
            ),
            names,
            place,
        )


def _ends(judge: Judge, kind: ConnectionType, left: Kind, right: Kind) -> bool:
    for end in (left, right):
        if end.base is not Base.THING and not end.vague:
            judge.error(
                "E403",
                f"{spaced(kind.name).capitalize()} ties people and things, not {say_kind(end)}.",
            )
            return False
    if not left.types or not right.types:
        return True
    if any(kind.fits(a, b) for a in left.types for b in right.types):
        return True
    froms, tos = (_nouns(name for pair in kind.pairs for name in pair[end]) for end in (0, 1))
    why = f"It goes from {listed(froms[:6])} to {listed(tos[:8])}."
    judge.error(
        "E403",
        f"“{spaced(kind.name).capitalize()}” can't tie {say_kind(left)} to {say_kind(right)}.",
        why=why,
    )
    return False


def _nouns(types: Iterable[str]) -> list[str]:
    """Types as nouns with their article; people and agents are one each."""
    known = (
        "person" if name in PEOPLE else "agent" if name.endswith("_agent") else spaced(name)
        for name in types
    )
    return [article(noun) for noun in sorted(set(known))]


def _event(judge: Judge, step: Step, event: Event, names: Names, *, place: Place) -> None:
    kind = judge.vocabulary.event_types.get(event.type)
    judge.place = place(step, "type")
    if kind is None:
        alias = judge.vocabulary.ontology.words.event_alias(event.type)
        if alias is None or alias.type not in judge.vocabulary.event_types:
            judge.unknown("E410", event.type, what="event", known=judge.vocabulary.event_types)
            return
        judge.note("E420", f"{event.type} is recorded as {alias.type}.")
        own = {
            key: Lit(value)
            for key, value in alias.metadata.items()
            if isinstance(value, str | int | float | bool)
        }
        event.type, event.metadata = alias.type, {**own, **event.metadata}
        kind = judge.vocabulary.event_types[event.type]
    if event.entity is not None and not has_hole(event.entity):
        about = judge.kind(event.entity, dict(names))
        if about.base in PLAIN_BASES:
            said = f"Things happen to things; this is {say_kind(about)}."
            judge.error("E403", said, span=judge.place_of(event.entity) or place(step, "entity"))
        wrong = bool(kind.subjects and about.types) and not about.types & kind.subjects
        if wrong and about.base is Base.THING:
            allowed = listed(sorted(spaced(name) for name in kind.subjects)[:8])
            judge.error(
                "E403", f"“{spaced(event.type)}” is said of {allowed}; this is {say_kind(about)}."
            )
    _actor(judge, step, event, names, place=place)
    _keys(
        judge,
        _Bag(step, event.metadata, judge.vocabulary.event(event.type), kind, "metadata"),
        names,
        place,
    )


_DOER = "BY names who did it, FOR what it was done to."


def _actor(judge: Judge, step: Step, event: Event, names: Names, *, place: Place) -> None:
    """Things do nothing: people do, agents, and communities."""
    if event.actor is None or has_hole(event.actor):
        return
    doer = judge.kind(event.actor, dict(names))
    if doer.base in PLAIN_BASES:
        said = f"Only people and agents do something; this is {say_kind(doer)}."
        span = judge.place_of(event.actor) or place(step, "actor")
        judge.error("E403", said, span=span, why=_DOER)
    able = any(one in _DOERS or one.endswith("_agent") for one in doer.types)
    if doer.types and not able and doer.base is Base.THING:
        said = f"Only people and agents do something; this is {say_kind(doer)}."
        judge.error("E403", said, why=_DOER)


def _update(judge: Judge, step: Step, update: Update, names: Names, *, place: Place) -> None:
    if has_hole(update.target):
        return
    span = place(step, "target")
    if not _touched(judge, update.target, names, told="changed", span=span):
        return
    target = judge.kind(update.target, dict(names))
    types = sorted(target.types & judge.vocabulary.entity_types.keys())
    if not types:
        return
    kind = judge.vocabulary.entity_types[types[0]]
    if update.status is not None:
        judge.place = place(step, "status")
        _status(judge, kind, update.status)
    words = judge.vocabulary.entity(kind.name)
    values = {key: tree for key, tree in update.set.items() if key not in {"name", "visibility"}}
    if len(types) == 1 or all(key in words.kinds for key in values):
        _keys(judge, _Bag(step, values, words, kind, "set"), names, place)
    for key, tree in update.add.items():
        judge.place = place(step, f"add/{key}")
        amount = judge.kind(tree, dict(names))
        wanted = words.kinds.get(key)
        if (
            wanted
            and not has_hole(tree)
            and wanted.base is Base.MONEY
            and amount.base is not Base.MONEY
        ):
            judge.error("E506", f"“{spaced(key)}” is money; this is {say_kind(amount)}.")
        elif not amount.numeric and amount.base not in {Base.MONEY, Base.UNKNOWN, Base.JSON}:
            judge.error("E502", f"Only a number can be added; this is {say_kind(amount)}.")
