"""Bad input is refused with its place and what is allowed; never a 500."""

import pytest
from httpx import AsyncClient

from one.errors import JSON
from one.web.request import MAX_BODY
from tests.web.test_api import DUNE, problem

pytestmark = pytest.mark.anyio
AS_JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({"genre": "fiction"}, "/title", "is required"),
        (DUNE | {"title": ""}, "/title", "1 or more characters"),
        (DUNE | {"title": 7}, "/title", "must be text"),
        (DUNE | {"title": "a\0b"}, "/title", "NUL"),
        (DUNE | {"genre": "poetry"}, "/genre", "one of those allowed"),
        (DUNE | {"pages": "5"}, "/pages", "whole number"),
        (DUNE | {"pages": 0}, "/pages", "at least 1"),
        (DUNE | {"pages": 10**30}, "/pages", "at most 9999"),
        (DUNE | {"pags": 5}, "/pags", "did you mean `pages`?"),
        (DUNE | {"facts": []}, "/facts", "must be an object"),
        (DUNE | {"facts": {"a": ["x\0"]}}, "/facts/a/0", "NUL"),
        (DUNE | {"writtenBy": [{"name": "Frank"}, {"nam": "F"}]}, "/writtenBy/1/name", "required"),
        (DUNE | {"writtenBy": [{"name": "F", "naem": 1}]}, "/writtenBy/0/naem", "`name`"),
        (DUNE | {"writtenBy": [{"name": "F"}] * 10_000}, "/writtenBy", "at most 20 items"),
    ],
)
async def test_a_wrong_field_is_pointed_at(
    client: AsyncClient, reader: dict[str, str], body: dict[str, JSON], pointer: str, words: str
) -> None:
    document = problem(await client.post("/api/books", json=body, headers=reader), 422)
    faults = {fault["pointer"]: fault["message"] for fault in document["errors"]}
    assert words in faults[pointer]


async def test_of_many_mistakes_some_are_told_and_how_many_there_are(
    client: AsyncClient, reader: dict[str, str]
) -> None:
    many = {f"k{n}": n for n in range(20_000)}
    document = problem(await client.post("/api/books", json=DUNE | many, headers=reader), 422)
    assert document["detail"].startswith("20000 things are wrong; first: `k0`")
    assert len(document["errors"]) == 50


async def test_what_is_allowed_is_named(client: AsyncClient, reader: dict[str, str]) -> None:
    answer = await client.post("/api/books", json=DUNE | {"genre": "poetry"}, headers=reader)
    assert problem(answer, 422)["errors"][0]["allowed"] == ["fiction", "science"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"title": "\\ud800", "genre": "fiction"}',
        b'{"title": "a", "genre": "fiction", "facts": {"a": NaN}}',
        b'{"title": "a", "genre": "fiction", "facts": {"a": 1e999}}',
        b'{"title": "a", "genre": "fiction", "facts": ' + b'{"a":' * 64 + b"1" + b"}" * 65,
        b"[" * 100_000,
        b"[" * 900 + b"]" * 900,
    ],
)
async def test_what_is_not_an_object_of_sane_json_is_refused(
    client: AsyncClient, reader: dict[str, str], body: bytes
) -> None:
    answer = await client.post("/api/books", content=body, headers=reader | AS_JSON)
    assert "pydantic" not in str(problem(answer, 422))


async def test_sixty_levels_are_still_read(client: AsyncClient, reader: dict[str, str]) -> None:
    deep = b'{"title": "a", "genre": "fiction", "facts": ' + b'{"a":' * 60 + b"1" + b"}" * 61
    answer = await client.post("/api/books", content=deep, headers=reader | AS_JSON)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=5.0",
        "limit=",
        "limit=%205",
        "limit=1_0",
        "limit=5&limit=6",
        "long=yes",
        "genre=poetry",
        "genre=a%00",
        "limt=5",
        "limit=%ff",
        "&".join(f"genre={n}" for n in range(1000)),
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(client: AsyncClient, query: str) -> None:
    problem(await client.get(f"/api/books?{query}"), 422)


async def test_a_query_beside_a_body_is_refused(
    client: AsyncClient, reader: dict[str, str]
) -> None:
    problem(await client.post("/api/books?title=x", json=DUNE, headers=reader), 422)


@pytest.mark.parametrize("id", ["1", "%00", "%ff", "null", "0" * 36, "a" * 5000])
async def test_an_id_that_is_none_is_refused(client: AsyncClient, id: str) -> None:
    document = problem(await client.get(f"/api/books/{id}"), 422)
    assert document["errors"][0]["pointer"] == "/id"


async def test_a_body_over_the_limit_is_not_read(
    client: AsyncClient, reader: dict[str, str]
) -> None:
    read = 0

    async def endless():
        nonlocal read
        while True:
            read += 1
            yield b" " * 65536

    problem(await client.post("/api/books", content=endless(), headers=reader | AS_JSON), 413)
    assert read <= MAX_BODY // 65536 + 1
    stated = {"content-length": str(MAX_BODY + 1)} | AS_JSON | reader
    problem(await client.post("/api/books", content=b"{}", headers=stated), 413)


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=x"]
)
async def test_a_body_that_is_not_said_to_be_json_is_refused(
    client: AsyncClient, reader: dict[str, str], kind: str
) -> None:
    headers = reader | {"content-type": kind}
    problem(await client.post("/api/books", content=b"{}", headers=headers), 415)


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "a\tb"])
async def test_a_key_that_can_not_be_kept_is_refused(
    client: AsyncClient, reader: dict[str, str], key: str
) -> None:
    headers = [*reader.items(), ("idempotency-key", key)]
    problem(await client.post("/api/books", json=DUNE, headers=headers), 422)
