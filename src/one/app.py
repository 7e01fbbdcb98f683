"""The keys: the one place that builds the whole."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import structlog
from pydantic import SecretStr

from one.clock import Clock, new_id, new_secret
from one.domains import rooms
from one.domains.notices import Delivery
from one.domains.payments import HOOK, Till
from one.errors import Broken, Conflict, Invalid, NotFound, writable
from one.ontology import Ontology, load
from one.providers.base import Provider, Sent, Stage, live, parse_faults, standins
from one.providers.stripe.payments import Payments, in_process, over_network
from one.runtime import AnyOperation, Deployment, operations_of
from one.runtime.durable import Engine
from one.runtime.seal import Seal
from one.sandbox import PREFIX, Sandbox
from one.sandbox.deliveries import over_network as sent_over_network
from one.settings import Settings
from one.store import DEFAULT_SPACE, PLATFORM, Database, Desk, Premise, Viewer, migrate
from one.store.books import Books
from one.store.elapsing import Elapsing
from one.store.keeping import keep_tidy
from one.store.refill import Report, refill
from one.store.sequencer import Sequencer
from one.workshop import deploy, preview, studio, writing
from one.workshop.calling import Caller
from one.workshop.shelf import Shelf

Service = Callable[[], Awaitable[None]]
log: structlog.stdlib.BoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class App:
    """A deployment with its operations, for the doors."""

    deployment: Deployment
    operations: tuple[AnyOperation, ...]
    services: tuple[Service, ...] = ()
    engine: Engine | None = None
    caller: Caller | None = None
    till: Till | None = None
    sandbox: Sandbox | None = None

    @property
    def desk(self) -> Desk:
        return self.deployment.desk

    async def actor_of(self, token: str, space: UUID) -> Viewer | None:
        """Who acts with this token; nobody, when it is not one."""
        return await self.desk.viewer_of(space, token)

    async def holder_of(self, secret: str, space: UUID) -> Viewer | None:
        """Who acts in this session; nobody, when it is over or lacks the second factor."""
        return await self.desk.holders.find(
            space, secret, idle=self.deployment.settings.longest_unused
        )

    def remembered(self, secret: str, space: UUID) -> tuple[Viewer, Premise] | None:
        """Who it was the last time, and what makes sure of it."""
        return self.desk.holders.remembered(
            space, secret, idle=self.deployment.settings.longest_unused
        )

    def space_of(self, host: str) -> UUID:
        """The space that a `Host` header stands for: the default one unless a setting says else."""
        spaces = self.deployment.settings.spaces
        return spaces.get(_name_of(host), DEFAULT_SPACE) if spaces else DEFAULT_SPACE

    def known_space(self, space: UUID) -> UUID:
        """The same id. Raises NotFound when there is no such space."""
        if space not in self.desk.spaces:
            raise NotFound(f"There is no space {space}.", cure="`one db status` lists the spaces.")
        return space

    async def ready(self) -> bool:
        return await self.desk.database.ready()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """While a server runs: what works in the background."""
        tasks = [asyncio.ensure_future(service()) for service in self.services]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with contextlib.suppress(asyncio.CancelledError):
                    await task


def operations() -> tuple[AnyOperation, ...]:
    """Every operation that ONE can do."""
    return tuple(
        sorted(
            operations_of(*rooms(), deploy, preview, studio, writing),
            key=lambda operation: operation.room,
        )
    )


def vocabulary(settings: Settings) -> Ontology:
    """The built-in types and those that the deployment adds. Raises Invalid."""
    return load(settings.ontology if settings.ontology.exists() else None)


MONEY = ("stripe", "blockchain")


def providers(settings: Settings, stage: Stage) -> dict[str, Provider]:
    """Each service outside, the real one where the settings say how it is reached, else its
    stand-in. Raises Invalid.
    """
    chosen = {**standins(stage), **live(settings, stage)}
    idle = [name for name in settings.connectors if name not in chosen or _stands_in(chosen[name])]
    if idle:
        raise Invalid(
            f"ONE_CONNECTORS names what has no connector: {', '.join(idle)}.",
            cure="See its help for those that have one.",
        )
    if settings.mode != "production":
        return chosen
    pretended = [name for name in MONEY if _stands_in(chosen[name])]
    if pretended and not settings.sandbox_money:
        raise Invalid(
            f"In production {' and '.join(pretended)} would be stand-ins.",
            cure="Set what they need, or ONE_SANDBOX_MONEY=true where no real money is meant.",
        )
    if settings.faults:
        raise Invalid("ONE_FAULTS is not for production.", cure="Leave it out.")
    return chosen


def _stands_in(provider: Provider) -> bool:
    return provider.mode == "sandbox"


def _payments(settings: Settings, sandbox: Sandbox, stage: Stage) -> Payments:
    """Stripe where there is a key for it, else the sandbox. Raises Invalid."""
    secrets = [secret.get_secret_value() for secret in settings.stripe_webhook_secrets]
    if key := settings.stripe_key.get_secret_value():
        return over_network(key, secrets, url=settings.stripe_url)
    return in_process(sandbox, [_hook_secret(settings)], faults=stage.faults)


def _hook_secret(settings: Settings) -> str:
    """Signs what the sandbox tells this deployment."""
    keys = [key.get_secret_value() for key in settings.secret_keys]
    return f"whsec_{Seal(keys).sign('what the sandbox tells')}"


async def _sandbox(sandbox: Sandbox, hook: str, settings: Settings) -> None:
    """The sandbox goes on by itself, and tells us as Stripe would."""
    secret = _hook_secret(settings)
    for connect in (False, True):
        await sandbox.listen(hook, connect=connect, secret=secret)
    await sandbox.run()


def _silent(table: str, rows: int) -> None:
    del table, rows


def _name_of(host: str) -> str:
    """A `Host` header without its port: `Fit.example:8000` → `fit.example`."""
    name = host.lower()
    if name.endswith("]") or ":" not in name:
        return name.rstrip(".")
    return name.rpartition(":")[0].rstrip(".")


def _require_spaces(settings: Settings, desk: Desk) -> None:
    for host, space in settings.spaces.items():
        if space not in desk.spaces:
            raise Invalid(
                f"ONE_SPACES names a space for {host} that is not there: {space}.",
                cure="`one db status` lists the spaces, `one db add-space NAME` makes one.",
            )


def _stage_of(settings: Settings, desk: Desk) -> Stage:
    """What providers work with: books in the database, which know the ledger of tokens."""
    books = Books(desk.database, desk.clock, sessions=desk.session_of)
    return Stage(desk.clock, books, parse_faults(settings.faults), ledger=True)


@asynccontextmanager
async def build(settings: Settings, report: Report = _silent) -> AsyncGenerator[App]:
    """The whole, with its schema and its indexed keys up to date; closed on leaving. `report`
    hears of rows whose keys are filled in, which takes a while where much has changed.

    Raises Invalid, Conflict, Denied, Outside.
    """
    clock = Clock()
    settings = _with_key(settings)
    ontology = vocabulary(settings)
    database = await Database.open(settings)
    try:
        await migrate(database, now=clock.now())
        await refill(database, ontology, report=report)
        desk = await Desk.open(database, ontology, clock=clock)
        _require_spaces(settings, desk)
        keep = timedelta(days=settings.keep_changes)
        stage = _stage_of(settings, desk)
        outside = providers(settings, stage)

        async def post(event: Sent) -> bool:
            """What the sandbox tells goes to the till without a network."""
            return await (till.take(event) if event.url == hook else sent_over_network(event))

        hook = f"{settings.address}{HOOK}"
        sandbox = Sandbox(database, clock, site=f"{settings.address}{PREFIX}", post=post)
        payments = _payments(settings, sandbox, stage)
        deployment = Deployment(settings, desk, outside, payments=payments)
        till = Till(deployment)
        shelf = Shelf(desk)
        engine = Engine(deployment, shelf.load)
        services = (
            Sequencer(database, sign=deployment.seal.sign).run,
            Elapsing(database, clock).run,
            desk.hub.run,
            engine.worker.run,
            Delivery(deployment).run,
            till.run,
            *([partial(_sandbox, sandbox, hook, settings)] if payments.mode == "sandbox" else []),
            partial(
                keep_tidy,
                desk,
                keep=keep,
                keep_runs=timedelta(days=settings.keep_runs),
                reopen=timedelta(days=settings.reopen_days),
            ),
        )
        caller = Caller(deployment, engine, shelf=shelf)
        try:
            shown = sandbox if payments.mode == "sandbox" else None
            yield App(deployment, operations(), services, engine, caller, till, shown)
        finally:
            await deployment.payments.close()
            for provider in outside.values():
                await provider.close()
    finally:
        await database.close()


def broken(error: Exception, facts: Mapping[str, str]) -> Broken:
    """Logs a bug; what may be shown of it."""
    reference = str(new_id())
    log.error("bug", reference=reference, exc_info=error, **facts)
    return Broken(
        "Something broke on our side; nothing was changed.",
        cure="Try again; if it stays, tell us the reference.",
        details={"reference": reference},
    )


def _with_key(settings: Settings) -> Settings:
    """The settings with the deployment's key, which is made where none is given."""
    if settings.secret_keys:
        return settings
    kept = _key_file(settings)
    if not kept.exists():
        _write_private(kept, new_secret())
    keys = tuple(SecretStr(key) for key in kept.read_text("utf-8").split())
    return settings.model_copy(update={"secret_keys": keys})


