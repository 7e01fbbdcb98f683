"""What staff look at is kept for certain, before they see it, at whichever door they ask."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from pydantic import JsonValue

from one.runtime.context import Deployment
from one.store import Viewer
from one.store.audit import note


async def keep_look(
    deployment: Deployment,
    actor: Viewer,
    *,
    space: UUID,
    operation: str,
    asked: Mapping[str, JsonValue],
) -> None:
    """Notes that somebody of the staff reads, and what they asked for; of others nothing."""
    if actor.staff_role is None:
        return
    async with deployment.desk.write(space, actor) as store:
        await note(store.session, "staff_read", details={"operation": operation, **asked})


def as_asked(pairs: Iterable[tuple[str, str]]) -> dict[str, JsonValue]:
    """What stood in an address by name; what stood there several times as a list."""
    found: dict[str, list[JsonValue]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: said[0] if len(said) == 1 else said for name, said in found.items()}
