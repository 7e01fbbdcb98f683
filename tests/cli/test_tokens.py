"""`one tokens`: the operations of the room, and whether every balance adds up."""

import subprocess

import orjson
import psycopg
from psycopg.sql import SQL, Identifier

from one.settings import Settings
from tests.cli.test_db import Environ, environ, one

__all__ = ["environ"]


def told(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    assert done.returncode == 0, done.stdout + done.stderr
    return orjson.loads(done.stdout)


def test_a_balance_that_was_edited_beside_the_ledger_is_told(
    environ: Environ, settings: Settings
) -> None:
    person = told(one(environ, "graph", "create-entity", "--type", "creator", "--name", "Ana"))
    terms = ("--name", "Chords", "--symbol", "CHRD")
    token = told(one(environ, "tokens", "issue-token", *terms))
    given = ("--to", person["id"], "--amount", "10")
    assert told(one(environ, "tokens", "mint-tokens", token["id"], *given))["balance"] == 10
    fine = one(environ, "tokens", "verify")
    assert (fine.returncode, fine.stdout) == (0, "Every balance is what its moves come to.\n")
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute(SQL("SET search_path TO {}").format(Identifier(environ["ONE_SCHEMA"])))
        connection.execute(
            "UPDATE connections SET metadata = metadata || '{\"amount\": 11}' WHERE type = 'holds'"
        )
    found = one(environ, "tokens", "verify")
    assert found.returncode == 1
    assert f"holder {person['id']}: 11 of this token are said to be held" in found.stdout
