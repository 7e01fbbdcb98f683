-- What is out of a token, and held by how many, is read from one index: a token with limits sums it
-- for each unit that it gives out.
CREATE INDEX connections_held ON connections (space_id, to_id, slot, from_id) INCLUDE (n1)
    WHERE type = 'holds' AND valid_to IS NULL;
