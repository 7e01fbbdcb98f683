"""Previews: what a text would do, drafts too, tried in a space of its own that is gone afterwards.

Nothing is deployed, and nothing outside is reached: services are stand-ins, waits pass at once,
and what is left open in a draft stands for whatever would let it go on.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from typing import Annotated

import orjson
import structlog
from pydantic import Field, JsonValue

from one.compiler import FeatureReport, check_text
from one.compiler.diagnosis import Severity
from one.compiler.emit.inputs import inputs_of
from one.compiler.expression import Lit, MoneyLit
from one.compiler.kinds import PEOPLE, Base, Kind, read_kind
from one.compiler.program import Slot
from one.compiler.samples import SAMPLES
from one.compiler.vocabulary import Vocabulary, spaced
from one.domains.language import Filename, Text
from one.errors import Broken, Conflict, Invalid, NotFound, OneError
from one.runtime import Context, operation, signed_in
from one.runtime.input import wire_name
from one.sdk.reckoning import items
from one.sdk.values import Happening, Relation, Thing, plain
from one.sdk.values import text as said
from one.store import Database, Row
from one.workshop.deploy import DoesNotCompile
from one.workshop.rehearsal import Did, Rehearsal
from one.workshop.rehearsal.running import own_pool
from one.workshop.shelf import vocabulary_of
from one.workshop.simulate import interpreted
from one.workshop.surroundings import Surroundings

_log: structlog.stdlib.BoundLogger = structlog.get_logger()
_LONGEST = 20.0  # seconds
_ITEMS = re.compile(r"\[[^]]*\]")
_MANY = 20
_ONE_BY_ONE = asyncio.Semaphore(1)
Given = Annotated[dict[str, JsonValue], Field(max_length=100)]


class Act(Row):
    """One thing that was done: where, on which line of the text, with what, and what it gave. What
    is looked for stands in the text.
    """

    path: str
    line: int | None
    does: str
    given: JsonValue
    gave: JsonValue
    failed: bool


class Simulated(Row):
    """How a run of the text would end. `input` is what it was given, samples where nothing was;
    `found` are the things of the author's that were made up for it to look up.
    """

    feature: str
    draft: bool
    outcome: str
    output: dict[str, JsonValue]
    code: str
    message: str
    input: dict[str, JsonValue]
    found: list[str]
    acts: list[Act]


@operation(
    kind="read",
    room="language",
    allow=signed_in,
    raises=(DoesNotCompile, Invalid, NotFound, Conflict, Broken),
    route="POST /api/simulate",
    mcp=True,
)
async def simulate_features(
    ctx: Context,
    *,
    text: Text,
    filename: Filename = "",
    feature: str = "",
    input: Given | None = None,
) -> Simulated:
    """Try what a text would do, in a space of its own, with stand-ins; a draft too.

    `feature` names one where the text has several. What `input` leaves out is made up; for people
    and things it gives their names.
    """
    vocabulary = vocabulary_of(ctx.ontology)
    report = await asyncio.to_thread(check_text, text, vocabulary, filename=filename)
    mistakes = [
        one
        for each in report.features
        for one in each.diagnostics
        if one.severity is Severity.ERROR
    ]
    if mistakes:
        raise DoesNotCompile(
            f"This can't be tried yet. Line {mistakes[0].span.line}: {mistakes[0].message}",
            cure="Mend the text; `one check` shows every mistake with its fixes.",
            details={"files": [report.as_json()]},
        )
    names = [each.name for each in report.features]
    chosen = next((each for each in report.features if each.name == (feature or names[0])), None)
    if chosen is None:
        raise NotFound(f"No feature here is called {feature}.", details={"near": [*names]})
    async with _ONE_BY_ONE, own_pool(ctx.deployment.desk.database) as database:
        return await simulate(chosen, vocabulary, database=database, given=input or {})


async def simulate(
    report: FeatureReport,
    vocabulary: Vocabulary,
    *,
    database: Database,
    given: Mapping[str, JsonValue],
) -> Simulated:
    """Walks through a feature that has no mistakes. Raises Invalid, Conflict."""
    program, feature = report.program, interpreted(report.program, vocabulary)
    if unknown := sorted(given.keys() - feature.inputs.keys()):
        raise Invalid(
            f"The feature takes no {unknown[0]}.",
            cure=f"It takes: {', '.join(feature.inputs) or 'nothing'}.",
        )
    slots = {name: slot for name, (slot, _) in inputs_of(program).items()}
    async with Rehearsal.opened(feature, database, ontology=vocabulary.ontology) as rehearsal:
        filled = {
            name: await _filled(rehearsal, name, slots[name], given=given.get(name))
            for name, field in feature.inputs.items()
            if given.get(name) is not None
            or (name not in given and (field.needed or _is_somebody(slots[name])))
        }
        people = [name for name in filled if _is_somebody(slots[name])]
        found = await Surroundings(rehearsal, vocabulary, filled).make(program, people)
        values = feature.read(orjson.dumps({wire_name(k): one for k, one in filled.items()}))
        try:
            async with asyncio.timeout(_LONGEST):
                did = await rehearsal.run(**values)
        except OneError:
            raise
        except TimeoutError:
            raise Conflict(
                f"This was stopped after {_LONGEST:.0f} seconds.", cure="Try less at once."
            ) from None
        except Exception as error:
            _log.error("bug in a simulation", feature=report.name, exc_info=error)
            raise Broken(
                f"Something of ours broke in this run: {type(error).__name__}: {error}",
                cure="It is no mistake of the text. Tell us of it, with the text.",
            ) from error
    called = {name: given.get(name, _named(name, slots[name], filled[name])) for name in filled}
    names = {id: name for key in filled for id, name in _pairs(filled[key], called[key])}
    return Simulated(
        feature=report.name,
        draft=report.outcome == "draft",
        outcome=did.outcome.status,
        output=dict(did.outcome.output),
        code=did.outcome.code,
        message=did.outcome.message,
        input=called,
        found=found,
        acts=_acts(did, report.lines, names),
    )


async def _filled(
    rehearsal: Rehearsal, name: str, slot: Slot, *, given: JsonValue = None
) -> JsonValue:
    """What an input is given: as stated, else a sample; people and things are made first."""
    kind = (read_kind(slot.type) or Kind(Base.JSON)).sure
    inner = kind.item if kind.base is Base.LIST and kind.item else kind
    if inner.base is Base.THING:
        called = _called(name, kind, given)
        made = [await _thing(rehearsal, inner, one) for one in called]
        return [*made] if kind.base is Base.LIST else made[0]
    if given is not None:
        return given
    sample = _sample(name, slot, inner)
    return [sample] if kind.base is Base.LIST else sample


def _is_somebody(slot: Slot) -> bool:
    """Whether an input is a person, as whoever runs it is: they are there unless it is said."""
    kind = (read_kind(slot.type) or Kind(Base.JSON)).sure
    return kind.base is Base.THING and bool(kind.types) and kind.types <= PEOPLE


def _called(name: str, kind: Kind, given: JsonValue) -> list[str]:
    """The names of the people or things that an input stands for. Raises Invalid."""
    if given is None:
        return _names(name, kind)
    stated = given if isinstance(given, list) and kind.base is Base.LIST else [given]
    names = [one for one in stated if isinstance(one, str)]
    if len(names) < len(stated) or len(names) > _MANY:
        raise Invalid(
            f"{spaced(name).capitalize()} is known by name here.",
            cure=f"Give a text, or up to {_MANY} of them where it is a list.",
        )
    return names


def _names(name: str, kind: Kind) -> list[str]:
    called = spaced(name).removesuffix(" id").capitalize()
    return [f"{called} 1", f"{called} 2"] if kind.base is Base.LIST else [called]


async def _thing(rehearsal: Rehearsal, kind: Kind, name: str) -> str:
    people = sorted(kind.types & PEOPLE)
    if people:
        fan = "audience_member" in people
        return str((await rehearsal.person(name, type="audience_member" if fan else people[0])).id)
    type = sorted(kind.types)[0] if kind.types else "digital_product"
    return str((await rehearsal.thing(type, name, status=None)).id)


def _sample(name: str, slot: Slot, kind: Kind) -> JsonValue:
    """Something that fits: the first of what is allowed, the least, or an example of the kind."""
    if kind.base is Base.TEXT and not slot.one_of:
        return _as_long(f"Some {spaced(name)}", slot)
    for one in (*(slot.one_of or ()), slot.min, slot.max):
        match one:
            case Lit(value) if value is not None:
                return value
            case MoneyLit(amount, currency):
                return {"amount": amount, "currency": currency}
            case _:
                continue
    return SAMPLES.get(kind.base, f"Some {spaced(name)}")


def _as_long(words: str, slot: Slot) -> str:
    """Words as long as they have to be."""
    least, most = (
        one.value if isinstance(one, Lit) and isinstance(one.value, int) else None
        for one in (slot.min, slot.max)
    )
    while least is not None and len(words) < least:
        words = f"{words} and more"
    return words[:most]


def _named(name: str, slot: Slot, value: JsonValue) -> JsonValue:
    """What was made up, for who reads it: of people and things their names."""
    kind = (read_kind(slot.type) or Kind(Base.JSON)).sure
    inner = kind.item if kind.base is Base.LIST and kind.item else kind
    if inner.base is not Base.THING:
        return value
    called = _names(name, kind)
    return [*called] if kind.base is Base.LIST else called[0]


def _pairs(made: JsonValue, called: JsonValue) -> Iterator[tuple[str, str]]:
    """What was made for an input, and what it is called."""
    several = (
        zip(made, called, strict=True)
        if isinstance(made, list) and isinstance(called, list)
        else [(made, called)]
    )
    for one, name in several:
        if isinstance(one, str) and isinstance(name, str):
            yield one, name


def _acts(did: Did, lines: Mapping[str, int], names: dict[str, str]) -> list[Act]:
    """What the run did, in its order; of people and things their names."""
    acts = [(path, act) for path, acts in did.script.acts.items() for act in acts]
    names |= {str(did.me.id): did.me.name}
    for _, act in acts:
        kept = [one for one in items(act.value) if isinstance(one, Thing | Relation | Happening)]
        names |= {str(one.id): said(one) for one in kept}
    return [
        Act(
            path=path,
            line=_line_of(path, lines),
            does=act.operation,
            given=[] if act.operation == "find" else _by_name(act.given, names),
            gave=_by_name(plain(act.value), names),
            failed=act.failed,
        )
        for path, act in acts
    ]


def _line_of(path: str, lines: Mapping[str, int]) -> int | None:
    """The line of a place, or of the step that it is a part of: what takes it back."""
    place = _ITEMS.sub("", path)
    while place and place not in lines:
        place = place.rpartition(".")[0]
    return lines.get(place)


def _by_name(json: JsonValue, names: Mapping[str, str]) -> JsonValue:
    """Names in the place of ids."""
    match json:
        case str():
            return names.get(json, json)
        case list():
            return [_by_name(one, names) for one in json]
        case dict():
            return {key: _by_name(one, names) for key, one in json.items()}
        case _:
            return json
