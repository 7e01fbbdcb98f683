-- The journal of money. An entry is one fact of payments, in one currency, and its postings sum to
-- zero. Nothing is ever changed here; a fact is known by its reference. Sandbox, test and live
-- money share a table and no key. `digest` is of all that an entry and its postings say.
CREATE TABLE journal (
    space_id uuid NOT NULL,
    mode text NOT NULL CHECK (mode IN ('sandbox', 'test', 'live')),
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    reference text NOT NULL,
    currency text NOT NULL,
    sale_id uuid,
    thing_id uuid,
    note text NOT NULL,
    digest text NOT NULL,
    PRIMARY KEY (space_id, mode, id),
    UNIQUE (space_id, mode, reference)
);

CREATE INDEX journal_by_sale ON journal (space_id, mode, sale_id, id) WHERE sale_id IS NOT NULL;

-- What a posting shares with its entry stands here too: a statement reads nothing else. No foreign
-- key: entry and postings are written by one statement, and `one money verify` misses either.
CREATE TABLE postings (
    space_id uuid NOT NULL,
    mode text NOT NULL,
    entry_id uuid NOT NULL,
    line smallint NOT NULL,
    pot text NOT NULL,
    party_id uuid,
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount <> 0),
    kind text NOT NULL,
    at timestamptz NOT NULL,
    sale_id uuid,
    thing_id uuid,
    CHECK ((party_id IS NOT NULL) = (pot IN ('held', 'debt', 'connected', 'bank'))),
    PRIMARY KEY (space_id, mode, entry_id, line)
);

CREATE INDEX postings_by_party ON postings (space_id, mode, party_id, at, entry_id, line)
    INCLUDE (pot, currency, amount, kind, thing_id) WHERE party_id IS NOT NULL;

-- What is in each pot: the sum of its postings. A pot that everybody pays into is kept in several
-- parts, so that no sale waits for another.
CREATE TABLE pots (
    space_id uuid NOT NULL,
    mode text NOT NULL,
    party_id uuid,
    pot text NOT NULL,
    currency text NOT NULL,
    part smallint NOT NULL,
    balance bigint NOT NULL,
    UNIQUE NULLS NOT DISTINCT (space_id, mode, party_id, pot, currency, part)
) WITH (fillfactor = 70);
