//! One folder tree and all that Baton knows of it; the only mutable state. Runs are started and found here.

mod changes;
mod code;
mod indexing;
mod saving;
mod search;
mod settling;
mod symbols;
mod tool_servers;

use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::AbsPathBuf;
use index::Index;
use index::embed::Embedder;
use lsp::Pool;
use models::{Models, Router, Tier};
use sandbox::Sandbox;
use store::{CallStore, RunLock, RunRow, RunState, Store};
use tokio_util::sync::CancellationToken;
use tools::parse::Trees;
use vfs::{Vfs, Watch};

use crate::config::Config;
use crate::cx::Cx;
use crate::editor::{Attached, Editor, Editors};
use crate::error::Error;
use crate::event::Event;
use crate::ledger::Calls;
use crate::meaning::{self, Filler};
use crate::request::Request;
use crate::run::{Run, RunId, last_proposal};
use crate::stages::verify::Proposal;
use crate::vectors::{self, Syncer};
use crate::workflows;
use crate::workspace::indexing::Indexer;
use crate::workspace::saving::Saver;

pub use changes::Uncommitted;
pub use code::Code;
pub(crate) use indexing::blocking;
pub use indexing::{Indexing, Patience};
pub use search::{IndexReport, SearchResult, Searched, SymbolResult};
pub use settling::Unsettled;
pub use symbols::{Like, Symbol, SymbolQuery};

/// A workspace. Clones are the same workspace.
#[derive(Clone)]
pub struct Workspace {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    vfs: Vfs,
    /// Keeps the file list up to date; absent where the system cannot watch, then each search walks again.
    _watch: Option<Watch>,
    index: Arc<Index>,
    /// Makes vectors that take their time; ended by `shutdown`.
    filler: Filler,
    /// Brings a vector server up to the index; ended by `shutdown`.
    syncer: Syncer,
    indexer: Indexer,
    saver: Arc<Saver>,
    store: Store,
    sandbox: Sandbox,
    /// Language servers; ended by `shutdown`.
    servers: Pool,
    /// Servers of tools that the user has configured; ended by `shutdown`.
    tool_servers: mcp::Pool,
    /// Of texts that are about to be changed.
    trees: Arc<Trees>,
    router: Router,
    calls: CallStore,
    editors: Editors,
    /// Guards the runs of this process; filled by `start` and `resume`, an ended run leaves with the next start.
    runs: Mutex<HashMap<RunId, Arc<Run>>>,
    park: CancellationToken,
}

/// A run as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSummary {
    /// Its name.
    pub id: RunId,
    /// Its workflow.
    pub workflow: String,
    /// The request in the user's words.
    pub text: String,
    /// How it stands, as last written.
    pub state: RunState,
    /// It was being worked on by a process that is gone: `resume` goes on with it.
    pub interrupted: bool,
    /// When it was started.
    pub created: jiff::Timestamp,
    /// When its state last changed.
    pub updated: jiff::Timestamp,
    /// One line on how it ended.
    pub summary: Option<String>,
}

/// Everything that is kept of a run.
#[derive(Debug, Clone)]
pub struct Record {
    /// As in lists.
    pub summary: RunSummary,
    /// The whole log.
    pub events: Vec<Event>,
    /// The newest proposal, if there is one.
    pub proposal: Option<Proposal>,
}

