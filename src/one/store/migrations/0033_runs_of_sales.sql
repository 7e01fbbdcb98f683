-- A sale says which run began it, so that the receipt leads to the run and the run to the receipt.
-- What was begun before is known from the journals of the runs.
ALTER TABLE sales ADD COLUMN run_id uuid;

UPDATE sales s
SET run_id = t.run_id
FROM steps t
WHERE t.space_id = s.space_id AND t.operation = 'stripe.createCheckout' AND t.result ->> 'id' = s.id::text;

UPDATE sales s
SET run_id = t.run_id
FROM steps t
WHERE t.space_id = s.space_id AND t.operation = 'open' AND t.result #>> '{}' = s.id::text;

CREATE INDEX sales_by_run ON sales (space_id, run_id) WHERE run_id IS NOT NULL;
