-- How many runs that changes set off lead to a change. What such a run's transactions write takes
-- it from the setting that they begin with.

ALTER TABLE changes ADD COLUMN depth smallint NOT NULL DEFAULT 0;

ALTER TABLE change_queue ADD COLUMN depth smallint NOT NULL DEFAULT 0;

ALTER TABLE change_queue ALTER COLUMN depth
    SET DEFAULT coalesce(nullif(current_setting('one.depth', true), ''), '0')::smallint;
