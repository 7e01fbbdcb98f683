"""Features as data: revisions that never change, and the pointers that say which of them are live.

A pointer is moved and read in the caller's transaction, so that whoever begins after it was
committed meets what it says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

import orjson
from pydantic import JsonValue

from one.clock import new_id
from one.store.audit import Act as Noted
from one.store.audit import note
from one.store.migrate import PLATFORM
from one.store.rows import Row
from one.store.session import Session

Act = Literal["deployed", "rolled back", "retired", "canary"]
_NOTED: dict[Act, Noted] = {
    "deployed": "feature_deployed",
    "rolled back": "feature_rolled_back",
    "retired": "feature_retired",
    "canary": "feature_canary",
}
_MADE_LIVE: tuple[Act, ...] = ("deployed", "rolled back")


class Feature(Row):
    """A feature as it is now. `number` is the live revision; a canary takes a share of calls."""

    owner: UUID
    slug: str
    title: str
    number: int
    digest: str
    canary_number: int | None
    canary_digest: str | None
    canary_percent: int | None
    retired_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What a text was compiled to. `program` is its canonical form, `lines` those of its paths,
    `errors` the codes that it refuses with, and their words.
    """

    slug: str
    title: str
    text: str
    digest: str
    program: bytes
    lines: Mapping[str, int]
    sheet: Mapping[str, JsonValue]
    vocabulary: str
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a feature, for ever the same."""

    owner: UUID
    slug: str
    number: int
    digest: str
    text: str
    program: bytes
    lines: Mapping[str, int]
    sheet: Mapping[str, JsonValue]
    vocabulary: str
    errors: Mapping[str, str]
    actor: UUID | None
    created_at: datetime


class Deploy(Row):
    """Something that was done to the pointer of a feature."""

    id: UUID
    act: Act
    number: int
    percent: int
    actor: UUID | None
    at: datetime


_FEATURE = (
    "owner_id, slug, title, number, digest, canary_number, canary_digest, canary_percent,"
    " retired_at, version, created_at, updated_at"
)
_REVISION = (
    "owner_id, slug, number, digest, text, program, lines, sheet, vocabulary, errors, actor_id,"
    " created_at"
)
_ONE = "space_id = %(space)s AND owner_id = %(owner)s AND slug = %(slug)s"
_LAST_WITH = (
    "FROM revisions WHERE space_id = %(space)s AND digest = %(digest)s AND slug = %(slug)s"
    " AND owner_id IN (%(owner)s, %(platform)s)"
    " ORDER BY owner_id = %(owner)s DESC, number DESC LIMIT 1"
)


def _feature(record: Sequence[object]) -> Feature:
    return Feature.model_construct(None, **dict(zip(Feature.model_fields, record, strict=True)))


def _revision(record: Sequence[object]) -> Revision:
    owner, slug, number, digest, text, program, *rest = record
    return Revision(owner, slug, number, digest, text, str(program).encode(), *rest)  # pyright: ignore[reportArgumentType] # the columns are the fields


# --- features


async def feature(
    session: Session, owner: UUID, slug: str, *, lock: bool = False
) -> Feature | None:
    """One of an owner's features, retired or not; `lock` keeps others from moving its pointer."""
    record = await session.tx.row(
        f"SELECT {_FEATURE} FROM features WHERE {_ONE}{' FOR UPDATE' if lock else ''}",
        session.params(owner=owner, slug=slug),
    )
    return _feature(record) if record else None


async def called(session: Session, handle: str, slug: str) -> Feature | None:
    """The feature at an address; what is retired too."""
    record = await session.tx.row(
        f"SELECT {', '.join(f'f.{name}' for name in _FEATURE.split(', '))} FROM authors a"
        " JOIN features f ON f.space_id = a.space_id AND f.owner_id = a.owner_id"
        " WHERE a.space_id = %(space)s AND a.handle = %(handle)s AND f.slug = %(slug)s",
        session.params(handle=handle, slug=slug),
    )
    return _feature(record) if record else None


