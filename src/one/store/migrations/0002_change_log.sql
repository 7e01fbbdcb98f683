-- Every write adds a row to change_queue in its own transaction; the sequencer moves committed
-- rows to changes and gives them their position. Nothing else writes changes.

CREATE TABLE change_queue (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    row_id uuid NOT NULL,
    row_type text NOT NULL,
    version integer NOT NULL,
    before jsonb,
    actor_id uuid,
    at timestamptz NOT NULL,
    PRIMARY KEY (space_id, id)
) WITH (autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0);

CREATE TABLE changes (
    space_id uuid NOT NULL,
    position bigint NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    row_id uuid NOT NULL,
    row_type text NOT NULL,
    version integer NOT NULL,
    before jsonb,
    actor_id uuid,
    at timestamptz NOT NULL,
    PRIMARY KEY (space_id, position)
);

CREATE INDEX changes_by_row ON changes (space_id, row_id, position);

-- The last position given in a space and the oldest one still kept.
CREATE TABLE positions (
    space_id uuid PRIMARY KEY,
    last bigint NOT NULL,
    oldest bigint NOT NULL
);

-- How far each named reader has come.
CREATE TABLE marks (
    space_id uuid NOT NULL,
    reader text NOT NULL,
    position bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, reader)
);
