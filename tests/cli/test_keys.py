"""`one keys`: a new key takes the place of an old one, and nothing that was sealed is lost."""

import stat
from pathlib import Path

import orjson
import pytest
from pyotp import random_base32

from one.clock import new_id
from one.settings import Settings
from tests.cli.test_db import Environ, environ, one

__all__ = ["environ"]


@pytest.fixture
def sealed(environ: Environ, tmp_path: Path) -> Environ:
    """A deployment in which somebody has a second factor."""
    id = str(new_id())
    account = {"id": id, "email": f"{id}@mail.example"}
    factor = {"account": id, "secret": random_base32(), "enabled": True}
    for name, line in (("accounts", account), ("second_factors", factor)):
        file = tmp_path / f"{name}.ndjson"
        file.write_bytes(orjson.dumps(line) + b"\n")
        taken = one(environ, "import", str(file))
        assert taken.returncode == 0, taken.stdout + taken.stderr
    return environ


def told(environ: Environ) -> list[str]:
    return [line.strip() for line in one(environ, "keys").stdout.splitlines()]


def test_a_new_key_seals_what_the_old_one_sealed_which_can_then_go(
    sealed: Environ, settings: Settings
) -> None:
    assert told(sealed)[-1] == "1 sealed with the newest key"
    made = one(sealed, "keys", "new")
    assert "one keys reseal" in made.stdout
    many, older = told(sealed)
    assert many.startswith("2 keys; ")
    assert older.startswith("1 sealed with an older one")
    assert one(sealed, "keys", "reseal").stdout == "1 second factors were sealed anew.\n"
    assert one(sealed, "keys", "reseal").stdout == "0 second factors were sealed anew.\n"
    kept = settings.data / "secret-key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.write_text(kept.read_text().splitlines()[0])
    assert told(sealed) == ["1 key; 1 second factors", "1 sealed with the newest key"]


def test_a_key_that_was_lost_is_told(sealed: Environ, settings: Settings) -> None:
    (settings.data / "secret-key").write_text("another one")
    assert told(sealed)[-1].startswith("1 that no key here opens")
    assert one(sealed, "keys", "reseal").stdout == "0 second factors were sealed anew.\n"


def test_where_the_settings_name_the_keys_a_new_one_is_given_to_put_there(
    environ: Environ,
) -> None:
    answer = one({**environ, "ONE_SECRET_KEYS": "mine"}, "keys", "new")
    assert answer.returncode != 0
    assert "ONE_SECRET_KEYS names the keys" in answer.stderr
    assert "in front there" in answer.stderr
