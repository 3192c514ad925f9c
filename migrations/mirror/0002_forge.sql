-- Each project is one of a forge: `owner/name` may stand on several. Which one a file was filled from
-- was not written down before, so it is emptied: all of it can be read again.
DROP TABLE changes;
DROP TABLE items;
DROP TABLE cursors;
DROP TABLE projects;

-- `forge` is the kind of the forge and the root of its pages, such as `github https://github.com/`.
CREATE TABLE projects (
    forge     TEXT    NOT NULL,
    project   TEXT    NOT NULL,
    -- The labels that its items can carry, as a JSON array.
    labels    TEXT    NOT NULL,
    synced_at INTEGER NOT NULL,
    PRIMARY KEY (forge, project)
) STRICT;

-- How far the items of one kind of a project are read. Times of items are epoch microseconds.
CREATE TABLE cursors (
    forge      TEXT    NOT NULL,
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
    PRIMARY KEY (forge, project, kind)
) STRICT, WITHOUT ROWID;

-- The open items.
CREATE TABLE items (
    id         INTEGER PRIMARY KEY,
    forge      TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    project    TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    -- The newest commit of a merge request.
    head       TEXT,
    snapshot   TEXT    NOT NULL,
    UNIQUE (forge, subject)
) STRICT;

CREATE INDEX items_place ON items (forge, project, kind, generation);

-- The changed files of open merge requests, as far as they were worth the calls.
CREATE TABLE changes (
    forge   TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- The commit at which they were read.
    head    TEXT NOT NULL,
    data    TEXT NOT NULL,
    PRIMARY KEY (forge, subject)
) STRICT;
