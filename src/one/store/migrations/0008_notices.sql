-- What people are told, and what goes out to them by mail, text message and push.

-- A notice is named by its key and its person: told again, it writes nothing. `by_id` is who is
-- behind an invitation.
CREATE TABLE notices (
    space_id uuid NOT NULL,
    key text NOT NULL,
    person_id uuid NOT NULL,
    author_id uuid NOT NULL,
    by_id uuid,
    kind text NOT NULL,
    notification_id uuid NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (space_id, key, person_id)
);

CREATE INDEX notices_by_person ON notices (space_id, person_id);

CREATE INDEX notices_by_inviter ON notices (space_id, by_id, at) WHERE by_id IS NOT NULL;

CREATE INDEX notices_oldest ON notices (at) WHERE kind <> 'invitation';

-- Written in the transaction that causes it, delivered afterwards. `address` is a keyed digest: the
-- address itself stays with the person, and is read when it is sent to. `typed_on` is the day of a
-- letter to an address that somebody typed, of which there is one. A row waits while it has a
-- `due_at`, and is being handed over while it has a lease, which counts by the database's own time.
CREATE TABLE outbox (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'sms', 'push')),
    person_id uuid NOT NULL,
    author_id uuid NOT NULL,
    notification_id uuid NOT NULL,
    kind text NOT NULL,
    address text NOT NULL,
    typed_on date,
    subject text NOT NULL,
    body text NOT NULL,
    status text NOT NULL CHECK (
        status IN ('waiting', 'sending', 'sent', 'captured', 'refused', 'dropped', 'unknown')
    ),
    reason text NOT NULL,
    attempts integer NOT NULL,
    lease_until timestamptz,
    due_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, id)
);

CREATE UNIQUE INDEX outbox_typed ON outbox (space_id, channel, address, typed_on)
    WHERE typed_on IS NOT NULL;

CREATE INDEX outbox_due ON outbox (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX outbox_leased ON outbox (lease_until) WHERE lease_until IS NOT NULL;

CREATE INDEX outbox_newest ON outbox (space_id, created_at, id);

CREATE INDEX outbox_by_person ON outbox (space_id, person_id);

CREATE INDEX outbox_oldest ON outbox (updated_at) WHERE due_at IS NULL AND lease_until IS NULL;

-- What somebody wants to hear: from this author, of this kind, by this channel. Where it says no
-- author (all zeros), no kind or no channel, it holds for all of them; the narrowest decides.
CREATE TABLE preferences (
    space_id uuid NOT NULL,
    person_id uuid NOT NULL,
    author_id uuid NOT NULL,
    kind text NOT NULL,
    channel text NOT NULL,
    wanted boolean NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, person_id, author_id, kind, channel)
);

-- Addresses that refuse for good, by the same digest.
CREATE TABLE suppressions (
    space_id uuid NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (space_id, channel, address)
);

-- Where push messages go to.
CREATE TABLE devices (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, id)
);

CREATE UNIQUE INDEX devices_by_address ON devices (space_id, person_id, address);
