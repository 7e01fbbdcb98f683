from typing import Any

import pytest
from httpx import AsyncClient, Response

from one.clock import new_id
from one.errors import JSON
from one.runtime.operation import Undeclared
from one.settings import Settings
from tests.web import shelf
from tests.web.conftest import shelf_app, talking_to

pytestmark = pytest.mark.anyio
DUNE: dict[str, JSON] = {"title": "Dune", "genre": "fiction"}


def problem(response: Response, status: int) -> dict[str, Any]:
    """The document, once it is a problem of this status that says what and how to go on."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["status"] == status
    assert document["detail"]
    return document


async def test_what_is_made_is_found_where_its_location_says(
    client: AsyncClient, reader: dict[str, str]
) -> None:
    made = await client.post("/api/books", json=DUNE | {"pages": 412}, headers=reader)
    assert made.status_code == 201
    assert made.headers["etag"] == '"1"'
    read = await client.get(made.headers["location"])
    assert read.json() == made.json()
    assert read.json()["pages"] == 412


async def test_an_etag_that_still_holds_saves_the_body(
    client: AsyncClient, reader: dict[str, str]
) -> None:
    made = await client.post("/api/books", json=DUNE, headers=reader)
    headers = {"if-none-match": made.headers["etag"]}
    read = await client.get(made.headers["location"], headers=headers)
    assert (read.status_code, read.content) == (304, b"")


async def test_a_list_in_a_query_is_its_name_repeated(
    client: AsyncClient, reader: dict[str, str]
) -> None:
    await client.post("/api/books", json=DUNE, headers=reader)
    await client.post("/api/books", json={"title": "Cosmos", "genre": "science"}, headers=reader)
    both = await client.get("/api/books?genre=fiction&genre=science&limit=2&long=false")
    one = await client.get("/api/books?genre=science")
    assert len(both.json()["items"]) == 2
    assert [book["title"] for book in one.json()["items"]] == ["Cosmos"]


async def test_a_change_to_what_has_changed_is_a_conflict(
    client: AsyncClient, reader: dict[str, str]
) -> None:
    made = await client.post("/api/books", json=DUNE, headers=reader)
    place = made.headers["location"]
    for tag in ('"1"', 'W/"2"', "*"):
        changed = await client.patch(
            place, json={"title": "Dune"}, headers=reader | {"if-match": tag}
        )
        assert changed.status_code == 200
    stale = await client.patch(place, json={}, headers=reader | {"if-match": '"1"'})
    assert problem(stale, 409)["version"] == 4
    unreadable = await client.patch(place, json={}, headers=reader | {"if-match": "one"})
    problem(unreadable, 422)


async def test_who_is_unknown_signs_in_first(client: AsyncClient) -> None:
    for headers in ({}, {"authorization": "Bearer nobody"}, {"authorization": "Basic cmVhZGVy"}):
        answer = await client.post("/api/books", content=b"{not even json", headers=headers)
        problem(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_who_may_not_is_denied(
    client: AsyncClient, reader: dict[str, str], keeper: dict[str, str]
) -> None:
    place = (await client.post("/api/books", json=DUNE, headers=reader)).headers["location"]
    problem(await client.delete(place, headers=reader), 403)
    gone = await client.delete(place, headers=keeper)
    assert (gone.status_code, gone.content) == (204, b"")
    problem(await client.get(place), 404)


async def test_a_method_that_is_not_there_names_those_that_are(client: AsyncClient) -> None:
    answer = await client.put("/api/books/1")
    problem(answer, 405)
    assert answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"
    options = await client.options("/api/books")
    assert options.status_code == 204
    assert options.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    answer = await client.post("/healthz")
    problem(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD"


async def test_head_measures_what_get_says(client: AsyncClient) -> None:
    head, get = await client.head("/api/books"), await client.get("/api/books")
    assert head.content == b""
    assert head.headers["content-length"] == get.headers["content-length"]


async def test_an_unknown_address_names_the_nearest(client: AsyncClient) -> None:
    assert "/api/books" in problem(await client.get("/api/bookz"), 404)["cure"]
    problem(await client.get("/nothing/here"), 404)
    problem(await client.get("/api/books/"), 404)


async def test_an_operation_without_a_route_has_its_own(client: AsyncClient) -> None:
    document = problem(await client.get("/api/shelf/break-things?how=invalid"), 422)
    assert document["errors"] == [{"pointer": "/how", "message": "can't be so", "allowed": ["bug"]}]


@pytest.mark.parametrize("how", ["undeclared", "bug"])
async def test_a_bug_is_500_and_not_shown(client: AsyncClient, how: str) -> None:
    document = problem(await client.get(f"/api/shelf/break-things?how={how}"), 500)
    assert "secret" not in str(document)
    assert document["reference"]


async def test_the_process_says_how_it_is(client: AsyncClient) -> None:
    assert (await client.get("/healthz")).text == "alive\n"
    assert "/openapi.json" in (await client.get("/")).text
    assert (await client.get("/readyz")).text == "ready\n"
    assert "409" in (await client.get("/problems/conflict")).text
    problem(await client.get("/problems/no-such"), 404)


async def test_every_answer_is_safe_to_embed_nowhere(client: AsyncClient) -> None:
    for address in ("/api/books", "/api/none", "/healthz", "/openapi.json"):
        headers = (await client.get(address)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_a_bug_is_loud_in_tests(settings: Settings) -> None:
    async with shelf_app(settings, "test") as app, talking_to(app) as client:
        with pytest.raises(Undeclared, match="break_things raised Taken"):
            await client.get("/api/shelf/break-things?how=undeclared")


async def test_a_repeated_request_is_answered_and_not_done_again(
    client: AsyncClient, reader: dict[str, str]
) -> None:
    headers = reader | {"idempotency-key": str(new_id())}
    made = await client.post("/api/books", json=DUNE, headers=headers)
    again = await client.post("/api/books", json=DUNE, headers=headers)
    assert (again.status_code, again.content) == (201, made.content)
    assert again.headers["location"] == made.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert len((await client.get("/api/books")).json()["items"]) == 1
    problem(await client.post("/api/books", json=DUNE | {"pages": 9}, headers=headers), 409)


async def test_a_failure_is_not_remembered(client: AsyncClient, reader: dict[str, str]) -> None:
    headers = reader | {"idempotency-key": str(new_id())}
    problem(await client.post("/api/books", json={"title": "Dune"}, headers=headers), 422)
    made = await client.post("/api/books", json=DUNE, headers=headers)
    assert made.status_code == 201


async def test_who_was_in_the_way_of_another_is_tried_again(
    client: AsyncClient, reader: dict[str, str]
) -> None:
    shelf.IN_THE_WAY.extend(["twice", "in the way"])
    book = (await client.post("/api/books", json=DUNE, headers=reader)).headers["location"]
    assert (await client.post(f"{book}/borrow", headers=reader)).status_code == 200
    shelf.IN_THE_WAY.extend(["always"] * 9)
    problem(await client.post(f"{book}/borrow", headers=reader), 409)
    assert shelf.IN_THE_WAY == ["always"] * 6
    shelf.IN_THE_WAY.clear()
