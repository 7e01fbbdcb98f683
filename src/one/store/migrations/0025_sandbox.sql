-- The stand-in for the payment provider keeps its accounts, charges and transfers here, as the real
-- one would in its own house. No row of the business refers to it; `account` is empty for the
-- platform's own, else the connected account that owns the object.
CREATE TABLE sandbox_objects (
    space_id uuid NOT NULL,
    account text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    fields jsonb NOT NULL,
    due timestamptz,
    PRIMARY KEY (space_id, account, kind, id)
);

CREATE INDEX sandbox_objects_due ON sandbox_objects (space_id, due) WHERE due IS NOT NULL;

-- What belongs to what: the refunds of a charge, the charges of a customer.
CREATE TABLE sandbox_parents (
    space_id uuid NOT NULL,
    account text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    parent text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    PRIMARY KEY (space_id, account, kind, parent, id)
);

-- One row for each movement of an account's balance.
CREATE TABLE sandbox_money (
    space_id uuid NOT NULL,
    account text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    net bigint NOT NULL,
    available_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, account, currency, id)
);

-- Answers by idempotency key.
CREATE TABLE sandbox_answers (
    space_id uuid NOT NULL,
    account text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    asked text NOT NULL,
    status smallint,
    body bytea,
    at timestamptz NOT NULL,
    PRIMARY KEY (space_id, account, key)
);

-- What is still to be delivered to whom.
CREATE TABLE sandbox_deliveries (
    space_id uuid NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    event text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    attempts integer NOT NULL,
    next_at timestamptz NOT NULL,
    PRIMARY KEY (space_id, endpoint, event)
);

CREATE INDEX sandbox_deliveries_next ON sandbox_deliveries (space_id, next_at);
