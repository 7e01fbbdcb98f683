"""Lines of Python with their indentation, and which of the program they stand for."""

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

_WIDTH = 96


@dataclass(slots=True)
class Writer:
    """`source` is the feature's text by line, `places` the line of each path."""

    source: tuple[str, ...]
    places: Mapping[str, int]
    lines: list[str] = field(default_factory=list[str])
    depth: int = 0
    _said: int = 0

    def add(self, line: str) -> None:
        """One line, or nothing but its end."""
        self.lines.append("    " * self.depth + line if line else "")

    @contextmanager
    def block(self, head: str) -> Generator[None]:
        """A statement with a body; an empty body is said to be one."""
        self.add(head)
        self.depth += 1
        before = len(self.lines)
        yield
        if all(line.lstrip().startswith("#") or not line for line in self.lines[before:]):
            self.add("pass")
        self.depth -= 1

    @contextmanager
    def function(self, name: str, gives: str, **params: str) -> Generator[None]:
        """An `async def`; a parameter that its body doesn't use says so by its name."""
        at = len(self.lines)
        with self.block(""):
            yield
        body = "\n".join(self.lines[at + 1 :])
        used = [key for key in params if re.search(rf"(?<![.\w]){key}\b", body)]
        said = [f"{'' if key in used else '_'}{key}: {kind}" for key, kind in params.items()]
        head = f"async def {name}({', '.join(said)}) -> {gives}:"
        self.lines[at] = "    " * self.depth + head

    @contextmanager
    def merged(self, head: str) -> Generator[None]:
        """The same of an `async with`; one that is all of its body becomes one with it."""
        before, inner = len(self.lines), "    " * (self.depth + 1) + "async with "
        with self.block(head + ":"):
            yield
        body = self.lines[before + 1 :]
        tops = [n for n, line in enumerate(body) if not line.startswith(f"{inner[:-11]}    ")]
        code = [n for n in tops if not body[n].lstrip().startswith("#")]
        if len(code) == 1 and body[code[0]].startswith(inner):
            rest = body[code[0]].removeprefix(inner)
            said = [line.removeprefix("    ") for line in body[: code[0]]]
            after = [line.removeprefix("    ") for line in body[code[0] + 1 :]]
            self.lines[before:] = [*said, "    " * self.depth + f"{head}, {rest}", *after]

    def say(self, path: str) -> None:
        """The line of the text that what follows comes from, once."""
        number = self.places.get(path, 0)
        if not 0 < number <= len(self.source) or number == self._said:
            return
        self._said = number
        words = " ".join(self.source[number - 1].split())
        room = _WIDTH - 4 * self.depth - 8
        words = words if len(words) <= room else words[: room - 1].rstrip() + "…"
        self.add(f"# {number}: {words}")

    def forget(self) -> None:
        """The next line is said even if it was the last one."""
        self._said = 0
