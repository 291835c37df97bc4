//! The tables `agent_turns`, `checkpoints`, `defects` and `escalations`: what is kept across runs. It does not know what is worth
//! keeping, nor how vectors are compared.

use rusqlite::{OptionalExtension, Row, TransactionBehavior, params};
use serde_json::Value;

use crate::open::{Error, Store, json, time};

/// How much of a turn is still kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// As it was said.
    Full,
    /// Its beginning and its end.
    Compressed,
    /// What it was about.
    Summary,
    /// Its vector alone.
    Vector,
}

impl Form {
    const ALL: &[(Form, &str)] = &[
        (Form::Full, "full"),
        (Form::Compressed, "compressed"),
        (Form::Summary, "summary"),
        (Form::Vector, "vector"),
    ];

    /// The word used in the table and on screen.
    pub fn as_str(self) -> &'static str {
        word(Form::ALL, self)
    }
}

/// What became of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnStatus {
    /// It was said, and not yet verified.
    Pending,
    /// It was proved.
    Passed,
    /// It was refused.
    Failed,
}

impl TurnStatus {
    const ALL: &[(TurnStatus, &str)] = &[
        (TurnStatus::Pending, "pending"),
        (TurnStatus::Passed, "passed"),
        (TurnStatus::Failed, "failed"),
    ];

    /// The word used in the table and on screen.
    pub fn as_str(self) -> &'static str {
        word(TurnStatus::ALL, self)
    }
}

fn word<T: PartialEq>(all: &[(T, &'static str)], it: T) -> &'static str {
    all.iter().find(|(known, _)| *known == it).map_or("", |(_, word)| word)
}

fn read<T: Copy>(all: &[(T, &str)], what: &'static str, word: &str) -> Result<T, Error> {
    let found = all.iter().find(|(_, known)| *known == word).map(|(it, _)| *it);
    found.ok_or_else(|| Error::Corrupt { what, reason: format!("`{word}`") })
}

/// Where a text lies among others, for those that were placed by the same embedder.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Vector {
    /// Who has made it.
    pub embedder: String,
    /// Its numbers.
    pub numbers: Vec<f32>,
}

/// What an agent has said, and what became of it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct TurnRow {
    /// Its name.
    pub turn_id: String,
    /// Name of the agent.
    pub agent_role: String,
    /// What is still kept of what it said.
    pub content: String,
    /// How much that is.
    pub form: Form,
    /// Absent where there was no embedder.
    pub vector: Option<Vector>,
    /// The run.
    pub run_id: String,
    /// The task of the run's plan; empty for a run without one.
    pub task_id: String,
    /// Counts from 1 within the task.
    pub turn_number: u32,
    /// What became of it.
    pub status: TurnStatus,
    /// When it was said.
    pub timestamp: jiff::Timestamp,
    /// Files and their hashes, as the engine wrote them.
    pub files_changed: Value,
    /// What was to be done.
    pub roadmap_chunk: String,
    /// More, as the engine wrote it.
    pub metadata: Value,
}

/// What was proved.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CheckpointRow {
    /// Its name.
    pub checkpoint_id: String,
    /// What was said.
    pub turn_id: String,
    /// By what.
    pub checkpoint_type: String,
    /// Of the embedder of its turn.
    pub vector: Option<Vec<f32>>,
    /// When.
    pub timestamp: jiff::Timestamp,
    /// As those of its turn.
    pub files: Value,
    /// More, as the engine wrote it.
    pub metadata: Value,
}

/// Why a turn was refused.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct DefectRow {
    /// Its name.
    pub defect_id: String,
    /// What was said.
    pub turn_id: String,
    /// Its kind.
    pub defect_type: String,
    /// Of the embedder of its turn.
    pub vector: Option<Vec<f32>>,
    /// `critical`, `high`, `medium` or `low`.
    pub severity: String,
    /// One line.
    pub description: String,
    /// A later turn of the same task has passed.
    #[serde(rename = "resolved")]
    pub is_resolved: bool,
    /// When.
    pub timestamp: jiff::Timestamp,
    /// More, as the engine wrote it.
    pub metadata: Value,
}

/// What was put before a person.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct EscalationRow {
    /// Its name.
    pub escalation_id: String,
    /// The run.
    pub run_id: String,
    /// The task of the run's plan, or what else was given up.
    pub task_id: String,
    /// Counts from 1 for each task.
    pub turn: u32,
    /// The last defect, where one is kept.
    pub defect_id: Option<String>,
    /// When.
    pub timestamp: jiff::Timestamp,
    /// The task has passed after it.
    #[serde(rename = "resolved")]
    pub is_resolved: bool,
    /// More, as the engine wrote it.
    pub metadata: Value,
}

