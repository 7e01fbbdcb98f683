"""Accounts of another system are taken in: people sign in with what they know."""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import pytest
from httpx import AsyncClient
from pwdlib.hashers.argon2 import Argon2Hasher
from pyotp import random_base32
from pyotp.totp import TOTP

from one.clock import Clock, new_id
from one.store.bulk.convex import new_id_of
from tests.domains.accounts.people import PASSWORD, address, enter, newest, sign_in
from tests.domains.accounts.test_second_factor import ahead, second
from tests.domains.conftest import Client
from tests.store.bulk import rejected, take_in, write_lines
from tests.store.test_convex import MILLIS, snapshot
from tests.world import World, id_of

pytestmark = pytest.mark.anyio
HASH = Argon2Hasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)


def user(id: str, email: str, **more: object) -> dict[str, object]:
    known = {"_id": id, "email": email, "passwordHash": HASH, "emailVerified": True}
    return {**known, "name": "Ana", "createdAt": MILLIS, **more}


async def account(browser: AsyncClient) -> Mapping[str, object]:
    return (await browser.get("/api/account")).json()


async def test_a_user_of_a_snapshot_signs_in_with_their_password(
    world: World, client: Client, tmp_path: Path
) -> None:
    id, email = new_id().hex, address("ana")
    ana = {"_id": f"e{id}", "type": "creator", "name": "Ana B.", "status": "active"}
    tables: dict[str, list[dict[str, object]]] = {
        "entities": [{**ana, "properties": {"email": email}}],
        "users": [user(id, email.upper())],
        "sessions": [{"_id": "s", "userId": id, "token": "t"}],
    }
    imported = await take_in(world, snapshot(tmp_path / "convex.zip", tables))
    assert imported.notes == ("sessions: 1 documents not imported: people sign in anew.",)
    browser = await client(None)
    entered = (await sign_in(browser, email)).json()
    assert UUID(entered["entity"]) == UUID(new_id_of(f"e{id}"))
    assert (await account(browser))["email"] == email
    assert (await sign_in(await client(None), email, "not this one")).status_code == 403


async def test_who_is_nothing_there_becomes_a_fan(
    world: World, client: Client, tmp_path: Path
) -> None:
    email = address("bo")
    await take_in(world, snapshot(tmp_path / "convex.zip", {"users": [user(new_id().hex, email)]}))
    browser = await client(None)
    entered = (await sign_in(browser, email)).json()
    mine = (await browser.get(f"/api/entities/{entered['entity']}")).json()
    assert (mine["type"], mine["name"]) == ("audience_member", "Ana")


@pytest.mark.parametrize(
    "more",
    [
        {"emailVerified": False},
        {"passwordHash": "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"},
        {"passwordHash": HASH.replace("m=8192", "m=4000000")},
        {"passwordHash": "plain"},
    ],
)
async def test_who_can_not_bring_the_password_signs_in_by_a_letter(
    world: World,
    client: Client,
    owner: AsyncClient,
    tmp_path: Path,
    more: Mapping[str, object],
) -> None:
    email = address("cy")
    tables = {"users": [user(new_id().hex, email, **more)]}
    imported = await take_in(world, snapshot(tmp_path / "convex.zip", tables))
    assert imported.notes[0].startswith("users: 1 passwords not imported")
    browser = await client(None)
    assert (await sign_in(browser, email)).status_code == 403
    await browser.post("/api/accounts/mail-sign-in", json={"email": email})
    await enter(browser, (await newest(owner)).link)
    assert (await account(browser))["email"] == email


