-- Which Steward, with which policies, put a subject aside. Another one may fare better.
ALTER TABLE work ADD COLUMN parked_by TEXT;
