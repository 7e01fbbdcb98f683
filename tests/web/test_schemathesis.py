"""The description, held against the running server by somebody else's eyes."""

import os
import subprocess
import sys
from pathlib import Path

from one.settings import Settings
from tests.cli.test_serve import serving


def test_the_server_does_what_its_description_says(settings: Settings, tmp_path: Path) -> None:
    stated = {"ONE_DATABASE_URL": settings.database_url, "ONE_DATA": str(settings.data)}
    environ = {**os.environ, **stated, "ONE_SCHEMA": "described"}
    run = [str(Path(sys.executable).with_name("schemathesis")), "run", "--max-examples", "5"]
    with serving(environ) as (address, token):
        header = f"Authorization: Bearer {token}"
        done = subprocess.run(
            [*run, "--generation-deterministic", f"{address}/openapi.json", "-H", header],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-20_000:]
