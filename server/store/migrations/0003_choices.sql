-- What a person has answered once and for all, about this workspace.
CREATE TABLE choices (
    question TEXT PRIMARY KEY,
    choice TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
