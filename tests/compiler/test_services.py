"""The page of services: what it says to write is read as the action that it stands for."""

import re
from pathlib import Path

from one.compiler.program import Service, steps_of
from tests.compiler.world import one

PAGE = Path(__file__).parents[2] / "docs" / "services.md"
LINES = re.findall(r"^\| `(CALL \S+ to [^`]+)` \|", PAGE.read_text(), re.MULTILINE)
_MISSING, _UNUSED, _ABSENT = "E803", "E610", "E825"


def called(line: str) -> Service:
    """What a line of the page calls: all that it may lack is what the action is given."""
    found = one(f"FEATURE: A\nINPUT:\n - thing: any text\n{line} SAVE AS came\nGIVE came\n")
    assert {each.code for each in found.diagnostics} <= {_MISSING, _UNUSED, _ABSENT}, line
    (call,) = [step.service for step in steps_of(found.program.flow) if step.service is not None]
    return call


def test_every_call_of_the_page_is_an_action_of_its_own() -> None:
    calls = [called(line) for line in LINES]
    assert len(calls) > 50
    assert [call.provider for call in calls] == [line.split()[1] for line in LINES]
    assert len({(call.provider, call.method) for call in calls}) == len(calls)