impl Workspace {
    /// Opens a folder: walks it, watches it, opens its database, finds out what the sandbox can do. Executes nothing that
    /// the folder contains.
    ///
    /// # Errors
    /// [`Error::Workspace`] if the folder cannot be read, [`Error::Store`], [`Error::Model`] for unusable settings.
    pub async fn open(root: AbsPathBuf, config: Config) -> Result<Workspace, Error> {
        let vfs = tokio::task::spawn_blocking(move || Vfs::open(root))
            .await
            .map_err(|e| Error::Internal(e.to_string()))??;
        // Left behind by a process that was killed while it wrote; never a file of the user's.
        vfs.sweep();
        let watch = match vfs.watch() {
            Ok(watch) => Some(watch),
            Err(e) => {
                tracing::warn!("cannot watch the workspace, searching will walk it anew: {e}");
                None
            }
        };
        let store = Store::open(&config.data_dir)?;
        let server = vectors::server(&config).await?;
        let has_server = server.is_some();
        let (index, filler) = meaning::open(&config, server)?;
        let syncer = Syncer::start(&index, has_server);
        let saver = Arc::new(Saver::new(index.clone()));
        let indexer = Indexer::new(vfs.clone(), index.clone(), saver.clone(), watch.is_none());
        let calls = CallStore::open(&config.calls_dir)?;
        let ledger = Calls { store: calls.clone(), workspace: vfs.root().to_string() };
        let router = Router::new(&config.models, Arc::new(ledger))?;
        let sandbox = Sandbox::preflight(config.sandbox.clone(), config.helper.clone()).await;
        let tools::Choices { servers, programs, .. } = config.choices.clone();
        let servers = Pool::with(sandbox.clone(), vfs.root().clone(), servers, programs);
        let configured = config.tool_servers.clone();
        let tool_servers = mcp::Pool::new(sandbox.clone(), vfs.root().clone(), configured);
        Ok(Workspace {
            inner: Arc::new(Inner {
                config,
                vfs,
                _watch: watch,
                index,
                filler,
                syncer,
                indexer,
                saver,
                store,
                sandbox,
                servers,
                tool_servers,
                trees: Arc::new(Trees::new()),
                router,
                calls,
                editors: Editors::default(),
                runs: Mutex::default(),
                park: CancellationToken::new(),
            }),
        })
    }

    /// The folder.
    pub fn root(&self) -> &AbsPathBuf {
        self.inner.vfs.root()
    }

    /// The settings it was opened with.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Its files and unsaved buffers.
    pub fn vfs(&self) -> &Vfs {
        &self.inner.vfs
    }

    /// Where its commands run.
    pub fn sandbox(&self) -> &Sandbox {
        &self.inner.sandbox
    }

    /// What the index finds meaning by.
    pub(crate) fn embedder(&self) -> Option<Arc<dyn Embedder>> {
        self.inner.index.embedder().cloned()
    }

    /// Its language servers.
    pub(crate) fn servers(&self) -> &Pool {
        &self.inner.servers
    }

    /// Syntax trees of texts that were looked at last.
    pub(crate) fn trees(&self) -> &Arc<Trees> {
        &self.inner.trees
    }

    /// The models it can ask, by name.
    pub fn models(&self) -> &Models {
        self.inner.router.models()
    }

    /// The models it can ask, by what for.
    pub fn router(&self) -> &Router {
        &self.inner.router
    }

    /// The record of calls to models, of all workspaces.
    pub fn calls(&self) -> &CallStore {
        &self.inner.calls
    }

    /// Its database.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Where build caches of verification live: never the user's own, because what runs there is not trusted.
    pub(crate) fn cache_dir(&self) -> Result<AbsPathBuf, Error> {
        AbsPathBuf::try_from(self.inner.config.data_dir.join("cache"))
            .map_err(|e| Error::Internal(format!("the data directory: {e}")))
    }

    pub(crate) fn editors(&self) -> &Editors {
        &self.inner.editors
    }

    /// Lets an editor take part: files that it has open are changed through it alone, until the result is dropped.
    pub fn attach(&self, editor: Arc<dyn Editor>) -> Attached {
        self.inner.editors.attach(editor)
    }

    /// Starts a run.
    ///
    /// # Errors
    /// [`Error::UnknownWorkflow`], [`Error::Model`] when no model is configured, [`Error::BadRequest`], [`Error::Store`].
    pub fn start(&self, request: Request) -> Result<Arc<Run>, Error> {
        let workflow = workflows::find(&request.workflow)?;
        workflow.accepts(&request)?;
        let request = if workflow.asks { self.with_model(request)? } else { request };
        let model = request.model.as_ref().map(ToString::to_string);
        let id = RunId::new();
        let lock = self.lock(&id)?;
        let now = jiff::Timestamp::now();
        self.inner.store.insert_run(&RunRow {
            id: id.0.clone(),
            workflow: request.workflow.clone(),
            request: serde_json::to_value(&request).map_err(|e| Error::Internal(e.to_string()))?,
            state: RunState::Running,
            parent: None,
            summary: None,
            created: now,
            updated: now,
        })?;
        let first = Event::Started {
            workflow: request.workflow.clone(),
            text: request.text.clone(),
            model,
        };
        self.launch(id, lock, request, Vec::new(), first)
    }

