-- The connections that begin or end by time alone: those whose moment lay ahead when written.

CREATE INDEX connections_to_end ON connections (space_id, valid_to) WHERE valid_to > updated_at;

CREATE INDEX connections_to_begin ON connections (space_id, valid_from) WHERE valid_from > created_at;
