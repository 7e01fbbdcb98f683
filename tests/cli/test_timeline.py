"""What a run did is told in words."""

import pytest
from pydantic import JsonValue

from one.cli.timeline import told_moment
from one.clock import Clock
from one.domains.runs import Moment

BO: JsonValue = {
    "$": "thing",
    "id": "01a21d12-9758-743d-82db-498e5e694024",
    "name": "Bo",
    "type": "creator",
    "status": "active",
    "properties": {},
    "version": 1,
    "createdAt": "2026-10-16T12:54:47+00:00",
    "updatedAt": "2026-10-16T12:54:47+00:00",
}
PAID: JsonValue = {"id": "ch_1", "amount": {"amount": 2000, "currency": "usd"}}
SIGNED: JsonValue = {"provider": "stripe", "mode": "sandbox", "reference": "ch_1"}
FAILED: JsonValue = {"name": "Denied", "family": "Denied", "message": "Not yours.", "cure": "Ask."}


@pytest.mark.parametrize(
    ("operation", "result", "error", "said"),
    [
        ("given", {"admit": None, "given.me": BO, "given.fan": BO}, None, "fan: Bo"),
        ("data", {"flow.1": BO, "flow.2": None, "flow.3": True}, None, "Bo; yes"),
        ("stripe.charge", {**PAID, **SIGNED}, None, "id: ch_1, amount: $20.00"),
        ("openai.answer", {"value": "Breathe.", **SIGNED}, None, "Breathe."),
        ("data", None, FAILED, "Not yours. Ask."),
        ("may", None, None, "may"),
    ],
)
def test_a_moment_is_told_in_words(
    operation: str, result: JsonValue, error: JsonValue, said: str
) -> None:
    moment = Moment(
        number=1,
        path="flow.1",
        operation=operation,
        line=7,
        status="done",
        attempt=1,
        at=Clock().now(),
        until=None,
        waits_for=None,
        result=result,
        error=error,
    )
    assert told_moment(moment).endswith(f" {said}")


def test_what_a_run_that_is_over_still_waited_for_is_left() -> None:
    moment = Moment(
        number=1,
        path="flow.1",
        operation="wait for",
        line=7,
        status="waiting",
        attempt=1,
        at=Clock().now(),
        until=None,
        waits_for="paid",
        result=None,
        error=None,
    )
    assert " waiting wait for" in told_moment(moment)
    assert " left    wait for" in told_moment(moment, over=True)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("flow.0", "line 3   NOTIFY fan ABOUT"),
        ("flow.0[item=2].do.0", 'line 3   NOTIFY fan ABOUT "Hello" · 2'),
    ],
)
def test_a_moment_stands_beside_its_line_of_the_text(path: str, said: str) -> None:
    moment = Moment(
        number=1,
        path=path,
        operation="data",
        line=3,
        status="done",
        attempt=1,
        at=Clock().now(),
        until=None,
        waits_for=None,
        result=None,
        error=None,
    )
    text = 'FEATURE: Hello\n\n  NOTIFY fan ABOUT "Hello"\nGIVE "done"\n'
    assert said in told_moment(moment, text=text)
    assert path in told_moment(moment)
