-- Since when an account is closed here; its person may still have it back until it is forgotten.
ALTER TABLE account_entity ADD COLUMN closed_at timestamptz;

CREATE INDEX account_entity_closed ON account_entity (space_id, closed_at)
    WHERE closed_at IS NOT NULL;

-- What tells a person that it is, goes to their address as the letters with links do.
ALTER TABLE links DROP CONSTRAINT links_purpose_check;

ALTER TABLE links ADD CONSTRAINT links_purpose_check CHECK (
    purpose IN ('sign_up', 'sign_in', 'nobody', 'reset', 'new_email', 'old_email', 'closed')
);
