"""JSON and its looser cousin (bare keys, comments, trailing commas, single quotes) with places.

Never evaluates. `const name = {…};` and several objects in a row are read as their objects.
"""

import re
from dataclasses import dataclass, field

from one.compiler.diagnosis import Applies, Edit, Fix
from one.compiler.reader import Span

MAX_DEPTH = 64
Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"(?P<space>\s+|//[^\n]*|/\*.*?\*/)"
    r"|(?P<dots>\.\.\.)"
    r"|(?P<mark>[{}\[\]:,;=()])"
    r"|(?P<text>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)"
    r"|(?P<number>-?\d+(?:_\d+)*(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<word>[A-Za-z_$][\w$.]*)",
    re.DOTALL,
)
_UNIT = re.compile(r"[A-Za-z]+")
_PYTHON = {"True": "true", "False": "false", "None": "null", "nil": "null"}
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None, "undefined": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}


class BadLiteral(ValueError):
    """What stands where something else must; `span` is the place, `cure` mends it."""

    def __init__(self, message: str, span: Span, *, cure: Fix | None = None) -> None:
        super().__init__(message)
        self.span = span
        self.cure = cure


@dataclass(slots=True)
class Literal:
    """A value with the place of every part of it; `open` are objects with `...` in them."""

    value: object
    places: dict[Path, Span] = field(default_factory=dict[Path, Span])
    open: set[Path] = field(default_factory=set[Path])


