-- Durable runs. The truth of a run is its row and its epoch; `queues` says where there may be work,
-- so that one small read finds it and each claim touches one space alone.
-- Business times (wake_at, until) move with the clock; a lease counts by the database's own time.

CREATE TABLE queues (
    space_id uuid NOT NULL,
    name text NOT NULL,
    concurrency integer CHECK (concurrency > 0),
    starts integer CHECK (starts > 0),
    per interval,
    next_start_at timestamptz,
    PRIMARY KEY (space_id, name)
);

-- `wake_at` stands only where a worker shall come by, a lease only while one is at work.
CREATE TABLE runs (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    feature text NOT NULL,
    digest text NOT NULL,
    queue text NOT NULL,
    key text,
    author_id uuid NOT NULL,
    author_role text NOT NULL,
    runner_id uuid,
    parent_id uuid,
    parent_topic text,
    depth integer NOT NULL,
    input jsonb NOT NULL,
    status text NOT NULL CHECK (
        status IN ('pending', 'running', 'waiting', 'stopped', 'done', 'failed', 'cancelled', 'dead')
    ),
    reason text NOT NULL,
    output jsonb,
    error jsonb,
    epoch integer NOT NULL,
    attempts integer NOT NULL,
    counted integer NOT NULL,
    owner text,
    lease_until timestamptz,
    wake_at timestamptz,
    cancel_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (space_id, id)
) WITH (fillfactor = 80, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.02);

CREATE UNIQUE INDEX runs_by_key ON runs (space_id, key) WHERE key IS NOT NULL;

CREATE INDEX runs_due ON runs (space_id, queue, wake_at) WHERE wake_at IS NOT NULL;

CREATE INDEX runs_leased ON runs (space_id, queue, lease_until) WHERE lease_until IS NOT NULL;

CREATE INDEX runs_newest ON runs (space_id, created_at, id);

CREATE INDEX runs_by_author ON runs (space_id, author_id, created_at, id);

CREATE INDEX runs_by_runner ON runs (space_id, runner_id, created_at, id)
    WHERE runner_id IS NOT NULL;

CREATE INDEX runs_by_parent ON runs (space_id, parent_id) WHERE parent_id IS NOT NULL;

CREATE INDEX runs_ended ON runs (space_id, ended_at) WHERE ended_at IS NOT NULL;

-- The journal. `path` is where in the program, `number` the order in which a run's rows were
-- written; a large result lies in a row of its own.
CREATE TABLE steps (
    space_id uuid NOT NULL,
    run_id uuid NOT NULL,
    path text NOT NULL,
    number integer NOT NULL,
    operation text NOT NULL,
    digest text NOT NULL,
    line integer NOT NULL,
    status text NOT NULL CHECK (status IN ('begun', 'waiting', 'done', 'failed')),
    attempt integer NOT NULL,
    result jsonb,
    large boolean NOT NULL,
    error jsonb,
    topic text,
    until timestamptz,
    wanted jsonb,
    at timestamptz NOT NULL,
    PRIMARY KEY (space_id, run_id, path)
);

CREATE INDEX steps_waiting ON steps (space_id, topic) WHERE status = 'waiting';

CREATE TABLE step_results (
    space_id uuid NOT NULL,
    run_id uuid NOT NULL,
    path text NOT NULL,
    result jsonb NOT NULL,
    PRIMARY KEY (space_id, run_id, path)
);

-- Stored before anyone looks for it, so that one that comes early counts.
CREATE TABLE signals (
    space_id uuid NOT NULL,
    run_id uuid NOT NULL,
    topic text NOT NULL,
    id uuid NOT NULL,
    payload jsonb NOT NULL,
    at timestamptz NOT NULL,
    taken_by text,
    PRIMARY KEY (space_id, run_id, topic, id)
);

-- What starts runs by itself: at times, and upon changes.

CREATE TABLE schedules (
    space_id uuid NOT NULL,
    name text NOT NULL,
    feature text NOT NULL,
    digest text NOT NULL,
    author_id uuid NOT NULL,
    author_role text NOT NULL,
    input jsonb NOT NULL,
    every jsonb NOT NULL,
    next_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, name)
);

CREATE INDEX schedules_next ON schedules (next_at);

CREATE TABLE triggers (
    space_id uuid NOT NULL,
    name text NOT NULL,
    feature text NOT NULL,
    digest text NOT NULL,
    author_id uuid NOT NULL,
    author_role text NOT NULL,
    kind text NOT NULL,
    row_type text NOT NULL,
    wanted jsonb NOT NULL,
    own boolean NOT NULL,
    since bigint NOT NULL,
    PRIMARY KEY (space_id, name)
);
