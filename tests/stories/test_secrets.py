"""Secrets like canaries: a whole server is put through an account's life and through its own
failures, and none of them turns up in what it prints, tells, keeps or exports.
"""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from httpx import AsyncClient

from one.clock import new_id
from one.settings import Settings
from tests.domains.accounts.people import PASSWORD, address, newest, sign_in
from tests.domains.accounts.test_second_factor import turned_on
from tests.providers.outside import Outside
from tests.providers.outside import served as outside
from tests.web.conftest import settings
from tests.web.serving import Server, served

__all__ = ["settings"]
pytestmark = pytest.mark.anyio
GIVEN = {
    "ONE_OPENAI_KEY": "sk-canary-model",
    "ONE_CALENDAR_URL": "http://me:canary-days@127.0.0.1:9/",
    "ONE_WEBHOOK_SECRET": "canary-hooks",
    "ONE_SECRET_KEYS": "canary-new,canary-old",
}
ASK = """FEATURE: Ask {word}

INPUT:
  - question: text

CALL OpenAI to answer question SAVE AS reply
GIVE reply
"""
OTHER = "another seven lanterns"
KEYS = ("canary-model", "canary-days", "canary-hooks", "canary-new", "canary-old")
PAGES = ("/api/account", "/api/account/log", "/api/tokens", "/api/sessions", "/api/events")
STAFFS = ("/api/runs", "/api/events", "/api/features", "/api/audit")


async def test_no_secret_turns_up_where_it_has_no_business(
    settings: Settings, tmp_path: Path
) -> None:
    word = new_id().hex[-8:]
    given = {**GIVEN, "ONE_SCHEMA": f"canary_{word}", "ONE_DEMO": "false"}
    unwilling = Outside(status=401, code=f"wrong key: {KEYS[0]}")
    async with (
        outside(unwilling) as model,
        served(
            settings.database_url, tmp_path, settings=given | {"ONE_OPENAI_URL": model}
        ) as server,
    ):
        token = (tmp_path / "owner-token").read_text().strip()
        told, secrets = await _lived(server, token, word=word)
        await server.stop(signal.SIGTERM)
        out = tmp_path / "out"
        told += [_one(server, "services"), _one(server, "runs"), _one(server, "export", str(out))]
        told += [file.read_text() for file in sorted(out.rglob("*")) if file.is_file()]
        printed = server.printed.read_text().replace(f"The owner's token: {token}", "")
    everything = "".join([*told, printed])
    assert all(some in everything for some in (word, "Ana", "token_made", "openai"))
    assert sorted(secret for secret in secrets if secret in everything) == []
    assert "@mail.example" not in printed
    assert KEYS[0] in unwilling.got[0][2]["authorization"]


async def _lived(server: Server, token: str, *, word: str) -> tuple[list[str], set[str]]:
    """What was told to people meanwhile, and what must not have been."""
    owns, url = {"authorization": f"Bearer {token}"}, server.url
    async with (
        AsyncClient(base_url=url, headers=owns, timeout=60) as owner,
        AsyncClient(base_url=url, timeout=60) as browser,
        AsyncClient(base_url=url, timeout=60) as stranger,
    ):
        heard = asyncio.create_task(_live(stranger, token))
        email = address("ana")
        body = {"email": email, "name": "Ana", "password": PASSWORD, "kind": "creator"}
        assert (await browser.post("/api/accounts/sign-up", json=body)).status_code == 202
        letter = await newest(owner)
        await stranger.get(f"/enter/{letter.link}")
        await browser.post("/api/accounts/enter", json={"link": letter.link})
        app, backup = await turned_on(browser)
        own = (await browser.post("/api/tokens", json={"name": "x"})).json()["secret"]
        cookie = browser.cookies["one_session"]
        wrong = {"email": email, "password": [PASSWORD], "backup": backup[0]}
        await sign_in(stranger, email, OTHER)
        await stranger.post("/api/accounts/sign-in", json=wrong)
        await stranger.post("/api/accounts/sign-in", content=f'{{"password": "{PASSWORD}')
        await stranger.get("/api/account", headers={"authorization": f"Bearer {own}x"})
        change = {"password": PASSWORD, "new": f"{OTHER}\x00"}
        await browser.post("/api/accounts/change-password", json=change)
        acts = {"authorization": f"Bearer {own}"}
        text = ASK.format(word=word)
        live = await stranger.post("/api/features", json={"text": text}, headers=acts)
        at = live.json()["items"][0]["address"]
        failed = await stranger.post(at, json={"question": "Why?"}, headers=acts)
        told = [failed.text, (await owner.get("/openapi.json")).text]
        told += [(await browser.get(page)).text for page in PAGES]
        told += [(await owner.get(page)).text for page in STAFFS]
        heard.cancel()
        told.append(await heard)
    return told, {*KEYS, PASSWORD, OTHER, letter.link, app.secret, token, own, cookie, *backup}


def _one(server: Server, *words: str) -> str:
    command = [sys.executable, "-c", "from one.cli import main; main()", *words]
    run = subprocess.run(
        command, env=server.environ, capture_output=True, text=True, check=False, timeout=60
    )
    return run.stdout + run.stderr


async def _live(client: AsyncClient, token: str) -> str:
    """All that is told of live changes until it is cancelled."""
    said: list[str] = []
    headers = {"authorization": f"Bearer {token}"}
    try:
        async with client.stream("GET", "/api/live?list=events", headers=headers) as stream:
            async for part in stream.aiter_text():
                said += [part]
    except asyncio.CancelledError:
        pass
    return "".join(said)
