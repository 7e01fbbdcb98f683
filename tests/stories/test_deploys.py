"""Deploys under load: four processes, a thousand calls, and none that meets what was before."""

import asyncio
import signal
from pathlib import Path

import pytest
from httpx import AsyncClient, TransportError

from one.settings import Settings
from tests.domains.live import GREET
from tests.web.conftest import settings
from tests.web.serving import served

__all__ = ["settings"]
pytestmark = pytest.mark.anyio
DEPLOYS, CALLERS, CALLS = 10, 10, 10
AT = "/api/features/greet_a_fan"


async def test_no_call_after_a_deploys_answer_meets_the_old_revision_in_any_process(
    settings: Settings, tmp_path: Path
) -> None:
    async with served(settings.database_url, tmp_path, processes=4) as server:
        token = (tmp_path / "owner-token").read_text().strip()
        owner = {"authorization": f"Bearer {token}"}
        async with AsyncClient(base_url=server.url, headers=owner, timeout=60) as mine:

            async def point(text: str | None) -> None:
                """A deploy; a rollback where there is no text."""
                body = {"text": text} if text else {}
                at = "/api/features" if text else f"{AT}/roll-back"
                answer = await mine.post(at, json=body)
                assert answer.status_code == 200, answer.text

            async def calls(word: str) -> set[str]:
                """What a connection of one's own, and so some process, answers."""
                said: set[str] = set()
                async with AsyncClient(base_url=server.url, timeout=60) as caller:
                    for _ in range(CALLS):
                        answer = await caller.post(AT, json={"name": "Bo"})
                        said.add(answer.json()["greeting"])
                return said - {f"{word} Bo"}

            for n in range(DEPLOYS):
                await point(GREET.replace("Hello", f"Hello {n}"))
                stale = await asyncio.gather(*[calls(f"Hello {n}") for _ in range(CALLERS)])
                assert set[str]().union(*stale) == set()
            await point(None)
            stale = await asyncio.gather(*[calls(f"Hello {DEPLOYS - 2}") for _ in range(CALLERS)])
            assert set[str]().union(*stale) == set()


async def test_no_process_outlives_the_one_that_supervises_it(
    settings: Settings, tmp_path: Path
) -> None:
    async with served(settings.database_url, tmp_path, processes=2) as server:
        await server.stop(signal.SIGKILL)
        for _ in range(600):
            if not await answers(server.url):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("processes that nobody supervises still answer")


async def answers(url: str) -> bool:
    async with AsyncClient(base_url=url) as client:
        try:
            await client.get("/readyz")
        except TransportError:
            return False
        return True
