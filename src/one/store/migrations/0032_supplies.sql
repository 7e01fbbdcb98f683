-- How many units of each token are out, kept by whatever moves them in the same statement: summing
-- what all of its holders have took longer the more there were. In several parts, so that whoever
-- gives or spends units of one token rarely waits for others who do.
CREATE TABLE supplies (
    space_id uuid NOT NULL,
    token_id uuid NOT NULL,
    part smallint NOT NULL,
    units bigint NOT NULL,
    PRIMARY KEY (space_id, token_id, part)
) WITH (fillfactor = 70);

INSERT INTO supplies (space_id, token_id, part, units)
SELECT space_id, to_id, 0, sum(n1)
FROM connections
WHERE type = 'holds' AND valid_to IS NULL
GROUP BY space_id, to_id
HAVING sum(n1) <> 0;
