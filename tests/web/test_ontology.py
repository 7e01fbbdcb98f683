from collections.abc import AsyncGenerator

import pytest
from httpx import ASGITransport, AsyncClient

from one.app import build
from one.settings import Settings
from one.web.server import create

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(settings: Settings) -> AsyncGenerator[AsyncClient]:
    async with build(settings) as app:
        transport = ASGITransport(create(app))
        async with AsyncClient(transport=transport, base_url="http://one") as client:
            yield client


async def test_the_vocabulary_is_published(client: AsyncClient) -> None:
    document = (await client.get("/api/ontology")).json()
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert any(name.endswith("course") for name in document["$defs"])
