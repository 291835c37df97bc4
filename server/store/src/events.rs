//! The table `events`: the append-only log of each run. It does not know what an event contains.

use rusqlite::params;
use serde_json::Value;

use crate::open::{Error, Store, json};

impl Store {
    /// Appends event number `seq` of a run.
    ///
    /// # Errors
    /// [`Error::Sqlite`], also when `seq` is taken: two writers on one run is a bug that must not pass.
    pub fn append_event(&self, run_id: &str, seq: u64, body: &Value) -> Result<(), Error> {
        let connection = self.connection();
        connection
            .prepare_cached("INSERT INTO events (run_id, seq, body) VALUES (?1, ?2, ?3)")?
            .execute(params![run_id, seq.cast_signed(), body.to_string()])?;
        Ok(())
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
}
