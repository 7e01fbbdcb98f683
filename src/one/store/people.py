"""People, as their accounts have them: a fan who becomes a creator."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import JsonValue

from one.errors import Conflict
from one.ontology import Ontology
from one.store.preferences import About, prefer
from one.store.rows import Entity
from one.store.session import Session
from one.store.things import changed_fields, locked, rewrite

FAN, CREATOR = "audience_member", "creator"
_UNSUBSCRIBED = "unsubscribed"


def fan_only(ontology: Ontology) -> frozenset[str]:
    """The properties that fans have and creators don't, but for the one that is kept otherwise."""
    return ontology.entity(FAN).keys - ontology.entity(CREATOR).keys - {_UNSUBSCRIBED}


async def become_creator(
    session: Session, id: UUID, properties: Mapping[str, JsonValue]
) -> tuple[Entity, list[str]]:
    """Makes a fan a creator, who is the same person with the same relations, and says `properties`
    of themselves; which of a fan's own properties are gone. A visibility that wasn't chosen
    becomes a creator's; who had unsubscribed still wants to hear nothing.

    Raises NotFound, Invalid, and Conflict for one who is a creator or a handle that is taken.
    """
    current = await locked(session, id, None)
    if current.type != FAN:
        raise Conflict("You are a creator.", cure="There is nothing to do.")
    was, kind = session.ontology.entity(FAN), session.ontology.entity(CREATOR)
    given = {**current.properties, **properties}
    left = sorted(fan_only(session.ontology) & given.keys())
    gone = {*left, _UNSUBSCRIBED}
    if given.get(_UNSUBSCRIBED):
        await prefer(session, id, About(), wanted=False)
    chosen = current.visibility != was.visibility
    after = current.model_copy(
        update={
            "type": CREATOR,
            "visibility": current.visibility if chosen else kind.visibility,
            "properties": kind.validate({k: v for k, v in given.items() if k not in gone}),
        }
    )
    fields = list[JsonValue](changed_fields(current, after))
    made = await rewrite(session, current, after, event=("entity_updated", {"fields": fields}))
    return made, left
