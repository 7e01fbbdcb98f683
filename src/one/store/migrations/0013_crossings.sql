-- Things that features wait for to reach a number: how much was missing when last looked at.

ALTER TABLE triggers ADD COLUMN made_at timestamptz NOT NULL DEFAULT '1970-01-01T00:00:00Z';

CREATE TABLE crossings (
    space_id uuid NOT NULL,
    trigger text NOT NULL,
    thing_id uuid NOT NULL,
    missing bigint NOT NULL,
    PRIMARY KEY (space_id, trigger, thing_id),
    FOREIGN KEY (space_id, trigger) REFERENCES triggers (space_id, name) ON DELETE CASCADE
);
