-- How often something was done, by what it is and for whom, each day or ever.

CREATE TABLE uses (
    space_id uuid NOT NULL,
    key text NOT NULL,
    day date NOT NULL,
    count integer NOT NULL,
    PRIMARY KEY (space_id, key, day)
);
