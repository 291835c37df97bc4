//! Opening the database of one workspace: migrations, write-ahead log, one connection. It holds no queries.

use std::fs::{OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("../migrations/0001_runs.sql")),
    M::up(include_str!("../migrations/0002_calls_elsewhere.sql")),
    M::up(include_str!("../migrations/0003_choices.sql")),
    M::up(include_str!("../migrations/0004_memory.sql")),
    M::up(include_str!("../migrations/0005_written.sql")),
    M::up(include_str!("../migrations/0006_event_times.sql")),
];

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data directory could not be made or read.
    #[error("cannot use the data directory {path}: {source}; check its owner and free space")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("the run database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The database was written by a newer version, or a migration failed.
    #[error(
        "the run database {path} cannot be brought to this version: {source}; move it away to start afresh"
    )]
    Migration {
        /// The database file.
        path: PathBuf,
        /// What the migration said.
        source: rusqlite_migration::Error,
    },
    /// A row does not hold what its column promises.
    #[error("the run database holds an unreadable {what}: {reason}")]
    Corrupt {
        /// Which column.
        what: &'static str,
        /// Why it could not be read.
        reason: String,
    },
}

/// The database of one workspace. Clones share one connection.
#[derive(Clone)]
pub struct Store {
    /// Guards the connection; sections are single statements or one short transaction.
    connection: Arc<Mutex<Connection>>,
    /// Where run locks lie; `None` for a store in memory, whose runs no other process can see.
    pub(crate) dir: Option<PathBuf>,
}

impl Store {
    /// Opens `dir/baton.sqlite3`, making the directory (private to the user) and the tables as needed.
    ///
    /// # Errors
    /// [`Error::Directory`] if `dir` cannot be used, [`Error::Migration`] for a database of a newer version,
    /// [`Error::Sqlite`] for a file that is no database.
    pub fn open(dir: &Path) -> Result<Store, Error> {
        make_private(dir).map_err(|source| Error::Directory { path: dir.into(), source })?;
        let path = dir.join("baton.sqlite3");
        let open = || Store::prepare(Connection::open(&path)?, &path, Some(dir.to_path_buf()));
        in_turn(&path, open)
    }

    /// A store that is gone when dropped.
    ///
    /// # Errors
    /// [`Error::Sqlite`] if SQLite cannot start.
    pub fn in_memory() -> Result<Store, Error> {
        Store::prepare(Connection::open_in_memory()?, Path::new(":memory:"), None)
    }

    fn prepare(
        mut connection: Connection,
        path: &Path,
        dir: Option<PathBuf>,
    ) -> Result<Store, Error> {
        // Two processes on one workspace write in turns; a writer waits rather than fails.
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // What is forgotten is gone from the file too.
        connection.pragma_update(None, "secure_delete", true)?;
        // A killed process loses nothing; a power cut may take the last moments, and a resumed run repeats those.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        Migrations::from_slice(MIGRATIONS)
            .to_latest(&mut connection)
            .map_err(|source| Error::Migration { path: path.into(), source })?;
        Ok(Store { connection: Arc::new(Mutex::new(connection)), dir })
    }

    pub(crate) fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic between two statements leaves the connection usable: SQLite rolls back what was open.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// How long another process that opens the same file is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(5);

/// Opens `path` while no other process does: making the tables is no single step, and two that make them both fail.
pub(crate) fn in_turn<T>(path: &Path, open: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let lock = path.with_extension("opening");
    let failed = |source| Error::Directory { path: lock.clone(), source };
    let file =
        OpenOptions::new().create(true).truncate(false).write(true).open(&lock).map_err(failed)?;
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => {
                std::thread::sleep(PAUSE);
            }
            // A file system without locks, or a process that hangs: SQLite sees to the rest.
            Ok(()) | Err(_) => return open(),
        }
    }
}

pub(crate) fn make_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(dir)
}

/// Reads a JSON column.
pub(crate) fn json(what: &'static str, text: &str) -> Result<serde_json::Value, Error> {
    serde_json::from_str(text).map_err(|e| Error::Corrupt { what, reason: e.to_string() })
}

/// Reads a time column.
pub(crate) fn time(what: &'static str, text: &str) -> Result<jiff::Timestamp, Error> {
    text.parse().map_err(|e: jiff::Error| Error::Corrupt { what, reason: e.to_string() })
}
