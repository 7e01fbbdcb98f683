"""The ways in which a run leaves its worker before its end. None of them is an error of the
feature, so that no handler in a feature's code takes one for such.
"""

from collections.abc import Sequence
from datetime import datetime

from one.store.steps import Step


class Parting(BaseException):
    """The root; passes by every `except Exception`."""


PARKED = "parked"
"""The topic of what has taken money and isn't allowed to go on; who takes it up again sends it."""


class Suspended(Parting):
    """The run sleeps until a time, or until something comes that one of its steps waits for."""

    def __init__(self, waits: Sequence[Step]) -> None:
        super().__init__()
        self.waits = tuple(waits)

    @property
    def wake_at(self) -> datetime | None:
        """The first of the times."""
        return min((step.until for step in self.waits if step.until), default=None)

    @property
    def reason(self) -> str:
        topics = sorted({step.topic for step in self.waits if step.topic})
        said = dict.fromkeys(map(spoken, topics))
        parts = [f"waits for {', '.join(said)}"] if topics else []
        if self.wake_at is not None:
            word = "at most" if topics else "sleeps"
            parts.append(f"{word} until {self.wake_at:%Y-%m-%d %H:%M:%S} UTC")
        return " ".join(parts)


def spoken(topic: str) -> str:
    """What is waited for, in words."""
    kind, _, name = topic.partition(":")
    match kind:
        case "yes":
            return "somebody's yes"
        case _ if kind == PARKED:
            return "a right that was lost; what was paid is given back after a week"
        case "child":
            return "a feature that it uses"
        case "event":
            return f"“{name.replace('_', ' ')}” to happen"
        case _:
            return f"the signal “{topic}”"


class Stopped(Parting):
    """The run can't go on by itself; a person has to decide."""

    def __init__(self, reason: str, path: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path


class Diverged(Stopped):
    """The program does something else than what the journal says that it did."""


class Cancelled(Parting):
    """Somebody asked the run to stop."""


class Fenced(Parting):
    """The run is another worker's by now; whatever this one does, nothing of it counts."""


class Interrupted(Parting):
    """The database was away or in the way; nothing is known of the last transaction."""


class Beyond(Parting):
    """Where a journal ends, while it is only compared with a program."""
