-- How often a step was recorded: more than once says that it was done again.
ALTER TABLE steps ADD COLUMN written INTEGER NOT NULL DEFAULT 1;
