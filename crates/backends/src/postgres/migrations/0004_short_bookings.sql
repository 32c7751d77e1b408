-- What a booking writes, made short: a seat and an order, and nothing else of its own.

-- Everything at once and first, so that no work is done before it is known that none of it waits.
LOCK TABLE ledger, limit_keys, orders, tickets IN ACCESS EXCLUSIVE MODE;

-- Pseudonyms are kept with the commit that gave them, 22 bytes each: position in the commit, units that they began with,
-- digest. Their texts are kept nowhere any more. What is counted later under one of them is a row of `counters`.
ALTER TABLE ledger ADD COLUMN pseudonyms bytea NOT NULL DEFAULT '';
ALTER TABLE ledger ALTER COLUMN pseudonyms SET STORAGE EXTERNAL;

UPDATE ledger SET pseudonyms = given.packed
FROM (
    SELECT event, surrogate >> 16 AS seq, string_agg(
        set_byte(set_byte('\x0000'::bytea, 0, ((surrogate >> 8) & 255)::integer), 1, (surrogate & 255)::integer)
            || int4send(used::integer) || digest,
        ''::bytea ORDER BY surrogate) AS packed
    FROM limit_keys GROUP BY event, surrogate >> 16
) AS given
WHERE ledger.event = given.event AND ledger.seq = given.seq;

DROP TABLE limit_keys;

CREATE TABLE counters (
    event     bigint NOT NULL,
    surrogate bigint NOT NULL,
    used      bigint NOT NULL CHECK (used >= 0),
    PRIMARY KEY (event, surrogate)
) WITH (fillfactor = 80);

-- An order's tickets are a column of it, as JSON: they are written with it and read with it.
ALTER TABLE orders ADD COLUMN tickets text NOT NULL DEFAULT '[]';

UPDATE orders SET tickets = theirs.packed
FROM (
    SELECT event, order_serial, json_agg(json_strip_nulls(json_build_object(
        's', seat, 'a', area, 'q', ticket_type, 'p', price, 'x', nullif(is_cancelled, false), 'h', channel,
        'c', code, 'r', replaces)) ORDER BY idx)::text AS packed
    FROM tickets GROUP BY event, order_serial
) AS theirs
WHERE orders.event = theirs.event AND orders.serial = theirs.order_serial;

-- The orders that a barcode leads to.
CREATE TABLE barcodes (
    code         text   NOT NULL,
    event        bigint NOT NULL,
    order_serial bigint NOT NULL,
    PRIMARY KEY (event, order_serial, code)
);
CREATE INDEX barcodes_by_code ON barcodes (code, event);
INSERT INTO barcodes (code, event, order_serial)
    SELECT DISTINCT code, event, order_serial FROM tickets WHERE code IS NOT NULL;

DROP TABLE tickets;
