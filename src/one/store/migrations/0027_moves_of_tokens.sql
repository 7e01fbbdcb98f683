-- Each move of tokens says by how much it changed the balance, and what it left; what says more of
-- a move, and moves nothing, has a reference of what it speaks of.
WITH moved AS (
    SELECT space_id, id, actor_id, entity_id, recorded_at,
        CASE
            WHEN metadata->>'action' IN ('spent', 'burned') OR metadata ? 'x_to' THEN -1
            ELSE 1
        END * (metadata->>'amount')::bigint AS change
    FROM events
    WHERE type = 'token_transacted' AND metadata ? 'amount'
        AND NOT metadata ? 'change' AND NOT metadata ? 'x_reference'
),
told AS (
    SELECT space_id, id, change,
        sum(change) OVER (
            PARTITION BY space_id, actor_id, entity_id ORDER BY recorded_at, id
        ) AS balance
    FROM moved
)
UPDATE events e
SET metadata = e.metadata || jsonb_build_object('change', t.change, 'balance', t.balance)
FROM told t
WHERE e.space_id = t.space_id AND e.id = t.id;
