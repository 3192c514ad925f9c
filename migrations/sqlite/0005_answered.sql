-- Whether the forge answered a write of unknown outcome. If not, the write may still be applied
-- after somebody has looked for it.
ALTER TABLE audit ADD COLUMN answered INTEGER NOT NULL DEFAULT 0 CHECK (answered IN (0, 1));