    /// Goes on with a run that was killed, parked, or failed for a cause outside of it. Finished steps are not repeated.
    /// A run that is live in this process is returned as it is.
    ///
    /// # Errors
    /// [`Error::UnknownRun`], [`Error::Busy`] if another process works on it, [`Error::Ended`].
    pub fn resume(&self, id: &RunId) -> Result<Arc<Run>, Error> {
        if let Some(run) = self.run(id).filter(|run| run.is_live()) {
            return Ok(run);
        }
        let unknown = || Error::UnknownRun(id.0.clone());
        self.inner.store.run(&id.0)?.ok_or_else(unknown)?;
        // What is read without the lock may be old by the time it is held. A run that has ended may still hold it.
        let lock = self.lock(id);
        let row = self.inner.store.run(&id.0)?.ok_or_else(unknown)?;
        let past = self.past_events(id)?;
        let resumable = match row.state {
            RunState::Running | RunState::Waiting => true,
            RunState::Failed => matches!(
                past.last(),
                Some(Event::Finished { outcome: crate::event::Outcome::Failed { failure } }) if failure.resumable
            ),
            RunState::Succeeded | RunState::Rejected | RunState::Cancelled => false,
        };
        if !resumable {
            let how = row.summary.unwrap_or_else(|| row.state.as_str().to_owned());
            return Err(Error::Ended { id: id.clone(), how });
        }
        let request: Request = serde_json::from_value(row.request)
            .map_err(|e| Error::Internal(format!("the request of run {id}: {e}")))?;
        let asks = workflows::find(&request.workflow)?.asks;
        let request = if asks { self.with_model(request)? } else { request };
        self.launch(id.clone(), lock?, request, past, Event::Resumed)
    }

    fn lock(&self, id: &RunId) -> Result<RunLock, Error> {
        self.inner.store.lock_run(&id.0)?.ok_or_else(|| Error::Busy(id.clone()))
    }

    fn launch(
        &self,
        id: RunId,
        lock: RunLock,
        request: Request,
        past: Vec<Event>,
        first: Event,
    ) -> Result<Arc<Run>, Error> {
        let workflow = workflows::find(&request.workflow)?;
        let park = self.inner.park.clone();
        let run = Run::new(id.clone(), request, self.inner.store.clone(), lock, park, past);
        run.turn(first, RunState::Running, None)?;
        {
            let mut runs = self.runs();
            runs.retain(|_, run| run.is_live());
            runs.insert(id, run.clone());
        }
        let cx = Cx::new(self.clone(), run.clone());
        run.spawn(async move {
            let preload = async {
                if workflow.asks {
                    cx.preload().await;
                }
                pending().await
            };
            tokio::select! {
                result = (workflow.run)(&cx) => result,
                never = preload => never,
            }
        });
        Ok(run)
    }

    /// The request with the model that is asked for everything, if there is one. It is kept with the run: where the settings
    /// have changed by its end, it still asks the model that it began with.
    fn with_model(&self, request: Request) -> Result<Request, Error> {
        // Nobody asks where there is nobody to ask.
        self.inner.router.chain(Tier::Quality, request.model.as_ref())?;
        let all = self.inner.config.models.tiers.is_empty();
        let model = request
            .model
            .clone()
            .or_else(|| self.models().default_model().cloned().filter(|_| all));
        // Before anything is run for it.
        if let Some(model) = &model {
            self.models().check_name(model)?;
        }
        Ok(Request { model, ..request })
    }

    /// A run of this process.
    pub fn run(&self, id: &RunId) -> Option<Arc<Run>> {
        self.runs().get(id).cloned()
    }

