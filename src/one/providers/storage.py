"""Files, under the digest of their bytes: in a folder, or in any store that obstore knows.

The stand-in, for trials, only writes down that a file was saved.
"""

import hashlib
from collections.abc import Callable
from functools import cached_property, partial

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from one.errors import Invalid, Outside
from one.ontology.services import Action, Parameter, Service
from one.providers.base import (
    Ask,
    Book,
    Direct,
    Fields,
    File,
    Mode,
    Provider,
    Reach,
    Stage,
    StandIn,
    already,
    busy,
    never,
    read_file,
    refused,
)
from one.settings import Settings

_FILE = Parameter(
    "file",
    "json",
    required=True,
    words=("image", "video", "audio", "document", "content", "data", "recording", "transcript"),
)

SERVICES = (
    Service(
        "storage",
        "Storage",
        ("storage", "file storage", "cloud storage", "s3", "file service"),
        (
            Action(
                "save",
                (
                    "save file",
                    "store file",
                    "upload file",
                    "save",
                    "store",
                    "upload",
                    "save the file",
                    "upload the file",
                    "store the file",
                ),
                (_FILE, Parameter("name", "text")),
                result="json",
                fields={"id": "text", "url": "text"},
                effect="reversible",
                inverse="delete",
            ),
            Action(
                "delete",
                ("delete file", "delete", "remove file"),
                (_FILE,),
                result="boolean",
                effect="irreversible",
            ),
        ),
        doc="Keeps files.",
    ),
)


async def _save(book: Book, ask: Ask) -> Fields:
    given, id = read_file(ask.params.get("file"), ask.text("name", "file")), ask.id("file")
    file: Fields = {
        "id": id,
        "url": f"sandbox:storage/{id}",
        "name": given.name,
        "contentType": given.kind,
        "size": len(given.content),
        "sha256": hashlib.sha256(given.content).hexdigest(),
    }
    await book.put("file", {**file, "at": ask.at.isoformat()})
    return file


async def _delete(book: Book, ask: Ask) -> Fields:
    id = ask.id_of("file")
    file = await book.get("file", id)
    if file is None:
        raise refused(f"There is no file {id}.")
    if file.get("deleted"):
        raise already("This file is deleted already.")
    await book.put("file", {**file, "deleted": True})
    return {"value": True, "id": id}


def standins(stage: Stage) -> tuple[Provider, ...]:
    acts = {"save": _save, "delete": _delete}
    return (StandIn(SERVICES[0], acts, stage=stage, how="only written down"),)


_BOOK = "storage"


class Shelves:
    """Bytes under their digest, so that the same ones lie there once; files are names for them.

    A file's entry in the book and its bytes change under the book's lock: bytes are gone when, and
    only when, no file is left that has them.
    """

    def __init__(self, opened: Callable[[], ObjectStore], stage: Stage) -> None:
        self._opened = opened
        self.stage = stage

    @cached_property
    def _store(self) -> ObjectStore:
        return self._opened()

    async def save(self, ask: Ask) -> Fields:
        given = read_file(ask.params.get("file"), ask.text("name", "file"))
        digest, id = hashlib.sha256(given.content).hexdigest(), ask.id("file")
        place = _place(digest)
        await self._put(place, given)
        async with self.stage.books.open(_BOOK) as book:
            known = await book.get("file", id)
            if known is not None:
                return known
            if not await self._there(place):  # somebody deleted its last file meanwhile
                await self._put(place, given)
            await self._count(book, digest, by=1)
            file: Fields = {
                "id": id,
                "url": f"/files/{id}",
                "name": given.name,
                "contentType": given.kind,
                "size": len(given.content),
                "sha256": digest,
            }
            await book.put("file", file)
            return file

    async def delete(self, ask: Ask) -> Fields:
        id = ask.id_of("file")
        async with self.stage.books.open(_BOOK) as book:
            file = await book.get("file", id)
            if file is None:
                raise refused(f"There is no file {id}.")
            if file.get("deletedBy") is None:
                digest = str(file["sha256"])
                if await self._count(book, digest, by=-1) == 0:
                    await self._drop(_place(digest))
                await book.put("file", {**file, "deletedBy": ask.key})
            elif file["deletedBy"] != ask.key:
                raise already("This file is deleted already.")
        return {"value": True, "id": id}

    async def seek(self, ask: Ask) -> Fields:
        """What came of a call with a key."""
        async with self.stage.books.open(_BOOK) as book:
            known = await book.get("file", ask.id("file"))
        if ask.method != "save" or known is None:
            raise never(ask)
        return known

    async def read(self, id: str) -> bytes:
        """The bytes of a file. Raises Outside."""
        async with self.stage.books.open(_BOOK) as book:
            file = await book.get("file", id)
        if file is None or file.get("deletedBy") is not None:
            raise refused(f"There is no file {id}.")
        try:
            return bytes(
                await (await self._store.get_async(_place(str(file["sha256"])))).bytes_async()
            )
        except BaseError as error:
            raise _failed(error) from error

    async def _count(self, book: Book, digest: str, *, by: int) -> int:
        """How many files have these bytes now."""
        known = await book.get("bytes", digest)
        count = (int(str(known["files"])) if known else 0) + by
        await book.put("bytes", {"id": digest, "files": count})
        return count

    async def _put(self, place: str, given: File) -> None:
        try:
            await self._store.put_async(place, given.content)
        except BaseError as error:
            raise _failed(error) from error

    async def _there(self, place: str) -> bool:
        try:
            await self._store.head_async(place)
        except FileNotFoundError:
            return False
        except BaseError as error:
            raise _failed(error) from error
        return True

    async def _drop(self, place: str) -> None:
        try:
            await self._store.delete_async(place)
        except FileNotFoundError:
            return
        except BaseError as error:
            raise _failed(error) from error


def _place(digest: str) -> str:
    return f"{digest[:2]}/{digest}"


def _failed(error: BaseError) -> Outside:
    """Bytes may be put and dropped again and again: whatever came of it, trying again is right."""
    if isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return refused("The storage doesn't let this deployment in.", cure="Look at its keys.")
    return busy("The storage can't be reached or is broken.")


def live(settings: Settings, stage: Stage) -> tuple[Provider, ...]:
    """A folder of this machine, or what ONE_STORAGE_URL names. Raises Invalid."""
    url, folder = settings.storage_url, settings.data / "files"
    if not url:
        opened = partial(LocalStore, folder, mkdir=True)
        return (kept(Shelves(opened, stage), mode="local", how=f"the folder {folder}"),)
    try:
        store = from_url(url)
    except (BaseError, ValueError) as error:
        said = str(error).partition("\n")[0]
        raise Invalid(
            f"ONE_STORAGE_URL can't be used: {said}.", cure="Write it as s3://bucket/folder."
        ) from error
    mode: Mode = "local" if isinstance(store, LocalStore | MemoryStore) else "live"
    return (kept(Shelves(lambda: store, stage), mode=mode, how=url.partition("?")[0]),)


def kept(shelves: Shelves, *, mode: Mode, how: str) -> Provider:
    """The service over some shelves."""
    reach = Reach(mode, how, seek=shelves.seek)
    acts = {"save": shelves.save, "delete": shelves.delete}
    return Direct(SERVICES[0], acts, stage=shelves.stage, reach=reach)