def add_key(settings: Settings) -> Path:
    """Puts a new key in front of the deployment's; the file it is kept in. Raises Conflict where
    the settings name the keys.
    """
    if settings.secret_keys:
        raise Conflict(
            "ONE_SECRET_KEYS names the keys of this deployment.",
            cure=f"Put a new one in front there, as {new_secret()},<the others>.",
        )
    kept = _key_file(settings)
    before = kept.read_text("utf-8").strip() if kept.exists() else ""
    _write_private(kept, f"{new_secret()}\n{before}".strip())
    return kept


def _key_file(settings: Settings) -> Path:
    return settings.data / "secret-key"


def owner_token_file(settings: Settings) -> Path:
    """Where the owner's token is kept; only they can read it."""
    return settings.data / "owner-token"


async def owner_token(app: App) -> str:
    """The token that acts as the owner of the deployment."""
    kept = owner_token_file(app.deployment.settings)
    known = kept.read_text("utf-8").strip() if kept.exists() else ""
    if known and await app.actor_of(known, DEFAULT_SPACE) is not None:
        return known
    async with app.desk.write(DEFAULT_SPACE, Viewer(PLATFORM, "staff")) as store:
        _, token = await store.issue_token(entity=PLATFORM, role="staff", name="owner")
    _write_private(kept, token)
    return token


def _write_private(path: Path, text: str) -> None:
    with writable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "w") as file:
            file.write(text + "\n")
