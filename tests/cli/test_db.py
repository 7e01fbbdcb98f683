"""`one db` and what it tells of a deployment in a schema of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import orjson
import pytest

from one.clock import new_id
from one.settings import Settings
from one.store import DEFAULT_SPACE

ONE = [sys.executable, "-c", "from one.cli import main; main()"]
Environ = Mapping[str, str]


@pytest.fixture
def environ(settings: Settings, tmp_path: Path) -> Environ:
    return {
        **os.environ,
        "ONE_DATABASE_URL": settings.database_url,
        "ONE_DATA": str(settings.data),
        "ONE_SCHEMA": f"db_{new_id().hex[-12:]}",
        "ONE_ONTOLOGY": str(tmp_path / "ontology.toml"),
    }


def one(environ: Environ, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ONE, *words], env=environ, capture_output=True, text=True, check=False, timeout=60
    )


def test_status_tells_of_a_schema_before_it_is_there_and_after(environ: Environ) -> None:
    before = one(environ, "db", "status")
    assert "0001_four_tables.sql  not applied yet" in before.stdout
    assert one(environ, "db", "indexes").stdout == "0 rows were brought up to date.\n"
    after = one(environ, "db", "status").stdout
    assert "not applied" not in after
    assert f"{DEFAULT_SPACE}  ONE" in after
    assert "no server is running" in after
    assert "entities " in after


def test_status_says_which_keys_are_not_filled_and_indexes_fills_them(
    environ: Environ, tmp_path: Path
) -> None:
    recipe = '[entities.recipe]\nextends = "thing"\nplural = "recipes"\nindexed = [{}]\n'
    recipe += '[entities.recipe.properties]\nservings = "count"\n'
    (tmp_path / "ontology.toml").write_text(recipe.format(""))
    facts = ("--type", "recipe", "--name", "Soup", "--properties", '{"servings": 4}')
    assert one(environ, "graph", "create-entity", *facts).returncode == 0
    (tmp_path / "ontology.toml").write_text(recipe.format('"servings"'))
    assert "to be filled in entities: recipe" in one(environ, "db", "status").stdout
    assert one(environ, "db", "indexes").stdout == "1 rows were brought up to date.\n"
    assert "to be filled" not in one(environ, "db", "status").stdout


def test_a_space_that_is_added_is_one_of_its_own(environ: Environ) -> None:
    space = one(environ, "db", "add-space", "Yoga").stdout.strip()
    assert UUID(space)
    assert f"{space}  Yoga" in one(environ, "db", "status").stdout
    course = ("--type", "course", "--name", "Breathing")
    made = one(environ, "graph", "create-entity", *course, "--space", space)
    found = ("graph", "get-entity", str(orjson.loads(made.stdout)["id"]))
    assert one(environ, *found, "--space", space).returncode == 0
    assert one(environ, *found).returncode == 1


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (["graph", "list-entities", "--space", "00000000-0000-7000-8000-0000000000ff"], {}),
        (["serve", "--port", "0"], {"ONE_SPACES": f"a.example={new_id()}"}),
    ],
)
def test_a_space_that_is_not_there_is_said(
    environ: Environ, words: list[str], more: Environ
) -> None:
    done = one({**environ, **more}, *words)
    assert done.returncode in (1, 2)
    assert "`one db status` lists the spaces" in done.stderr
    assert "Traceback" not in done.stderr
