-- What a booking writes, made short: a seat and an order, and nothing else of its own.

-- Pseudonyms are kept with the commit that gave them, 22 bytes each: position in the commit, units that they began with,
-- digest. Their texts are kept nowhere any more. What is counted later under one of them is a row of `counters`.
-- Before the payload, so that they are read without it: the table is made anew for that.
CREATE TABLE new_ledger (
    position     INTEGER PRIMARY KEY AUTOINCREMENT,
    event        INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    organization INTEGER NOT NULL,
    livemode     INTEGER NOT NULL,
    orders       INTEGER NOT NULL,
    hash         BLOB    NOT NULL,
    keys         BLOB    NOT NULL,
    pseudonyms   BLOB    NOT NULL,
    payload      BLOB    NOT NULL
) STRICT;

INSERT INTO new_ledger
    SELECT position, event, seq, at, organization, livemode, orders, hash, keys, coalesce((
        SELECT unhex(group_concat(printf('%04x%08x', surrogate & 65535, used) || hex(digest), '' ORDER BY surrogate))
        FROM limit_keys WHERE limit_keys.event = ledger.event
            AND surrogate BETWEEN ledger.seq << 16 AND (ledger.seq << 16) + 65535), x''), payload
    FROM ledger ORDER BY position;

DROP TABLE ledger;
ALTER TABLE new_ledger RENAME TO ledger;
CREATE UNIQUE INDEX ledger_by_event ON ledger (event, seq);
CREATE INDEX ledger_with_orders ON ledger (organization, livemode) WHERE orders > 0;

DROP TABLE limit_keys;

CREATE TABLE counters (
    event     INTEGER NOT NULL,
    surrogate INTEGER NOT NULL,
    used      INTEGER NOT NULL,
    PRIMARY KEY (event, surrogate),
    CHECK (used >= 0)
) STRICT, WITHOUT ROWID;

-- An order's tickets are a column of it, as JSON: they are written with it and read with it.
ALTER TABLE orders ADD COLUMN tickets TEXT NOT NULL DEFAULT '[]';

UPDATE orders SET tickets = theirs.packed
FROM (
    SELECT event, order_serial, json_group_array(json_patch('{}', json_object(
        's', seat, 'a', area, 'q', ticket_type, 'p', price, 'x', iif(is_cancelled, json('true'), NULL), 'h', channel,
        'c', code, 'r', replaces)) ORDER BY idx) AS packed
    FROM tickets GROUP BY event, order_serial
) AS theirs
WHERE orders.event = theirs.event AND orders.serial = theirs.order_serial;

-- The orders that a barcode leads to.
CREATE TABLE barcodes (
    event        INTEGER NOT NULL,
    order_serial INTEGER NOT NULL,
    code         TEXT    NOT NULL,
    PRIMARY KEY (event, order_serial, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX barcodes_by_code ON barcodes (code, event);
INSERT INTO barcodes (code, event, order_serial)
    SELECT DISTINCT code, event, order_serial FROM tickets WHERE code IS NOT NULL;

DROP TABLE tickets;
