-- Sales, and what is asked of the payment provider for them. `mode` says whose money it is, of the
-- sandbox, of the provider's test mode or live; it stands in every key, so that they never meet.

-- One row a purchase, of the same id as its `payment`. The split is frozen here: `shares` holds
-- each owner with their basis points and minor units, in the order of their ids.
CREATE TABLE sales (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    mode text NOT NULL CHECK (mode IN ('sandbox', 'test', 'live')),
    product_id uuid NOT NULL,
    buyer_id uuid NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    unit_price bigint NOT NULL CHECK (unit_price >= 0),
    currency text NOT NULL,
    gross bigint NOT NULL CHECK (gross > 0),
    tax bigint NOT NULL CHECK (tax >= 0),
    fee bigint NOT NULL CHECK (fee >= 0),
    shares jsonb NOT NULL,
    referrer_id uuid,
    referral bigint NOT NULL CHECK (referral >= 0),
    state text NOT NULL CHECK (
        state IN (
            'initiated', 'pending', 'completed', 'failed', 'cancelled', 'partially_refunded',
            'refunded', 'disputed'
        )
    ),
    checkout text,
    url text,
    intent text,
    charge text,
    refunded bigint NOT NULL CHECK (refunded BETWEEN 0 AND gross),
    disputed boolean NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, id)
);

CREATE UNIQUE INDEX sales_by_charge ON sales (space_id, mode, charge) WHERE charge IS NOT NULL;

CREATE INDEX sales_by_buyer ON sales (space_id, buyer_id, created_at, id);

CREATE INDEX sales_by_product ON sales (space_id, product_id, created_at, id);

CREATE INDEX sales_unpaid ON sales (expires_at) WHERE state IN ('initiated', 'pending');

-- What the provider is to do: written in the transaction that wants it, asked for afterwards, with
-- the same key however often. A row is due while it has a `due_at`, and is being asked for while it
-- has a lease, which counts by the database's own time.
CREATE TABLE payment_calls (
    space_id uuid NOT NULL,
    id uuid NOT NULL,
    mode text NOT NULL CHECK (mode IN ('sandbox', 'test', 'live')),
    key text NOT NULL,
    kind text NOT NULL CHECK (
        kind IN ('checkout', 'expire', 'refund', 'transfer', 'reversal', 'account')
    ),
    sale_id uuid,
    person_id uuid,
    amount bigint NOT NULL CHECK (amount >= 0),
    currency text NOT NULL,
    asked jsonb NOT NULL,
    status text NOT NULL CHECK (status IN ('due', 'asking', 'held', 'done', 'failed')),
    attempts integer NOT NULL,
    due_at timestamptz,
    lease_until timestamptz,
    answer jsonb,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, id)
);

CREATE UNIQUE INDEX payment_calls_by_key ON payment_calls (space_id, mode, key);

CREATE INDEX payment_calls_due ON payment_calls (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX payment_calls_leased ON payment_calls (lease_until) WHERE lease_until IS NOT NULL;

CREATE INDEX payment_calls_by_sale ON payment_calls (space_id, sale_id, created_at, id);

CREATE INDEX payment_calls_held ON payment_calls (space_id, mode, person_id)
    WHERE status = 'held';

-- What the provider has told: stored before it is believed, each once; kept in the default space.
CREATE TABLE payment_hints (
    space_id uuid NOT NULL,
    mode text NOT NULL CHECK (mode IN ('sandbox', 'test', 'live')),
    id text NOT NULL,
    type text NOT NULL,
    account text NOT NULL,
    about text NOT NULL,
    body jsonb NOT NULL,
    status text NOT NULL CHECK (status IN ('new', 'done', 'early', 'failed')),
    attempts integer NOT NULL,
    due_at timestamptz,
    reason text NOT NULL,
    told_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, mode, id)
);

CREATE INDEX payment_hints_due ON payment_hints (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX payment_hints_newest ON payment_hints (space_id, mode, told_at, id);

-- Where a person is paid to at the provider. `ready`: it takes transfers.
CREATE TABLE payees (
    space_id uuid NOT NULL,
    mode text NOT NULL CHECK (mode IN ('sandbox', 'test', 'live')),
    person_id uuid NOT NULL,
    account text,
    country text NOT NULL,
    ready boolean NOT NULL,
    pays_out boolean NOT NULL,
    missing text[] NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, mode, person_id)
);

CREATE UNIQUE INDEX payees_by_account ON payees (space_id, mode, account)
    WHERE account IS NOT NULL;
