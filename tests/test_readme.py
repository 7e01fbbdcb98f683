"""The README does what it says, as pasted."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def lines() -> str:
    """The shell blocks after the one with `make run`."""
    _, *blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    return "\n".join(blocks)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def served(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str
) -> Generator[tuple[int, Path, dict[str, str]]]:
    """A real server with the demo world, on a schema of its own."""
    folder, port = tmp_path_factory.mktemp("served"), free_port()
    environ = os.environ | {
        "ONE_PORT": str(port),
        "ONE_DATABASE_URL": postgres_url,
        "ONE_SCHEMA": "readme",
    }
    one = [str(Path(sys.executable).with_name("one")), "serve"]
    with subprocess.Popen(
        one, cwd=folder, env=environ, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            printed = [server.stdout.readline() for _ in range(2)]
            assert f":{port}" in printed[0], printed
            assert "token" in printed[1]
            wait_for(port)
            yield port, folder, environ
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=10) == 0


def wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


def test_the_readme_works_as_pasted(served: tuple[int, Path, dict[str, str]]) -> None:
    port, folder, environ = served
    (folder / ".venv").symlink_to(Path(sys.prefix))
    script = lines().replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout
    for expected in (
        '"revenueShare":10000',
        '"key":"fitness"',
        '"status":"published"',
        '"content_viewed"',
        '"changed":["properties.publishedAt","status"]',
        "event: changed",
        "Did you mean course",
        "Welcome new members (welcome.one): compiled",
        "Wish well  revision 2  /api/features/wish_well",
        "Now: Answer with wish “Be well, [name]”",
        '"output":{"wish":"Breathe well, Bo"}',
        "Be well, Cy",
    ):
        assert expected in said, expected
    assert said.count("Breath for runners") >= 3
