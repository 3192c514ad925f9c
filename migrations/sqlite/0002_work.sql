-- One row for each subject that has something to be done; events on one subject coalesce here.
-- A subject with nothing left to do has no row.
CREATE TABLE work (
    subject       TEXT    PRIMARY KEY,
    -- Counts events. An answer to an older generation than the row's does not finish the work.
    generation    INTEGER NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('ready', 'running', 'parked')),
    -- ready: from when on it may be claimed. running: until when the lease holds, after which it
    -- may be claimed again. parked: when it was parked.
    due_at        INTEGER NOT NULL,
    attempts      INTEGER NOT NULL,
    -- The fencing token of whoever works on it.
    lease         INTEGER,
    -- While running: when the earliest event that came in since is due.
    again_at      INTEGER,
    error         TEXT,
    -- When the oldest event that is not dealt with came in.
    since         INTEGER NOT NULL,
    last_delivery TEXT,
    CHECK ((state = 'running') = (lease IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- What can be claimed, soonest first: ready rows, and running ones whose lease has run out.
CREATE INDEX work_due ON work (due_at) WHERE state <> 'parked';
