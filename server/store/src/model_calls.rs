//! The table `model_calls`: what each call to a model cost and how it ended. Prompts are not kept here.

use rusqlite::params;

use crate::open::{Error, Store, time};

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCallRow {
    /// The run that made it.
    pub run_id: String,
    /// `provider/model`.
    pub model: String,
    /// Tokens sent.
    pub tokens_in: u64,
    /// Tokens received.
    pub tokens_out: u64,
    /// From the request to the last byte.
    pub wall_ms: u64,
    /// `ok`, or the kind of error.
    pub outcome: String,
    /// When it ended.
    pub at: jiff::Timestamp,
}

impl Store {
    /// Adds a call.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn insert_model_call(&self, row: &ModelCallRow) -> Result<(), Error> {
        self.connection().execute(
            "INSERT INTO model_calls (run_id, model, tokens_in, tokens_out, wall_ms, outcome, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                row.run_id,
                row.model,
                row.tokens_in.cast_signed(),
                row.tokens_out.cast_signed(),
                row.wall_ms.cast_signed(),
                row.outcome,
                row.at.to_string(),
            ],
        )?;
        Ok(())
    }

    /// The calls of a run, oldest first.
    ///
    /// # Errors
    /// [`Error::Sqlite`], [`Error::Corrupt`].
    pub fn model_calls(&self, run_id: &str) -> Result<Vec<ModelCallRow>, Error> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(
            "SELECT run_id, model, tokens_in, tokens_out, wall_ms, outcome, at
             FROM model_calls WHERE run_id = ?1 ORDER BY id",
        )?;
        let rows = statement.query_map([run_id], |row| {
            let call = ModelCallRow {
                run_id: row.get(0)?,
                model: row.get(1)?,
                tokens_in: row.get::<_, i64>(2)?.cast_unsigned(),
                tokens_out: row.get::<_, i64>(3)?.cast_unsigned(),
                wall_ms: row.get::<_, i64>(4)?.cast_unsigned(),
                outcome: row.get(5)?,
                at: jiff::Timestamp::UNIX_EPOCH,
            };
            Ok((call, row.get::<_, String>(6)?))
        })?;
        rows.map(|row| {
            let (call, at) = row?;
            Ok(ModelCallRow { at: time("call time", &at)?, ..call })
        })
        .collect()
    }
}
