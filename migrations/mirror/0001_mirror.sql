-- A copy of what a forge shows of its open items. All of it can be read again: whoever loses the
-- file loses nothing but the time.
CREATE TABLE projects (
    project   TEXT    PRIMARY KEY,
    -- The labels that its items can carry, as a JSON array.
    labels    TEXT    NOT NULL,
    synced_at INTEGER NOT NULL
) STRICT;

-- How far the items of one kind of a project are read. Times of items are epoch microseconds.
CREATE TABLE cursors (
    project    TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    -- The reading under way, or the last one, that saw every open item.
    generation INTEGER NOT NULL,
    -- Whether it is under way.
    full       INTEGER NOT NULL CHECK (full IN (0, 1)),
    -- All that changed before this time has been read.
    read_to    INTEGER,
    -- The newest change when the full reading began: from there on changes are read after it.
    mark       INTEGER,
    -- When the last full reading ended, in epoch milliseconds.
    full_at    INTEGER,
    PRIMARY KEY (project, kind)
) STRICT, WITHOUT ROWID;

-- The open items.
CREATE TABLE items (
    id         INTEGER PRIMARY KEY,
    subject    TEXT    NOT NULL UNIQUE,
    project    TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    -- The newest commit of a merge request.
    head       TEXT,
    snapshot   TEXT    NOT NULL
) STRICT;

CREATE INDEX items_place ON items (project, kind, generation);

-- The changed files of open merge requests, as far as they were worth the calls.
CREATE TABLE changes (
    subject TEXT PRIMARY KEY,
    -- The commit at which they were read.
    head    TEXT NOT NULL,
    data    TEXT NOT NULL
) STRICT;
