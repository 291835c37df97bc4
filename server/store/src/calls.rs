//! The database of calls to models, one for all workspaces of a user: what each may take and took, and how models do.
//! Prompts are not kept here, and what a budget allows is not decided here.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Row, TransactionBehavior, params};
use rusqlite_migration::{M, Migrations};

use crate::open::{Error, in_turn, make_private};

const MIGRATIONS: &[M<'static>] = &[M::up(include_str!("../migrations/calls/0001_calls.sql"))];

/// How long to wait for another process that writes.
const BUSY: std::time::Duration = std::time::Duration::from_secs(10);

/// The database of calls. Clones share one connection.
#[derive(Clone)]
pub struct CallStore {
    /// Guards the connection; sections are single statements or one short transaction.
    connection: Arc<Mutex<Connection>>,
}

/// A call that is about to be made. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCall {
    /// The workspace's root.
    pub workspace: String,
    /// The run that makes it, if one does.
    pub run_id: Option<String>,
    /// `provider/model`.
    pub model: String,
    /// Now.
    pub at: i64,
    /// When the present day began.
    pub day: i64,
    /// When the present month began.
    pub month: i64,
}

/// What calls took, or may take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Of requests and answers.
    pub tokens: u64,
    /// Millionths of a dollar.
    pub micro_usd: u64,
}

/// What was spent before a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// In its run.
    pub run: Sum,
    /// Since the day began.
    pub day: Sum,
    /// Since the month began.
    pub month: Sum,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallEnd {
    /// `ok`, or the kind of error.
    pub outcome: String,
    /// Tokens sent.
    pub tokens_in: u64,
    /// Of these, from the server's cache.
    pub cached: u64,
    /// Tokens received.
    pub tokens_out: u64,
    /// What it has cost, where that is known.
    pub micro_usd: Option<u64>,
    /// Until the first token.
    pub first_ms: Option<u64>,
    /// From the request to the last byte.
    pub wall_ms: u64,
}

/// What to sum calls up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By model.
    Model,
    /// By run.
    Run,
    /// By workspace.
    Workspace,
}

/// Calls, summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostRow {
    /// The model, run or workspace; empty for calls outside of runs.
    pub name: String,
    /// Calls in all.
    pub calls: u64,
    /// Of these, without an answer.
    pub failed: u64,
    /// Of these, under way, or ended without being seen: they count with the most that they may take.
    pub open: u64,
    /// Tokens sent.
    pub tokens_in: u64,
    /// Of these, from the servers' caches.
    pub cached: u64,
    /// Tokens received.
    pub tokens_out: u64,
    /// Millionths of a dollar.
    pub micro_usd: u64,
    /// Calls of which nobody knows what they cost.
    pub unpriced: u64,
}

/// How a model or a provider does that has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthRow {
    /// `provider/model`, or `provider`.
    pub name: String,
    /// In a row.
    pub failures: u32,
    /// The last failure's.
    pub class: String,
    /// Before this moment it is not asked; milliseconds since 1970.
    pub until: i64,
    /// A request is finding out.
    pub is_probed: bool,
}

impl CallStore {
    /// Opens `dir/calls.sqlite3`, making the folder (private to the user) and the tables as needed.
    ///
    /// # Errors
    /// [`Error::Directory`] if `dir` cannot be used, [`Error::Migration`] for a database of a newer version,
    /// [`Error::Sqlite`] for a file that is no database.
    pub fn open(dir: &Path) -> Result<CallStore, Error> {
        make_private(dir).map_err(|source| Error::Directory { path: dir.into(), source })?;
        let path = dir.join("calls.sqlite3");
        in_turn(&path, || CallStore::prepare(Connection::open(&path)?, &path))
    }

    /// One that is gone when dropped.
    ///
    /// # Errors
    /// [`Error::Sqlite`] if SQLite cannot start.
    pub fn in_memory() -> Result<CallStore, Error> {
        CallStore::prepare(Connection::open_in_memory()?, Path::new(":memory:"))
    }

