"""How the sandbox is set: its clock, the faults that are planted, and how it delivers."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from pydantic import TypeAdapter

from one.sandbox.resource import Fields
from one.store.sandbox import Kept, Records

Trouble = Literal["429", "500", "500_after", "timeout", "timeout_after"]
"""429 and timeout: nothing is done · 500: nothing is done, and its key answers so from then on ·
500_after and timeout_after: it is done, and nobody hears of it."""

_PLACE = ("", "state", "state")


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls calls like `POST /v1/refunds`, with `*` where an id stands: after `skip` of
    them, `times` times.
    """

    on: str
    trouble: Trouble
    times: int = 1
    skip: int = 0

    def next(self) -> "Fault | None":
        """What is left of it after one more such call."""
        if self.skip:
            return replace(self, skip=self.skip - 1)
        return replace(self, times=self.times - 1) if self.times > 1 else None


@dataclass(frozen=True, slots=True)
class State:
    """`duplicates`: each event is delivered twice; `disorder`: the last comes first."""

    offset: timedelta = timedelta()
    faults: tuple[Fault, ...] = ()
    duplicates: bool = False
    disorder: bool = False

    def struck(self, shape: str) -> tuple["State", Trouble | None]:
        """What befalls a call, and how things are set after it."""
        left: list[Fault] = []
        trouble: Trouble | None = None
        for fault in self.faults:
            if fault.on != shape or trouble is not None:
                left.append(fault)
                continue
            trouble = None if fault.skip else fault.trouble
            rest = fault.next()
            left += [rest] if rest is not None else []
        return replace(self, faults=tuple(left)), trouble


_STORED = TypeAdapter(State)


async def state_of(records: Records, *, lock: bool = False) -> State:
    """How things are set; with `lock` nobody else changes them meanwhile."""
    platform = records.of("")
    if lock:
        await platform.settle(_PLACE[1], _PLACE[2])
    fields = await (platform.lock if lock else platform.get)(_PLACE[1], _PLACE[2])
    return _STORED.validate_python(fields) if fields else State()


def kept(state: State) -> Kept:
    """As it is to be kept."""
    fields: Fields = _STORED.dump_python(state, mode="json")
    return Kept(*_PLACE, fields)
