from typing import cast

import pytest

from one.errors import Conflict, Invalid, NotFound
from one.runtime import AnyOperation, Context, anyone, operation, owner_of
from one.runtime.operation import Stated


async def find_thing(ctx: Context, *, from_: int = 0, in_order: bool = True) -> int:
    """Find it.

    Wherever it is.
    """
    return from_


def test_one_declaration_names_everything() -> None:
    found: AnyOperation = operation(kind="read", allow=anyone, raises=(NotFound,))(find_thing)
    assert (found.room, found.verb_noun) == ("test_operation", "find-thing")
    assert (found.method, found.path) == ("GET", "/api/test_operation/find-thing")
    assert (found.summary, found.status) == ("Find it.", 200)
    assert list(found.input.model.model_json_schema()["properties"]) == ["from", "inOrder"]
    assert found.raises == (NotFound,)


def test_an_owners_rule_declares_what_it_raises() -> None:
    found = operation(kind="write", allow=owner_of("from_"), raises=(Conflict,))(find_thing)
    assert [error.__name__ for error in found.raises] == [
        "Conflict",
        "NotSignedIn",
        "Denied",
        "NotFound",
    ]


def test_an_operation_without_a_rule_is_refused() -> None:
    with pytest.raises(TypeError, match="who may call"):
        operation(**cast(Stated, {"kind": "read"}))


def test_a_parameter_by_position_is_refused() -> None:
    async def wrong(ctx: Context, id: int) -> None:
        """Wrong."""

    with pytest.raises(TypeError, match="`id` must be keyword-only"):
        operation(kind="read", allow=anyone)(wrong)


def test_a_route_that_names_what_is_not_taken_is_refused() -> None:
    with pytest.raises(TypeError, match="'id'"):
        operation(kind="read", allow=anyone, route="GET /api/things/{id}")(find_thing)


def test_input_is_strict_in_json_and_typed_in_a_url() -> None:
    input = operation(kind="read", allow=anyone)(find_thing).input
    assert input.read(b'{"from": 7, "inOrder": false}') == {"from_": 7, "in_order": False}
    assert input.read_url([("from", "7"), ("inOrder", "true")]) == {"from_": 7, "in_order": True}
    for body in (b'{"from": "7"}', b'{"from": 7.5}', b'{"inOrder": 1}', b'{"from_": 7}'):
        with pytest.raises(Invalid):
            input.read(body)
    for text in ("7.0", "+7", " 7", "7_0", "0x7", "1\u0667"):
        with pytest.raises(Invalid, match="whole number"):
            input.read_url([("from", text)])
