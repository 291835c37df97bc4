//! The table `choices`: what a person has answered once and for all, about this workspace.

use rusqlite::{OptionalExtension, params};

use crate::open::{Error, Store};

impl Store {
    /// What was answered.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn choice(&self, question: &str) -> Result<Option<String>, Error> {
        let sql = "SELECT choice FROM choices WHERE question = ?1";
        Ok(self.connection().query_row(sql, [question], |row| row.get(0)).optional()?)
    }

    /// Remembers an answer in the place of an earlier one.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn put_choice(
        &self,
        question: &str,
        choice: &str,
        at: jiff::Timestamp,
    ) -> Result<(), Error> {
        self.connection().execute(
            "INSERT OR REPLACE INTO choices (question, choice, at) VALUES (?1, ?2, ?3)",
            params![question, choice, at.to_string()],
        )?;
        Ok(())
    }
}
