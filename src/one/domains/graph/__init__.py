"""The four tables as operations: things, connections, events and tags.

Records the life-cycle events of things (`entity_created` … `entity_archived`); listens to nothing.
"""

from one.domains.graph.connections import (
    OwnerShare,
    amend_connection,
    connect,
    count_connections,
    disconnect,
    ends_to_ask,
    get_connection,
    list_connections,
    share_revenue,
)
from one.domains.graph.events import count_events, get_event, list_events, record_event
from one.domains.graph.following import Following
from one.domains.graph.notes import get_note
from one.domains.graph.tags import (
    describe_tag,
    get_tag,
    list_entity_tags,
    list_tags,
    tag_entity,
    untag_entity,
)
from one.domains.graph.things import (
    MOST_CHECKED,
    Making,
    Wrong,
    archive_entity,
    check_entities,
    count_entities,
    count_types,
    create_entity,
    delete_entity,
    find_paths,
    get_entity,
    list_entities,
    list_history,
    list_neighbours,
    publish_entity,
    purge_entity,
    restore_entity,
    update_entity,
)
from one.domains.graph.vocabulary import get_ontology

__all__ = [
    "MOST_CHECKED",
    "Following",
    "Making",
    "OwnerShare",
    "Wrong",
    "amend_connection",
    "archive_entity",
    "check_entities",
    "connect",
    "count_connections",
    "count_entities",
    "count_events",
    "count_types",
    "create_entity",
    "delete_entity",
    "describe_tag",
    "disconnect",
    "ends_to_ask",
    "find_paths",
    "get_connection",
    "get_entity",
    "get_event",
    "get_note",
    "get_ontology",
    "get_tag",
    "list_connections",
    "list_entities",
    "list_entity_tags",
    "list_events",
    "list_history",
    "list_neighbours",
    "list_tags",
    "publish_entity",
    "purge_entity",
    "record_event",
    "restore_entity",
    "share_revenue",
    "tag_entity",
    "untag_entity",
    "update_entity",
]
