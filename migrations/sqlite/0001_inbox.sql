-- Every delivery that a forge made and Steward answered 2xx, with its raw body.
-- Times are epoch milliseconds (UTC) in every table.
CREATE TABLE inbox (
    id          INTEGER PRIMARY KEY,
    forge       TEXT    NOT NULL,
    delivery    TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    event       TEXT    NOT NULL,
    subject     TEXT,
    actor       TEXT,
    disposition TEXT    NOT NULL,
    body        BLOB    NOT NULL,
    UNIQUE (forge, delivery)
) STRICT;

-- For pruning, oldest first. Rows come in this order, so that it costs next to nothing to keep.
CREATE INDEX inbox_received ON inbox (received_at);
