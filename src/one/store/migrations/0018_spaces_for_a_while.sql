-- A rehearsal has a space of its own, which it removes; one that was killed leaves it. After `until`
-- anybody may remove it.
ALTER TABLE spaces ADD COLUMN until timestamptz;
