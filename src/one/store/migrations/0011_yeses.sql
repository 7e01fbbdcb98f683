-- The yes of others: what somebody was asked on behalf of an author's feature, and what they said.
-- `line` is the line of the feature's sheet that asks for it, as a digest of what it asks: asked
-- for more, it is another line.
CREATE TABLE yeses (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    author_id uuid NOT NULL,
    line text NOT NULL,
    words text NOT NULL,
    answer boolean,
    asked_at timestamptz NOT NULL,
    answered_at timestamptz,
    PRIMARY KEY (space_id, id)
);

CREATE UNIQUE INDEX yeses_by_line ON yeses (space_id, person_id, author_id, line);

CREATE INDEX yeses_newest ON yeses (space_id, person_id, asked_at, id);

-- The runs that wait for an answer, and the signal that wakes each.
CREATE TABLE yes_waits (
    space_id uuid NOT NULL,
    yes_id uuid NOT NULL,
    run_id uuid NOT NULL,
    topic text NOT NULL,
    PRIMARY KEY (space_id, yes_id, run_id, topic),
    FOREIGN KEY (space_id, yes_id) REFERENCES yeses (space_id, id) ON DELETE CASCADE
);
