"""`one write`, against a server that speaks as OpenAI does."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_language import CHOIR, ONE
from tests.providers.outside import Outside, served

pytestmark = pytest.mark.anyio
IDEA = "Let singers open a choir"
EVENING = CHOIR.replace("Morning", "Evening")


async def one(folder: Path, outside: Outside, *words: str) -> subprocess.CompletedProcess[str]:
    async with served(outside) as url:
        model = {"ONE_OPENAI_KEY": "k", "ONE_OPENAI_URL": f"{url}/v1"}
        return await asyncio.to_thread(_ran, folder, {**os.environ, **model}, words)


def _ran(
    folder: Path, environ: dict[str, str], words: tuple[str, ...]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *ONE[1:], "write", *words],
        cwd=folder,
        env=environ,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def _left(folder: Path) -> list[Path]:
    return list(folder.glob("*.one"))


async def test_it_is_shown_and_nothing_is_written(tmp_path: Path) -> None:
    ran = await one(tmp_path, Outside(says=CHOIR), IDEA)
    assert ran.returncode == 0, ran.stderr
    assert "+FEATURE: Open a choir" in ran.stdout
    assert "What I understood" in ran.stdout
    assert ran.stdout.endswith("tiny was asked once.\n")
    assert _left(tmp_path) == []


async def test_it_is_saved_under_its_name_and_never_over_another(tmp_path: Path) -> None:
    ran = await one(tmp_path, Outside(says=CHOIR), IDEA, "--save")
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "open_a_choir.one").read_text() == CHOIR
    ran = await one(tmp_path, Outside(says=EVENING), IDEA, "--save")
    assert ran.returncode == 1
    assert (tmp_path / "open_a_choir.one").read_text() == CHOIR


async def test_a_file_is_changed(tmp_path: Path) -> None:
    (tmp_path / "choir.one").write_text(CHOIR)
    ran = await one(
        tmp_path, Outside(says=EVENING), "In the evening", "--file", "choir.one", "--save"
    )
    assert ran.returncode == 0, ran.stderr
    assert '-CREATE community called "Morning choir"' in ran.stdout
    assert (tmp_path / "choir.one").read_text() == EVENING


async def test_what_does_not_compile_is_shown_and_never_saved(tmp_path: Path) -> None:
    said = CHOIR + 'SING "\x1b[2J"\n'
    ran = await one(tmp_path, Outside(says=said), IDEA, "--save")
    assert ran.returncode == 1
    assert "asked 4 times" in ran.stdout
    assert "error E2" in ran.stdout
    assert "\x1b" not in ran.stdout
    assert _left(tmp_path) == []


def test_without_a_model_it_says_how_to_have_one(tmp_path: Path) -> None:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("ONE_")}
    ran = _ran(tmp_path, bare, (IDEA,))
    assert ran.returncode == 1
    assert "There is no language model here" in ran.stderr
    assert "ONE_OPENAI_KEY" in ran.stderr
