-- What an author's features keep of another person: seen by that author alone.
CREATE TABLE notes (
    space_id uuid NOT NULL,
    author_id uuid NOT NULL,
    person_id uuid NOT NULL,
    properties jsonb NOT NULL,
    tags text[] NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, author_id, person_id)
);

CREATE INDEX notes_of_person ON notes (space_id, person_id);
