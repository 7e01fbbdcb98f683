"""Faults planted in stand-ins, so that what a feature does about them can be seen.

Written `stripe.charge#2=after, email.send=slow:3`: the second charge happens and its answer is
lost; every mail takes three seconds. Calls are counted since the process began.
"""

import re
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, cast, get_args

from one.errors import Invalid, Outside
from one.providers.base.asking import busy, refused, unclear

Kind = Literal["before", "after", "unknown", "slow", "busy", "refused"]
_WRITTEN = re.compile(r"(\w+|\*)\.(\w+|\*)(?:#([1-9]\d*))?=(\w+)(?::(\d+(?:\.\d+)?))?")


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault at the nth call of a method, at every one when `nth` is 0; `*` is any name.

    before: nothing is done, trying again may help · after: it is done, the answer is lost ·
    unknown: nothing is done, no answer comes · slow: it is done, the answer takes `seconds` ·
    busy: too many calls (429) · refused: for good, unless it was done before.
    """

    provider: str
    method: str
    kind: Kind
    nth: int = 0
    seconds: float = 2.0

    def strikes(self, provider: str, method: str, *, nth: int) -> bool:
        return (
            self.provider in (provider, "*")
            and self.method in (method, "*")
            and self.nth in (nth, 0)
        )

    @property
    def for_good(self) -> bool:
        """Whether trying again would change nothing."""
        return self.kind == "refused"

    def before(self) -> Outside | None:
        """What is raised instead of the effect."""
        where = f"{self.provider}.{self.method} (a planted fault)"
        match self.kind:
            case "before":
                return busy(f"{where} can't be reached.")
            case "unknown":
                return unclear(f"{where} gave no answer.")
            case "busy":
                return busy(f"{where} has too many calls.", cure="It is tried again by itself.")
            case "refused":
                return refused(f"{where} refuses.")
            case "after" | "slow":
                return None

    async def after(self) -> None:
        """What happens to the answer. Raises Outside."""
        if self.kind == "slow":
            import asyncio

            await asyncio.sleep(self.seconds)
        if self.kind == "after":
            raise unclear(f"{self.provider}.{self.method} (a planted fault) lost its answer.")


class Faults:
    """The faults of a deployment, which tests may change while it runs."""

    def __init__(self, planted: Iterable[Planted] = ()) -> None:
        self.planted = list(planted)
        self._calls: Counter[tuple[str, str]] = Counter()

    def next(self, provider: str, method: str) -> Planted | None:
        """Counts a call; the fault that strikes it."""
        self._calls[provider, method] += 1
        nth = self._calls[provider, method]
        struck = (each for each in self.planted if each.strikes(provider, method, nth=nth))
        return next(struck, None)

    @asynccontextmanager
    async def striking(self, provider: str, method: str) -> AsyncGenerator[None]:
        """A call around which the fault that strikes it happens. Raises Outside."""
        planted = self.next(provider, method)
        if planted is not None and (instead := planted.before()) is not None:
            raise instead
        yield
        if planted is not None:
            await planted.after()


def parse_faults(text: str) -> Faults:
    """Faults as a setting has them. Raises Invalid."""
    return Faults(_parse(part.strip()) for part in text.split(",") if part.strip())


def _parse(text: str) -> Planted:
    found = _WRITTEN.fullmatch(text)
    kinds = get_args(Kind)
    if found is None or found[4] not in kinds:
        raise Invalid(
            f"ONE_FAULTS can't be read at “{text}”.",
            cure=f"Write provider.method#n=kind, the kind one of {', '.join(kinds)}.",
        )
    kind, nth = cast("Kind", found[4]), int(found[3] or 0)
    return Planted(found[1], found[2], kind, nth=nth, seconds=float(found[5] or 2))
