-- The first schema. Identifiers are 64-bit patterns kept as signed integers; times are milliseconds since 1970.
-- Everything that belongs to an event is keyed by the event first, by a small number of its own, so that a distributed
-- PostgreSQL can keep an event's rows together. No table has a foreign key: every row of an event is written in the
-- transaction that decides it, and a foreign key would lock the event's row a second time.

CREATE TABLE meta (
    key   text  NOT NULL PRIMARY KEY,
    value bytea NOT NULL
);

CREATE TABLE organizations (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         bigint NOT NULL UNIQUE,
    created_at bigint NOT NULL
);

CREATE TABLE api_keys (
    number       bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id           bigint  NOT NULL UNIQUE,
    organization bigint  NOT NULL,
    livemode     boolean NOT NULL,
    is_secret    boolean NOT NULL,
    hash         bytea   NOT NULL UNIQUE,
    name         text    NOT NULL,
    created_at   bigint  NOT NULL,
    revoked_at   bigint
);

CREATE TABLE charts (
    number       bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id           bigint  NOT NULL UNIQUE,
    organization bigint  NOT NULL,
    livemode     boolean NOT NULL,
    name         text    NOT NULL,
    seats        bigint  NOT NULL,
    capacity     bigint  NOT NULL,
    reference    text,
    metadata     text,
    created_at   bigint  NOT NULL
);

CREATE INDEX charts_by_account ON charts (organization, livemode, number);
CREATE INDEX charts_by_reference ON charts (reference, organization, livemode) WHERE reference IS NOT NULL;

-- Beside the charts, so that a list does not read through megabytes of seats. gzip-compressed JSON.
CREATE TABLE chart_documents (
    chart    bigint NOT NULL PRIMARY KEY,
    document bytea  NOT NULL
);
ALTER TABLE chart_documents ALTER COLUMN document SET STORAGE EXTERNAL;

-- settings is what the ledger keeps of an event's settings too; reference and metadata never get there.
CREATE TABLE events (
    number       bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id           bigint  NOT NULL UNIQUE,
    organization bigint  NOT NULL,
    livemode     boolean NOT NULL,
    chart        bigint,
    reference    text,
    metadata     text,
    settings     text    NOT NULL,
    created_at   bigint  NOT NULL
);

CREATE INDEX events_by_account ON events (organization, livemode, number);
CREATE INDEX events_by_reference ON events (reference, organization, livemode) WHERE reference IS NOT NULL;

