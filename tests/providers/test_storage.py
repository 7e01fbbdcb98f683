"""Files in a folder, in memory and in S3: the same ones once, gone with their last name."""

import asyncio
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from moto.server import ThreadedMotoServer
from obstore import (
    list_with_delimiter,  # pyright: ignore[reportUnknownVariableType] # of what needs arrow
)
from obstore.store import LocalStore, MemoryStore, ObjectStore, S3Store
from pydantic import JsonValue

from one.app import providers
from one.clock import new_id
from one.errors import Invalid
from one.providers.base import Provider
from one.providers.storage import Shelves, kept
from one.settings import Settings
from tests.providers.calling import fails, stage_of
from tests.world import World

pytestmark = pytest.mark.anyio
PNG: JsonValue = "data:image/png;base64,iVBORw0KGgo="


@pytest.fixture(scope="module")
def s3() -> Generator[str]:
    """The address of a server that speaks S3."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "memory", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    match request.param:
        case "folder":
            return LocalStore(tmp_path / "files", mkdir=True)
        case "memory":
            return MemoryStore()
        case _:
            url = request.getfixturevalue("s3")
            name = f"files-{new_id()}"
            httpx2.put(f"{url}/{name}").raise_for_status()
            return S3Store(
                name,
                endpoint=url,
                region="us-east-1",
                access_key_id="k",
                secret_access_key="s",
                client_options={"allow_http": True},
            )


@pytest.fixture
def shelves(world: World, place: ObjectStore) -> Shelves:
    return Shelves(lambda: place, stage_of(world))


def storage(shelves: Shelves) -> Provider:
    return kept(shelves, mode="local", how="a test")


def laid(place: ObjectStore) -> list[str]:
    """The digests that lie there, in folders by their first two letters."""
    folders = list_with_delimiter(place)["common_prefixes"]
    return [item["path"] for one in folders for item in list_with_delimiter(place, one)["objects"]]


async def test_a_file_comes_back_byte_for_byte(shelves: Shelves) -> None:
    file = await storage(shelves).call("save", {"file": PNG, "name": "a.png"}, key="1")
    assert (file["contentType"], file["size"]) == ("image/png", 8)
    assert await shelves.read(str(file["id"])) == b"\x89PNG\r\n\x1a\n"


async def test_the_same_bytes_lie_there_once_until_their_last_file_goes(
    shelves: Shelves, place: ObjectStore
) -> None:
    files = storage(shelves)
    one, other = [await files.call("save", {"file": PNG}, key=key) for key in ("1", "2")]
    assert len(laid(place)) == 1
    for _ in range(2):  # the same call twice is one
        await files.call("delete", {"file": one}, key="3")
    assert await shelves.read(str(other["id"]))
    async with fails("done", retryable=False):
        await files.call("delete", {"file": one}, key="4")
    await files.call("delete", {"file": other}, key="5")
    assert laid(place) == []
    async with fails("not_done", retryable=False):
        await shelves.read(str(other["id"]))


async def test_saving_and_deleting_at_once_never_loses_a_file(
    shelves: Shelves, place: ObjectStore
) -> None:
    files = storage(shelves)
    saved = [await files.call("save", {"file": PNG}, key=f"s{n}") for n in range(4)]
    calls = [files.call("delete", {"file": one}, key=f"d{n}") for n, one in enumerate(saved)]
    calls += [files.call("save", {"file": PNG}, key=f"t{n}") for n in range(4)]
    answers = await asyncio.gather(*calls)
    for kept_file in answers[4:]:
        assert await shelves.read(str(kept_file["id"]))


async def test_a_saved_file_can_be_looked_up(shelves: Shelves) -> None:
    files = storage(shelves)
    async with fails("not_done", retryable=False):
        await files.lookup("save", key="1")
    saved = await files.call("save", {"file": "text"}, key="1")
    assert await files.lookup("save", key="1") == saved


@pytest.mark.parametrize(
    "file",
    [
        *(None, "", "data:image/png;base64,%%%", {"text": ""}),
        *("data:image/png;base64,aGVsbG8=", {"base64": "iVBORw0KGgo=", "contentType": "audio/ogg"}),
        "x" * (25 * 1024 * 1024 + 1),
    ],
)
async def test_what_is_no_sound_file_is_refused(world: World, file: JsonValue) -> None:
    files = storage(Shelves(MemoryStore, stage_of(world)))
    async with fails("not_done", retryable=False):
        await files.call("save", {"file": file}, key="1")


async def test_a_storage_that_is_away_is_tried_again(world: World) -> None:
    away = S3Store(
        "files",
        endpoint="http://127.0.0.1:9",
        region="us-east-1",
        access_key_id="k",
        secret_access_key="s",
        client_options={"allow_http": True, "connect_timeout": timedelta(seconds=1)},
        retry_config={"max_retries": 0},
    )
    async with fails("not_done", retryable=True):
        await storage(Shelves(lambda: away, stage_of(world))).call("save", {"file": "x"}, key="1")


def test_files_lie_where_the_settings_say(world: World, tmp_path: Path) -> None:
    here = providers(Settings(data=tmp_path), stage_of(world))["storage"]
    assert (here.mode, here.how) == ("local", f"the folder {tmp_path}/files")
    there = providers(Settings(storage_url="s3://studio/files"), stage_of(world))["storage"]
    assert (there.mode, there.how) == ("live", "s3://studio/files")
    with pytest.raises(Invalid, match="ONE_STORAGE_URL"):
        providers(Settings(storage_url="nonsense"), stage_of(world))
