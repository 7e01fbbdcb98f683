-- Connections that are pending until somebody who was asked has said yes.
CREATE TABLE yes_ties (
    space_id uuid NOT NULL,
    yes_id uuid NOT NULL,
    type text NOT NULL,
    from_id uuid NOT NULL,
    to_id uuid NOT NULL,
    metadata jsonb NOT NULL,
    PRIMARY KEY (space_id, yes_id, type, from_id, to_id),
    FOREIGN KEY (space_id, yes_id) REFERENCES yeses (space_id, id) ON DELETE CASCADE
);
