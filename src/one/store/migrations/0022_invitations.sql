-- An invitation goes to an address as the other letters with links do, for a week.
ALTER TABLE links DROP CONSTRAINT links_purpose_check;

ALTER TABLE links ADD CONSTRAINT links_purpose_check CHECK (
    purpose IN (
        'sign_up', 'sign_in', 'nobody', 'reset', 'new_email', 'old_email', 'closed', 'invited'
    )
);
