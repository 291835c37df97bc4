-- Every call to a model, written down before it is made: what it may take, and then what it took. No prompt text.
CREATE TABLE calls (
    id         INTEGER PRIMARY KEY,
    workspace  TEXT NOT NULL,           -- its root
    run_id     TEXT,
    model      TEXT NOT NULL,           -- provider/model
    at         INTEGER NOT NULL,        -- when it began, milliseconds since 1970
    outcome    TEXT,                    -- `ok` or a kind of error; NULL while it is under way, or if nobody saw its end
    tokens     INTEGER NOT NULL,        -- of request and answer; the most that it may take until it has ended
    micro_usd  INTEGER NOT NULL,        -- millionths of a dollar; likewise
    tokens_in  INTEGER NOT NULL DEFAULT 0,
    cached     INTEGER NOT NULL DEFAULT 0,
    tokens_out INTEGER NOT NULL DEFAULT 0,
    is_priced  INTEGER NOT NULL DEFAULT 0,
    first_ms   INTEGER,                 -- until the first token
    wall_ms    INTEGER
) STRICT;
CREATE INDEX calls_by_time ON calls (at, tokens, micro_usd);
CREATE INDEX calls_by_run ON calls (run_id, tokens, micro_usd);

-- Models and providers that have failed since they last answered.
CREATE TABLE healths (
    name      TEXT PRIMARY KEY,         -- provider/model, or provider
    failures  INTEGER NOT NULL,
    class     TEXT NOT NULL,
    until     INTEGER NOT NULL,         -- milliseconds since 1970
    is_probed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
