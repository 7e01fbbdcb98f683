-- What the doors need: answers kept for repeated requests, tokens that act, the deployment's own
-- facts, and how far an import has come.

CREATE TABLE answers (
    space_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    operation text NOT NULL,
    key text NOT NULL,
    digest text NOT NULL,
    status integer,
    answer bytea,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, actor_id, operation, key)
);

CREATE INDEX answers_oldest ON answers (space_id, created_at);

CREATE TABLE tokens (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    hash text NOT NULL,
    entity_id uuid NOT NULL,
    role text NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (space_id, id),
    FOREIGN KEY (space_id, entity_id) REFERENCES entities (space_id, id)
);

CREATE UNIQUE INDEX tokens_by_hash ON tokens (space_id, hash);

CREATE TABLE facts (
    space_id uuid NOT NULL,
    name text NOT NULL,
    value jsonb NOT NULL,
    PRIMARY KEY (space_id, name)
);

CREATE TABLE imports (
    space_id uuid NOT NULL,
    source text NOT NULL,
    section text NOT NULL,
    line bigint NOT NULL,
    finished boolean NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, source, section)
);
