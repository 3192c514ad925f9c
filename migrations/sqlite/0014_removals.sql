-- What people recorded on tracking issues about integrations that leave: a copy of what the ledgers of
-- these issues hold, so that it can be asked for without reading all ledgers.
CREATE TABLE removals (
    -- The tracking issue.
    subject     TEXT NOT NULL PRIMARY KEY,
    integration TEXT NOT NULL,
    -- The record, as JSON.
    record      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
