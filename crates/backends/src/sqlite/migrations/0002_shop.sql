-- What a ticket shop does besides the on-sale.

-- How an order was changed: instants, differences, payments, as JSON; nothing for one that never was.
ALTER TABLE orders ADD COLUMN changes TEXT;

-- What a secret key may do: 'integration' (everything), 'box_office' or 'reports'.
ALTER TABLE api_keys ADD COLUMN scope TEXT NOT NULL DEFAULT 'integration';

-- What access tokens are signed with, beside the key 0, which follows from the installation's secret and has a row
-- only once it is retired. The newest signs; those before it verify what they signed until they are retired.
CREATE TABLE access_keys (
    number     INTEGER PRIMARY KEY,
    secret     BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    retired_at INTEGER
) STRICT;

-- Why places are assigned to a channel, in the integrator's words; beside the ledger, never in it.
CREATE TABLE channel_notes (
    event   INTEGER NOT NULL,
    channel TEXT    NOT NULL,
    note    TEXT    NOT NULL,
    PRIMARY KEY (event, channel)
) STRICT, WITHOUT ROWID;