async def features_of(
    session: Session, owner: UUID | None, *, retired: bool = True, limit: int = 1_000
) -> list[Feature]:
    """The features of an owner, or of all; last changed first."""
    records = await session.tx.rows(
        f"SELECT {_FEATURE} FROM features WHERE space_id = %(space)s"
        " AND (%(owner)s::uuid IS NULL OR owner_id = %(owner)s)"
        " AND (%(retired)s OR retired_at IS NULL)"
        " ORDER BY updated_at DESC, owner_id, slug LIMIT %(limit)s",
        session.params(owner=owner, retired=retired, limit=limit),
    )
    return [_feature(record) for record in records]


async def state_of_features(session: Session) -> tuple[int, datetime | None]:
    """Changes with every move of a pointer: how many there were, and when the last was."""
    record = await session.tx.row(
        "SELECT coalesce(sum(version), 0), max(updated_at) FROM features"
        " WHERE space_id = %(space)s",
        session.params(),
    )
    assert record is not None, "an aggregate has a row"
    return int(str(record[0])), cast("datetime | None", record[1])


# --- revisions


async def revision(session: Session, owner: UUID, slug: str, *, number: int) -> Revision | None:
    """One revision by its number."""
    record = await session.tx.row(
        f"SELECT {_REVISION} FROM revisions WHERE {_ONE} AND number = %(number)s",
        session.params(owner=owner, slug=slug, number=number),
    )
    return _revision(record) if record else None


async def revision_of(session: Session, owner: UUID, slug: str, *, digest: str) -> Revision | None:
    """The last revision with a digest of an owner's feature, else of the platform's."""
    record = await session.tx.row(
        f"SELECT {_REVISION} {_LAST_WITH}",
        session.params(owner=owner, slug=slug, digest=digest, platform=PLATFORM),
    )
    return _revision(record) if record else None


async def number_of(session: Session, owner: UUID, slug: str, *, digest: str) -> int | None:
    """The number of that revision."""
    record = await session.tx.row(
        f"SELECT number {_LAST_WITH}",
        session.params(owner=owner, slug=slug, digest=digest, platform=PLATFORM),
    )
    return cast("int", record[0]) if record else None


async def source_of(
    session: Session, owner: UUID, slug: str, *, digest: str
) -> tuple[str, dict[str, int]] | None:
    """The text of that revision, and the line of each place of its program."""
    record = await session.tx.row(
        f"SELECT text, lines {_LAST_WITH}",
        session.params(owner=owner, slug=slug, digest=digest, platform=PLATFORM),
    )
    return cast("tuple[str, dict[str, int]] | None", record)


async def revisions_of(session: Session, owner: UUID, slug: str) -> list[Revision]:
    """All revisions of a feature, newest first."""
    records = await session.tx.rows(
        f"SELECT {_REVISION} FROM revisions WHERE {_ONE} ORDER BY number DESC LIMIT 1000",
        session.params(owner=owner, slug=slug),
    )
    return [_revision(record) for record in records]


async def live_revisions(session: Session, owner: UUID | None) -> list[Revision]:
    """The live revisions of an owner, or of all; retired features left out."""
    names = ", ".join(f"r.{name}" for name in _REVISION.split(", "))
    records = await session.tx.rows(
        f"SELECT {names} FROM features f JOIN revisions r ON r.space_id = f.space_id"
        " AND r.owner_id = f.owner_id AND r.slug = f.slug AND r.number = f.number"
        " WHERE f.space_id = %(space)s AND f.retired_at IS NULL"
        " AND (%(owner)s::uuid IS NULL OR f.owner_id = %(owner)s)"
        " ORDER BY f.created_at, f.owner_id, f.slug LIMIT 10000",
        session.params(owner=owner),
    )
    return [_revision(record) for record in records]


