"""Splits are exact to the last coin, and which of two gets it is settled beforehand."""

from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from one.domains.payments.splits import Price, Rates, Split, refund, shares, step, waterfall
from one.errors import Invalid
from one.ontology.values import CURRENCIES
from tests.stories.splits import tried

ANA, BO, CY = UUID(int=1), UUID(int=2), UUID(int=3)
THIRDS = {CY: 3_334, ANA: 3_333, BO: 3_333}


@st.composite
def owned(draw: st.DrawFn) -> dict[UUID, int]:
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), max_size=8)))
    parts = [end - start for start, end in zip((0, *cuts), (*cuts, 10_000), strict=True)]
    ids = draw(st.permutations([UUID(int=number + 1) for number in range(len(parts))]))
    return dict(zip(ids, parts, strict=True))


def by_definition(amount: int, weights: dict[UUID, int]) -> dict[UUID, int]:
    """Largest remainder, as it is written in books."""
    whole = sum(weights.values())
    exact = {id: Fraction(amount * weight, whole) for id, weight in weights.items()}
    parts = {id: share.numerator // share.denominator for id, share in exact.items()}
    first = sorted(exact, key=lambda id: (parts[id] - exact[id], id))
    for id in first[: amount - sum(parts.values())]:
        parts[id] += 1
    return parts


@given(st.integers(0, 2**53), owned())
def test_shares_are_the_largest_remainder(pool: int, owners: dict[UUID, int]) -> None:
    assert shares(pool, owners) == by_definition(pool, owners)


@given(st.integers(0, 10**12), owned())
def test_shares_do_not_depend_on_the_order_of_owners(pool: int, owners: dict[UUID, int]) -> None:
    assert shares(pool, dict(reversed(owners.items()))) == shares(pool, owners)


@given(st.integers(1, 10**12), owned(), st.lists(st.integers(1, 10**11), max_size=8))
def test_refunds_end_exact_and_never_take_back_more_than_is_left(
    gross: int, owners: dict[UUID, int], amounts: list[int]
) -> None:
    left = waterfall(Price(gross, "usd", gross // 6), owners, rates=Rates(), referrer=CY)
    for amount in [*amounts, gross]:
        back = refund(min(amount, left.total), left)
        left = left.less(back)
        assert min(left.platform, left.tax, left.referral, *left.owners.values()) >= 0
    assert left.total == 0


def test_many_splits_at_random_are_exact() -> None:
    assert tried(seed=1, number=20_000) == 20_000


def test_a_planted_cent_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(amount: int, remaining: Split, *, step: int = 1) -> Split:
        back = refund(amount, remaining, step=step)
        return Split(back.owners, back.platform + 1, back.tax, back.referrer, back.referral)

    monkeypatch.setattr("tests.stories.splits.refund", wrong)
    with pytest.raises(AssertionError):
        tried(seed=1, number=1_000)


def test_at_a_tie_the_lower_id_gets_the_coin() -> None:
    assert shares(101, {BO: 5_000, ANA: 5_000}) == {ANA: 51, BO: 50}
    assert shares(100, THIRDS) == {ANA: 33, BO: 33, CY: 34}


def test_a_sale_is_tax_then_fee_then_shares() -> None:
    split = waterfall(Price(12_000, "usd", 2_000), {ANA: 7_000, BO: 3_000}, rates=Rates())
    assert split == Split({ANA: 5_950, BO: 2_550}, 1_500, 2_000)
    brought = waterfall(
        Price(12_000, "usd", 2_000), {ANA: 7_000, BO: 3_000}, rates=Rates(), referrer=CY
    )
    assert brought == Split({ANA: 5_950, BO: 2_550}, 500, 2_000, CY, 1_000)


@pytest.mark.parametrize(("gross", "fee"), [(3, 0), (4, 1), (10, 2), (30, 5), (50, 8), (90, 14)])
def test_a_half_of_a_coin_is_rounded_away_from_zero(gross: int, fee: int) -> None:
    split = waterfall(Price(gross, "jpy"), {ANA: 10_000}, rates=Rates())
    assert (split.platform, split.owners[ANA]) == (fee, gross - fee)


def test_the_fee_is_at_least_the_smallest() -> None:
    rates = Rates(least=50)
    assert waterfall(Price(100, "usd"), {ANA: 10_000}, rates=rates).platform == 50
    assert waterfall(Price(1_000, "usd"), {ANA: 10_000}, rates=rates).platform == 150
    assert waterfall(Price(1_000, "kwd"), {ANA: 10_000}, rates=Rates(least=153)).platform == 160


def test_a_price_below_its_parts_is_refused() -> None:
    for price, rates in (
        (Price(49, "usd"), Rates(least=50)),
        (Price(100, "usd", tax=101), Rates()),
        (Price(100, "usd"), Rates(fee=500)),  # less than the referral
    ):
        with pytest.raises(Invalid, match="too low"):
            waterfall(price, {ANA: 10_000}, rates=rates, referrer=BO)


def test_a_coin_that_there_is_not_is_never_moved() -> None:
    split = waterfall(Price(1_000, "kwd"), THIRDS, rates=Rates(), referrer=BO)
    assert split == Split({ANA: 280, BO: 280, CY: 290}, 50, 0, BO, 100)
    back = refund(330, split, step=10)
    assert all(part % 10 == 0 for part in (*back.owners.values(), back.platform, back.referral))
    with pytest.raises(Invalid, match="smaller coin"):
        waterfall(Price(1_005, "kwd"), THIRDS, rates=Rates())


def test_every_currency_has_a_coin() -> None:
    steps = {currency: step(currency) for currency in CURRENCIES}
    assert {code for code, coin in steps.items() if coin == 10} == {
        code for code, decimals in CURRENCIES.items() if decimals == 3
    }
    assert (steps["usd"], steps["jpy"], steps["mga"]) == (1, 1, 100)


@pytest.mark.parametrize(
    "owners", [{ANA: 9_999}, {ANA: 6_000, BO: 6_000}, {ANA: 11_000, BO: -1_000}]
)
def test_owners_who_do_not_share_the_whole_are_refused(owners: dict[UUID, int]) -> None:
    with pytest.raises(Invalid, match="shares"):
        shares(100, owners)


def test_more_than_is_left_is_not_given_back() -> None:
    split = waterfall(Price(100, "usd"), {ANA: 10_000}, rates=Rates())
    for amount in (101, -1):
        with pytest.raises(Invalid, match="given back"):
            refund(amount, split)
