-- What a token is for; null: all that whoever it acts for may do.
ALTER TABLE tokens ADD COLUMN scopes text[];
