"""Moments as features say them."""

from datetime import UTC, datetime

from one.ontology import load
from one.sdk.moments import beginning, settled

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday


def test_a_clock_time_given_to_a_moment_is_the_next_such_time() -> None:
    kind = load().entity("livestream")
    said = settled({"startsAt": "friday 20:00", "platform": "friday"}, kind, now=NOW)
    assert said == {"startsAt": "2026-03-06T20:00:00+00:00", "platform": "friday"}
    assert settled({"startsAt": "11:00"}, kind, now=NOW) == {
        "startsAt": "2026-03-05T11:00:00+00:00"
    }
    assert settled({"startsAt": "soon"}, kind, now=NOW) == {"startsAt": "soon"}


def test_a_week_begins_on_monday_and_a_month_and_a_year_on_their_first_day() -> None:
    now = datetime(2028, 3, 1, 15, 30, tzinfo=UTC)  # a Wednesday
    begun = [
        beginning(now, unit, back=back).date().isoformat()
        for unit in ("day", "week", "month", "year")
        for back in (0, 1, -1)
    ]
    assert begun == [
        *("2028-03-01", "2028-02-29", "2028-03-02"),
        *("2028-02-28", "2028-02-21", "2028-03-06"),
        *("2028-03-01", "2028-02-01", "2028-04-01"),
        *("2028-01-01", "2027-01-01", "2029-01-01"),
    ]