async def keep_revision(session: Session, owner: UUID, compiled: Compiled) -> Revision:
    """A new revision of a feature; the newest one where that is the same in all it says."""
    last = await session.tx.row(
        f"SELECT {_REVISION} FROM revisions WHERE {_ONE} ORDER BY number DESC LIMIT 1",
        session.params(owner=owner, slug=compiled.slug),
    )
    number = 1
    if last is not None:
        known = _revision(last)
        if _same(known, compiled):
            return known
        number = known.number + 1
    record = await session.tx.row(
        "INSERT INTO revisions (space_id, owner_id, slug, number, digest, text, program, lines,"
        " sheet, vocabulary, errors, actor_id, created_at) VALUES (%(space)s, %(owner)s, %(slug)s,"
        " %(number)s, %(digest)s, %(text)s, %(program)s, %(lines)s::jsonb, %(sheet)s::jsonb,"
        f" %(vocabulary)s, %(errors)s::jsonb, %(me)s, %(now)s) RETURNING {_REVISION}",
        session.params(
            owner=owner,
            slug=compiled.slug,
            number=number,
            digest=compiled.digest,
            text=compiled.text,
            program=compiled.program.decode(),
            lines=_json(dict(compiled.lines)),
            sheet=_json(dict(compiled.sheet)),
            vocabulary=compiled.vocabulary,
            errors=_json(dict(compiled.errors)),
        ),
    )
    assert record is not None, "what is inserted is returned"
    return _revision(record)


def _same(known: Revision, compiled: Compiled) -> bool:
    return (known.digest, known.text, known.sheet, known.vocabulary) == (
        compiled.digest,
        compiled.text,
        dict(compiled.sheet),
        compiled.vocabulary,
    )


# --- pointers


@dataclass(frozen=True, slots=True)
class Pointed:
    """Where the pointer of a feature is to stand."""

    title: str
    number: int
    digest: str
    canary: tuple[int, str, int] | None = None
    retired: bool = False


async def point(session: Session, owner: UUID, slug: str, *, to: Pointed, act: Act) -> Feature:
    """Moves the pointer of a feature, or makes it, and keeps that this was done."""
    canary = to.canary or (None, None, None)
    params = session.params(
        owner=owner,
        slug=slug,
        title=to.title,
        number=to.number,
        digest=to.digest,
        canary_number=canary[0],
        canary_digest=canary[1],
        canary_percent=canary[2],
        retired=to.retired,
    )
    record = await session.tx.row(
        "INSERT INTO features (space_id, owner_id, slug, title, number, digest, canary_number,"
        " canary_digest, canary_percent, retired_at, version, created_at, updated_at)"
        " VALUES (%(space)s, %(owner)s, %(slug)s, %(title)s, %(number)s, %(digest)s,"
        " %(canary_number)s, %(canary_digest)s, %(canary_percent)s,"
        " CASE WHEN %(retired)s THEN %(now)s::timestamptz END, 1, %(now)s, %(now)s)"
        " ON CONFLICT (space_id, owner_id, slug) DO UPDATE SET title = excluded.title,"
        " number = excluded.number, digest = excluded.digest,"
        " canary_number = excluded.canary_number, canary_digest = excluded.canary_digest,"
        " canary_percent = excluded.canary_percent, retired_at = excluded.retired_at,"
        " version = features.version + 1, updated_at = excluded.updated_at"
        f" RETURNING {_FEATURE}",
        params,
    )
    assert record is not None, "what is written is returned"
    said = canary if act == "canary" else (to.number, None, 100)
    await session.tx.run(
        "INSERT INTO deploys (space_id, id, owner_id, slug, act, number, percent, actor_id, at)"
        " VALUES (%(space)s, %(id)s, %(owner)s, %(slug)s, %(act)s, %(of)s, %(percent)s, %(me)s,"
        " %(now)s)",
        params | {"id": new_id(), "act": act, "of": said[0] or to.number, "percent": said[2] or 0},
    )
    facts = {"slug": slug, "revision": to.number}
    await note(session, _NOTED[act], about=owner, details=facts)
    return _feature(record)


