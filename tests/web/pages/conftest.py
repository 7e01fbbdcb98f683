"""A browser in a space of the test's own."""

from collections.abc import AsyncGenerator

import pytest
from httpx import AsyncClient

from tests.web.pages.browsing import browser_in
from tests.world import World


@pytest.fixture
async def browser(world: World) -> AsyncGenerator[AsyncClient]:
    async with browser_in(world) as browser:
        yield browser
