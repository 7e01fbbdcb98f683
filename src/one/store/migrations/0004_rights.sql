-- What rights are read from stands in indexes whole: a viewer's relations, either way, and what
-- an end of a relation or event is and who sees it.

DROP INDEX connections_from;

CREATE INDEX connections_from ON connections (space_id, from_id, type, created_at, id)
    INCLUDE (to_id, valid_from, valid_to);

DROP INDEX connections_to;

CREATE INDEX connections_to ON connections (space_id, to_id, type, created_at, id)
    INCLUDE (from_id, valid_from, valid_to);

CREATE INDEX entities_sight ON entities (space_id, id) INCLUDE (type, seen) WHERE deleted_at IS NULL;

-- Lists of all types, and of all that one actor did, in the order of time.

CREATE INDEX connections_newest ON connections (space_id, created_at, id);

CREATE INDEX events_by_actor_time ON events (space_id, actor_id, recorded_at, id);

-- Who sees a thing follows from its type more often than not.

CREATE STATISTICS entities_seen (dependencies, mcv) ON type, seen, status FROM entities;
