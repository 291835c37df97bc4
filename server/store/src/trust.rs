//! The table `trusted`: workspace roots whose own configuration may name commands.

use rusqlite::params;

use crate::open::{Error, Store};

impl Store {
    /// Whether the user has said that this root may configure commands.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn is_trusted(&self, root: &str) -> Result<bool, Error> {
        Ok(self.connection().query_row(
            "SELECT EXISTS (SELECT 1 FROM trusted WHERE root = ?1)",
            [root],
            |row| row.get(0),
        )?)
    }

    /// Trusts a root.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn trust(&self, root: &str, at: jiff::Timestamp) -> Result<(), Error> {
        self.connection().execute(
            "INSERT OR REPLACE INTO trusted (root, at) VALUES (?1, ?2)",
            params![root, at.to_string()],
        )?;
        Ok(())
    }

    /// Takes the trust back.
    ///
    /// # Errors
    /// [`Error::Sqlite`].
    pub fn distrust(&self, root: &str) -> Result<(), Error> {
        self.connection().execute("DELETE FROM trusted WHERE root = ?1", [root])?;
        Ok(())
    }
}
