"""What can't be found out: whether an address has an account, and any secret."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest
from httpx import AsyncClient, Response

from one.store.database import Params, Record, Transaction
from tests.domains.accounts.people import PASSWORD, address, ask_to_sign_up, letters, signed_up
from tests.domains.accounts.test_second_factor import turned_on
from tests.domains.conftest import Client
from tests.world import World

pytestmark = pytest.mark.anyio


@contextmanager
def statements(monkeypatch: pytest.MonkeyPatch) -> Generator[list[str]]:
    """The SQL that is run meanwhile, but for who calls."""
    run: list[str] = []
    execute = Transaction._execute  # pyright: ignore[reportPrivateUsage] # listened to, not replaced

    async def heard(
        self: Transaction, sql: str, params: Params | None
    ) -> psycopg.AsyncCursor[Record]:
        run.append(sql)
        return await execute(self, sql, params)

    with monkeypatch.context() as patched:
        patched.setattr(Transaction, "_execute", heard)
        yield run


@pytest.mark.parametrize("act", ["sign-up", "mail-sign-in", "mail-reset", "sign-in", "enter-code"])
async def test_known_and_unknown_addresses_take_the_same_statements(
    client: Client, owner: AsyncClient, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    known = address("ana")
    await signed_up(client, owner, known)
    browser = await client(None)
    more = {
        "sign-up": {"name": "x", "password": PASSWORD},
        "sign-in": {"password": "not this one"},
        "enter-code": {"code": "000000"},
    }.get(act, {})
    run: list[list[str]] = []
    answers: list[Response] = []
    for email in (known, address("nobody")):
        with statements(monkeypatch) as heard:
            body = {"email": email, **more}
            answers.append(await browser.post(f"/api/accounts/{act}", json=body))
        run.append(heard)
    assert run[0] == run[1]
    assert len(run[0]) > 1
    assert answers[0].content == answers[1].content
    assert answers[0].headers.raw == answers[1].headers.raw


async def test_no_secret_lies_anywhere_in_the_database(
    world: World, client: Client, owner: AsyncClient
) -> None:
    email = address("bo")
    asked = await client(None)
    await ask_to_sign_up(asked, email)
    letter = (await letters(owner))[0]
    secrets = {letter.link, letter.link.partition(".")[2], PASSWORD}
    browser, _ = await signed_up(client, owner, address("cy"))
    app, backup = await turned_on(browser)
    once = {"Idempotency-Key": "once"}
    made = await browser.post("/api/tokens", json={"name": "x"}, headers=once)
    again = await browser.post("/api/tokens", json={"name": "x"}, headers=once)
    assert (again.json(), again.headers["idempotency-replayed"]) == (made.json(), "true")
    token = made.json()["secret"]
    secrets |= {app.secret, token, browser.cookies["one_session"], *backup}
    secrets |= {code.replace("-", "") for code in backup}
    everything = await all_rows(world)
    assert email in everything, "it reads what there is"
    assert [secret for secret in secrets if secret in everything] == []
    logs = json.dumps((await browser.get("/api/account/log")).json())
    assert [secret for secret in secrets if secret in logs] == []


async def all_rows(world: World) -> str:
    """Every row of the space, and of the accounts, as text."""
    async with world.desk.database.read() as tx:
        tables = await tx.rows(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'one'"
            " AND column_name = 'space_id'"
        )
        found = [
            str(
                await tx.rows(f'SELECT t::text FROM "{table}" t WHERE space_id = %(s)s', _of(world))
            )
            for (table,) in tables
        ]
        found.append(str(await tx.rows("SELECT t::text FROM accounts t")))
    return "".join(found)


def _of(world: World) -> dict[str, UUID]:
    return {"s": world.space}
