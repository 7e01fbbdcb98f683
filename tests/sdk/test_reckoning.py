"""Computing and comparing with values whose kind only a run knows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from one.errors import Invalid
from one.sdk import reckoning as r
from one.sdk.values import Money, Value, kept, known, text

MOMENT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def test_money_is_computed_in_whole_minor_units() -> None:
    assert r.plus(Money(150, "usd"), Money(50, "usd")) == Money(200, "usd")
    assert r.times(Money(999, "usd"), 0.1) == Money(100, "usd")
    assert r.times(3, Money(200, "usd")) == Money(600, "usd")
    assert r.divided(Money(1000, "usd"), 3) == Money(333, "usd")
    assert r.divided(Money(500, "usd"), Money(2000, "usd")) == 0.25


def test_a_length_of_time_is_taken_so_many_times() -> None:
    assert r.times(3, "1d") == timedelta(days=3)
    assert r.plus(MOMENT, r.times("2h", 2)) == MOMENT + timedelta(hours=4)
    with pytest.raises(Invalid, match="multiplied"):
        r.times(3, "a day")


def test_halves_are_rounded_away_from_zero() -> None:
    assert Money(1, "usd").times(0.5) == Money(1, "usd")
    assert Money(-1, "usd").times(0.5) == Money(-1, "usd")
    assert r.rounded(2.5) == 3
    assert r.rounded(1.005, 2) == 1.01


@pytest.mark.parametrize(
    ("left", "right"),
    [(Money(1, "usd"), Money(1, "eur")), (Money(1, "usd"), 1), ("a", 1), (True, 1), (None, 1)],
)
def test_what_cant_be_subtracted_is_said_so(left: Value, right: Value) -> None:
    with pytest.raises(Invalid):
        r.minus(left, right)


def test_times_are_moved_and_compared_by_what_they_say() -> None:
    assert r.minus(MOMENT, "7d") == MOMENT - timedelta(days=7)
    assert r.plus(MOMENT, timedelta(hours=2)) == MOMENT + timedelta(hours=2)
    assert r.more("2026-03-01T10:00:00Z", MOMENT)
    assert r.less(timedelta(hours=1), "2h")


def test_what_is_not_there_is_compared_with_nothing() -> None:
    with pytest.raises(Invalid, match="not there"):
        r.more(None, 3)
    assert r.equal(None, None)
    assert not r.equal(None, 0)


def test_texts_hold_each_other_in_any_case() -> None:
    assert r.contains("This is SPAM", "spam")
    assert r.starts_with("Medium", "me")
    assert r.among("high", ["high", "critical"])
    assert not r.among("low", ["high", "critical"])


def test_lists_are_counted_summed_and_averaged() -> None:
    prices: Value = [Money(100, "usd"), Money(300, "usd")]
    assert r.total(prices) == Money(400, "usd")
    assert r.average(prices) == Money(200, "usd")
    assert r.total([]) == 0
    assert r.average([]) is None
    assert r.length(None) == 0
    assert r.least(4, 2, 3) == 2
    assert r.most([4, 2, 3]) == 4


def test_what_failed_and_what_is_not_there_is_no_yes() -> None:
    assert not r.truth({"failed": True})
    assert not r.truth(None)
    assert not r.truth([])
    assert r.truth(Money(0, "usd"))
    assert r.failed({"failed": True, "message": "Declined"})
    assert not r.failed({"id": "ch_1"})


def test_values_are_read_as_a_person_says_them() -> None:
    assert text(Money(123456, "usd")) == "$1,234.56"
    assert text(Money(500, "jpy")) == "¥500"
    assert text(Money(-150, "chf")) == "-1.50 CHF"
    assert text(["a", "b", "c"]) == "a, b and c"
    assert text(True) == "yes"
    assert text(timedelta(hours=48)) == "2 days"


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(max_size=20)
    | st.builds(Money, st.integers(-(10**6), 10**6), st.sampled_from(["usd", "jpy"]))
    | st.datetimes(timezones=st.just(UTC))
    | st.integers(0, 10**6).map(lambda n: timedelta(seconds=n)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abc", min_size=1, max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_what_a_run_keeps_is_what_it_finds_again(value: Value) -> None:
    assert known(kept(value)) == value


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_money_added_and_taken_away_is_as_before(left: int, right: int) -> None:
    there = Money(left, "usd") + Money(right, "usd")
    assert there - Money(right, "usd") == Money(left, "usd")


def test_a_moment_of_a_thing_is_reckoned_with_as_one() -> None:
    starts = "2026-03-06T20:00:00+00:00"
    assert r.minus(starts, "1h") == datetime(2026, 3, 6, 19, tzinfo=UTC)
    assert r.plus(starts, timedelta(days=1)) == datetime(2026, 3, 7, 20, tzinfo=UTC)
    assert r.plus("room ", "1h") == "room 1h"
