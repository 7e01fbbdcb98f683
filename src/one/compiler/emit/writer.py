"""Lines of Python with their indentation, and which of the program they stand for."""

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from one.compiler.emit.printing import laid_out, moved_out

_ROOM = 96


@dataclass(slots=True)
class Writer:
    """`source` is the feature's text by line, `places` the line of each path."""

    source: tuple[str, ...]
    places: Mapping[str, int]
    lines: list[str] = field(default_factory=list[str])
    depth: int = 0
    _said: int = 0
    _apart: bool = False

    def add(self, line: str) -> None:
        """One statement, or the head of one, in as many lines as it needs; or an empty line."""
        if self._apart and line:
            self.lines.append("")
        self._apart = False
        self.lines += laid_out(line, self.depth) if line else [""]

    @contextmanager
    def block(self, head: str, *, needed: bool = True) -> Generator[None]:
        """A statement with a body. One whose body is empty says so, or is left out."""
        whole = len(self.lines)
        self.add(head)
        self.depth += 1
        before = len(self.lines)
        yield
        if all(line.lstrip().startswith("#") or not line for line in self.lines[before:]):
            if needed:
                self.add("pass")
            else:
                del self.lines[whole:]
        self.depth -= 1

    @contextmanager
    def function(
        self, name: str, gives: str, *, held: Mapping[str, str] | None = None, **params: str
    ) -> Generator[None]:
        """An `async def`; a parameter that its body doesn't use says so by its name. Names `held`
        that it reads are bound to what they are now.
        """
        if self.depth:
            self._set_apart()
        at = len(self.lines)
        with self.block(""):
            yield
        self._apart = self.depth > 0
        body = "\n".join(self.lines[at + 1 :])
        used = [key for key in params if re.search(rf"(?<![.\w]){key}\b", body)]
        said = [f"{'' if key in used else '_'}{key}: {kind}" for key, kind in params.items()]
        said += [
            f"{key}: {kind} = {key}"
            for key, kind in (held or {}).items()
            if key not in params and _reads(key, body)
        ]
        head = f"async def {name}({', '.join(said)}) -> {gives}:"
        self.lines[at] = "    " * self.depth + head

    def _set_apart(self) -> None:
        """An empty line before what comes, and the comment that belongs to it."""
        self._apart = False
        at = len(self.lines)
        while self.lines[at - 1].lstrip().startswith("#"):
            at -= 1
        if not self.lines[at - 1].lstrip().startswith("async def "):
            self.lines.insert(at, "")

    @contextmanager
    def merged(self, head: str) -> Generator[None]:
        """The same of an `async with`; one that is all of its body becomes one with it."""
        before, inner = len(self.lines) + self._apart, "    " * (self.depth + 1) + "async with "
        with self.block(head + ":"):
            yield
        body = self.lines[before + 1 :]
        tops = [n for n, line in enumerate(body) if not line.startswith(f"{inner[:-11]}    ")]
        code = [n for n in tops if not body[n].lstrip().startswith("#")]
        if len(code) == 1 and body[code[0]].startswith(inner):
            rest = body[code[0]].removeprefix(inner)
            said = moved_out(body[: code[0]])
            after = moved_out(body[code[0] + 1 :])
            self.lines[before:] = [*said, *laid_out(f"{head}, {rest}", self.depth), *after]

    def say(self, path: str) -> None:
        """The line of the text that what follows comes from, once."""
        number = self.places.get(path, 0)
        if not 0 < number <= len(self.source) or number == self._said:
            return
        self._said = number
        line = self.source[number - 1]
        words = "".join(one for one in " ".join(line.split()) if one.isprintable())
        room = _ROOM - 4 * self.depth - 8
        words = words if len(words) <= room else words[: room - 1].rstrip() + "…"
        self.add(f"# {number}: {words}")

    def forget(self) -> None:
        """The next line is said even if it was the last one."""
        self._said = 0


def _reads(name: str, body: str) -> bool:
    """Whether a body reads a name from around it."""
    return bool(re.search(rf"(?<![.\w\"]){name}\b(?!\"|: Value =| = )", body)) and not re.search(
        rf"nonlocal [^\n]*\b{name}\b", body
    )
