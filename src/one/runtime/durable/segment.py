"""Data commands that stand together: one transaction and one row of the journal, and what each of
them gave by its own path, so that a run that is taken up again repeats itself.
"""

import hashlib
from collections.abc import Awaitable, Callable

import orjson
from pydantic import JsonValue

from one.runtime.context import Context
from one.runtime.durable.parting import Diverged

Act = Callable[[Context], Awaitable[JsonValue]]


class Segment:
    """`ctx` is there while it is done for the first time; later only `results` are."""

    def __init__(self, ctx: Context | None, known: JsonValue = None) -> None:
        self.ctx = ctx
        self.results: dict[str, JsonValue] = {}
        self._known = known if isinstance(known, dict) else {}
        self._counted: dict[str, int] = {}

    async def do(
        self, path: str, act: Act, *, operation: str, given: JsonValue = None
    ) -> JsonValue:
        """One command: done now, or what it gave then. Raises Diverged where it was another one."""
        n = self._counted[path] = self._counted.get(path, 0) + 1
        key = path if n == 1 else f"{path}#{n}"
        digest = _digest(operation, given)
        if self.ctx is None:
            found = self._known.get(key)
            if not isinstance(found, list) or found[0] != digest:
                raise Diverged(
                    f"At {key} the program has {operation}, which is not what the run did.", key
                )
            return found[1]
        result = await act(self.ctx)
        self.results[key] = [digest, result]
        return result


def _digest(operation: str, given: JsonValue) -> str:
    text = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
    return f"{operation} {hashlib.sha256(text).hexdigest()[:12]}"