async def live_before(session: Session, owner: UUID, slug: str, *, number: int) -> int | None:
    """The last revision before a number that was ever live."""
    record = await session.tx.row(
        f"SELECT max(number) FROM deploys WHERE {_ONE} AND number < %(number)s"
        " AND act = ANY(%(acts)s)",
        session.params(owner=owner, slug=slug, number=number, acts=list(_MADE_LIVE)),
    )
    return cast("int | None", record[0]) if record else None


async def deploys_of(session: Session, owner: UUID, slug: str) -> list[Deploy]:
    """What was done to the pointer of a feature, newest first."""
    records = await session.tx.rows(
        f"SELECT id, act, number, percent, actor_id, at FROM deploys WHERE {_ONE}"
        " ORDER BY id DESC LIMIT 1000",
        session.params(owner=owner, slug=slug),
    )
    names = Deploy.model_fields
    return [Deploy.model_construct(None, **dict(zip(names, r, strict=True))) for r in records]


# --- authors


async def handle_of(session: Session, owner: UUID) -> str | None:
    """What stands for an owner in the addresses of their features."""
    record = await session.tx.row(
        "SELECT handle FROM authors WHERE space_id = %(space)s AND owner_id = %(owner)s",
        session.params(owner=owner),
    )
    return str(record[0]) if record else None


async def handles(session: Session) -> dict[UUID, str]:
    """Of every owner of features."""
    records = await session.tx.rows(
        "SELECT owner_id, handle FROM authors WHERE space_id = %(space)s", session.params()
    )
    return {cast(UUID, owner): str(handle) for owner, handle in records}


async def author_called(session: Session, handle: str) -> UUID | None:
    """Whose handle it is, in addresses or else by their own word."""
    record = await session.tx.row(
        "SELECT owner_id FROM authors WHERE space_id = %(space)s AND handle = %(handle)s"
        " UNION ALL SELECT entity_id FROM unique_values WHERE space_id = %(space)s"
        " AND type = 'person' AND rule = 'handle' AND value = %(handle)s LIMIT 1",
        session.params(handle=handle),
    )
    return cast(UUID, record[0]) if record else None


async def take_handle(session: Session, owner: UUID, handle: str) -> bool:
    """Gives an owner a handle, in place of the one they had; false when another has it, be it in
    an address or as their own.
    """
    return bool(
        await session.tx.run(
            "INSERT INTO authors (space_id, owner_id, handle) SELECT %(space)s, %(owner)s,"
            " %(handle)s WHERE NOT EXISTS (SELECT FROM authors WHERE space_id = %(space)s"
            " AND handle = %(handle)s AND owner_id <> %(owner)s) AND NOT EXISTS (SELECT FROM"
            " unique_values WHERE space_id = %(space)s AND type = 'person' AND rule = 'handle'"
            " AND value = %(handle)s AND entity_id <> %(owner)s)"
            " ON CONFLICT (space_id, owner_id) DO UPDATE SET handle = excluded.handle",
            session.params(owner=owner, handle=handle),
        )
    )


# --- emitted code


async def emitted(session: Session, digest: str, emitter: str) -> str | None:
    """The module that a program was emitted as by this version of the emitter."""
    record = await session.tx.row(
        "SELECT module FROM emitted WHERE space_id = %(space)s AND digest = %(digest)s"
        " AND emitter = %(emitter)s",
        session.params(digest=digest, emitter=emitter),
    )
    return str(record[0]) if record else None


async def keep_emitted(session: Session, digest: str, emitter: str, *, module: str) -> None:
    """Keeps a module for other processes."""
    await session.tx.run(
        "INSERT INTO emitted (space_id, digest, emitter, module, at) VALUES (%(space)s, %(digest)s,"
        " %(emitter)s, %(module)s, %(now)s) ON CONFLICT DO NOTHING",
        session.params(digest=digest, emitter=emitter, module=module),
    )


def _json(value: dict[str, int] | dict[str, str] | dict[str, JsonValue]) -> str:
    return orjson.dumps(value).decode()
