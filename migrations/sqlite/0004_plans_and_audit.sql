-- Every plan that asked for something, whole.
CREATE TABLE plans (
    id             TEXT    PRIMARY KEY,
    subject        TEXT    NOT NULL,
    policy_version TEXT    NOT NULL,
    decided_at     INTEGER NOT NULL,
    dry_run        INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
    data           TEXT    NOT NULL
) STRICT;

-- Every action of every plan: first as an intent, then with its outcome; and what was held.
-- One index serves both the log of a subject, in order of time since plan ids are UUIDs of
-- version 7, and the settling of intents: each index more is one more page to flush at a commit.
CREATE TABLE audit (
    id          INTEGER PRIMARY KEY,
    plan_id     TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    position    INTEGER NOT NULL,
    effect      TEXT    NOT NULL,
    target      TEXT,
    reason_text TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN
                    ('intended', 'applied', 'failed', 'unknown', 'resolved', 'dry_run', 'held')),
    -- What stood on the forge before, as JSON.
    before      TEXT,
    -- The forge's number for what was written, such as a comment's.
    forge_id    INTEGER,
    intended_at INTEGER NOT NULL,
    settled_at  INTEGER,
    error       TEXT,
    UNIQUE (subject, plan_id, position)
) STRICT;

-- Writes of which nobody knows yet whether they went through: few, and asked for at each claim.
CREATE INDEX audit_uncertain ON audit (subject) WHERE state IN ('intended', 'unknown');
