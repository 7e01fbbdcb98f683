-- A tag's count is of the live things that everybody sees: how often it stands on drafts and on what
-- is private is told to nobody.
UPDATE tags t SET usage_count = (
    SELECT count(*) FROM entity_tags l
    JOIN entities e ON e.space_id = l.space_id AND e.id = l.entity_id
    WHERE l.space_id = t.space_id AND l.tag_id = t.id
        AND e.deleted_at IS NULL AND e.seen = 'public'
);
