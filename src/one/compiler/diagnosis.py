"""What the compiler says: a code, a place, a sentence in the writer's words, and how to mend it."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import TypedDict, Unpack

from one.compiler.codes import CODES
from one.compiler.light import frozen
from one.compiler.reader import Span

MAX_PER_FILE = 500


class Severity(StrEnum):
    """In order of weight; a question is a hole that only the writer can fill."""

    ERROR = "error"
    QUESTION = "question"
    WARNING = "warning"
    INFO = "info"


class Applies(StrEnum):
    """How far a fix may be trusted."""

    SAFE = "safe"
    MAYBE = "maybe"
    PLACEHOLDER = "has-placeholder"


@frozen
class Edit:
    """Put `text` in the place of `span`; an empty span inserts."""

    span: Span
    text: str


@frozen
class Fix:
    title: str
    edits: tuple[Edit, ...]
    applies: Applies = Applies.MAYBE


@frozen
class Diagnostic:
    """One mistake or note. `names` are the nearest known words or the candidate answers."""

    code: str
    severity: Severity
    span: Span
    message: str
    why: str = ""
    fixes: tuple[Fix, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it has to be settled before anything runs: an error or a question."""
        return self.severity is Severity.ERROR or self.severity is Severity.QUESTION


class More(TypedDict, total=False):
    """What a diagnostic may say beside its message."""

    why: str
    names: Sequence[str]


@dataclass(slots=True)
class Findings:
    """Collects diagnostics. A place already in error is not accused twice."""

    found: list[Diagnostic] = field(default_factory=list[Diagnostic])
    _seen: set[tuple[str, Span]] = field(default_factory=set[tuple[str, Span]])

    def add(self, diagnostic: Diagnostic) -> None:
        key = (diagnostic.code, diagnostic.span)
        if key not in self._seen and len(self.found) < MAX_PER_FILE:
            self._seen.add(key)
            self.found.append(_reasoned(diagnostic))

    def say(
        self,
        severity: Severity,
        what: tuple[str, Span, str],
        *,
        fixes: Sequence[Fix] = (),
        **more: Unpack[More],
    ) -> None:
        """Adds a diagnostic from its code, place and message."""
        code, span, message = what
        why, names = more.get("why", ""), tuple(more.get("names", ()))
        self.add(Diagnostic(code, severity, span, message, why, tuple(fixes), names))

    def take_back(self, count: int) -> None:
        """Forgets all but the first `count`: a trial that came to nothing."""
        for extra in self.found[count:]:
            self._seen.discard((extra.code, extra.span))
        del self.found[count:]

    def open_since(self, count: int) -> bool:
        """Whether an error or a question came after the first `count`; a note is neither."""
        return len(self.found) > count and any(one.open for one in self.found[count:])

    def broken_since(self, count: int) -> bool:
        """Whether an error came after the first `count`."""
        new = self.found[count:] if len(self.found) > count else ()
        return any(one.severity is Severity.ERROR for one in new)

    @property
    def broken(self) -> bool:
        return any(one.severity is Severity.ERROR for one in self.found)

    @property
    def open(self) -> bool:
        """Whether there are errors or questions."""
        return self.open_since(0)

    @property
    def doubtful(self) -> bool:
        """Whether layout, words or names are in error, so that what is missing says nothing."""
        return any(one.open and one.code[1] in "123" for one in self.found)

    def sorted(self) -> list[Diagnostic]:
        """By place, then weight; errors on a span silence notes on the same span."""
        order = list(Severity)
        return sorted(
            self.found,
            key=lambda d: (d.span.line, d.span.start, order.index(d.severity), d.code, d.message),
        )


def _reasoned(one: Diagnostic) -> Diagnostic:
    """With a reason: that of its code's page, where it has none of its own. Notes need none."""
    page = CODES.get(one.code)
    if one.why or one.severity is Severity.INFO or page is None:
        return one
    return replace(one, why=page.hint)


def nearest(word: str, known: Iterable[str], *, count: int = 3) -> tuple[str, ...]:
    """The known words most like this one, best first; none when nothing is alike."""
    wanted = word.casefold()
    pool = {name.casefold(): name for name in sorted(known)}
    close = difflib.get_close_matches(wanted, pool, n=count, cutoff=0.68)
    return tuple(pool[name] for name in close)


@lru_cache(maxsize=8_192)
def within_one(left: str, right: str) -> bool:
    """Whether one letter added, dropped, changed or two swapped turn one word into the other."""
    if left == right:
        return True
    if abs(len(left) - len(right)) > 1 or min(len(left), len(right)) < 3:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    a, b = left[start:], right[start:]
    if a[1:] == b[1:] or a[1:] == b or a == b[1:]:
        return True
    return len(a) > 1 and len(b) > 1 and a[:2] == b[1::-1] and a[2:] == b[2:]


def slipped(said: str, right: str) -> bool:
    """Whether it is `within_one` of the other, or its letters in another order after the first."""
    return within_one(said, right) or (sorted(said) == sorted(right) and said[:1] == right[:1])


def listed(names: Sequence[str], last: str = "or") -> str:
    """`a, b or c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"
