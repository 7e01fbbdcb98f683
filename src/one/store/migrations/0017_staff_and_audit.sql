-- Who of a space's people is of its staff.
CREATE TABLE staff (
    space_id uuid NOT NULL,
    entity_id uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'support', 'read_only')),
    by_id uuid NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (space_id, entity_id)
);

-- What is done to accounts, rights, money and features, and what staff look at. A transaction adds
-- to audit_queue; the sequencer moves committed rows to audit, each signed together with the one
-- before it by the deployment's key, which lies elsewhere. Nothing is ever changed there.
CREATE TABLE audit_queue (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    act text NOT NULL,
    actor_id uuid,
    about_id uuid,
    details jsonb NOT NULL,
    PRIMARY KEY (space_id, id)
);

CREATE TABLE audit (
    space_id uuid NOT NULL,
    position bigint NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    act text NOT NULL,
    actor_id uuid,
    about_id uuid,
    details jsonb NOT NULL,
    signature text NOT NULL,
    PRIMARY KEY (space_id, position)
);

CREATE INDEX audit_by_actor ON audit (space_id, actor_id, position);

CREATE INDEX audit_by_about ON audit (space_id, about_id, position);

-- The last entry of each space's log, signed too: what is cut off at the end is missed.
CREATE TABLE audit_heads (
    space_id uuid PRIMARY KEY,
    position bigint NOT NULL,
    signature text NOT NULL
);
