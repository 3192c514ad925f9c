-- What Steward applied to each subject and has not taken back.
CREATE TABLE ledger (
    subject    TEXT    PRIMARY KEY,
    data       TEXT    NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
