-- What people asked in comments. A comment has one row for each answer that it gets: commands that are
-- added to it later come as a row of their own.
CREATE TABLE commands (
    id       INTEGER PRIMARY KEY,
    subject  TEXT    NOT NULL,
    comment  INTEGER NOT NULL,
    nth      INTEGER NOT NULL,
    -- What tells this state of the comment from an earlier one.
    revision TEXT    NOT NULL,
    by_id    INTEGER NOT NULL,
    by_name  TEXT    NOT NULL,
    -- The lines that may be commands, as JSON.
    lines    TEXT    NOT NULL,
    asked_at INTEGER NOT NULL,
    state    TEXT    NOT NULL CHECK (state IN ('pending', 'done')),
    done_at  INTEGER,
    UNIQUE (subject, comment, nth)
) STRICT;

-- Few, and asked for at each claim.
CREATE INDEX commands_pending ON commands (subject) WHERE state = 'pending';
