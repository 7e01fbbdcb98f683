-- What the stand-ins for services outside keep, each in its own book, as the services would in
-- theirs: calls with their answers, charges, mails. No row of the business refers to it.
CREATE TABLE books (
    space_id uuid NOT NULL,
    provider text NOT NULL,
    kind text NOT NULL,
    id text NOT NULL,
    fields jsonb NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (space_id, provider, kind, id)
);

CREATE INDEX books_oldest ON books (space_id, provider, kind, at, id);
