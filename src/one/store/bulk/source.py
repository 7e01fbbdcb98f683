"""Where an import comes from: a folder or a file of NDJSON, or a snapshot of Convex."""

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import orjson

from one.errors import Fault, Invalid, NotFound
from one.ontology import nearest

MANIFEST = "manifest.json"
REJECTED = "rejected.ndjson"
FORMAT = "one-export"
VERSION = 1
_END = ".ndjson"
_CHUNK = 2**20

Line = Mapping[str, object]
Convert = Callable[[Line, tuple[Fault, ...]], Line]


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of one section. `digest` names the content.

    `convert` makes a line of another system one of ours; called again with the faults of what it
    made, it may try another way.
    """

    section: str
    file: str
    size: int
    digest: str
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    convert: Convert | None = None


@dataclass(frozen=True, slots=True)
class Files:
    """What is imported: its parts, where its rejected lines go, what is to be said."""

    parts: tuple[Part, ...]
    rejected: Path
    notes: tuple[str, ...] = ()


def open_source(path: Path, sections: tuple[str, ...]) -> Files:
    """Raises NotFound, and Invalid saying what can't be imported there and why."""
    if not path.exists():
        raise NotFound(f"There is no file or folder {path}.", cure="Check the path.")
    if path.is_dir():
        return _folder(path, sections)
    if not path.is_file():
        raise Invalid(f"{path} is neither a file nor a folder.")
    if path.name == MANIFEST:
        return _folder(path.parent, sections)
    part = _part(path, _section_of(path, sections))
    notes = () if part.size else (f"{path.name} is empty.",)
    return Files((part,), path.with_name(path.stem + ".rejected" + _END), notes)


def _folder(path: Path, sections: tuple[str, ...]) -> Files:
    stated = _manifest(path / MANIFEST, sections)
    files = [file for file in sorted(path.glob("*" + _END)) if file.name != REJECTED]
    found = [_part(file, _section_of(file, sections)) for file in files]
    if not found:
        raise Invalid(
            f"There is nothing to import in {path}.",
            cure="It should hold files such as " + ", ".join(s + _END for s in sections) + ".",
        )
    parts = {part.section: part for part in found}
    for name, digest in stated.items():
        if name not in parts or parts[name].digest != digest:
            wrong = "is missing" if name not in parts else "is not as it was exported"
            raise Invalid(
                f"{name}{_END} {wrong}.",
                cure=f"Copy the export again; or, to import what is there, remove {MANIFEST}.",
            )
    notes = tuple(f"{part.file} is empty." for part in found if not part.size and not stated)
    return Files(tuple(parts.values()), path / REJECTED, notes)


def _manifest(path: Path, sections: tuple[str, ...]) -> dict[str, str]:
    """Section → digest, as the manifest has it; empty when there is none."""
    if not path.exists():
        return {}
    try:
        stated = cast("dict[str, object]", orjson.loads(path.read_bytes()))
        if stated["format"] != FORMAT or stated["version"] != VERSION:
            raise Invalid(
                f"{path} is of another format: {stated['format']} {stated['version']}.",
                cure="Import it with the ONE that made it, export it there again.",
            )
        listed = cast("dict[str, dict[str, object]]", stated["sections"])
        found = {name: str(facts["sha256"]) for name, facts in listed.items()}
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise Invalid(
            f"{path} is not the manifest of an export.",
            cure="Remove it to import the files as they are.",
        ) from error
    for name in found:
        _known(name, sections, at=path)
    return found


def _section_of(path: Path, sections: tuple[str, ...]) -> str:
    if path.suffix != _END:
        raise Invalid(
            f"{path.name} is not something that can be imported.",
            cure="Give a folder that was exported, a .ndjson file, or a Convex snapshot (.zip).",
        )
    return _known(path.name.removesuffix(_END), sections, at=path)


def _known(name: str, sections: tuple[str, ...], *, at: Path) -> str:
    if name in sections:
        return name
    near = nearest(name, sections, count=1)[0]
    raise Invalid(
        f"{at}: there is no section {name[:80]!r}.",
        cure=f"Did you mean {near}? A file is named after its section: " + ", ".join(sections),
        faults=(Fault("/sections", f"{name[:80]!r} is no section", sections),),
    )


def _part(path: Path, section: str) -> Part:
    return Part(section, path.name, path.stat().st_size, digest_of(path), lambda: path.open("rb"))


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def is_snapshot(path: Path) -> bool:
    """Whether a file is a ZIP."""
    return path.is_file() and zipfile.is_zipfile(path)
