"""The sheet of a feature: what it may do and for whom, in lines and in plain words.

`sheet_of(program, vocabulary)` writes it from a program that has no errors; it is deterministic,
part of a revision, and knows no text, only the program. Its shape (`parts`, JSON in camelCase):

    runs        Callers   who may run it; which person input is the runner        rules 3, 4
    takes       Price     what somebody pays; what a sent price must be           rule 7
    gifts       Gift      tokens, money, access, badges of the author's           rule 8
    changes     Change    things made, changed, tied, recorded                    rules 1, 6, 12
    reaches     Reach     messages: to whom, by what, with whose typed words      rule 10
    leaves      Leaving   values that leave, to which service or address
    reads       Read      look-ups, and with whose eyes                           rules 11, 12
    answers     Answer    what comes back, and to whom
    uses        Use       other features                                          rule 13
    picks       Pick      things that come in as inputs                           rule 6
    consents    Consent   whose yes, and how it is had                            rule 5
    budgets     Budget    how often a day                                         rule 9

Every line has `steps`, the paths of `program.walk` that it speaks of (`flow.2.then.0`), so that
whoever runs the program finds what holds for a step with `sheet.at(path)`; and `says`, its words.
A line's people are `Party`: what the text says of them. Ticks and numbers (`Callers.who`,
`Pick.ticked`, `Price.cheaper`, `Budget`) are defaults that a deploy may change on a copy.
`differences(old, new)` is the change in English: what is asked for more needs a new yes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from one.compiler.expression import names_in
from one.compiler.light import frozen
from one.compiler.paraphrase import started
from one.compiler.program import Program, Step, trees_in
from one.compiler.sheet.effects import Scene, effects_of
from one.compiler.sheet.origins import AUTHOR, Origins, is_address
from one.compiler.sheet.parts import (
    SECTIONS,
    SHEET_VERSION,
    Answer,
    Budget,
    Callers,
    Change,
    Consent,
    Gift,
    Leaving,
    Line,
    Party,
    Pick,
    Price,
    Reach,
    Read,
    Sheet,
    Use,
)
from one.compiler.sheet.reading import answers_of, reads_of
from one.compiler.sheet.ticks import Tick, said, ticks_of, with_budgets, with_ticks
from one.compiler.sheet.way import Spot, spots
from one.compiler.spoken import listed, named
from one.compiler.vocabulary import Vocabulary

__all__ = [
    "SHEET_VERSION",
    "Answer",
    "Budget",
    "Callers",
    "Change",
    "Consent",
    "Difference",
    "Gift",
    "Leaving",
    "Line",
    "Party",
    "Pick",
    "Price",
    "Reach",
    "Read",
    "Sheet",
    "Tick",
    "Use",
    "differences",
    "sheet_of",
    "sheet_words",
    "ticks_of",
    "with_budgets",
    "with_ticks",
]

_READING = frozenset(
    ["query", "validate", "if", "forEach", "parallel", "set", "return", "show", "flow", "step"]
)
_CERTIFYING = frozenset(
    ["assessment_completed", "certificate_earned", "completed", "invoice_generated", "invoice"]
)


def sheet_of(program: Program, vocabulary: Vocabulary) -> Sheet:
    """The sheet of a checked program."""
    origins = Origins(program, vocabulary)
    way = list(spots(program, vocabulary, names=origins.kinds))
    runs = _callers(program, origins, way)
    scene = Scene(
        origins,
        vocabulary,
        asks=runs.who in {"everybody", "guests", "signedIn"},
        triggered=program.trigger is not None,
        receiver=_receiver(runs),
        sold=_sold(origins, way),
    )
    lines = [line for spot in way for line in effects_of(spot, scene)]
    lines += _around(program, scene, _receiver(runs))
    lines += _people_picked(program, scene, gifts=[one for one in lines if isinstance(one, Gift)])
    lines += _budgets(lines)
    found: dict[str, object] = {"feature": program.feature, "runs": runs, **_sections(lines)}
    return Sheet.model_validate(found)


def _around(program: Program, scene: Scene, receiver: Party) -> Iterator[Line]:
    """The lines that are of no one effect."""
    yield from reads_of(scene, receiver)
    yield from answers_of(scene, receiver)
    for path, step in scene.origins.steps:
        if step.call is not None:
            used = step.call.feature
            face = scene.vocabulary.feature(used)
            revision = face.revision if face is not None else ""
            as_it_is = f", as it is now ({revision[:8]})" if revision else ""
            said = f"Runs the feature “{named(used)}”{as_it_is}, as you."
            yield Use(steps=(path,), says=said, feature=used, revision=revision)
    yield from _picks(program, scene)


def _sections(lines: Iterable[Line]) -> dict[str, tuple[Line, ...]]:
    """The lines by section; lines that say the same are one, with all their steps."""
    found: dict[str, Line] = {}
    for line in lines:
        same = found.setdefault(line.asks, line)
        steps = tuple(dict.fromkeys((*same.steps, *line.steps)))
        found[line.asks] = same.model_copy(update={"steps": steps})
    return {
        name: tuple(line for line in found.values() if _SECTION[type(line)] == name)
        for name in SECTIONS
    }


_SECTION: Mapping[type[Line], str] = {
    Price: "takes",
    Gift: "gifts",
    Change: "changes",
    Reach: "reaches",
    Leaving: "leaves",
    Read: "reads",
    Answer: "answers",
    Use: "uses",
    Pick: "picks",
    Consent: "consents",
    Budget: "budgets",
}


# --- who runs it --------------------------------------------------------------------------------


def _callers(program: Program, origins: Origins, way: Sequence[Spot]) -> Callers:
    address = next((n for n, slot in program.input.items() if is_address(n, slot)), "")
    people = [n for n in origins.persons if n != origins.runner]
    certifying = tuple(one.path for one in way if _certifies(one.step) and not one.judged)
    callers = Callers(
        who="signedIn",
        runner=origins.runner,
        judges=origins.judges,
        others=tuple(people),
        address=address,
    )
    who, why = "signedIn", "Anyone signed in may run it"
    if program.trigger is not None:
        who, why = (
            "nobody",
            f"Nobody runs it: {_lower(started(program.trigger))}, it runs by itself",
        )
    elif all(one.step.kind in _READING for one in way):
        who, why = "everybody", "Everybody may run it; it only looks up and answers"
    elif not origins.persons:
        who, why = "managers", "You and your managers may run it, as it takes no person"
    elif certifying:
        who, why = "managers", "You and your managers may run it, as it certifies something"
    elif address:
        who, why = "guests", "Anyone may run it, guests too, as it takes an e-mail address"
    as_whom = f"; the {named(origins.runner)} is whoever runs it" if origins.runner else ""
    return Callers.model_validate(
        {
            **callers.model_dump(),
            "who": who,
            "says": f"{why}{as_whom}.",
            "steps": certifying if who == "managers" else (),
        }
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _certifies(step: Step) -> bool:
    made = step.event or step.connect or step.entity
    billed = step.service is not None and step.service.method == "createInvoice"
    return billed or (made is not None and made.type in _CERTIFYING)


def _receiver(runs: Callers) -> Party:
    """Who gets what a run answers."""
    if runs.who in {"nobody", "managers"}:
        return AUTHOR
    return Party(who="runner", name=runs.runner)


# --- what comes in ------------------------------------------------------------------------------


def _sold(origins: Origins, way: Sequence[Spot]) -> tuple[str, ...]:
    """The picks that a payment of this program is for.

    What the payer gets or what the amount is read from; else the one pick that has a price.
    """
    found: dict[str, None] = {}
    for spot in way:
        call, tie, grant = spot.step.service, spot.step.connect, spot.step.grant
        trees = list(call.params.values()) if call is not None and "amount" in call.params else []
        trees += [tie.to] if tie is not None and tie.type in _SELLING else []
        trees += [grant.asset] if grant is not None and grant.asset is not None else []
        for tree in trees:
            found |= dict.fromkeys(one for one in _picked(tree, origins))
    priced = [name for name in origins.picks if origins.has_price(name)]
    return tuple(found) or tuple(priced if len(priced) == 1 else ())


_SELLING = frozenset({"enrolled_in", "member_of", "transacted", "holds", "owns"})


def _picked(tree: object, origins: Origins) -> Iterator[str]:
    for one in trees_in(tree):
        yield from (name for name in origins.picks_in(one))


def _picks(program: Program, scene: Scene) -> Iterator[Pick]:
    for name, kind in scene.origins.picks.items():
        uses = tuple(
            path for path, step in scene.origins.steps if name in scene.origins.picks_of(step)
        )
        needs = any(_needs_own(step, name, scene) for _, step in scene.origins.steps)
        inner = kind.item or kind
        whose = "their own" if needs else "their own, or one of yours that they can see"
        said = f"The {named(name)} is picked by whoever runs it: {whose}."
        if program.trigger is not None or not scene.asks:
            said = f"The {named(name)} comes in as an input, one of yours."
        yield Pick(
            steps=uses,
            says=said,
            name=name,
            types=tuple(sorted(inner.types)),
            many=kind.item is not None,
            needs_own=needs,
        )


def _people_picked(program: Program, scene: Scene, *, gifts: Sequence[Gift]) -> Iterator[Pick]:
    """The people who come in and are not who runs it, each with what they are given."""
    for name, kind in scene.origins.people_picked.items():
        if program.trigger is not None and name == program.trigger.actor:
            continue
        gets = tuple(dict.fromkeys(_GETS[one.what] for one in gifts if one.to.name == name))
        by = (
            "comes in as an input"
            if program.trigger is not None
            else "is picked by whoever runs it"
        )
        said = f"The {named(name)} {by}"
        if name in scene.origins.judges:
            said += ", and is somebody else, whose word it waits for"
        if gets:
            said += f"; they get {listed(gets)}"
        uses = tuple(
            path
            for path, step in scene.origins.steps
            if any(name in names_in(tree) for tree in trees_in(step))
        )
        yield Pick(
            steps=uses,
            says=f"{said}.",
            name=name,
            types=("person",),
            many=kind.item is not None,
            gets=gets,
        )


_GETS: Mapping[str, str] = {
    "tokens": "tokens",
    "money": "money",
    "access": "access",
    "badge": "a badge",
    "nft": "an NFT",
}


def _needs_own(step: Step, name: str, scene: Scene) -> bool:
    lines = effects_of(Spot("", step), scene)
    return any(isinstance(one, Change) and one.needs_own and one.pick == name for one in lines)


def _budgets(lines: Sequence[Line]) -> Iterator[Budget]:
    paid = tuple(
        path for one in lines if isinstance(one, Leaving) and one.paid for path in one.steps
    )
    gifts = tuple(
        path for one in lines if isinstance(one, Gift) and not one.sold for path in one.steps
    )
    if paid:
        yield said(Budget(steps=paid, of="paidCalls"))
    if gifts:
        yield said(Budget(steps=gifts, of="gifts"))


# --- words --------------------------------------------------------------------------------------


def sheet_words(sheet: Sheet) -> list[str]:
    """The sheet in plain words, a heading before each section."""
    said = [sheet.runs.says]
    for section, title in SECTIONS.items():
        lines: tuple[Line, ...] = getattr(sheet, section)
        if lines:
            said += [f"{title}:", *dict.fromkeys(f"  {line.says}" for line in lines)]
    return said


@frozen
class Difference:
    """`more` needs a new yes from all who gave the old one; `less` needs nothing."""

    more: tuple[Line, ...]
    less: tuple[Line, ...]

    def words(self) -> list[str]:
        return [
            *(f"New: {line.says}" for line in self.more),
            *(f"No longer: {line.says}" for line in self.less),
        ]


def differences(old: Sheet, new: Sheet) -> Difference:
    """What the new sheet asks for more and less; where a line stands in the flow is no matter."""
    before = {line.asks: line for line in old.lines()}
    after = {line.asks: line for line in new.lines()}
    return Difference(
        tuple(line for key, line in after.items() if key not in before),
        tuple(line for key, line in before.items() if key not in after),
    )
