"""One who follows a list: what waits to be sent to them, and no more of it than they can take."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from one.clock import monotonic
from one.store.lists import Ask
from one.store.news import Told
from one.store.sight import Viewer

QUIET = 15.0
MOST_WAITING = 4 << 20

Still = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Post:
    """What a follower is sent. `told` in order, up to `position`; none: read the list again."""

    position: int
    told: tuple[Told, ...] | None = ()


class Follower:
    """One who follows a list. `still` says whether they still may."""

    def __init__(self, viewer: Viewer, ask: Ask, *, still: Still, start: int) -> None:
        self.viewer = viewer
        self.ask = ask
        self.still = still
        self.position = start
        self._waiting: list[Post] = []
        self._size = 0
        self._ended = False
        self._wake = asyncio.Event()

    def post(self, post: Post) -> None:
        """Puts news in line; too much of it, and the follower must read again."""
        told = tuple(t for t in post.told or () if t.position > self.position)
        if post.told is None or told:
            self._waiting.append(Post(post.position, post.told and told))
            self._size += sum(len(piece.data) for piece in told)
        self.position = max(self.position, post.position)
        if self._size > MOST_WAITING:
            self._waiting = [Post(self.position, None)]
            self._ended = True
        if self._waiting or self._ended:
            self._wake.set()

    def end(self) -> None:
        """Lets go, once what waits is sent."""
        self._ended = True
        self._wake.set()

    def dismiss(self) -> None:
        """Lets go at once."""
        self._waiting.clear()
        self.end()

    async def posts(self) -> AsyncGenerator[Post]:
        """What there is to be sent, or after a quiet while only how far the log has come."""
        checked = monotonic()
        while True:
            quiet = False
            try:
                async with asyncio.timeout(QUIET):
                    await self._wake.wait()
            except TimeoutError:
                quiet = True
            if quiet or monotonic() - checked > QUIET:
                if not await self.still():
                    return
                checked = monotonic()
            if quiet:
                yield Post(self.position)
                continue
            self._wake.clear()
            waiting, self._waiting, self._size = self._waiting, [], 0
            for post in waiting:
                yield post
            if self._ended and not self._waiting:
                return
