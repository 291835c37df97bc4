//! The vector server that the settings choose, and what keeps it up to the index, as long as the workspace is open.
//!
//! What is sent, and what an answer is worth, is `index`'s part; how a server is spoken to is `qdrant`'s.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use index::{Index, Server};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::error::Error;
use crate::workspace::blocking;

/// How often it is looked whether something is to be sent, or whether it is time to try again.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What finds the nearest vectors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum EngineChoice {
    /// The index itself.
    #[default]
    Embedded,
    /// A Qdrant server, and the index itself while it is away.
    Qdrant(QdrantConfig),
}

/// A Qdrant server. The user's own choice: what code is about is sent there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QdrantConfig {
    /// Its gRPC port.
    pub url: String,
    /// The variable that holds its key; no key is sent if absent.
    pub api_key_env: Option<String>,
    /// What its collections' names begin with.
    pub prefix: String,
}

/// The server that the settings choose, if they do. Contacts nobody but the keyring.
///
/// # Errors
/// [`Error::BadRequest`] for an address that is none or must not get the key, a key that is not there, and a program
/// that was built without this.
pub(crate) async fn server(config: &Config) -> Result<Option<Arc<dyn Server>>, Error> {
    match &config.search.engine {
        EngineChoice::Embedded => Ok(None),
        EngineChoice::Qdrant(qdrant) => connect(config, qdrant).await.map(Some),
    }
}

#[cfg(feature = "qdrant")]
async fn connect(config: &Config, qdrant: &QdrantConfig) -> Result<Arc<dyn Server>, Error> {
    let key = match &qdrant.api_key_env {
        None => None,
        Some(name) => {
            let key = models::find_key(&config.models, "qdrant", name).await;
            let missing = || {
                Error::BadRequest(format!(
                    "`search.qdrant.api_key_env` names `{name}`, which is not set, and the keyring has no key for `qdrant`; set it, \
                     or take the setting out"
                ))
            };
            Some(key.ok_or_else(missing)?)
        }
    };
    let address = qdrant::Address::new(&qdrant.url, key, &qdrant.prefix);
    let server = address.and_then(qdrant::Qdrant::new);
    let server = server.map_err(|error| Error::BadRequest(format!("`search.qdrant`: {error}")))?;
    Ok(Arc::new(server))
}

#[cfg(not(feature = "qdrant"))]
async fn connect(_: &Config, _: &QdrantConfig) -> Result<Arc<dyn Server>, Error> {
    Err(Error::BadRequest(
        "this program was built without Qdrant; set `search.engine` to `embedded`".to_owned(),
    ))
}

/// The thread that sends, if there is a server. Dropping it tells it to end.
pub(crate) struct Syncer {
    stop: CancellationToken,
    /// Dropped to end the thread's pause; awaited by `finish`.
    thread: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

impl Syncer {
    /// Begins, if the index has a server.
    pub(crate) fn start(index: &Arc<Index>, has_server: bool) -> Syncer {
        let stop = CancellationToken::new();
        let thread = has_server.then(|| {
            let (sender, pause) = channel();
            let (index, stop) = (Arc::clone(index), stop.clone());
            let builder = std::thread::Builder::new().name("sync".to_owned());
            let thread = builder.spawn(move || work(&index, &stop, &pause));
            thread.map(|thread| (sender, thread))
        });
        let thread = thread.transpose().unwrap_or_else(|error| {
            tracing::warn!("the vector server gets nothing: no thread to send from: {error}");
            None
        });
        Syncer { stop, thread: Mutex::new(thread) }
    }

    /// Tells it to end, and waits until it has: at most as long as one request takes.
    pub(crate) async fn finish(&self) -> Result<(), Error> {
        self.stop.cancel();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((pause, thread)) = thread else { return Ok(()) };
        drop(pause);
        let joined = blocking(move || thread.join()).await?;
        joined.map_err(|_| Error::Internal("sending vectors ended with a panic".to_owned()))
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn work(index: &Index, stop: &CancellationToken, pause: &Receiver<()>) {
    while pause.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
        if stop.is_cancelled() {
            return;
        }
        if !index.sync_is_due() {
            continue;
        }
        let synced = index.sync(&|| stop.is_cancelled());
        if 0 < synced.sent + synced.removed {
            tracing::debug!(sent = synced.sent, removed = synced.removed, "vector server");
        }
        // Whoever asks something is told of it, once.
        if let Some(problem) = synced.problem {
            tracing::debug!("{problem}");
        }
    }
}
