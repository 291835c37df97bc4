//! The table `runs`: one row for each run. It does not know what a request contains.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::open::{Error, Store, json, time};

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// A process works on it, or did until it was killed.
    Running,
    /// It waits for an answer.
    Waiting,
    /// Ended: something was delivered, or there was nothing to do.
    Succeeded,
    /// Ended without a result; can be resumed where the cause was outside the run.
    Failed,
    /// Ended: the proposal was turned down.
    Rejected,
    /// Ended by the user.
    Cancelled,
}

impl RunState {
    const ALL: &[(RunState, &str)] = &[
        (RunState::Running, "running"),
        (RunState::Waiting, "waiting"),
        (RunState::Succeeded, "succeeded"),
        (RunState::Failed, "failed"),
        (RunState::Rejected, "rejected"),
        (RunState::Cancelled, "cancelled"),
    ];

    /// The word used in the table and on screen.
    pub fn as_str(self) -> &'static str {
        RunState::ALL.iter().find(|(state, _)| *state == self).map_or("running", |(_, word)| word)
    }

    fn parse(word: &str) -> Result<RunState, Error> {
        RunState::ALL
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(state, _)| *state)
            .ok_or_else(|| Error::Corrupt { what: "run state", reason: format!("`{word}`") })
    }
}

/// One run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    /// Sorts by age.
    pub id: String,
    /// Name of the workflow.
    pub workflow: String,
    /// What was asked, as the engine wrote it.
    pub request: serde_json::Value,
    /// How it stands.
    pub state: RunState,
    /// The run that this one follows up.
    pub parent: Option<String>,
    /// One line on how it ended.
    pub summary: Option<String>,
    /// When it was started.
    pub created: jiff::Timestamp,
    /// When its state last changed.
    pub updated: jiff::Timestamp,
}

const COLUMNS: &str = "id, workflow, request, state, parent, summary, created, updated";

impl Store {
    /// Adds a run.
    ///
    /// # Errors
    /// [`Error::Sqlite`], also when the id is taken.
    pub fn insert_run(&self, row: &RunRow) -> Result<(), Error> {
        self.connection().execute(
            "INSERT INTO runs (id, workflow, request, state, parent, summary, created, updated)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                row.id,
                row.workflow,
                row.request.to_string(),
                row.state.as_str(),
                row.parent,
                row.summary,
                row.created.to_string(),
                row.updated.to_string(),
            ],
        )?;
        Ok(())
    }

    /// The run with exactly this id.
    ///
    /// # Errors
    /// [`Error::Sqlite`], [`Error::Corrupt`].
    pub fn run(&self, id: &str) -> Result<Option<RunRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM runs WHERE id = ?1");
        let row = self.connection().query_row(&sql, [id], raw).optional()?;
        row.map(RawRun::into_row).transpose()
    }

    /// The newest runs first, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Sqlite`], [`Error::Corrupt`].
    pub fn runs(&self, limit: usize) -> Result<Vec<RunRow>, Error> {
        // SQLite counts in signed numbers.
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.select("ORDER BY created DESC, id DESC LIMIT ?1", &limit.to_string())
    }

    /// Runs whose id contains `part`, newest first; a person types a few characters of an id.
    ///
    /// # Errors
    /// [`Error::Sqlite`], [`Error::Corrupt`].
    pub fn find_runs(&self, part: &str) -> Result<Vec<RunRow>, Error> {
        self.select("WHERE instr(id, ?1) > 0 ORDER BY created DESC, id DESC", part)
    }

    fn select(&self, tail: &str, argument: &str) -> Result<Vec<RunRow>, Error> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached(&format!("SELECT {COLUMNS} FROM runs {tail}"))?;
        let rows = statement.query_map([argument], raw)?;
        rows.map(|row| row?.into_row()).collect()
    }
}

/// Sets how a run stands, as of `at`; `summary` of `None` keeps the one that is there.
pub(crate) fn set_state(
    connection: &Connection,
    id: &str,
    state: RunState,
    summary: Option<&str>,
    at: jiff::Timestamp,
) -> Result<(), Error> {
    connection.execute(
        "UPDATE runs SET state = ?2, summary = coalesce(?3, summary), updated = ?4 WHERE id = ?1",
        params![id, state.as_str(), summary, at.to_string()],
    )?;
    Ok(())
}

/// A row as SQLite gives it; parsed outside of its callback, where our own errors can be returned.
struct RawRun {
    id: String,
    workflow: String,
    request: String,
    state: String,
    parent: Option<String>,
    summary: Option<String>,
    created: String,
    updated: String,
}

fn raw(row: &Row<'_>) -> rusqlite::Result<RawRun> {
    Ok(RawRun {
        id: row.get(0)?,
        workflow: row.get(1)?,
        request: row.get(2)?,
        state: row.get(3)?,
        parent: row.get(4)?,
        summary: row.get(5)?,
        created: row.get(6)?,
        updated: row.get(7)?,
    })
}

impl RawRun {
    fn into_row(self) -> Result<RunRow, Error> {
        Ok(RunRow {
            id: self.id,
            workflow: self.workflow,
            request: json("request", &self.request)?,
            state: RunState::parse(&self.state)?,
            parent: self.parent,
            summary: self.summary,
            created: time("run time", &self.created)?,
            updated: time("run time", &self.updated)?,
        })
    }
}
