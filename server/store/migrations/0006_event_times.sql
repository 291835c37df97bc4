-- When an event was appended, in milliseconds since 1970; none of earlier versions.
ALTER TABLE events ADD COLUMN at_ms INTEGER;