/// What is to be forgotten.
#[derive(Debug, Clone, Copy)]
pub enum Forget<'a> {
    /// A turn and what came of it.
    Turn(&'a str),
    /// All that one run has left.
    Run(&'a str),
    /// Everything.
    All,
}

const TURN: &str = "turn_id, agent_role, content, form, vector, embedder, run_id, task_id, turn_number, status, timestamp, \
                    files_changed, roadmap_chunk, metadata";
const NEWEST_FIRST: &str = "ORDER BY timestamp DESC, turn_id DESC";

impl Store {
    /// Keeps a turn, in place of an earlier one of its name.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn put_turn(&self, row: &TurnRow) -> Result<(), Error> {
        let sql = format!(
            "INSERT INTO agent_turns ({TURN}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (turn_id) DO UPDATE SET content = ?3, form = ?4, vector = ?5, embedder = ?6, status = ?10,
             files_changed = ?12, metadata = ?14"
        );
        let vector = row.vector.as_ref();
        self.connection().prepare_cached(&sql)?.execute(params![
            row.turn_id,
            row.agent_role,
            row.content,
            row.form.as_str(),
            vector.map(|it| bytes(&it.numbers)),
            vector.map(|it| &it.embedder),
            row.run_id,
            row.task_id,
            row.turn_number,
            row.status.as_str(),
            sortable(row.timestamp),
            row.files_changed.to_string(),
            row.roadmap_chunk,
            row.metadata.to_string(),
        ])?;
        Ok(())
    }

    /// The newest turns first, at most `limit`, without the first `skip`.
    ///
    /// # Errors
    /// [`Error::Sqlite`], [`Error::Corrupt`].
    pub fn turns(&self, skip: usize, limit: usize) -> Result<Vec<TurnRow>, Error> {
        // SQLite counts in signed numbers.
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let connection = self.connection();
        let sql = format!("SELECT {TURN} FROM agent_turns {NEWEST_FIRST} LIMIT ?1 OFFSET ?2");
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map([count(limit), count(skip)], RawTurn::read)?;
        rows.map(|row| row?.into_row()).collect()
    }

    /// Turns whose name contains `part`, newest first; a person types a few characters of it.
    ///
    /// # Errors
    /// [`Error::Sqlite`], [`Error::Corrupt`].
    pub fn find_turns(&self, part: &str) -> Result<Vec<TurnRow>, Error> {
        let connection = self.connection();
        let sql =
            format!("SELECT {TURN} FROM agent_turns WHERE instr(turn_id, ?1) > 0 {NEWEST_FIRST}");
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map([part], RawTurn::read)?;
        rows.map(|row| row?.into_row()).collect()
    }

    /// Keeps less of the turns that `n_newer` others or more are newer than, and that are kept in another form than `form`
    /// or a smaller one. `make`: what is kept of a turn.
    ///
    /// # Errors
    /// [`Error::Sqlite`], [`Error::Corrupt`].
    pub fn compress(
        &self,
        n_newer: usize,
        form: Form,
        make: impl Fn(&TurnRow) -> String,
    ) -> Result<(), Error> {
        let larger: Vec<&str> =
            Form::ALL.iter().take_while(|(it, _)| *it != form).map(|(_, word)| *word).collect();
        let larger = format!("'{}'", larger.join("', '"));
        let skip = i64::try_from(n_newer).unwrap_or(i64::MAX);
        let mut connection = self.connection();
        // It reads before it writes: a transaction that only begins to write then is refused where another process has written between.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let rows: Vec<TurnRow> = {
            let sql = format!(
                "SELECT {TURN} FROM agent_turns WHERE form IN ({larger}) AND turn_id IN
                 (SELECT turn_id FROM agent_turns {NEWEST_FIRST} LIMIT -1 OFFSET ?1)"
            );
            let mut statement = transaction.prepare_cached(&sql)?;
            let rows = statement.query_map([skip], RawTurn::read)?;
            rows.map(|row| row?.into_row()).collect::<Result<_, Error>>()?
        };
        for row in rows {
            transaction.execute(
                "UPDATE agent_turns SET content = ?2, form = ?3 WHERE turn_id = ?1",
                params![row.turn_id, make(&row), form.as_str()],
            )?;
        }
        Ok(transaction.commit()?)
    }

    /// Keeps what was proved, in place of an earlier one of its name; what was wrong in the same task is resolved by it.
    ///
    /// # Errors
    /// [`Error::Sqlite`], also where there is no such turn.
    pub fn put_checkpoint(&self, row: &CheckpointRow) -> Result<(), Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        transaction.execute(
            "INSERT OR REPLACE INTO checkpoints
             (checkpoint_id, turn_id, checkpoint_type, vector, timestamp, files, metadata)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                row.checkpoint_id,
                row.turn_id,
                row.checkpoint_type,
                row.vector.as_deref().map(bytes),
                sortable(row.timestamp),
                row.files.to_string(),
                row.metadata.to_string(),
            ],
        )?;
        transaction.execute(
            "UPDATE defects SET resolved = 1 WHERE turn_id IN (SELECT other.turn_id FROM agent_turns AS other
             JOIN agent_turns AS this USING (run_id, task_id) WHERE this.turn_id = ?1)",
            [&row.turn_id],
        )?;
        transaction.execute(
            "UPDATE escalations SET resolved = 1 WHERE (run_id, task_id) IN
             (SELECT run_id, task_id FROM agent_turns WHERE turn_id = ?1)",
            [&row.turn_id],
        )?;
        Ok(transaction.commit()?)
    }

    /// All that was proved, newest first.
    ///
    /// # Errors
    /// [`Error::Sqlite`], [`Error::Corrupt`].
    pub fn checkpoints(&self) -> Result<Vec<CheckpointRow>, Error> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT checkpoint_id, turn_id, checkpoint_type, vector, timestamp, files, metadata FROM checkpoints
             ORDER BY timestamp DESC, checkpoint_id DESC",
        )?;
        let mut rows = statement.query([])?;
        let mut res = Vec::new();
        while let Some(row) = rows.next()? {
            res.push(CheckpointRow {
                checkpoint_id: row.get(0)?,
                turn_id: row.get(1)?,
                checkpoint_type: row.get(2)?,
                vector: row.get::<_, Option<Vec<u8>>>(3)?.map(|it| numbers(&it)),
                timestamp: time("checkpoint time", &row.get::<_, String>(4)?)?,
                files: json("checkpoint files", &row.get::<_, String>(5)?)?,
                metadata: json("checkpoint metadata", &row.get::<_, String>(6)?)?,
            });
        }
        Ok(res)
    }

    /// Keeps why a turn was refused, in place of an earlier one of its name.
    ///
    /// # Errors
    /// [`Error::Sqlite`], also where there is no such turn.
    pub fn put_defect(&self, row: &DefectRow) -> Result<(), Error> {
        self.connection().execute(
            "INSERT OR REPLACE INTO defects
             (defect_id, turn_id, defect_type, vector, severity, description, resolved, timestamp, metadata)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                row.defect_id,
                row.turn_id,
                row.defect_type,
                row.vector.as_deref().map(bytes),
                row.severity,
                row.description,
                row.is_resolved,
                sortable(row.timestamp),
                row.metadata.to_string(),
            ],
        )?;
        Ok(())
    }

    /// All that was refused, newest first.
    ///
    /// # Errors
    /// [`Error::Sqlite`], [`Error::Corrupt`].
    pub fn defects(&self) -> Result<Vec<DefectRow>, Error> {
        self.defects_where("1")
    }

    /// What was refused and is not resolved, newest first.
    ///
    /// # Errors
    /// [`Error::Sqlite`], [`Error::Corrupt`].
    pub fn open_defects(&self) -> Result<Vec<DefectRow>, Error> {
        self.defects_where("resolved = 0")
    }

    fn defects_where(&self, condition: &str) -> Result<Vec<DefectRow>, Error> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT defect_id, turn_id, defect_type, vector, severity, description, resolved, timestamp, metadata
             FROM defects WHERE {condition} ORDER BY timestamp DESC, defect_id DESC",
        ))?;
        let mut rows = statement.query([])?;
        let mut res = Vec::new();
        while let Some(row) = rows.next()? {
            res.push(DefectRow {
                defect_id: row.get(0)?,
                turn_id: row.get(1)?,
                defect_type: row.get(2)?,
                vector: row.get::<_, Option<Vec<u8>>>(3)?.map(|it| numbers(&it)),
                severity: row.get(4)?,
                description: row.get(5)?,
                is_resolved: row.get(6)?,
                timestamp: time("defect time", &row.get::<_, String>(7)?)?,
                metadata: json("defect metadata", &row.get::<_, String>(8)?)?,
            });
        }
        Ok(res)
    }

    /// Keeps what was put before a person, in place of an earlier one of its name.
    ///
    /// # Errors
    /// [`Error::Sqlite`], also where there is no such defect.
    pub fn put_escalation(&self, row: &EscalationRow) -> Result<(), Error> {
        self.connection().execute(
            "INSERT OR REPLACE INTO escalations
             (escalation_id, run_id, task_id, turn, defect_id, timestamp, resolved, metadata)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                row.escalation_id,
                row.run_id,
                row.task_id,
                row.turn,
                row.defect_id,
                sortable(row.timestamp),
                row.is_resolved,
                row.metadata.to_string(),
            ],
        )?;
        Ok(())
    }

    /// All that was put before a person, newest first.
    ///
    /// # Errors
    /// [`Error::Sqlite`], [`Error::Corrupt`].
    pub fn escalations(&self) -> Result<Vec<EscalationRow>, Error> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT escalation_id, run_id, task_id, turn, defect_id, timestamp, resolved, metadata FROM escalations
             ORDER BY timestamp DESC, escalation_id DESC",
        )?;
        let mut rows = statement.query([])?;
        let mut res = Vec::new();
        while let Some(row) = rows.next()? {
            res.push(EscalationRow {
                escalation_id: row.get(0)?,
                run_id: row.get(1)?,
                task_id: row.get(2)?,
                turn: row.get(3)?,
                defect_id: row.get(4)?,
                timestamp: time("escalation time", &row.get::<_, String>(5)?)?,
                is_resolved: row.get(6)?,
                metadata: json("escalation metadata", &row.get::<_, String>(7)?)?,
            });
        }
        Ok(res)
    }

    /// The newest defect of a task of a run.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn last_defect(&self, run_id: &str, task_id: &str) -> Result<Option<String>, Error> {
        let sql = "SELECT defect_id FROM defects JOIN agent_turns USING (turn_id)
                   WHERE run_id = ?1 AND task_id = ?2 ORDER BY defects.timestamp DESC LIMIT 1";
        Ok(self.connection().query_row(sql, [run_id, task_id], |row| row.get(0)).optional()?)
    }

    /// Removes what is kept; gives how many turns that were.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn forget(&self, what: Forget<'_>) -> Result<usize, Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        // Checkpoints and defects go with their turns, escalations with their defects.
        let n_turns = match what {
            Forget::Turn(id) => {
                transaction.execute("DELETE FROM agent_turns WHERE turn_id = ?1", [id])?
            }
            Forget::Run(id) => {
                transaction.execute("DELETE FROM escalations WHERE run_id = ?1", [id])?;
                transaction.execute("DELETE FROM agent_turns WHERE run_id = ?1", [id])?
            }
            Forget::All => {
                transaction.execute("DELETE FROM escalations", [])?;
                transaction.execute("DELETE FROM agent_turns", [])?
            }
        };
        transaction.commit()?;
        // What is overwritten in the file still stands in its log, until that is begun anew; a reader elsewhere may keep it from that
        // for now.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(n_turns)
    }
}

