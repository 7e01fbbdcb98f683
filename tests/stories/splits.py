"""Splits drawn at random, every one of which must come out exact:
`python -m tests.stories.splits --cases 10000000`.

A case is a sale whose price is split, or one of the refunds that it is then given back by.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from random import Random
from uuid import UUID

from one.domains.payments.splits import Price, Rates, Split, refund, shares, step, waterfall
from one.errors import Invalid

CURRENCIES = ("usd", "eur", "jpy", "kwd", "mga")
PEOPLE = tuple(UUID(int=number) for number in range(1, 12))
JOBS = 2
AT_ONCE = 250_000


def cases(seed: int) -> Iterator[None]:
    """One after the other, without end; AssertionError at one that isn't exact."""
    random = Random(seed)
    while True:
        currency = CURRENCIES[random.getrandbits(8) % len(CURRENCIES)]
        coin = step(currency)
        split = sale(random, currency)
        yield
        while split.total:
            most = split.total // coin
            amount = (most if random.getrandbits(2) == 0 else random.randint(1, most)) * coin
            back = refund(amount, split, step=coin)
            rest = split.less(back)
            assert back.total == amount, (split, amount, back)
            assert min(smallest(back), smallest(rest)) >= 0, (split, amount, back)
            assert rest.total == split.total - amount, (split, amount, back)
            split = rest
            yield


def sale(random: Random, currency: str) -> Split:
    """A price that is split among one to seven owners."""
    coin = step(currency)
    gross = random.getrandbits(random.randint(5, 30)) * coin
    tax = gross // coin * (random.getrandbits(8) % 26) // 100 * coin
    owners = shared(random)
    rates = Rates(random.getrandbits(12) % 3_000 + 1_000, 1_000, random.getrandbits(5))
    referrer = PEOPLE[10] if random.getrandbits(1) else None
    try:
        split = waterfall(Price(gross, currency, tax), owners, rates=rates, referrer=referrer)
    except Invalid:
        least = rates.least + coin
        assert gross - tax < least or gross - tax <= coin, (gross, tax, currency, rates)
        return Split(shares(gross, owners, step=coin))
    assert split.total == gross, (gross, owners, split)
    assert smallest(split) >= 0, (gross, owners, split)
    pool = sum(split.owners.values())
    for owner, part in split.owners.items():
        assert abs(part * 10_000 - pool * owners[owner]) < coin * 10_000, (pool, owners, split)
    return split


def shared(random: Random) -> dict[UUID, int]:
    """Basis points of owners, which sum to the whole."""
    number = random.getrandbits(8) % 7 + 1
    cuts = sorted(random.randrange(10_001) for _ in range(number - 1))
    parts = [end - start for start, end in zip((0, *cuts), (*cuts, 10_000), strict=True)]
    return dict(zip(random.sample(PEOPLE[:10], number), parts, strict=True))


def smallest(split: Split) -> int:
    return min(*split.owners.values(), split.platform, split.tax, split.referral)


def tried(seed: int, number: int) -> int:
    """Goes through so many cases."""
    return sum(1 for _ in islice(cases(seed), number))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    given = parser.parse_args()
    sizes = [min(AT_ONCE, given.cases - done) for done in range(0, given.cases, AT_ONCE)]
    seeds = range(given.seed, given.seed + len(sizes))
    began = time.monotonic()
    with ProcessPoolExecutor(JOBS) as pool:
        done = sum(pool.map(tried, seeds, sizes))
    sys.stdout.write(
        f"{done:,} splits from seed {given.seed}, all exact, {time.monotonic() - began:.0f} s\n"
    )


if __name__ == "__main__":
    main()
