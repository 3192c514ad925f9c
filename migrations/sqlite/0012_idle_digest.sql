-- A hash of the decision and of what it was made on, without the time: the same again need not be
-- written again. NULL in rows of before.
ALTER TABLE idle ADD COLUMN digest TEXT;