/// Text of one length for all times, so that the order of texts is that of times.
fn sortable(at: jiff::Timestamp) -> String {
    format!("{at:.6}")
}

fn bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|it| it.to_le_bytes()).collect()
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    let (chunks, _) = bytes.as_chunks::<4>();
    chunks.iter().map(|it| f32::from_le_bytes(*it)).collect()
}

/// A turn as SQLite gives it.
struct RawTurn {
    turn_id: String,
    agent_role: String,
    content: String,
    form: String,
    vector: Option<Vec<u8>>,
    embedder: Option<String>,
    run_id: String,
    task_id: String,
    turn_number: u32,
    status: String,
    timestamp: String,
    files_changed: String,
    roadmap_chunk: String,
    metadata: String,
}

impl RawTurn {
    fn read(row: &Row<'_>) -> rusqlite::Result<RawTurn> {
        Ok(RawTurn {
            turn_id: row.get(0)?,
            agent_role: row.get(1)?,
            content: row.get(2)?,
            form: row.get(3)?,
            vector: row.get(4)?,
            embedder: row.get(5)?,
            run_id: row.get(6)?,
            task_id: row.get(7)?,
            turn_number: row.get(8)?,
            status: row.get(9)?,
            timestamp: row.get(10)?,
            files_changed: row.get(11)?,
            roadmap_chunk: row.get(12)?,
            metadata: row.get(13)?,
        })
    }

    fn into_row(self) -> Result<TurnRow, Error> {
        let vector = self.embedder.zip(self.vector);
        Ok(TurnRow {
            turn_id: self.turn_id,
            agent_role: self.agent_role,
            content: self.content,
            form: read(Form::ALL, "form of a turn", &self.form)?,
            vector: vector.map(|(embedder, it)| Vector { embedder, numbers: numbers(&it) }),
            run_id: self.run_id,
            task_id: self.task_id,
            turn_number: self.turn_number,
            status: read(TurnStatus::ALL, "status of a turn", &self.status)?,
            timestamp: time("turn time", &self.timestamp)?,
            files_changed: json("files of a turn", &self.files_changed)?,
            roadmap_chunk: self.roadmap_chunk,
            metadata: json("metadata of a turn", &self.metadata)?,
        })
    }
}
