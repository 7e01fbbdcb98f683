"""Progress in the terminal: bars for a person; nothing for a program, which reads the summary."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


class Bars:
    """A bar per file, while it is used as a context."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._tasks: dict[str, TaskID] = {}
        self._stack = ExitStack()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[rows]:>12,} rows"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._stack.enter_context(self._progress)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stack.close()

    def show(self, file: str, done: int, *, of: int | None, rows: int) -> None:
        """How far a file is, of how much if that is known."""
        if file not in self._tasks:
            self._tasks[file] = self._progress.add_task(file, total=of, rows=0)
        self._progress.update(self._tasks[file], completed=done, rows=rows)


def rate(rows: int, seconds: float) -> str:
    """The closing line."""
    return f"{rows:,} rows in {seconds:.1f} s ({rows / max(seconds, 0.001):,.0f} rows/s)"
