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

-- Made while the table is empty, and filled with it: an index over a whole table is sorted in memory.
DROP INDEX ledger_by_event;
DROP INDEX ledger_with_orders;
CREATE UNIQUE INDEX ledger_by_event ON new_ledger (event, seq);
CREATE INDEX ledger_with_orders ON new_ledger (organization, livemode) WHERE orders > 0;

INSERT INTO new_ledger
    SELECT position, event, seq, at, organization, livemode, orders, hash, keys, coalesce((
        SELECT unhex(group_concat(printf('%04x%08x', surrogate & 65535, used) || hex(digest), '' ORDER BY surrogate))
        FROM limit_keys WHERE limit_keys.event = ledger.event
            AND surrogate BETWEEN ledger.seq << 16 AND (ledger.seq << 16) + 65535), x''), payload
    FROM ledger ORDER BY position;

-- No position is given twice, those of rows that are gone included: where it stands goes over with the rows.
DELETE FROM sqlite_sequence WHERE name = 'new_ledger';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_ledger', seq FROM sqlite_sequence WHERE name = 'ledger';

DROP TABLE ledger;
ALTER TABLE new_ledger RENAME TO ledger;

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

-- Order by order, and every one of them: what is gathered first, groups or keys, is gathered in memory.
UPDATE orders SET tickets = (
    SELECT json_group_array(json_patch('{}', json_object(
        's', seat, 'a', area, 'q', ticket_type, 'p', price, 'x', iif(is_cancelled, json('true'), NULL), 'h', channel,
        'c', code, 'r', replaces)) ORDER BY idx)
    FROM tickets WHERE tickets.event = orders.event AND tickets.order_serial = orders.serial);

-- The orders that a barcode leads to.
CREATE TABLE barcodes (
    event        INTEGER NOT NULL,
    order_serial INTEGER NOT NULL,
    code         TEXT    NOT NULL,
    PRIMARY KEY (event, order_serial, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX barcodes_by_code ON barcodes (code, event);
INSERT INTO barcodes (event, order_serial, code)
    SELECT event, order_serial, code FROM tickets WHERE code IS NOT NULL ON CONFLICT DO NOTHING;

DROP TABLE tickets;
