-- One row for each run: what was asked, by whom, and how it stands.
CREATE TABLE runs (
    id       TEXT PRIMARY KEY,
    workflow TEXT NOT NULL,
    request  TEXT NOT NULL,             -- JSON
    state    TEXT NOT NULL,
    parent   TEXT REFERENCES runs (id),
    summary  TEXT,
    created  TEXT NOT NULL,             -- RFC 3339
    updated  TEXT NOT NULL
) STRICT;
CREATE INDEX runs_by_age ON runs (created);

-- What a front ever sees of a run, in order. Append-only.
CREATE TABLE events (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    seq    INTEGER NOT NULL,
    body   TEXT NOT NULL,               -- JSON
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

-- The output of each finished stage, so that a resumed run does not repeat it.
CREATE TABLE steps (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name   TEXT NOT NULL,
    key    TEXT NOT NULL,               -- hash of the step's input
    output TEXT NOT NULL,               -- JSON
    PRIMARY KEY (run_id, name, key)
) STRICT, WITHOUT ROWID;

-- Every call to a model: what it cost and how it ended. No prompt text.
CREATE TABLE model_calls (
    id         INTEGER PRIMARY KEY,
    run_id     TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    model      TEXT NOT NULL,
    tokens_in  INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    wall_ms    INTEGER NOT NULL,
    outcome    TEXT NOT NULL,
    at         TEXT NOT NULL            -- RFC 3339
) STRICT;
CREATE INDEX model_calls_by_run ON model_calls (run_id);

-- Workspace roots whose own configuration may name commands.
CREATE TABLE trusted (
    root TEXT PRIMARY KEY,
    at   TEXT NOT NULL                  -- RFC 3339
) STRICT, WITHOUT ROWID;
