"""`one serve` and `one <room> …` as real processes over one database."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager

import httpx
import orjson
import pytest

from one.settings import Settings

ONE = [sys.executable, "-c", "from one.cli import main; main()"]


@pytest.fixture
def environ(settings: Settings) -> Mapping[str, str]:
    stated = {"ONE_DATABASE_URL": settings.database_url, "ONE_DATA": str(settings.data)}
    return {**os.environ, **stated}


@contextmanager
def serving(environ: Mapping[str, str], *words: str) -> Generator[tuple[str, str]]:
    """The address and the owner's token of a server that is told to stop at the end."""
    command = [*ONE, "serve", "--port", "0", *words]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            address = server.stdout.readline().split()[-1]
            token = server.stdout.readline().split()[-1]
            yield address, token
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_server_answers_at_the_address_and_to_the_token_it_prints(
    environ: Mapping[str, str], processes: str
) -> None:
    with serving(environ, "--processes", processes) as (address, token):
        headers = {"authorization": f"Bearer {token}"}
        with httpx.Client(base_url=address, headers=headers, timeout=30) as client:
            assert client.get("/readyz").text == "ready\n"
            made = client.post("/api/entities", json={"type": "course", "name": "Breathing"})
            assert made.status_code == 201
            assert client.get(made.headers["location"]).json()["name"] == "Breathing"


def test_in_production_the_token_is_kept_out_of_what_is_printed(
    environ: Mapping[str, str], settings: Settings
) -> None:
    production = {**environ, "ONE_MODE": "production", "ONE_SANDBOX_MONEY": "true"}
    with serving(production) as (_, token):
        assert token == str(settings.data / "owner-token")


def test_a_port_that_is_taken_is_said(environ: Mapping[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [*ONE, "serve", "--port", str(taken.getsockname()[1])]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Can't listen" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_the_terminal_makes_it_finds(environ: Mapping[str, str]) -> None:
    made = _one(environ, "create-entity", "--type", "course", "--name", "Breathing")
    found = _one(environ, "get-entity", orjson.loads(made.stdout)["id"])
    assert orjson.loads(found.stdout)["name"] == "Breathing"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["create-entity", "--type", "cours", "--name", "Breathing"], 2),
        (["get-entity", "00000000-0000-7000-8000-0000000000ff"], 1),
    ],
)
def test_a_refusal_is_text_with_a_cure(
    environ: Mapping[str, str], words: list[str], code: int
) -> None:
    done = _one(environ, *words)
    assert done.returncode == code
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) >= 2
    assert "Traceback" not in done.stderr


def _one(environ: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [*ONE, "graph", *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_a_database_that_is_not_there_is_said(environ: Mapping[str, str]) -> None:
    nowhere = {**environ, "ONE_DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    command = [*ONE, "serve", "--port", "0"]
    done = subprocess.run(command, env=nowhere, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "The database can't be reached" in done.stderr.splitlines()[-2]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", ["postgresql:/x:y", "hello", "postgresql://u@h:port/db"])
def test_a_database_address_that_is_none_is_wrong_use(environ: Mapping[str, str], url: str) -> None:
    command = [*ONE, "serve", "--port", "0"]
    wrong = {**environ, "ONE_DATABASE_URL": url}
    done = subprocess.run(command, env=wrong, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    said, cure = done.stderr.splitlines()
    assert "ONE_DATABASE_URL is not the address of a PostgreSQL" in said
    assert "postgresql://user:password@host:5432/database" in cure


@pytest.mark.parametrize("loading", ["one.cli.commands", "one.cli.serve", "one.web.server"])
def test_an_early_interrupt_is_one_line(environ: Mapping[str, str], loading: str) -> None:
    """SIGINT comes just as a module begins to load, though whoever started the tests ignores it."""
    interrupted = f"""
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
class Interrupting:
    def find_spec(self, name, *rest):
        if name == {loading!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from one.cli import main
main()
"""
    command = [sys.executable, "-c", interrupted, "serve", "--port", "0"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr == "\nStopped.\n"
