"""Moments as features say them."""

from datetime import UTC, datetime

from one.ontology import load
from one.sdk.moments import beginning, moment, settled

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


def test_a_weekday_is_that_of_the_week_and_a_date_that_of_the_year() -> None:
    begun = [beginning(NOW, unit).date().isoformat() for unit in ("monday", "friday", "12-24")]
    assert begun == ["2026-03-02", "2026-03-06", "2026-12-24"]


def test_what_is_waited_for_is_the_next_that_comes() -> None:
    said = ("tomorrow", "tomorrow 09:00", "12-24 09:00", "03-03", "today 20:00")
    assert [moment(one, NOW).isoformat()[:16] for one in said] == [
        *("2026-03-05T00:00", "2026-03-05T09:00", "2026-12-24T09:00"),
        *("2027-03-03T00:00", "2026-03-04T20:00"),
    ]