async def test_a_second_factor_comes_along_and_is_required(
    world: World, client: Client, tmp_path: Path
) -> None:
    id, email, secret = new_id().hex, address("di"), random_base32()
    off = new_id().hex
    factor = {
        "_id": f"f{id}",
        "userId": id,
        "secret": secret,
        "backupCodes": ["abcde-fghij", "123456"],
        "enabled": True,
        "createdAt": MILLIS,
    }
    tables = {
        "users": [user(id, email), user(off, address("ed"))],
        "twoFactorAuth": [factor, {**factor, "_id": "g", "userId": off, "enabled": False}],
    }
    imported = await take_in(world, snapshot(tmp_path / "convex.zip", tables))
    assert [file.rows for file in imported.files] == [2, 1]
    async with world.desk.database.read() as tx:
        kept = await tx.row("SELECT totp FROM accounts WHERE email = %(email)s", {"email": email})
    assert kept is not None
    assert secret not in str(kept[0])
    app = TOTP(secret)
    browser = await client(None)
    assert (await sign_in(browser, email)).json()["needs"] == "second_factor"
    assert await second(browser, app.at(Clock().now())) == 200
    other = await client(None)
    await sign_in(other, email)
    assert await second(other, "ABCDEFGHIJ") == 200
    third = await client(None)
    await sign_in(third, email)
    assert await second(third, "abcdefghij") == 403
    assert await second(third, ahead(app)) == 200


async def test_what_people_changed_since_stays_when_a_later_snapshot_comes(
    world: World, client: Client, tmp_path: Path
) -> None:
    id, email, secret = new_id().hex, address("fi"), random_base32()
    tables: dict[str, list[dict[str, object]]] = {
        "users": [user(id, email)],
        "twoFactorAuth": [{"_id": f"f{id}", "userId": id, "secret": secret, "enabled": True}],
    }
    await take_in(world, snapshot(tmp_path / "one.zip", tables))
    browser = await client(None)
    await sign_in(browser, email)
    await second(browser, TOTP(secret).at(Clock().now()))
    body = {"password": PASSWORD}
    assert (await browser.post("/api/accounts/end-second-factor", json=body)).is_success
    tables["users"].append(user(new_id().hex, address("gus")))
    later = await take_in(world, snapshot(tmp_path / "two.zip", tables))
    assert [(file.rows, file.there) for file in later.files] == [(1, 1), (0, 1)]
    assert (await account(browser))["secondFactor"] is False


async def test_an_account_that_is_here_already_keeps_its_password(
    world: World, client: Client, owner: AsyncClient, tmp_path: Path
) -> None:
    del owner
    email = address("hal")
    person = await world.person("audience_member", "Hal")
    lines = [{"id": str(new_id()), "email": email, "passwordHash": HASH, "verified": True}]
    await world.update(id_of(person), email=email)
    await take_in(world, write_lines(tmp_path / "accounts.ndjson", lines))
    other = HASH.replace(HASH[-4:], "AAAA")
    again = [{"id": str(new_id()), "email": email, "passwordHash": other, "verified": True}]
    folder = tmp_path / "again"
    folder.mkdir()
    second_time = await take_in(world, write_lines(folder / "accounts.ndjson", again))
    assert [(file.rows, file.there) for file in second_time.files] == [(0, 1)]
    entered = (await sign_in(await client(None), email)).json()
    assert UUID(entered["entity"]) == id_of(person)


async def test_what_is_refused_of_accounts_is_told_without_their_secrets(
    world: World, tmp_path: Path
) -> None:
    email = address("ivy")
    lines = [
        {"id": str(new_id()), "email": email, "passwordHash": HASH},
        {"id": str(new_id()), "email": email, "passwordHash": HASH},
        {"id": str(new_id()), "email": "no address", "passwordHash": HASH},
        {"id": str(new_id()), "passwordHash": HASH, "verified": "yes"},
    ]
    imported = await take_in(world, write_lines(tmp_path / "accounts.ndjson", lines))
    assert imported.rejected is not None
    assert [(line, said.partition(",")[0]) for line, said in rejected(imported.rejected)] == [
        (2, "/email has the same address as line 1"),
        (3, "/email must be an e-mail address"),
        (4, "/verified must be true or false; /email is required"),
    ]
    assert "argon2" not in imported.rejected.read_text()
