-- A feature charges at once what its text says: such a sale names the feature, and the provider is
-- asked for it by a call of its own kind.
ALTER TABLE sales ADD COLUMN feature text NOT NULL DEFAULT '';

ALTER TABLE payment_calls DROP CONSTRAINT payment_calls_kind_check;

ALTER TABLE payment_calls ADD CONSTRAINT payment_calls_kind_check CHECK (
    kind IN ('checkout', 'charge', 'expire', 'refund', 'transfer', 'reversal', 'account')
);