    /// The newest runs of this workspace first, of all processes.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn history(&self, limit: usize) -> Result<Vec<RunSummary>, Error> {
        self.inner.store.runs(limit)?.into_iter().map(|row| self.summary(row)).collect()
    }

    /// The one run whose id contains `part`.
    ///
    /// # Errors
    /// [`Error::UnknownRun`], [`Error::AmbiguousRun`].
    pub fn find_run(&self, part: &str) -> Result<RunId, Error> {
        let found = self.inner.store.find_runs(part)?;
        match found.as_slice() {
            [] => Err(Error::UnknownRun(part.into())),
            [row] => Ok(RunId(row.id.clone())),
            rows => Err(Error::AmbiguousRun {
                part: part.into(),
                matches: rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>().join(", "),
            }),
        }
    }

    /// All that is kept of a run, live or not.
    ///
    /// # Errors
    /// [`Error::UnknownRun`], [`Error::Store`].
    pub fn record(&self, id: &RunId) -> Result<Record, Error> {
        let row = self.inner.store.run(&id.0)?.ok_or_else(|| Error::UnknownRun(id.0.clone()))?;
        let events = self.past_events(id)?;
        let proposal = last_proposal(&events);
        Ok(Record { summary: self.summary(row)?, events, proposal })
    }

    /// Stops every run where it is, so that it can be resumed, waits until their processes have ended, stops indexing, and
    /// saves what is indexed.
    pub async fn shutdown(&self) {
        self.inner.park.cancel();
        let runs: Vec<_> = self.runs().values().cloned().collect();
        for run in runs {
            run.finished().await;
        }
        self.inner.servers.stop().await;
        self.inner.tool_servers.stop().await;
        self.inner.indexer.stop().await;
        let inner = &self.inner;
        let ended = [inner.filler.finish().await, inner.syncer.finish().await];
        for ended in ended {
            if let Err(error) = ended {
                tracing::error!("{error}");
            }
        }
        self.inner.saver.finish().await;
    }

    fn summary(&self, row: RunRow) -> Result<RunSummary, Error> {
        let text = row.request.get("text").and_then(serde_json::Value::as_str).unwrap_or_default();
        let working = matches!(row.state, RunState::Running);
        // Whoever works on a run holds its lock; a free lock under a working state means that the process is gone.
        let interrupted = working
            && self.run(&RunId(row.id.clone())).is_none()
            && self.inner.store.is_run_free(&row.id)?;
        Ok(RunSummary {
            id: RunId(row.id),
            workflow: row.workflow,
            text: text.to_owned(),
            state: row.state,
            interrupted,
            created: row.created,
            updated: row.updated,
            summary: row.summary,
        })
    }

    /// What happened in a run, each event with the time since the one before it: nothing of the first, and where none is recorded.
    ///
    /// # Errors
    /// As [`Workspace::record`].
    pub fn replay(&self, id: &RunId) -> Result<Vec<(Duration, Event)>, Error> {
        let times = self.inner.store.event_times(&id.0)?;
        let since = times.iter().zip(std::iter::once(&None).chain(&times)).map(|(at, before)| {
            let ms = at.zip(*before).map_or(0, |(at, before)| at.saturating_sub(before));
            // A clock may have been set back.
            Duration::from_millis(u64::try_from(ms).unwrap_or(0))
        });
        Ok(since.zip(self.record(id)?.events).collect())
    }

    fn past_events(&self, id: &RunId) -> Result<Vec<Event>, Error> {
        let bodies = self.inner.store.events(&id.0, 0)?;
        bodies
            .into_iter()
            .map(|(seq, body)| {
                serde_json::from_value(body)
                    .map_err(|e| Error::Internal(format!("event {seq} of run {id}: {e}")))
            })
            .collect()
    }

    /// Those that this process works on.
    pub(crate) fn live_runs(&self) -> Vec<Arc<Run>> {
        self.runs().values().filter(|run| run.is_live()).cloned().collect()
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<RunId, Arc<Run>>> {
        self.inner.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
