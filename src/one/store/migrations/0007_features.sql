-- Features are data. A revision never changes; the row of a feature says which one is live and which
-- share of the calls another one takes. `number` counts the revisions of one feature, `digest` is
-- that of its program, which several may have in common.

CREATE TABLE authors (
    space_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    handle text NOT NULL,
    PRIMARY KEY (space_id, owner_id)
);

CREATE UNIQUE INDEX authors_by_handle ON authors (space_id, handle);

CREATE TABLE features (
    space_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    slug text NOT NULL,
    title text NOT NULL,
    number integer NOT NULL,
    digest text NOT NULL,
    canary_number integer,
    canary_digest text,
    canary_percent integer CHECK (canary_percent BETWEEN 1 AND 99),
    retired_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, owner_id, slug)
);

CREATE INDEX features_newest ON features (space_id, updated_at, owner_id, slug);

-- `program` is its canonical text, byte for byte; `lines` the line of each of its paths.

CREATE TABLE revisions (
    space_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    slug text NOT NULL,
    number integer NOT NULL,
    digest text NOT NULL,
    text text NOT NULL,
    program text NOT NULL,
    lines jsonb NOT NULL,
    sheet jsonb NOT NULL,
    vocabulary text NOT NULL,
    errors jsonb NOT NULL,
    actor_id uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, owner_id, slug, number)
);

CREATE INDEX revisions_by_digest ON revisions (space_id, digest, created_at);

CREATE TABLE deploys (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    owner_id uuid NOT NULL,
    slug text NOT NULL,
    act text NOT NULL CHECK (act IN ('deployed', 'rolled back', 'retired', 'canary')),
    number integer NOT NULL,
    percent integer NOT NULL,
    actor_id uuid,
    at timestamptz NOT NULL,
    PRIMARY KEY (space_id, id)
);

CREATE INDEX deploys_of_feature ON deploys (space_id, owner_id, slug, id);

-- What a program was emitted as: a cache.

CREATE TABLE emitted (
    space_id uuid NOT NULL,
    digest text NOT NULL,
    emitter text NOT NULL,
    module text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (space_id, digest, emitter)
);
