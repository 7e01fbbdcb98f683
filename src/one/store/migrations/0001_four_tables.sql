-- The four tables and what joins them. Every data row belongs to a space and every key begins
-- with it, so that a deployment can be spread over machines without a rewrite.

CREATE TABLE spaces (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    created_at timestamptz NOT NULL
);

-- `visibility` is what was asked for, `seen` what holds with the status taken in.
-- k1 to k3 (text) and n1, n2 (number) hold the values of the properties that the type declares as
-- indexed, so that a filter on any declared key of any type is served by one of five indexes.
CREATE TABLE entities (
    space_id uuid NOT NULL REFERENCES spaces (id),
    id uuid NOT NULL,
    type text NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    visibility text NOT NULL,
    seen text NOT NULL,
    properties jsonb NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    k1 text COLLATE "C",
    k2 text COLLATE "C",
    k3 text COLLATE "C",
    n1 numeric,
    n2 numeric,
    search tsvector NOT NULL,
    PRIMARY KEY (space_id, id)
);

CREATE INDEX entities_newest ON entities (space_id, created_at, id) WHERE deleted_at IS NULL;

CREATE INDEX entities_by_type ON entities (space_id, type, created_at, id) WHERE deleted_at IS NULL;

CREATE INDEX entities_public ON entities (space_id, type, created_at, id)
    WHERE deleted_at IS NULL AND seen = 'public';

CREATE INDEX entities_by_status ON entities (space_id, type, status, created_at, id)
    WHERE deleted_at IS NULL;

CREATE INDEX entities_by_name ON entities (space_id, type, (lower(name)) COLLATE "C", created_at, id)
    WHERE deleted_at IS NULL;

CREATE INDEX entities_by_change ON entities (space_id, type, updated_at, created_at, id)
    WHERE deleted_at IS NULL;

CREATE INDEX entities_by_k1 ON entities (space_id, type, k1, created_at, id)
    WHERE k1 IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX entities_by_k2 ON entities (space_id, type, k2, created_at, id)
    WHERE k2 IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX entities_by_k3 ON entities (space_id, type, k3, created_at, id)
    WHERE k3 IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX entities_by_n1 ON entities (space_id, type, n1, created_at, id)
    WHERE n1 IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX entities_by_n2 ON entities (space_id, type, n2, created_at, id)
    WHERE n2 IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX entities_deleted ON entities (space_id, created_at, id) WHERE deleted_at IS NOT NULL;

CREATE INDEX entities_search ON entities USING gin (search);

CREATE TABLE unique_values (
    space_id uuid NOT NULL,
    type text NOT NULL,
    rule text NOT NULL,
    value text NOT NULL,
    entity_id uuid NOT NULL,
    PRIMARY KEY (space_id, type, rule, value),
    FOREIGN KEY (space_id, entity_id) REFERENCES entities (space_id, id)
);

CREATE INDEX unique_values_by_entity ON unique_values (space_id, entity_id);

CREATE TABLE tombstones (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    purged_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, id)
);

-- `slot` tells apart what may stand more than once between the same two ends.
CREATE TABLE connections (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    from_id uuid NOT NULL,
    to_id uuid NOT NULL,
    slot text NOT NULL,
    metadata jsonb NOT NULL,
    strength double precision,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    k1 text COLLATE "C",
    k2 text COLLATE "C",
    n1 numeric,
    PRIMARY KEY (space_id, id),
    FOREIGN KEY (space_id, from_id) REFERENCES entities (space_id, id),
    FOREIGN KEY (space_id, to_id) REFERENCES entities (space_id, id)
);

CREATE UNIQUE INDEX connections_live ON connections (space_id, from_id, to_id, type, slot)
    WHERE valid_to IS NULL;

CREATE INDEX connections_from ON connections (space_id, from_id, type, created_at, id);

CREATE INDEX connections_to ON connections (space_id, to_id, type, created_at, id);

CREATE INDEX connections_by_type ON connections (space_id, type, created_at, id);

CREATE INDEX connections_by_k1 ON connections (space_id, type, k1, created_at, id)
    WHERE k1 IS NOT NULL;

CREATE INDEX connections_by_k2 ON connections (space_id, type, k2, created_at, id)
    WHERE k2 IS NOT NULL;

CREATE INDEX connections_by_n1 ON connections (space_id, type, n1, created_at, id)
    WHERE n1 IS NOT NULL;

CREATE TABLE events (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    entity_id uuid NOT NULL,
    actor_id uuid,
    actor_type text NOT NULL,
    metadata jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    source text,
    session_id text,
    k1 text COLLATE "C",
    k2 text COLLATE "C",
    n1 numeric,
    PRIMARY KEY (space_id, id),
    FOREIGN KEY (space_id, entity_id) REFERENCES entities (space_id, id),
    FOREIGN KEY (space_id, actor_id) REFERENCES entities (space_id, id)
);

CREATE INDEX events_newest ON events (space_id, recorded_at, id);

CREATE INDEX events_by_type ON events (space_id, type, recorded_at, id);

CREATE INDEX events_by_entity ON events (space_id, entity_id, recorded_at, id);

CREATE INDEX events_by_entity_type ON events (space_id, entity_id, type, recorded_at, id);

CREATE INDEX events_by_actor ON events (space_id, actor_id, type, recorded_at, id);

CREATE INDEX events_by_session ON events (space_id, session_id, recorded_at, id)
    WHERE session_id IS NOT NULL;

CREATE INDEX events_by_k1 ON events (space_id, type, k1, recorded_at, id) WHERE k1 IS NOT NULL;

CREATE INDEX events_by_k2 ON events (space_id, type, k2, recorded_at, id) WHERE k2 IS NOT NULL;

CREATE INDEX events_by_n1 ON events (space_id, type, n1, recorded_at, id) WHERE n1 IS NOT NULL;

CREATE TABLE tags (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    category text NOT NULL,
    name text NOT NULL,
    key text NOT NULL,
    description text,
    color text,
    icon text,
    usage_count integer NOT NULL CHECK (usage_count >= 0),
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, id)
);

CREATE UNIQUE INDEX tags_by_key ON tags (space_id, category, key);

CREATE INDEX tags_newest ON tags (space_id, created_at, id);

CREATE INDEX tags_most_used ON tags (space_id, usage_count, created_at, id);

CREATE TABLE entity_tags (
    space_id uuid NOT NULL,
    entity_id uuid NOT NULL,
    tag_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, entity_id, tag_id),
    FOREIGN KEY (space_id, entity_id) REFERENCES entities (space_id, id),
    FOREIGN KEY (space_id, tag_id) REFERENCES tags (space_id, id)
);

CREATE INDEX entity_tags_by_tag ON entity_tags (space_id, tag_id, entity_id);
