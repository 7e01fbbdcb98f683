"""Reading a file line by line, whatever stands in it: bounded in memory, never trusting a line."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, NamedTuple, cast

import orjson

from one.errors import Fault

MOST_LINES = 5_000
MOST_BYTES = 16 * 2**20
LONGEST = 8 * 2**20
_BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A line with its number, from 1; `long` when it is over the limit and only its start here."""

    number: int
    text: bytes
    long: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines that are kept together or not at all. `last` is the number of the last line read,
    blank ones included; `size` the bytes read for it."""

    lines: list[Line]
    last: int
    size: int


def batches(file: IO[bytes], *, after: int = 0) -> Iterator[Batch]:
    """The lines after number `after`, up to 5,000 or 16 MiB at a time; blank lines are left out."""
    lines: list[Line] = []
    number = size = 0
    for line, read in _lines(file):
        number = line.number
        if number <= after:
            continue
        size += read
        if line.text.strip():
            lines.append(line)
        if len(lines) >= MOST_LINES or size >= MOST_BYTES:
            yield Batch(lines, number, size)
            lines, size = [], 0
    if size:
        yield Batch(lines, number, size)


def _lines(file: IO[bytes]) -> Iterator[tuple[Line, int]]:
    number = 0
    while text := file.readline(LONGEST + 1):
        number += 1
        size, long = len(text), len(text) > LONGEST
        if long:
            rest = text
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(LONGEST)
                size += len(rest)
            text = text[:100]
        if number == 1:
            text = text.removeprefix(_BOM)
        yield Line(number, text, long), size


def read_object(line: Line) -> dict[str, object] | Fault:
    """The JSON object of a line, or what is wrong with it."""
    if line.long:
        return Fault("", f"is longer than {LONGEST // 2**20} MiB")
    try:
        found: object = orjson.loads(line.text)
    except orjson.JSONDecodeError as error:
        return Fault("", _unreadable(line.text, error))
    if not isinstance(found, dict):
        return Fault("", "is not a JSON object")
    return cast("dict[str, object]", found)


def _unreadable(text: bytes, error: orjson.JSONDecodeError) -> str:
    try:
        text.decode()
    except UnicodeDecodeError as wrong:
        return f"is not UTF-8 text (byte {wrong.start + 1})"
    if "depth" in error.msg or "recursion" in error.msg.lower():
        return "is nested too deeply"
    return f"is not JSON: {error.msg} (character {error.pos + 1})"
