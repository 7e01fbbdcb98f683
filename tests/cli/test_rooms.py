"""Operations as sub-commands."""

import orjson
import pytest
from click.testing import CliRunner

from one.cli.commands import one
from one.cli.rooms import commands
from one.runtime import Answer, AnyOperation, Call, operations_of
from tests.web import shelf

CALLS: list[tuple[str, Call]] = []


def keep(operation: AnyOperation, call: Call) -> Answer:
    """Runs nothing: what is asked for is what these tests are about."""
    CALLS.append((operation.name, call))
    return Answer(200, b'{"done":true}')


@pytest.fixture
def run() -> CliRunner:
    CALLS.clear()
    return CliRunner()


ROOM = commands("shelf", operations_of(shelf), run=keep)


def test_options_are_typed_by_the_signature(run: CliRunner) -> None:
    words = ["create-book", "--title", "Dune", "--genre", "fiction", "--pages", "412"]
    done = run.invoke(ROOM, [*words, "--facts", '{"a": [1]}', "--written-by", '[{"name": "F"}]'])
    assert (done.exit_code, done.stdout) == (0, '{"done":true}\n')
    name, call = CALLS[0]
    assert name == "create_book"
    assert orjson.loads(call.body) == {
        "title": "Dune",
        "genre": "fiction",
        "pages": 412,
        "facts": {"a": [1]},
        "writtenBy": [{"name": "F"}],
    }
    assert call.actor.role == "staff"


def test_a_list_is_its_option_repeated_and_a_place_an_argument(run: CliRunner) -> None:
    run.invoke(ROOM, ["find-books", "--genre", "fiction", "--genre", "science", "--long", "true"])
    run.invoke(ROOM, ["update-book", "an-id", "--title", "Emma", "--if-match", "3"])
    assert orjson.loads(CALLS[0][1].body) == {"genre": ["fiction", "science"], "long": True}
    assert CALLS[1][1].path == (("id", "an-id"),)
    assert CALLS[1][1].asked.if_match == 3


def test_all_of_the_input_may_come_as_json(run: CliRunner) -> None:
    stdin = '{"title": "Emma", "pages": 3}'
    run.invoke(ROOM, ["create-book", "--input", "-", "--pages", "9"], input=stdin)
    assert orjson.loads(CALLS[0][1].body) == {"title": "Emma", "pages": 9}


@pytest.mark.parametrize(
    "words",
    [
        ["create-book", "--pages", "many"],
        ["create-book", "--genre", "poetry"],
        ["create-book", "--facts", "{"],
        ["create-book", "--titel", "Dune"],
        ["get-book"],
        ["read-book"],
    ],
)
def test_what_is_used_wrongly_is_not_run(run: CliRunner, words: list[str]) -> None:
    assert run.invoke(ROOM, words).exit_code == 2
    assert CALLS == []


def test_help_says_what_an_operation_takes(run: CliRunner) -> None:
    text = run.invoke(ROOM, ["create-book", "--help"]).stdout
    assert "Put a book on the shelf." in text
    assert "[fiction|science]" in text


def test_help_names_the_rooms_without_loading_them(run: CliRunner) -> None:
    text = run.invoke(one, ["--help"]).stdout
    assert "graph" in text
    assert "serve" in text
