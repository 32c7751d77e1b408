-- Orders stand in the order of the commits that made them, and replies have no index: what a commit adds, whatever event it is
-- of, comes to the end of its table. By event they are found through the ledger.

-- An order's number: 65,536 times its commit's position, and its place in the commit, which ends its serial too. The commit that
-- changed it last has another name, so that an older command that still runs fails instead of writing orders that nobody finds.
CREATE TABLE new_orders (
    number           INTEGER PRIMARY KEY,
    event            INTEGER NOT NULL,
    serial           INTEGER NOT NULL,
    salt             INTEGER NOT NULL,
    version          INTEGER NOT NULL,
    last_seq         INTEGER NOT NULL,
    is_cancelled     INTEGER NOT NULL,
    buyer            TEXT    NOT NULL,
    buyer_surrogate  INTEGER NOT NULL,
    amount           INTEGER NOT NULL,
    amount_cancelled INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    hold_serial      INTEGER,
    hold_salt        INTEGER,
    claims           TEXT,
    payment_ref      TEXT,
    reference        TEXT,
    metadata         TEXT,
    changes          TEXT,
    tickets          TEXT    NOT NULL
) STRICT;

-- Made while the table is empty, and filled with it: an index over a whole table is sorted in memory.
DROP INDEX orders_by_payment_ref;
DROP INDEX orders_by_reference;
CREATE INDEX orders_by_payment_ref ON new_orders (payment_ref, event) WHERE payment_ref IS NOT NULL;
CREATE INDEX orders_by_reference ON new_orders (reference, event) WHERE reference IS NOT NULL;

INSERT INTO new_orders
    SELECT (ledger.position << 16) | (orders.serial & 65535), orders.event, orders.serial, orders.salt, orders.version,
        orders.seq, orders.is_cancelled, orders.buyer, orders.buyer_surrogate, orders.amount, orders.amount_cancelled,
        orders.created_at, orders.hold_serial, orders.hold_salt, orders.claims, orders.payment_ref, orders.reference,
        orders.metadata, orders.changes, orders.tickets
    FROM ledger CROSS JOIN orders ON orders.event = ledger.event
        AND orders.serial BETWEEN ledger.seq << 16 AND (ledger.seq << 16) + 65535
    ORDER BY ledger.position, orders.serial;

-- What has no commit would be lost by this: then nothing is done.
CREATE TABLE lost (rows INTEGER NOT NULL CONSTRAINT every_order_and_reply_has_its_commit_in_the_ledger CHECK (rows = 0)) STRICT;
INSERT INTO lost SELECT (SELECT count(*) FROM orders) - (SELECT count(*) FROM new_orders);
INSERT INTO lost
    SELECT count(*) FROM replies LEFT JOIN ledger ON ledger.position = replies.position
    WHERE ledger.event IS NOT replies.event OR ledger.seq IS NOT replies.seq;
DROP TABLE lost;

DROP TABLE orders;
ALTER TABLE new_orders RENAME TO orders;

CREATE TABLE new_replies (
    position INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    replies  BLOB    NOT NULL
) STRICT;
INSERT INTO new_replies SELECT position, at, replies FROM replies ORDER BY position;
DROP TABLE replies;
ALTER TABLE new_replies RENAME TO replies;
