-- What has run by the clock, one row for each moment of a schedule. The key is what keeps a moment from
-- being run twice, whoever looks at the clock.
CREATE TABLE sweeps (
    schedule    TEXT    NOT NULL,
    -- The moment that the schedule names; of a schedule that was seen for the first time, when.
    moment      INTEGER NOT NULL,
    -- The schedule as it was: with another one nothing of before is caught up.
    timetable   TEXT    NOT NULL,
    -- noted: the schedule counts from here. waiting: tried again at `until`. overtaken: given up,
    -- since the next moment came.
    state       TEXT    NOT NULL CHECK (state IN
                    ('noted', 'running', 'waiting', 'done', 'failed', 'overtaken')),
    -- The fencing token of whoever runs it.
    lease       INTEGER,
    -- running: until when the lease holds. waiting: when it is tried again.
    until       INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER,
    -- Items that were seen, and those of them that were put to work.
    found       INTEGER NOT NULL,
    queued      INTEGER NOT NULL,
    error       TEXT,
    PRIMARY KEY (schedule, moment),
    CHECK ((state = 'running') = (lease IS NOT NULL))
) STRICT, WITHOUT ROWID;