@dataclass(slots=True)
class _Reader:
    text: str
    at: int = 0
    starts: list[int] = field(default_factory=list[int])
    places: dict[Path, Span] = field(default_factory=dict[Path, Span])
    open: set[Path] = field(default_factory=set[Path])

    def span(self, start: int, end: int) -> Span:
        line = _line(self.starts, start)
        last = _line(self.starts, max(start, end - 1))
        begin, stop = start - self.starts[line - 1] + 1, end - self.starts[last - 1] + 1
        return Span(line, begin, stop, last if last != line else 0)

    def skip(self) -> None:
        while (found := _TOKEN.match(self.text, self.at)) and found.lastgroup == "space":
            self.at = found.end()

    def peek(self) -> "tuple[str, str]":
        self.skip()
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            return ("end", "") if self.at >= len(self.text) else ("bad", self.text[self.at])
        return found.lastgroup or "", found.group()

    def take(self) -> "tuple[str, str, int]":
        kind, text = self.peek()
        start = self.at
        self.at += max(len(text), 1)
        return kind, text, start

    def bad(self, message: str, *, write: str = "", over: int = 1) -> BadLiteral:
        """What is wrong here; `write` is what should stand `over` so many characters."""
        self.skip()
        at = min(self.at, max(0, len(self.text) - 1))
        if self.text[at : at + 1] == "#":
            message, write, over = "A remark begins with // here.", "//", 1
        place = self.span(at, at + max(over, 1))
        edit = Edit(self.span(at, at + over) if over else self._before(at), write)
        cure = Fix(f"Write {write}", (edit,), Applies.MAYBE) if write else None
        return BadLiteral(message, place, cure=cure)

    def _before(self, at: int) -> Span:
        """The place right behind what was read last."""
        end = len(self.text[:at].rstrip())
        line = _line(self.starts, max(end - 1, 0))
        column = end - self.starts[line - 1] + 1
        return Span(line, column, column)

    def value(self, path: Path) -> object:
        if len(path) > MAX_DEPTH:
            raise self.bad("This is nested too deeply.")
        kind, text, start = self.take()
        if kind == "mark" and text == "{":
            found: object = self.read_object(path)
        elif kind == "mark" and text == "[":
            found = self.read_array(path)
        elif kind == "text":
            found = _unquote(text)
        elif kind == "number":
            plain = text.replace("_", "")
            found = float(plain) if any(c in plain for c in ".eE") else int(plain)
            if unit := _UNIT.match(self.text, self.at):
                self.at = start
                said, quoted = text + unit[0], f'"{text}{unit[0]}"'
                raise self.bad(f"“{said}” stands in quotes.", write=quoted, over=len(said))
        elif kind == "word" and text in _WORDS:
            found = _WORDS[text]
        elif kind == "word" and text.startswith("$"):
            found = text
        else:
            self.at = start
            said = f"“{text}” can't stand here." if text else "Something is missing here."
            said += " A value is a text in quotes, a number, a list or an object."
            right = _PYTHON.get(text) or (f'"${text}"' if kind == "word" and text != "NaN" else "")
            raise self.bad(said, write=right, over=len(text))
        self.places[path] = self.span(start, self.at)
        return found

    def read_object(self, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        while True:
            kind, text, start = self.take()
            if kind == "mark" and text == "}":
                return found
            if kind == "mark" and text == ",":
                continue
            if kind == "dots":
                self.open.add(path)
                continue
            if kind not in {"text", "word", "number"}:
                self.at = start
                raise self.bad("A key or a closing } is missing here.")
            key = _unquote(text) if kind == "text" else text
            if key in found:
                self.at = start
                said = f"“{key}” stands twice in one object; only one of them would count."
                raise self.bad(said)
            self.places[(*path, key, "key")] = self.span(start, self.at)
            if self.peek()[1] != ":":
                equals = ":" if self.peek()[1] == "=" else ""
                raise self.bad(f"A colon is missing after “{key}”.", write=equals)
            self.take()
            found[key] = self.value((*path, key))
            self._separator("}")

    def read_array(self, path: Path) -> list[object]:
        found: list[object] = []
        while True:
            kind, text = self.peek()
            if kind == "mark" and text == "]":
                self.take()
                return found
            if kind == "dots" or text == ",":
                self.take()
                continue
            found.append(self.value((*path, len(found))))
            self._separator("]")

    def _separator(self, end: str) -> None:
        kind, text = self.peek()
        if text == "+":
            raise self.bad(
                'Texts are not joined with + here. Write one text: "Thank you, {fan.name}".'
            )
        if kind == "mark" and text in {",", end}:
            return
        before = self.text[self.at - 1 : self.at]
        if kind == "word" and before in {"'", '"', "`"}:
            other = "double quotes" if before == "'" else "single quotes"
            raise self.bad(f"The text ends before “{text}”. Put it in {other}.")
        said = f"A comma or a closing {end} is missing here."
        if text == ";":
            raise self.bad(said, write=",")
        raise self.bad(said, write="," if kind in {"text", "word"} or text == "{" else "", over=0)


def _line(starts: list[int], at: int) -> int:
    low, high = 0, len(starts)
    while low < high - 1:
        middle = (low + high) // 2
        low, high = (middle, high) if starts[middle] <= at else (low, middle)
    return low + 1


def _unquote(text: str) -> str:
    def escape(found: "re.Match[str]") -> str:
        inner = found.group(1)
        if inner[0] == "u" and len(inner) == 5:
            return chr(int(inner[1:], 16))
        return _ESCAPES.get(inner, inner)

    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", escape, text[1:-1], flags=re.DOTALL)


def read_literals(text: str) -> list[Literal]:
    """Every top-level value of the text. Raises BadLiteral."""
    starts = [0, *(n + 1 for n, char in enumerate(text) if char == "\n")]
    reader = _Reader(text, starts=starts)
    found: list[Literal] = []
    while True:
        kind, word = reader.peek()
        if kind == "end":
            return found
        if (kind == "word" and word not in _WORDS) or (kind == "mark" and word in ";=,()"):
            reader.take()
            if word == ":":
                continue
            if kind == "word" and reader.peek()[1] == ":":
                reader.take()
                _skip_type(reader)
            continue
        reader.places, reader.open = {}, set()
        value = reader.value(())
        found.append(Literal(value, reader.places, reader.open))


def _skip_type(reader: _Reader) -> None:
    """The type after `const name:`."""
    if reader.peek()[0] == "word":
        reader.take()
