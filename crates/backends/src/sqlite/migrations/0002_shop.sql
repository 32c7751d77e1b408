-- What a ticket shop does besides the on-sale.

-- How an order was changed: instants, differences, payments, as JSON; nothing for one that never was.
ALTER TABLE orders ADD COLUMN changes TEXT;

-- What a secret key may do: 'integration' (everything), 'box_office' or 'reports'.
ALTER TABLE api_keys ADD COLUMN scope TEXT NOT NULL DEFAULT 'integration';

-- What access tokens are signed with: the newest that is not retired. Those before it still verify what they signed.
CREATE TABLE access_keys (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
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