    fn prepare(mut connection: Connection, path: &Path) -> Result<CallStore, Error> {
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        Migrations::from_slice(MIGRATIONS)
            .to_latest(&mut connection)
            .map_err(|source| Error::Migration { path: path.into(), source })?;
        Ok(CallStore { connection: Arc::new(Mutex::new(connection)) })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic between two statements leaves the connection usable: SQLite rolls back what was open.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down a call with the most that it may take, which `decide` says by what was spent before. No other process
    /// writes meanwhile, so two calls cannot both take what is left.
    ///
    /// # Errors
    /// [`Error::Sqlite`]; inside, what `decide` says.
    pub fn reserve<E>(
        &self,
        call: &NewCall,
        decide: impl FnOnce(&Sums) -> Result<Sum, E>,
    ) -> Result<Result<i64, E>, Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let most = match decide(&sums(&transaction, call)?) {
            Ok(most) => most,
            Err(error) => return Ok(Err(error)),
        };
        transaction
            .prepare_cached(
                "INSERT INTO calls (workspace, run_id, model, at, tokens, micro_usd) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                call.workspace,
                call.run_id,
                call.model,
                call.at,
                most.tokens.cast_signed(),
                most.micro_usd.cast_signed(),
            ])?;
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(Ok(id))
    }

    /// Writes down how a call ended, and says what was spent by then.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn settle(&self, id: i64, call: &NewCall, end: &CallEnd) -> Result<Sums, Error> {
        let connection = self.connection();
        connection
            .prepare_cached(
                "UPDATE calls SET outcome = ?2, tokens = ?3, micro_usd = ?4, tokens_in = ?5, cached = ?6,
                 tokens_out = ?7, is_priced = ?8, first_ms = ?9, wall_ms = ?10 WHERE id = ?1",
            )?
            .execute(params![
                id,
                end.outcome,
                end.tokens_in.saturating_add(end.tokens_out).cast_signed(),
                end.micro_usd.unwrap_or(0).cast_signed(),
                end.tokens_in.cast_signed(),
                end.cached.cast_signed(),
                end.tokens_out.cast_signed(),
                end.micro_usd.is_some(),
                end.first_ms.map(u64::cast_signed),
                end.wall_ms.cast_signed(),
            ])?;
        sums(&connection, call)
    }

    /// Calls since a moment, in milliseconds since 1970, summed up; the dearest first.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn costs(&self, since: i64, by: By) -> Result<Vec<CostRow>, Error> {
        self.summed(by, "at >= ?1", params![since])
    }

    /// The calls of one run, summed up by model.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn costs_of_run(&self, run_id: &str) -> Result<Vec<CostRow>, Error> {
        self.summed(By::Model, "run_id = ?1", params![run_id])
    }

    fn summed(
        &self,
        by: By,
        which: &str,
        params: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<CostRow>, Error> {
        let column = match by {
            By::Model => "model",
            By::Run => "coalesce(run_id, '')",
            By::Workspace => "workspace",
        };
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {column}, count(*), sum(outcome IS NOT NULL AND outcome <> 'ok'), sum(outcome IS NULL), sum(tokens_in),
             sum(cached), sum(tokens_out), sum(micro_usd), sum(outcome IS NOT NULL AND NOT is_priced)
             FROM calls WHERE {which} GROUP BY 1 ORDER BY sum(micro_usd) DESC, sum(tokens) DESC, 1"
        ))?;
        let rows = statement.query_map(params, |row| {
            let number = |idx| row.get::<_, i64>(idx).map(i64::cast_unsigned);
            Ok(CostRow {
                name: row.get(0)?,
                calls: number(1)?,
                failed: number(2)?,
                open: number(3)?,
                tokens_in: number(4)?,
                cached: number(5)?,
                tokens_out: number(6)?,
                micro_usd: number(7)?,
                unpriced: number(8)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What was spent so far, as a call now would see it.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn sums(&self, call: &NewCall) -> Result<Sums, Error> {
        sums(&self.connection(), call)
    }

    /// All that have failed since they last answered.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn healths(&self) -> Result<Vec<HealthRow>, Error> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT name, failures, class, until, is_probed FROM healths ORDER BY name",
        )?;
        let row = |row: &Row<'_>| {
            Ok(HealthRow {
                name: row.get(0)?,
                failures: row.get(1)?,
                class: row.get(2)?,
                until: row.get(3)?,
                is_probed: row.get(4)?,
            })
        };
        Ok(statement.query_map([], row)?.collect::<Result<_, _>>()?)
    }

    /// Writes down how a model or a provider does.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn set_health(&self, row: &HealthRow) -> Result<(), Error> {
        self.connection().execute(
            "INSERT OR REPLACE INTO healths (name, failures, class, until, is_probed) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![row.name, row.failures, row.class, row.until, row.is_probed],
        )?;
        Ok(())
    }

    /// It is well again.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn forget_health(&self, name: &str) -> Result<(), Error> {
        self.connection().execute("DELETE FROM healths WHERE name = ?1", [name])?;
        Ok(())
    }
}

impl std::fmt::Debug for CallStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallStore").finish_non_exhaustive()
    }
}

fn sums(connection: &Connection, call: &NewCall) -> Result<Sums, Error> {
    let sum = |which: &str, params: &[&dyn rusqlite::ToSql]| -> Result<Sum, Error> {
        let text = format!(
            "SELECT coalesce(sum(tokens), 0), coalesce(sum(micro_usd), 0) FROM calls WHERE {which}"
        );
        let mut statement = connection.prepare_cached(&text)?;
        Ok(statement.query_row(params, |row| {
            let number = |idx| row.get::<_, i64>(idx).map(i64::cast_unsigned);
            Ok(Sum { tokens: number(0)?, micro_usd: number(1)? })
        })?)
    };
    Ok(Sums {
        // A call of no run has no run's limit: NULL equals nothing.
        run: sum("run_id = ?1", params![call.run_id])?,
        day: sum("at >= ?1", params![call.day])?,
        month: sum("at >= ?1", params![call.month])?,
    })
}

#[cfg(test)]
mod tests;
