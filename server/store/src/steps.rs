//! The table `steps`: what each finished step of a run gave, by name and hash of its input.

use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use crate::open::{Error, Store, json};

impl Store {
    /// The recorded output of a step, if it finished with this input.
    ///
    /// # Errors
    /// [`Error::Sqlite`], [`Error::Corrupt`].
    pub fn step(&self, run_id: &str, name: &str, key: &str) -> Result<Option<Value>, Error> {
        let text: Option<String> = self
            .connection()
            .query_row(
                "SELECT output FROM steps WHERE run_id = ?1 AND name = ?2 AND key = ?3",
                params![run_id, name, key],
                |row| row.get(0),
            )
            .optional()?;
        text.map(|text| json("step", &text)).transpose()
    }

    /// Records the output of a step; a later write for the same input replaces it.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn put_step(
        &self,
        run_id: &str,
        name: &str,
        key: &str,
        output: &Value,
    ) -> Result<(), Error> {
        self.connection().execute(
            "INSERT INTO steps (run_id, name, key, output) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET output = excluded.output, written = written + 1",
            params![run_id, name, key, output.to_string()],
        )?;
        Ok(())
    }

    /// Names of steps of a run that were recorded more than once.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn steps_done_again(&self, run_id: &str) -> Result<Vec<String>, Error> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT name FROM steps WHERE run_id = ?1 AND written > 1")?;
        let names = statement.query_map([run_id], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }
}
