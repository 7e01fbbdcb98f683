"""What a deployment need not keep: answers after a day, changes after as long as it says, the
spaces of rehearsals that were killed.
"""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from one.errors import OneError
from one.store import Desk
from one.store.keys import forget_answers
from one.store.leaving import forget_closed
from one.store.limits import forget_limits
from one.store.links import forget_links
from one.store.migrate import PLATFORM, close_past_spaces
from one.store.notices import forget_notices
from one.store.outbox import forget_letters
from one.store.runs import forget_runs
from one.store.sequencer import forget
from one.store.sessions import forget_sessions
from one.store.sight import Viewer
from one.store.uses import forget_uses

_log = structlog.get_logger()
_ITSELF = Viewer(PLATFORM, "staff", "system")
_PAUSE = 3600
_LINKS_KEPT = timedelta(days=1)
_USES_KEPT = timedelta(days=2)


async def tidy(desk: Desk, *, keep: timedelta, keep_runs: timedelta, reopen: timedelta) -> int:
    """Drops what is older than that in every space; how many changes went."""
    now = desk.clock.now()
    async with desk.database.write() as tx:
        await forget_answers(tx, now=now)
        await forget_letters(tx, before=now - keep_runs)
        await forget_notices(tx, before=now - keep_runs)
        await forget_links(tx, before=now - _LINKS_KEPT)
        await forget_sessions(tx, before=now - keep_runs)
        await forget_limits(tx)
    await close_past_spaces(desk.database, now=now)
    for space in desk.spaces:
        await _tidy_runs(desk, space, before=now - keep_runs)
        await _tidy_people(desk, space, before=now - reopen)
        async with desk.write(space, _ITSELF) as store:
            await forget_uses(store.session, now.date() - _USES_KEPT)
    return sum([await forget(desk.database, space, before=now - keep) for space in desk.spaces])


async def _tidy_runs(desk: Desk, space: UUID, *, before: datetime) -> None:
    while True:
        async with desk.database.write() as tx:
            if not await forget_runs(tx, space, before=before):
                return


async def _tidy_people(desk: Desk, space: UUID, *, before: datetime) -> None:
    while True:
        async with desk.write(space, _ITSELF) as store:
            if not await forget_closed(store.session, before=before):
                return


async def keep_tidy(
    desk: Desk, *, keep: timedelta, keep_runs: timedelta, reopen: timedelta
) -> None:
    """Tidies every hour, until cancelled."""
    while True:
        try:
            await tidy(desk, keep=keep, keep_runs=keep_runs, reopen=reopen)
        except OneError as error:
            _log.warning("could not tidy up", error=error.message)
        await asyncio.sleep(_PAUSE)
