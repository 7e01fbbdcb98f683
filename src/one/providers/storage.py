"""Files. The stand-in keeps them in its book."""

import hashlib

import orjson

from one.ontology.services import Action, Parameter, Service
from one.providers.base import Ask, Book, Fields, Provider, Stage, StandIn, already, refused

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
    data = ask.params.get("file")
    if not data:
        raise ask.missing("file")
    raw, id = orjson.dumps(data), ask.id("file")
    file: Fields = {
        "id": id,
        "url": f"sandbox:storage/{id}",
        "name": ask.text("name", "file"),
        "size": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
    }
    await book.put("file", {**file, "data": data, "at": ask.at.isoformat()})
    return file


async def _delete(book: Book, ask: Ask) -> Fields:
    id = ask.id_of("file")
    file = await book.get("file", id)
    if file is None:
        raise refused(f"There is no file {id}.")
    if file.get("deleted"):
        raise already("This file is deleted already.")
    await book.put("file", {"id": id, "deleted": True})
    return {"value": True, "id": id}


_ACTS = {"save": _save, "delete": _delete}


def standins(stage: Stage) -> tuple[Provider, ...]:
    return (StandIn(SERVICES[0], _ACTS, stage=stage, how="kept in the book"),)
