-- How many rows of the inbox there are of each kind, kept with every change: counting them each
-- time somebody asks would read the whole table.
CREATE TABLE inbox_counts (
    disposition TEXT    PRIMARY KEY,
    count       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO inbox_counts SELECT disposition, count(*) FROM inbox GROUP BY disposition;
