"""The lines that were not kept, in a file beside what was imported, so that none is forgotten."""

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

import orjson

from one.store.bulk.lines import Batch
from one.store.bulk.section import Refusal

_MOST_TEXT = 64 * 2**10


class Rejects:
    """`rejected.ndjson`: of each line its file, its number, every fault and its text.

    It is written before its batch is committed; what a killed import wrote for a batch that never
    was is dropped when the import goes on.
    """

    def __init__(self, path: Path, *, done: dict[str, int]) -> None:
        self.path = path
        self.counts: dict[str, int] = {}
        self._file: IO[bytes] | None = None
        self._keep(done)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(
        self, file: str, batch: Batch, *, refusals: Iterable[Refusal], secret: bool = False
    ) -> None:
        """Lines that are `secret` are told of by their numbers alone."""
        texts = {line.number: line.text for line in batch.lines}
        for refusal in sorted(refusals, key=lambda one: one.line):
            entry = {
                "file": file,
                "line": refusal.line,
                "faults": refusal.faults,
            }
            if not secret:
                text = texts[refusal.line][:_MOST_TEXT]
                entry["text"] = text.decode(errors="replace").rstrip("\n")
            self._write(orjson.dumps(entry))
            self.counts[file] = self.counts.get(file, 0) + 1
        if self._file is not None:
            self._file.flush()

    def _write(self, text: bytes) -> None:
        if self._file is None:
            self._file = self.path.open("ab")
        self._file.write(text + b"\n")

    def _keep(self, done: dict[str, int]) -> None:
        """Drops the entries of lines that are to be read again."""
        if not self.path.exists():
            return
        rest = self.path.with_name(self.path.name + ".part")
        with self.path.open("rb") as old, rest.open("wb") as new:
            for text in old:
                try:
                    entry = cast("dict[str, object]", orjson.loads(text))
                    file, line = str(entry["file"]), int(str(entry["line"]))
                except (orjson.JSONDecodeError, KeyError, ValueError, TypeError):
                    continue  # a line that a killed import was still writing
                if line <= done.get(file, 0):
                    new.write(text)
                    self.counts[file] = self.counts.get(file, 0) + 1
        if self.counts:
            rest.replace(self.path)
        else:
            rest.unlink()
            self.path.unlink()
