"""How a feature begins: what it is given is read, loaded and handed to its code."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import UUID

from pydantic import JsonValue

from one.compiler.sheet import Sheet
from one.errors import Fault, NotFound
from one.runtime import Context, durable
from one.runtime.durable.segment import Segment
from one.runtime.input import wire_name
from one.sdk.data import Data
from one.sdk.feature import Feature, Field, Output
from one.sdk.run import Run
from one.sdk.standing import Standing
from one.sdk.values import Thing, Value, known, plain

Given = Mapping[str, Value]
Making = Callable[[Standing, durable.Run | None, Context | None, Thing, Mapping[str, Value]], Run]
"""How the run is made that the code is given."""
GIVEN, PART, NAMES, CALLED = "$given", "$part", "$names", "$called"


async def run_now(
    feature: Feature,
    ctx: Context,
    *,
    given: Given,
    standing: Standing,
    making: Making = Run,
) -> dict[str, JsonValue]:
    """Runs a feature of data commands in the transaction at hand. `given` is by Python name.

    Raises what the feature refuses with.
    """
    segment = Segment(ctx)
    loaded, me, standing = await _begin(feature, Data(segment, standing), given)
    run = making(standing, None, ctx, me, _names(loaded))
    output = await feature.main(run, feature.given(**loaded))
    return await answer(Data(segment, standing), output, run=run)


def durably(feature: Feature, sheet: Sheet, *, making: Making = Run) -> durable.Main:
    """The feature as the engine runs it. Its input is JSON by name; of a triggered one, the row."""

    async def main(engine: durable.Run, input: dict[str, JsonValue]) -> JsonValue:
        lease = engine.journal.lease
        given, actor = _inputs(feature, input)
        called = bool(input.get(CALLED, feature.trigger is None and lease.runner is not None))
        standing = Standing(lease.author, lease.id, sheet, called, lease.runner, actor)
        async with engine.transaction("given", operation="given") as segment:
            loaded, me, standing = await _begin(feature, Data(segment, standing), given)
        run = making(standing, engine, None, me, _names(loaded))
        part = input.get(PART)
        if isinstance(part, str):
            names = input.get(NAMES)
            names = names if isinstance(names, dict) else {}
            await feature.parts[part](run, {key: known(one) for key, one in names.items()})
            return None
        output = await feature.main(run, feature.given(**loaded))
        async with engine.transaction("answer", operation="answer") as segment:
            return await answer(Data(segment, standing), output, run=run)

    return main


def _names(loaded: Mapping[str, Value]) -> dict[str, Value]:
    return {wire_name(name): value for name, value in loaded.items()}


async def _begin(
    feature: Feature, data: Data, given: Given
) -> tuple[dict[str, Value], Thing, Standing]:
    """Lets in who may run it; the inputs with their things, the author, and who stands behind it.

    Raises NotSignedIn, Denied, NotFound.
    """
    person = _person(feature, data.standing)
    picks = data.standing.sheet.picks
    guest = await _guest(feature, data, given)
    if guest is not None:
        data.standing = replace(data.standing, runner=guest.id, guest=True)
    await data.admit(needs_runner=person is not None and not person.optional)
    loaded: dict[str, Value] = {}
    for field in feature.fields:
        value = given.get(field.name)
        if field is person and guest is not None:
            loaded[field.name] = guest
            continue
        if field is person and value is None and data.standing.runner:
            value = str(data.standing.runner)
        if field.kind is Thing and value is not None:
            ticked = any(one.ticked for one in picks if one.name == wire_name(field.name))
            value = await data.load(f"given.{field.name}", value, unseen=ticked)
            value = await data.pick(f"given.{field.name}", wire_name(field.name), value=value)
            _check(field, value)
        if value is None and not field.optional:
            raise _missing(field)
        loaded[field.name] = value
        if isinstance(value, str):
            data.standing.typed[wire_name(field.name)] = value
    me = await data.load("given.me", str(data.standing.author.id))
    assert isinstance(me, Thing), "a feature's author is there"
    return loaded, me, data.standing


async def _guest(feature: Feature, data: Data, given: Given) -> Thing | None:
    """Who has no account, where guests may run it: known by the address that they type."""
    standing = data.standing
    runs = standing.sheet.runs
    if not standing.called or standing.runner is not None or runs.who != "guests":
        return None
    field = next((one for one in feature.fields if wire_name(one.name) == runs.address), None)
    address = given.get(field.name) if field is not None else None
    return await data.guest("given.guest", address) if isinstance(address, str) else None


def _check(field: Field, value: Value) -> None:
    """Raises NotFound for a thing of another type than was asked for."""
    types = field.slot.types
    if isinstance(value, Thing) and types and value.type not in types:
        raise _missing(field)


def _missing(field: Field) -> NotFound:
    pointer = f"/{wire_name(field.name)}"
    return NotFound(
        f"There is no such {field.name.replace('_', ' ').strip()}.",
        cure="Check the id.",
        faults=(Fault(pointer, "is not there"),),
    )


def _person(feature: Feature, standing: Standing) -> Field | None:
    """The input that the runner is."""
    name = standing.sheet.runs.runner
    return next((one for one in feature.fields if wire_name(one.name) == name), None)


def _inputs(feature: Feature, input: Mapping[str, JsonValue]) -> tuple[Given, UUID | None]:
    """What a run was begun with, by Python name, and who set it off."""
    if PART in input:
        inner = input.get(GIVEN)
        return _inputs(feature, inner if isinstance(inner, dict) else {})
    row = input.get("row")
    if feature.trigger is not None and isinstance(row, dict):
        return _triggered(feature, row, input.get("actor"))
    by_wire = {wire_name(one.name): one for one in feature.fields}
    given = {
        by_wire[key].name: by_wire[key].of_json(known(value))
        for key, value in input.items()
        if key in by_wire
    }
    return given, None


def _triggered(
    feature: Feature, row: Mapping[str, JsonValue], by: JsonValue
) -> tuple[Given, UUID | None]:
    """The inputs that a change fills: who did it, the thing, and what it says by name."""
    trigger = feature.trigger
    assert trigger is not None
    match trigger.kind:
        case "connections":
            actor, entity = row.get("from"), row.get("to")
        case "entities":
            actor, entity = (by if trigger.entity else row.get("id")), row.get("id")
        case "events":
            actor, entity = row.get("actor"), row.get("entity")
    said = row.get("metadata") or row.get("properties")
    facts = said if isinstance(said, dict) else {}
    given: dict[str, Value] = {}
    for field in feature.fields:
        if field.name == trigger.actor:
            given[field.name] = str(actor) if actor else None
        elif field.name == trigger.entity:
            given[field.name] = str(entity) if entity else None
        else:
            name = wire_name(field.name)
            given[field.name] = field.of_json(facts.get(name, facts.get(f"{name}Id")))
    return given, UUID(str(actor)) if actor else None


async def answer(data: Data, output: Output, *, run: Run) -> dict[str, JsonValue]:
    """What a feature answers, as JSON; a thing as far as who gets it may see it, else its id."""
    given = {**run.shown, **output.given()}
    return {name: await _shown(data, name, value) for name, value in given.items()}


async def _shown(data: Data, path: str, value: Value) -> JsonValue:
    match value:
        case Thing():
            seen = await data.visible(path, value)
            return _as_json(seen) if isinstance(seen, Thing) else str(value.id)
        case list():
            return [await _shown(data, f"{path}.{n}", one) for n, one in enumerate(value)]
        case Mapping():
            return {key: await _shown(data, f"{path}.{key}", one) for key, one in value.items()}
        case _:
            return plain(value)


def _as_json(thing: Thing) -> JsonValue:
    return {
        "id": str(thing.id),
        "type": thing.type,
        "name": thing.name,
        "status": thing.status,
        "properties": dict(thing.properties),
    }
