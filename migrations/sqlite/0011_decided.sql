-- What each plan was decided on, to decide it again with other policies; NULL when it was too large.
ALTER TABLE plans ADD COLUMN input TEXT;

-- The last decision on each subject that asked for nothing. Newer rows have higher ids: replacing
-- one makes a new row, so that the oldest are found without another index.
CREATE TABLE idle (
    id             INTEGER PRIMARY KEY,
    subject        TEXT    NOT NULL UNIQUE,
    policy_version TEXT    NOT NULL,
    decided_at     INTEGER NOT NULL,
    data           TEXT    NOT NULL,
    input          TEXT
) STRICT;
