-- The nodes that live: each says so every few seconds. A row that was not renewed for a while is nobody's any more, and goes.
CREATE TABLE nodes (
    id      bigint PRIMARY KEY,
    version text NOT NULL,
    reads   integer NOT NULL,
    seen_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- The version of the ledger's payload that may be written: the highest that all live nodes read. It never goes back.
CREATE TABLE payload_version (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    version integer NOT NULL
);

INSERT INTO payload_version (version) VALUES (1);
