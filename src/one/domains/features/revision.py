"""What a revision says: its program, its sheet, its slots; and where its feature is called."""

from collections.abc import Mapping
from typing import Annotated

import orjson
from pydantic import Field, JsonValue

from one.compiler.program import Program, Slot
from one.compiler.sheet import Sheet
from one.compiler.sheet.parts import Runs
from one.store.revisions import Revision

Slug = Annotated[str, Field(max_length=200, description="The name in its address.")]
ADDRESS = "/api/features"
OFFERED: tuple[Runs, ...] = ("everybody", "guests", "signedIn")
"""Who runs what others than its author may call."""


def program_of(kept: Revision) -> Program:
    """The program of a revision."""
    return Program.model_validate(orjson.loads(kept.program))


def sheet_of(kept: Revision) -> Sheet:
    """What a revision may do, and for whom."""
    return Sheet.model_validate(kept.sheet)


def is_offered(kept: Revision) -> bool:
    """Whether others than the author may call it, so that its address is no secret."""
    return sheet_of(kept).runs.who in OFFERED


def address_of(handle: str | None, slug: str) -> str:
    """Where a feature is called; the platform's own have no handle in it."""
    return f"{ADDRESS}/{handle}/{slug}" if handle else f"{ADDRESS}/{slug}"


def slots_of(slots: Mapping[str, Slot]) -> dict[str, JsonValue]:
    """Inputs or outputs as JSON."""
    return {
        name: slot.model_dump(by_alias=True, exclude_defaults=True, mode="json")
        for name, slot in slots.items()
    }
