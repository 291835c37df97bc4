-- What is kept across runs. Vectors are 32-bit floats, little-endian, of the embedder named beside them; those of another one are
-- never compared.

-- What an agent has said, and what became of it.
CREATE TABLE agent_turns (
    turn_id       TEXT PRIMARY KEY,
    agent_role    TEXT NOT NULL,        -- name of the agent: coder, tester, cli
    content       TEXT NOT NULL,        -- empty once only the vector is kept
    form          TEXT NOT NULL,        -- full, compressed, summary, vector
    vector        BLOB,
    embedder      TEXT,
    run_id        TEXT NOT NULL,
    task_id       TEXT NOT NULL,        -- the task of the run's plan; empty for a run without one
    turn_number   INTEGER NOT NULL,     -- counts from 1 within the task
    status        TEXT NOT NULL,        -- pending, passed, failed
    timestamp     TEXT NOT NULL,        -- RFC 3339
    files_changed TEXT NOT NULL,        -- JSON: path to the hashes of its text before and after
    roadmap_chunk TEXT NOT NULL,        -- what was to be done
    metadata      TEXT NOT NULL         -- JSON
) STRICT;
CREATE INDEX agent_turns_by_age ON agent_turns (timestamp, turn_id);
CREATE INDEX agent_turns_by_run ON agent_turns (run_id, task_id);

-- What was proved.
CREATE TABLE checkpoints (
    checkpoint_id   TEXT PRIMARY KEY,
    turn_id         TEXT NOT NULL REFERENCES agent_turns (turn_id) ON DELETE CASCADE,
    checkpoint_type TEXT NOT NULL,      -- verification_success
    vector          BLOB,
    timestamp       TEXT NOT NULL,
    files           TEXT NOT NULL,      -- JSON, as files_changed of agent_turns
    metadata        TEXT NOT NULL       -- JSON
) STRICT;
CREATE INDEX checkpoints_by_turn ON checkpoints (turn_id);

-- Why a turn was refused.
CREATE TABLE defects (
    defect_id   TEXT PRIMARY KEY,
    turn_id     TEXT NOT NULL REFERENCES agent_turns (turn_id) ON DELETE CASCADE,
    defect_type TEXT NOT NULL,
    vector      BLOB,
    severity    TEXT NOT NULL,          -- critical, high, medium, low
    description TEXT NOT NULL,
    resolved    INTEGER NOT NULL,       -- 1 once a later turn of the same task has passed
    timestamp   TEXT NOT NULL,
    metadata    TEXT NOT NULL           -- JSON, with suggested_fix
) STRICT;
CREATE INDEX defects_by_turn ON defects (turn_id);

-- What was put before a person.
CREATE TABLE escalations (
    escalation_id TEXT PRIMARY KEY,
    run_id        TEXT NOT NULL,
    task_id       TEXT NOT NULL,
    turn          INTEGER NOT NULL,
    defect_id     TEXT REFERENCES defects (defect_id) ON DELETE CASCADE,
    timestamp     TEXT NOT NULL,
    resolved      INTEGER NOT NULL,     -- 1 once the task has passed after it
    metadata      TEXT NOT NULL         -- JSON
) STRICT;
CREATE INDEX escalations_by_run ON escalations (run_id, task_id);