-- Where each event's history stands, and the row that a commit locks. Every commit writes it: room on its page keeps
-- the new version beside the old one, where no index has to learn of it.
CREATE TABLE heads (
    event bigint NOT NULL PRIMARY KEY,
    seq   bigint NOT NULL,
    head  bytea  NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- Test events that are being deleted: gone for everybody, their rows not yet.
CREATE TABLE doomed_events (
    event bigint NOT NULL PRIMARY KEY
);

-- Only seats that ever changed. status: 0 free, 1 held, 2 sold; owner: the hold's or the order's serial, or 0.
CREATE TABLE seats (
    event   bigint   NOT NULL,
    owner   bigint   NOT NULL,
    seat    integer  NOT NULL,
    version integer  NOT NULL,
    status  smallint NOT NULL,
    channel text,
    PRIMARY KEY (event, seat)
) WITH (fillfactor = 80);

-- Channel '' is the public's pool.
CREATE TABLE area_pools (
    event   bigint  NOT NULL,
    area    integer NOT NULL,
    channel text    NOT NULL,
    units   bigint  NOT NULL,
    held    bigint  NOT NULL,
    sold    bigint  NOT NULL,
    PRIMARY KEY (event, area, channel),
    CHECK (held >= 0 AND sold >= 0 AND held + sold <= units)
) WITH (fillfactor = 10);

-- status: 0 active, 1 confirmed, 2 released, 3 expired.
CREATE TABLE holds (
    event           bigint   NOT NULL,
    serial          bigint   NOT NULL,
    salt            integer  NOT NULL,
    version         integer  NOT NULL,
    status          smallint NOT NULL,
    order_serial    bigint,
    order_salt      integer,
    buyer_surrogate bigint   NOT NULL,
    buyer           text     NOT NULL,
    created_at      bigint   NOT NULL,
    deadline        bigint   NOT NULL,
    ended_at        bigint,
    lines           text     NOT NULL,
    claims          text     NOT NULL,
    codes           text,
    reference       text,
    metadata        text,
    PRIMARY KEY (event, serial)
) WITH (fillfactor = 60);

-- As small as the crowd that holds right now, so that a desk is loaded without a walk over all that ever held.
CREATE INDEX running_holds ON holds (event, serial) WHERE status = 0;
CREATE INDEX running_holds_by_reference ON holds (event, reference) WHERE status = 0 AND reference IS NOT NULL;

-- Holds that will be forgotten.
CREATE INDEX ended_holds ON holds (ended_at) WHERE status IN (2, 3);

-- nth: which of its transaction's orders this is. claims: the pseudonyms its units are counted under, when they are
-- more than the buyer's.
CREATE TABLE orders (
    event            bigint  NOT NULL,
    serial           bigint  NOT NULL,
    salt             integer NOT NULL,
    version          integer NOT NULL,
    nth              integer NOT NULL,
    is_cancelled     boolean NOT NULL,
    seq              bigint  NOT NULL,
    buyer_surrogate  bigint  NOT NULL,
    amount           bigint  NOT NULL,
    amount_cancelled bigint  NOT NULL,
    created_at       bigint  NOT NULL,
    hold_serial      bigint,
    hold_salt        integer,
    buyer            text    NOT NULL,
    claims           text,
    payment_ref      text,
    reference        text,
    metadata         text,
    PRIMARY KEY (event, serial)
) WITH (fillfactor = 90);

CREATE INDEX orders_by_payment_ref ON orders (payment_ref, event) WHERE payment_ref IS NOT NULL;
CREATE INDEX orders_by_reference ON orders (reference, event) WHERE reference IS NOT NULL;

CREATE TABLE tickets (
    event        bigint  NOT NULL,
    order_serial bigint  NOT NULL,
    idx          integer NOT NULL,
    seat         integer,
    area         integer,
    is_cancelled boolean NOT NULL,
    price        bigint  NOT NULL,
    replaces     integer,
    ticket_type  text    NOT NULL,
    channel      text,
    code         text,
    PRIMARY KEY (event, order_serial, idx)
) WITH (fillfactor = 90);

CREATE INDEX tickets_by_code ON tickets (code, event) WHERE code IS NOT NULL;

-- The pseudonyms that a commit gave are those whose serials name it.
CREATE TABLE limit_keys (
    event     bigint NOT NULL,
    surrogate bigint NOT NULL,
    used      bigint NOT NULL CHECK (used >= 0),
    digest    bytea  NOT NULL,
    text      text   NOT NULL,
    PRIMARY KEY (event, surrogate)
) WITH (fillfactor = 80);

CREATE TABLE order_refs (
    event        bigint  NOT NULL,
    digest       bytea   NOT NULL,
    fingerprint  bytea   NOT NULL,
    order_serial bigint  NOT NULL,
    order_salt   integer NOT NULL,
    PRIMARY KEY (event, digest)
);

CREATE TABLE codes (
    event        bigint  NOT NULL,
    digest       bytea   NOT NULL,
    order_serial bigint  NOT NULL,
    order_salt   integer NOT NULL,
    PRIMARY KEY (event, digest)
);

-- One row a commit. xid: the transaction, and what `meta` says to add to it; lists across events go by it, and stop
-- before those still under way.
-- keys: 24 bytes each, a digest and the serial of its reply, most significant byte first.
CREATE TABLE ledger (
    event        bigint  NOT NULL,
    seq          bigint  NOT NULL,
    at           bigint  NOT NULL,
    xid          bigint  NOT NULL,
    organization bigint  NOT NULL,
    orders       integer NOT NULL,
    livemode     boolean NOT NULL,
    hash         bytea   NOT NULL,
    keys         bytea   NOT NULL,
    payload      bytea   NOT NULL,
    PRIMARY KEY (event, seq)
);
ALTER TABLE ledger ALTER COLUMN keys SET STORAGE EXTERNAL;
ALTER TABLE ledger ALTER COLUMN payload SET STORAGE EXTERNAL;

CREATE INDEX ledger_with_orders ON ledger (organization, livemode, xid) WHERE orders > 0;

-- All replies of a commit in one row.
CREATE TABLE replies (
    event   bigint NOT NULL,
    seq     bigint NOT NULL,
    at      bigint NOT NULL,
    replies bytea  NOT NULL,
    PRIMARY KEY (event, seq)
);
ALTER TABLE replies ALTER COLUMN replies SET STORAGE EXTERNAL;

CREATE INDEX replies_by_age ON replies (at);

CREATE TABLE catalog_replies (
    key         bytea   NOT NULL PRIMARY KEY,
    at          bigint  NOT NULL,
    status      integer NOT NULL,
    fingerprint bytea   NOT NULL,
    body        bytea   NOT NULL
);

CREATE INDEX catalog_replies_by_age ON catalog_replies (at) WHERE status = 201;
