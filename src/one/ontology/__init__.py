"""The words: 50 entity types, 24 connection types, 38 event types, 8 tag categories.

Pure: it knows what may be said, not where it is kept. Every writing passes through
`EntityType.validate`, `ConnectionType.validate` and `EventType.validate`, once.
"""

from pathlib import Path

from one.ontology.describe import describe
from one.ontology.extension import extended
from one.ontology.registry import Ontology, built_in_entities, complete, json_schema
from one.ontology.tags import TagCategory, TagName, parse_tag
from one.ontology.types import (
    STATUSES,
    ConnectionType,
    EntityType,
    EventType,
    Properties,
    Role,
    nearest,
)
from one.ontology.values import CURRENCIES, Money, seconds
from one.ontology.words import Alias, Words

__all__ = [
    "CURRENCIES",
    "STATUSES",
    "Alias",
    "ConnectionType",
    "EntityType",
    "EventType",
    "Money",
    "Ontology",
    "Properties",
    "Role",
    "TagCategory",
    "TagName",
    "Words",
    "describe",
    "json_schema",
    "load",
    "nearest",
    "parse_tag",
    "seconds",
]


def load(extension: Path | None = None) -> Ontology:
    """The built-in types and those that `extension` (an ontology.toml) adds, if the file exists.

    Raises Invalid naming every mistake in the file.
    """
    if extension is None or not extension.is_file():
        return complete(built_in_entities())
    return extended(extension)
