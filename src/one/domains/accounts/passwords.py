"""Passwords: known by an argon2id hash alone, made and tried beside the event loop.

Hashing takes 19 MiB and tens of milliseconds on purpose. It is done before the transaction of an
operation begins, by few threads that give way, so that people who sign in don't hold up those who
read.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema
from typing_extensions import override
from zxcvbn import zxcvbn

from one.errors import Fault, Invalid, TooMany
from one.runtime import Call, Deployment, Limit, Prepared
from one.store.accounts import Account, account_by_email, account_of
from one.store.sessions import known_at

SHORTEST: Final = 8
LONGEST: Final = 200
EASY: Final = 1  # of zxcvbn's 0 to 4: what a list of known passwords or a short search finds
_TRIED: Final = 72  # letters that are looked at for that
_STRANGERS = Limit(50, timedelta(hours=1), by=("email",))

_hashes = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))
_LATER: Final = 10  # how much those who hash give way, as `nice` counts it


def _give_way() -> None:
    """Lets others go before a thread that hashes, where one thread can be told so."""
    if sys.platform == "linux":
        me = os.PRIO_PROCESS, threading.get_native_id()
        os.setpriority(*me, os.getpriority(*me) + _LATER)


_threads = ThreadPoolExecutor(
    max(1, (os.cpu_count() or 2) // 2), "passwords", initializer=_give_way
)


@cache
def _nobodys() -> str:
    """A hash that no password fits, tried where there is no account."""
    return _hashes.hash("nobody knows this one, and nobody needs to")


class Secret(Prepared):
    """Text that proves who somebody is. Shown nowhere."""

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        del source, handler
        text = core_schema.str_schema(min_length=1, max_length=LONGEST, strict=True)
        return core_schema.no_info_after_validator_function(cls, text)


class NewPassword(Secret):
    """A password that somebody chooses. `hash` is there once it was prepared."""

    hash: str | None = None

    @override
    async def prepare(
        self, deployment: Deployment, call: Call, *, arguments: Mapping[str, object]
    ) -> None:
        """Raises Invalid for one that is soon guessed."""
        del deployment, call
        about = [str(arguments[key]) for key in ("email", "name", "handle") if arguments.get(key)]
        loop = asyncio.get_running_loop()
        weak = await asyncio.to_thread(_weakness, self.text, about)
        if weak:
            name = next(key for key, value in arguments.items() if value is self)
            fault = Fault(f"/{name}", weak)
            raise Invalid("This password can't be used.", cure=weak, faults=(fault,))
        self.hash = await loop.run_in_executor(_threads, _hashes.hash, self.text)


class TriedPassword(Secret):
    """A password given to sign in with the `email` beside it. `account` is there once it was
    prepared and was right; `hash` where it has to be kept anew, in today's way.
    """

    account: Account | None = None
    hash: str | None = None

    @override
    async def prepare(
        self, deployment: Deployment, call: Call, *, arguments: Mapping[str, object]
    ) -> None:
        """Does the same for an address that has no account. Raises TooMany where too many others
        have tried this one's; who is at an address that it was signed in from isn't held up.
        """
        address, email = call.asked.origin.address, str(arguments["email"])
        async with deployment.desk.read(call.space, call.actor, snapshot=False) as store:
            account = await account_by_email(store.session.tx, call.space, email)
            known = await known_at(store.session, account.id if account else None, address)
        limiter, where = deployment.limiter, (deployment.desk, call.space)
        try:
            await limiter.spend(*where, name="strangers", limit=_STRANGERS, values=arguments)
        except TooMany:
            if not known:
                raise
        right, self.hash = await tried(self.text, account.password if account else None)
        self.account = account if right else None
        if right:
            await limiter.give_back(*where, name="strangers", limit=_STRANGERS, values=arguments)


class CurrentPassword(Secret):
    """The password of who is signed in, given once more. `right` is known once it was prepared."""

    right: bool = False

    @override
    async def prepare(
        self, deployment: Deployment, call: Call, *, arguments: Mapping[str, object]
    ) -> None:
        """Raises nothing."""
        del arguments
        async with deployment.desk.read(call.space, call.actor, snapshot=False) as store:
            account = await account_of(store.session.tx, call.space, call.actor.id)
        self.right = (await tried(self.text, account.password if account else None))[0]


async def tried(text: str, hash: str | None) -> tuple[bool, str | None]:
    """Whether a password has this hash, and the hash in today's way if that is another."""
    loop = asyncio.get_running_loop()
    right, renewed = await loop.run_in_executor(
        _threads, _hashes.verify_and_update, text, hash or _nobodys()
    )
    return right and hash is not None, renewed


def _weakness(text: str, about: list[str]) -> str | None:
    """Why a password is too easy, and what makes it better."""
    if len(text) < SHORTEST:
        return f"Take {SHORTEST} letters or more; three or four words are easy to keep in mind."
    known: Mapping[str, object] = zxcvbn(text[:_TRIED], user_inputs=about, max_length=_TRIED)
    score = known["score"]
    assert isinstance(score, int)
    if score > EASY:
        return None
    return "It is easily guessed; three or four words that don't belong together are not."
