-- The first schema. Identifiers are 64-bit patterns kept as signed integers; times are milliseconds since 1970.
-- Events have a small number of their own, so that the rows of the hot tables stay short and an event's rows lie
-- together. No table has a foreign key: every row of an event is written in the transaction that decides it.

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE organizations (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         INTEGER NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    id           INTEGER NOT NULL UNIQUE,
    organization INTEGER NOT NULL,
    livemode     INTEGER NOT NULL,
    is_secret    INTEGER NOT NULL,
    hash         BLOB    NOT NULL UNIQUE,
    name         TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    revoked_at   INTEGER
) STRICT;

CREATE TABLE charts (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    id           INTEGER NOT NULL UNIQUE,
    organization INTEGER NOT NULL,
    livemode     INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    seats        INTEGER NOT NULL,
    capacity     INTEGER NOT NULL,
    reference    TEXT,
    metadata     TEXT,
    created_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX charts_by_account ON charts (organization, livemode);
CREATE INDEX charts_by_reference ON charts (reference, organization, livemode) WHERE reference IS NOT NULL;

-- Beside the charts, so that a list does not read through megabytes of seats. gzip-compressed JSON.
CREATE TABLE chart_documents (
    chart    INTEGER PRIMARY KEY,
    document BLOB NOT NULL
) STRICT;

-- `settings` is what the ledger keeps of an event's settings too; `reference` and `metadata` never get there.
CREATE TABLE events (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    id           INTEGER NOT NULL UNIQUE,
    organization INTEGER NOT NULL,
    livemode     INTEGER NOT NULL,
    chart        INTEGER,
    reference    TEXT,
    metadata     TEXT,
    settings     TEXT    NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX events_by_account ON events (organization, livemode);
CREATE INDEX events_by_reference ON events (reference, organization, livemode) WHERE reference IS NOT NULL;

-- Where each event's history stands. Apart from `events`, because every commit writes it.
CREATE TABLE heads (
    event INTEGER PRIMARY KEY,
    seq   INTEGER NOT NULL,
    head  BLOB    NOT NULL
) STRICT;

-- Test events that are being deleted: gone for everybody, their rows not yet.
CREATE TABLE doomed_events (
    event INTEGER PRIMARY KEY
) STRICT;

-- Only seats that ever changed. status: 0 free, 1 held, 2 sold; owner: the hold's or the order's serial, or 0.
CREATE TABLE seats (
    event   INTEGER NOT NULL,
    seat    INTEGER NOT NULL,
    version INTEGER NOT NULL,
    status  INTEGER NOT NULL,
    owner   INTEGER NOT NULL,
    channel TEXT,
    PRIMARY KEY (event, seat)
) STRICT, WITHOUT ROWID;

-- Channel '' is the public's pool.
CREATE TABLE area_pools (
    event   INTEGER NOT NULL,
    area    INTEGER NOT NULL,
    channel TEXT    NOT NULL,
    units   INTEGER NOT NULL,
    held    INTEGER NOT NULL,
    sold    INTEGER NOT NULL,
    PRIMARY KEY (event, area, channel),
    CHECK (held >= 0 AND sold >= 0 AND held + sold <= units)
) STRICT, WITHOUT ROWID;

-- status: 0 active, 1 confirmed, 2 released, 3 expired.
CREATE TABLE holds (
    event           INTEGER NOT NULL,
    serial          INTEGER NOT NULL,
    salt            INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    status          INTEGER NOT NULL,
    order_serial    INTEGER,
    order_salt      INTEGER,
    buyer_surrogate INTEGER NOT NULL,
    buyer           TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    deadline        INTEGER NOT NULL,
    ended_at        INTEGER,
    lines           TEXT    NOT NULL,
    claims          TEXT    NOT NULL,
    codes           TEXT,
    reference       TEXT,
    metadata        TEXT,
    PRIMARY KEY (event, serial)
) STRICT, WITHOUT ROWID;

-- As small as the crowd that holds right now, so that a desk is loaded without a walk over all that ever held.
CREATE INDEX running_holds ON holds (event, serial) WHERE status = 0;
CREATE INDEX running_holds_by_reference ON holds (event, reference) WHERE status = 0 AND reference IS NOT NULL;

-- claims: the pseudonyms its units are counted under, when they are more than the buyer's.
CREATE TABLE orders (
    event            INTEGER NOT NULL,
    serial           INTEGER NOT NULL,
    salt             INTEGER NOT NULL,
    version          INTEGER NOT NULL,
    seq              INTEGER NOT NULL,
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
    PRIMARY KEY (event, serial)
) STRICT, WITHOUT ROWID;

CREATE INDEX orders_by_payment_ref ON orders (payment_ref, event) WHERE payment_ref IS NOT NULL;
CREATE INDEX orders_by_reference ON orders (reference, event) WHERE reference IS NOT NULL;

CREATE TABLE tickets (
    event        INTEGER NOT NULL,
    order_serial INTEGER NOT NULL,
    idx          INTEGER NOT NULL,
    seat         INTEGER,
    area         INTEGER,
    ticket_type  TEXT    NOT NULL,
    price        INTEGER NOT NULL,
    is_cancelled INTEGER NOT NULL,
    channel      TEXT,
    code         TEXT,
    replaces     INTEGER,
    PRIMARY KEY (event, order_serial, idx)
) STRICT, WITHOUT ROWID;

CREATE INDEX tickets_by_code ON tickets (code, event) WHERE code IS NOT NULL;

-- No index on the digest: desks find digests in memory, and a new key is appended. The pseudonyms that a commit
-- gave are those whose serials name it.
CREATE TABLE limit_keys (
    event     INTEGER NOT NULL,
    surrogate INTEGER NOT NULL,
    used      INTEGER NOT NULL,
    digest    BLOB    NOT NULL,
    text      TEXT    NOT NULL,
    PRIMARY KEY (event, surrogate),
    CHECK (used >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE order_refs (
    event        INTEGER NOT NULL,
    digest       BLOB    NOT NULL,
    fingerprint  BLOB    NOT NULL,
    order_serial INTEGER NOT NULL,
    order_salt   INTEGER NOT NULL,
    PRIMARY KEY (event, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE codes (
    event        INTEGER NOT NULL,
    digest       BLOB    NOT NULL,
    order_serial INTEGER NOT NULL,
    order_salt   INTEGER NOT NULL,
    PRIMARY KEY (event, digest)
) STRICT, WITHOUT ROWID;

-- One row a commit. `position` orders the commits of all events; `orders` counts those that the commit made, so
-- that a list of orders across events needs an entry a commit and not one an order. `keys`: 24 bytes each, a
-- digest and the serial of its reply, most significant byte first.
CREATE TABLE ledger (
    position     INTEGER PRIMARY KEY AUTOINCREMENT,
    event        INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    organization INTEGER NOT NULL,
    livemode     INTEGER NOT NULL,
    orders       INTEGER NOT NULL,
    hash         BLOB    NOT NULL,
    keys         BLOB    NOT NULL,
    payload      BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX ledger_by_event ON ledger (event, seq);
CREATE INDEX ledger_with_orders ON ledger (organization, livemode) WHERE orders > 0;

-- All replies of a commit in one row.
CREATE TABLE replies (
    position INTEGER PRIMARY KEY,
    event    INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    replies  BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX replies_by_event ON replies (event, seq);

CREATE TABLE catalog_replies (
    key         BLOB    NOT NULL PRIMARY KEY,
    at          INTEGER NOT NULL,
    fingerprint BLOB    NOT NULL,
    status      INTEGER NOT NULL,
    body        BLOB    NOT NULL
) STRICT;
