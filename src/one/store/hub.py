"""Followers of lists: one reader of the change log per process tells them all.

Each batch of the log is read once for a space, and judged once for all who ask the same with the
same eyes. A follower who doesn't keep up is told to read the list again and let go; nothing waits
for them.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
import structlog

from one.errors import OneError, TooMany
from one.store.changes import last_position, oldest_position
from one.store.database import Connection, Database, Transaction
from one.store.follower import Follower, Post, Still
from one.store.lists import Ask, listing_of
from one.store.news import News
from one.store.sequencer import channel
from one.store.session import Session
from one.store.sight import Viewer

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

POLL = 0.25
MOST_FOLLOWERS = 5_000
_TOGETHER = 0.02
_CATCHING_UP = 2

Sessions = Callable[[Transaction, UUID, Viewer], Session]


@dataclass(slots=True)
class _Feed:
    """The followers of one space, and how far they have been told."""

    mark: int
    followers: set[Follower] = field(default_factory=set[Follower])


class Hub:
    """The followers of this process. `heard` is called when there is any news."""

    def __init__(
        self, database: Database, session_of: Sessions, *, heard: Callable[[], None]
    ) -> None:
        self._database = database
        self._heard = heard
        self._session_of = session_of
        self._feeds: dict[UUID, _Feed] = {}
        self._turn = asyncio.Lock()  # who comes while others are told begins after that
        self._catching_up = asyncio.Semaphore(_CATCHING_UP)

    @asynccontextmanager
    async def follow(
        self, space: UUID, viewer: Viewer, *, ask: Ask, still: Still, since: int | None = None
    ) -> AsyncGenerator[tuple[int, AsyncGenerator[Post]]]:
        """The position that the news begins at, and the news. Raises Invalid, TooMany.

        With `since` it begins there, or, where the log doesn't reach so far, with the word to read
        the list again.
        """
        if sum(len(feed.followers) for feed in self._feeds.values()) >= MOST_FOLLOWERS:
            raise TooMany(
                "More lists are followed here than can be.", cure="Try again in a minute."
            )
        async with self._database.read() as tx:
            listing_of(self._session_of(tx, space, viewer), ask)
            oldest, last = await oldest_position(tx, space), await last_position(tx, space)
        async with self._turn:
            feed = self._feeds.get(space)
            if feed is None:
                feed = self._feeds[space] = _Feed(last)
            follower = Follower(viewer, ask, still=still, start=feed.mark)
            feed.followers.add(follower)
        start = feed.mark
        known = since is None or oldest <= since <= last
        if known and since is not None:
            follower.position = max(start, since)
        try:
            if not known:
                follower.post(Post(start, None))
            behind = since if known and since is not None and since < start else None
            posts = self._posts(space, follower, since=behind, upto=start)
            yield since if known and since is not None else start, posts
        finally:
            feed.followers.discard(follower)
            if not feed.followers and self._feeds.get(space) is feed:
                del self._feeds[space]

    async def _posts(
        self, space: UUID, follower: Follower, *, since: int | None, upto: int
    ) -> AsyncGenerator[Post]:
        if since is not None:
            async with self._catching_up, self._database.read() as tx:
                session = self._session_of(tx, space, follower.viewer)
                news = await News.read(tx, space, session.ontology, after=since, upto=upto)
                told = await news.told(session, follower.ask)
            yield Post(upto, None if told is None else tuple(told))
        async for post in follower.posts():
            yield post

    def close(self) -> None:
        """Lets every follower go."""
        for feed in self._feeds.values():
            for follower in feed.followers:
                follower.end()

    async def run(self) -> None:
        """Tells the followers what there is to tell, until cancelled."""
        try:
            while True:
                try:
                    connection = await self._database.connect()
                    try:
                        await self._listen(connection)
                    finally:
                        await connection.close()
                except (psycopg.Error, OneError) as error:
                    _log.warning("followers wait for the database", error=type(error).__name__)
                await asyncio.sleep(POLL)
        finally:
            self.close()

    async def _listen(self, connection: Connection) -> None:
        await connection.execute(f'LISTEN "{channel(self._database.schema)}"'.encode())
        while True:
            for space, feed in list(self._feeds.items()):
                async with self._turn:
                    await self._tell(space, feed)
            await asyncio.sleep(_TOGETHER)
            async for _ in connection.notifies(timeout=POLL, stop_after=1):
                self._heard()

    async def _tell(self, space: UUID, feed: _Feed) -> None:
        async with self._database.read() as tx:
            if await last_position(tx, space) <= feed.mark:
                return
            ontology = self._session_of(tx, space, Viewer()).ontology
            news = await News.read(tx, space, ontology, after=feed.mark)
            posts = await self._judged(tx, space, feed=feed, news=news)
        feed.mark = news.upto
        for follower, post in posts:
            if news.concerns(follower.viewer) and not await follower.still():
                follower.dismiss()
            else:
                follower.post(post)

    async def _judged(
        self, tx: Transaction, space: UUID, *, feed: _Feed, news: News
    ) -> list[tuple[Follower, Post]]:
        groups: dict[tuple[Viewer, Ask], list[Follower]] = {}
        for follower in feed.followers:
            groups.setdefault((follower.viewer, follower.ask), []).append(follower)
        posts: list[tuple[Follower, Post]] = []
        for (viewer, ask), followers in groups.items():
            try:
                told = await news.told(self._session_of(tx, space, viewer), ask)
            except OneError:
                for follower in followers:
                    follower.end()
                raise
            post = Post(news.upto, None if told is None else tuple(told))
            posts += [(follower, post) for follower in followers]
        return posts
