"""Moments as features say them."""

from datetime import UTC, datetime

from one.ontology import load
from one.sdk.moments import settled

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday


def test_a_clock_time_given_to_a_moment_is_the_next_such_time() -> None:
    kind = load().entity("livestream")
    said = settled({"startsAt": "friday 20:00", "platform": "friday"}, kind, now=NOW)
    assert said == {"startsAt": "2026-03-06T20:00:00+00:00", "platform": "friday"}
    assert settled({"startsAt": "11:00"}, kind, now=NOW) == {
        "startsAt": "2026-03-05T11:00:00+00:00"
    }
    assert settled({"startsAt": "soon"}, kind, now=NOW) == {"startsAt": "soon"}
