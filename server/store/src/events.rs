//! The table `events`: the append-only log of each run. It does not know what an event contains.

use rusqlite::{Connection, params};
use serde_json::Value;

use crate::open::{Error, Store, json};
use crate::runs::{self, RunState};

impl Store {
    /// Appends event number `seq` of a run.
    ///
    /// # Errors
    /// [`Error::Sqlite`], also when `seq` is taken: two writers on one run is a bug that must not pass.
    pub fn append_event(&self, run_id: &str, seq: u64, body: &Value) -> Result<(), Error> {
        insert(&self.connection(), run_id, seq, body)
    }

    /// Appends event number `seq` of a run and sets how the run stands by it: both or neither, whenever the process ends.
    /// `summary` of `None` keeps the one that is there.
    ///
    /// # Errors
    /// As [`Store::append_event`].
    pub fn append_turn(
        &self,
        run_id: &str,
        seq: u64,
        body: &Value,
        state: RunState,
        summary: Option<&str>,
        at: jiff::Timestamp,
    ) -> Result<(), Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        insert(&transaction, run_id, seq, body)?;
        runs::set_state(&transaction, run_id, state, summary, at)?;
        Ok(transaction.commit()?)
    }

    /// The events of a run from number `from` on, in order.
    ///
    /// # Errors
    /// [`Error::Sqlite`], [`Error::Corrupt`].
    pub fn events(&self, run_id: &str, from: u64) -> Result<Vec<(u64, Value)>, Error> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT seq, body FROM events WHERE run_id = ?1 AND seq >= ?2 ORDER BY seq",
        )?;
        let rows = statement.query_map(params![run_id, from.cast_signed()], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })?;
        rows.map(|row| {
            let (seq, body) = row?;
            Ok((seq.cast_unsigned(), json("event", &body)?))
        })
        .collect()
    }

    /// When each event of a run was appended, in order, in milliseconds since 1970; `None` of those that a version before 6 of the
    /// database has written.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn event_times(&self, run_id: &str) -> Result<Vec<Option<i64>>, Error> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT at_ms FROM events WHERE run_id = ?1 ORDER BY seq")?;
        let rows = statement.query_map(params![run_id], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn insert(connection: &Connection, run_id: &str, seq: u64, body: &Value) -> Result<(), Error> {
    connection
        .prepare_cached(
            "INSERT INTO events (run_id, seq, body, at_ms)
             VALUES (?1, ?2, ?3, CAST(unixepoch('subsec') * 1000 AS INTEGER))",
        )?
        .execute(params![run_id, seq.cast_signed(), body.to_string()])?;
    Ok(())
}
