-- Accounts: how people sign in. An account is one person's in all spaces; `account_entity` says who
-- they are in each. `claims` holds what may be taken once in the whole deployment.

-- `password` is an argon2id hash. `totp` is sealed with the deployment's key; `totp_step` is the
-- last step of which a code was used; `backup_codes` are hashes, each taken out when it is used.
CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    password text,
    totp text,
    totp_step bigint NOT NULL,
    totp_since timestamptz,
    backup_codes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE claims (
    kind text NOT NULL CHECK (kind IN ('email')),
    value text NOT NULL,
    account_id uuid NOT NULL,
    PRIMARY KEY (kind, value)
);

CREATE INDEX claims_by_account ON claims (account_id);

CREATE TABLE account_entity (
    space_id uuid NOT NULL,
    account_id uuid NOT NULL,
    entity_id uuid NOT NULL,
    PRIMARY KEY (space_id, account_id),
    UNIQUE (space_id, entity_id)
);

CREATE INDEX account_entity_by_account ON account_entity (account_id);

-- `hash` is of the secret that the device keeps. One that is not `whole` waits for the second
-- factor and lets nobody in.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    hash text NOT NULL UNIQUE,
    account_id uuid NOT NULL,
    space_id uuid NOT NULL,
    entity_id uuid NOT NULL,
    whole boolean NOT NULL,
    device text NOT NULL,
    address text NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);

CREATE INDEX sessions_by_account ON sessions (account_id, created_at);

CREATE INDEX sessions_over ON sessions (expires_at);

-- Links and codes that are mailed. Neither is kept: both follow from the id and the deployment's
-- key. `facts` is what the link does: of a sign-up who signs up.
CREATE TABLE links (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    purpose text NOT NULL CHECK (
        purpose IN ('sign_up', 'sign_in', 'nobody', 'reset', 'new_email', 'old_email')
    ),
    email text NOT NULL,
    email_key text NOT NULL,
    account_id uuid,
    facts jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (space_id, id)
);

CREATE INDEX links_by_email ON links (space_id, email_key, created_at);

CREATE INDEX links_over ON links (expires_at);

-- What a limit of rate remembers: until when it is spoken for (GCRA), by the database's own time.
CREATE TABLE limits (
    space_id uuid NOT NULL,
    key text NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (space_id, key)
);

CREATE INDEX limits_over ON limits (until);

-- An account's letter goes to the address that stands in its link.
ALTER TABLE outbox ADD COLUMN link_id uuid;
