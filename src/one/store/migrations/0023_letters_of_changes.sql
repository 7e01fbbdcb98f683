-- Who changes what an account is entered by, or somebody in their place, is told of it by a letter.
ALTER TABLE links DROP CONSTRAINT links_purpose_check;

ALTER TABLE links ADD CONSTRAINT links_purpose_check CHECK (
    purpose IN (
        'sign_up', 'sign_in', 'nobody', 'reset', 'new_email', 'old_email', 'closed', 'invited',
        'changed'
    )
);
