"""What a deployment need not keep: answers after a day, changes after as long as it says."""

import asyncio
from datetime import timedelta

import structlog

from one.errors import OneError
from one.store import Desk
from one.store.keys import forget_answers
from one.store.sequencer import forget

_log = structlog.get_logger()
_PAUSE = 3600


async def tidy(desk: Desk, *, keep: timedelta) -> int:
    """Drops what is older than that in every space; how many changes went."""
    now = desk.clock.now()
    async with desk.database.write() as tx:
        await forget_answers(tx, now=now)
    return sum([await forget(desk.database, space, before=now - keep) for space in desk.spaces])


async def keep_tidy(desk: Desk, *, keep: timedelta) -> None:
    """Tidies every hour, until cancelled."""
    while True:
        try:
            await tidy(desk, keep=keep)
        except OneError as error:
            _log.warning("could not tidy up", error=error.message)
        await asyncio.sleep(_PAUSE)
