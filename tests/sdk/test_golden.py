"""Every golden feature runs: it ends, refuses or waits as it says, and never breaks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import JsonValue

from one.compiler.kinds import Base, Kind, read_kind
from tests.sdk.written import Players, Written, written_all
from tests.world import id_of

CASES = Path(__file__).parent.parent / "cases" / "good"
PLAIN: dict[Base, JsonValue] = {
    Base.TEXT: "Breathe in",
    Base.INTEGER: 3,
    Base.NUMBER: 3,
    Base.RATIO: 0.5,
    Base.SHARE: 100,
    Base.BOOLEAN: True,
    Base.MONEY: {"amount": 2500, "currency": "usd"},
    Base.DATETIME: "2027-01-01T09:00:00Z",
    Base.DURATION: "2h",
    Base.JSON: "something",
}


def golden() -> Iterator[str]:
    for path in sorted(CASES.glob("*.one")):
        yield path.name


async def given(players: Players, made: Written) -> dict[str, JsonValue]:
    """An input for each slot, of its kind."""
    found: dict[str, JsonValue] = {}
    for name, slot in made.report.program.input.items():
        kind = read_kind(slot.type) or Kind(Base.JSON)
        found[name] = await one(players, kind, least=slot.min is not None)
    return found


async def one(players: Players, kind: Kind, *, least: bool) -> JsonValue:
    if kind.base is Base.LIST:
        return [await one(players, kind.item or Kind(Base.TEXT), least=least)]
    if kind.person:
        return str(id_of(players.runner))
    if kind.base is Base.THING:
        type = sorted(kind.types)[0] if kind.types else "course"
        made = await players.world.thing(type, by=players.author, status="active")
        if type in ("digital_product", "consultation"):
            await players.world.update(made.id, price={"amount": 2500, "currency": "usd"})
        return str(made.id)
    return PLAIN.get(kind.base, "x")


@pytest.mark.parametrize("name", list(golden()))
async def test_golden_features_run(players: Players, name: str) -> None:
    for made in written_all((CASES / name).read_text("utf-8")):
        await players.world.thing("token", by=players.author, status="active")
        values = await given(players, made)
        async with players.working_with(made) as working:
            if made.feature.trigger is not None or made.report.program.trigger is not None:
                id = await working.set_off(made)
            else:
                managed = made.sheet.runs.who == "managers"
                id = await working.begin(by=players.author if managed else None, **values)
            run = await working.rested(id)
        assert run.status in ("done", "failed", "waiting"), (run.status, run.reason, run.error)
        assert "broke" not in run.reason, (run.reason, run.error, made.module)
