-- Texts that somebody is writing. A draft may be of a feature that is live: `slug` and `number` say
-- on which revision of it the text stands.
CREATE TABLE drafts (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    owner_id uuid NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    slug text,
    number integer,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, id)
);

CREATE INDEX drafts_of ON drafts (space_id, owner_id, updated_at, id);
