"""What the compiler takes: a check, a large text, its import, a start, a keystroke in an editor."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median, quantiles

from lsprotocol import types as lsp
from tests.compiler.world import vocabulary
from tests.lsp.test_server import Editor

from bench import Row
from bench._measure import each, once
from one.clock import monotonic
from one.compiler import FileReport, check_text
from one.compiler.reader import read
from one.compiler.vocabulary import Vocabulary

_HEAD = "FEATURE: A long one\nINPUT:\n  - fan: who asks\n  - course: which one\n  - note: text\n"
_BODY = """CHECK fan exists
  OTHERWISE say "Please sign in"
CREATE community called "Choir [note]"
  WITH summary "We sing", active status
  SAVE AS choir{n}
CONNECT fan to choir{n} as member
GET course's lessons SAVE AS lessons{n}
FOR EACH lesson IN lessons{n}
  NOTIFY fan ABOUT "New: [lesson]" VIA email
CALL OpenAI to write a note WITH note, fan's name SAVE AS text{n}
NOTIFY me ABOUT text{n} VIA push
IF fan owns course THEN
  TAG fan WITH goal:calm
ELSE
  TAG fan WITH topic:breathing
"""
_IMPORT = (
    "import time; begun = time.perf_counter(); import one.compiler; "
    "print(time.perf_counter() - begun)"
)


def long_text(lines: int, *, heads: bool = False) -> str:
    """A good feature of as many lines; with `heads` one feature after another."""
    found: list[str] = []
    number = 0
    while len(found) < lines:
        if heads or not found:
            found += _HEAD.replace("A long one", f"A long one {number}").splitlines()
        for n in range(3 if heads else 1):
            found += _BODY.replace("{n}", f"{number}x{n}").splitlines()
        number += 1
    return "\n".join(found[:lines]) + "\n"


def rows(full: bool) -> Iterable[Row]:
    """Times against the bars of the language."""
    del full
    known, sixty = vocabulary(), long_text(60)
    yield _row("check of 60 lines", each(_edits(sixty, known)), 0.005)
    yield _row("check of 60 lines that nobody read before", each(_firsts(sixty, known)), None)
    yield from _large()
    yield from _linear()
    with tempfile.TemporaryDirectory() as folder:
        yield from _starts(Path(folder), sixty)
    yield _row("keystroke to diagnostics in an editor", asyncio.run(_keystrokes(sixty)), 0.05)


def _edits(text: str, known: Vocabulary) -> Callable[[], object]:
    """Checks of a text of which a line changed since the check before."""
    written = count()
    return lambda: check_text(text.replace("We sing", f"We sing {next(written)}", 1), known)


def _firsts(text: str, known: Vocabulary) -> Callable[[], object]:
    """Checks of texts that have no line in common: each ends its lines in other blanks."""
    written = count()

    def check() -> FileReport:
        ending = f"{next(written):012b}".replace("0", " ").replace("1", "\t")
        return check_text(text.replace("\n", ending + "\n"), known)

    return check


def _row(path: str, took: list[float], bar: float | None) -> Row:
    worst = quantiles(took, n=20)[-1] if len(took) > 1 else took[0]
    words = f"{worst * 1000:.1f} ms"
    if len(took) > 1:
        words = f"p50 {median(took) * 1000:.1f}, p95 {words}"
    if bar is None:
        return Row(path, "-", words, "-", holds=True)
    return Row(path, "-", words, f"≤ {bar * 1000:.0f} ms", worst <= bar)


def _large() -> Iterable[Row]:
    """A megabyte, and whether four times the text takes four times as long."""
    text = long_text(40_000, heads=True)[:1_000_000]
    quarter = text[:250_000]
    for path, work, bar in (("1 MB read", read, 1.0), ("1 MB checked", _check, 4.0)):
        whole = min(once(partial(work, text)) for _ in range(3))
        part = min(once(partial(work, quarter)) for _ in range(3))
        yield Row(path, "-", f"{whole:.2f} s", f"≤ {bar:.0f} s", whole <= bar)
        ratio = whole / part
        yield Row(f"{path}, linear", "a quarter of it", f"{ratio:.1f} x", "≤ 5 x", ratio <= 5)


_SHAPES: dict[str, Callable[[int], str]] = {
    "features that use each other": lambda n: (
        f'FEATURE: f{n}\nINPUT:\n  - fan: who\nUSE FEATURE "f{n + 1}" WITH fan\n\n'
    ),
    "nothing understood": lambda n: f"FEATURE: f{n}\nFOO bar\nNOTIFY gnu ABOUT zorp\n\n",
    "one long feature": lambda n: f"FEATURE: f\nSET total{n} to {n}\n"[11 * bool(n) :],
    "JSON of many features": lambda n: f"{{feature: 'f{n}', flow: [{{set: {{a: {n}}}}}]}}\n",
}


def _linear() -> Iterable[Row]:
    """Texts that are hard on a checker, and four times as much of them."""
    for name, part in _SHAPES.items():
        took: list[float] = []
        for size in (50_000, 200_000):
            text = "".join(part(n) for n in range(size // len(part(1))))
            took.append(once(partial(_check, text)))  # again, the smaller one stays read
        ratio = took[1] / took[0]
        words = f"{ratio:.1f} x, {took[1]:.1f} s"
        yield Row(f"200 kB: {name}, linear", "a quarter of it", words, "≤ 6 x", ratio <= 6)


def _check(text: str) -> FileReport:
    return check_text(text, vocabulary())


def _starts(folder: Path, text: str) -> Iterable[Row]:
    """Starts as after an install, where the bytecode is there; the first writes it."""
    file = folder / "sixty.one"
    file.write_text(text, "utf-8")
    known = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder), "PYTHONDONTWRITEBYTECODE": ""}
    check = [sys.executable, "-c", "from one.cli import main; main()", "check", "-q", str(file)]
    load = [sys.executable, "-c", _IMPORT]

    def run(command: list[str]) -> str:
        return subprocess.check_output(command, text=True, env=known)

    took = [once(partial(run, check)) for _ in range(8)][1:]
    yield _row("one check of 60 lines, from nothing, median", [median(took)], 0.4)
    took = [float(run(load)) for _ in range(7)]
    yield _row("import of the compiler, median", [median(took)], 0.3)


async def _keystrokes(text: str) -> list[float]:
    """From a change sent to the diagnostics received, through a real client."""
    editor = Editor()
    words = ["-c", "from one.cli import main; main()", "lsp"]
    await editor.start_io(sys.executable, *words)  # pyright: ignore[reportUnknownMemberType] # open in pygls
    await editor.initialize_async(
        lsp.InitializeParams(lsp.ClientCapabilities(), root_uri=None, process_id=None)
    )
    editor.initialized(lsp.InitializedParams())
    await editor.open("file:///long.one", text)
    found: list[float] = []
    for n in range(100):
        typed = text.replace("We sing", f"We sing {'x' * (n % 9)}")
        begun = monotonic()
        await editor.change("file:///long.one", typed)
        found.append(monotonic() - begun)
    await editor.shutdown_async(None)
    editor.exit(None)
    await editor.stop()
    return found
