"""The barest Starlette handlers on the store's own pool: what HTTP and PostgreSQL alone cost."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from one.store import DEFAULT_SPACE, Database
from one.store.session import entity_columns

_SELECT = f"SELECT {entity_columns('x')} FROM entities x WHERE space_id = %(space)s"
_ONE = f"{_SELECT} AND id = %(id)s AND deleted_at IS NULL AND seen = 'public'"
_PAGE = (
    f"{_SELECT} AND type = 'course' AND deleted_at IS NULL AND seen = 'public'"
    " ORDER BY created_at DESC, id DESC LIMIT %(limit)s"
)
_NAMES = [name.strip().removeprefix("x.") for name in entity_columns("x").split(",")]


def app() -> Starlette:
    database = Database(os.environ["ONE_DATABASE_URL"], "one")

    @asynccontextmanager
    async def lifespan(server: Starlette) -> AsyncGenerator[None]:
        del server
        await database.start()
        yield
        await database.close()

    async def rows(sql: str, **params: object) -> list[dict[str, object]]:
        async with database.read(snapshot=False) as tx:
            records = await tx.rows(sql, {"space": DEFAULT_SPACE, **params})
        return [dict(zip(_NAMES, record, strict=True)) for record in records]

    async def one(request: Request) -> Response:
        found = await rows(_ONE, id=UUID(request.path_params["id"]))
        return Response(orjson.dumps(found[0]), media_type="application/json")

    async def page(request: Request) -> Response:
        found = await rows(_PAGE, limit=int(request.query_params["limit"]))
        return Response(orjson.dumps({"items": found}), media_type="application/json")

    return Starlette(routes=[Route("/one/{id}", one), Route("/page", page)], lifespan=lifespan)
