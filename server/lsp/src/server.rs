//! One running language server: how it is started in the sandbox, greeted, kept up to the files, and ended.
//! What it is asked is in `turn`.

mod greeting;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base::{AbsPathBuf, PositionEncoding, RelPath, Text};
use sandbox::{Job, Limits, Sandbox, Session, Streams, View};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::process::ChildStderr;
use tokio::task::JoinSet;
use vfs::Snapshot;

use crate::convert::uri;
use crate::error::Error;
use crate::peer::{Failure, Peer};
use crate::seen::Seen;
use crate::servers::{LanguageServer, Project};
use crate::turn::Turn;

/// So long a server may take until it has said what it can do.
const GREETING: Duration = Duration::from_secs(60);
/// So long it may take to say good-bye, before its processes are ended.
const GOOD_BYE: Duration = Duration::from_secs(2);
/// Bytes kept of the end of its error stream.
const LAST_WORDS: usize = 2_000;
/// A server holds the types of a whole project.
const MEMORY_BYTES: u64 = 4 << 30;
/// Threads of Node, Go and Java programs count too.
const PROCESSES: u64 = 1_024;

/// How to start a server.
#[derive(Clone, Debug)]
pub struct Start<'a> {
    /// Which one.
    pub server: &'static LanguageServer,
    /// Where its processes run.
    pub sandbox: &'a Sandbox,
    /// The workspace.
    pub root: &'a AbsPathBuf,
    /// Where the server is started, in the workspace; `None` is its root.
    pub folder: Option<RelPath>,
    /// Files that differ from the tree on disk.
    pub view: View,
    /// The files as they are now.
    pub snapshot: &'a Snapshot,
}

/// A running language server. Its processes end with it.
#[derive(Debug)]
pub struct Server {
    pub(crate) data: &'static LanguageServer,
    pub(crate) seen: Arc<Seen>,
    pub(crate) peer: Peer,
    /// What it offers: `ServerCapabilities`.
    pub(crate) offers: Value,
    pub(crate) encoding: PositionEncoding,
    pub(crate) root: AbsPathBuf,
    version: Option<String>,
    /// One at a time decides what is open.
    open: tokio::sync::Mutex<Open>,
    last_words: Arc<Mutex<Vec<u8>>>,
    used: Mutex<Instant>,
    /// When it had said what it can do.
    pub(crate) greeted: Instant,
    /// The last version of a document of which it has said all.
    told: AtomicI32,
    session: Session,
    _tasks: JoinSet<()>,
}

/// The documents that the server knows from us.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) documents: BTreeMap<RelPath, Document>,
    /// Of the last change of any document: no two texts have the same.
    version: i32,
    /// The files that it was last told of.
    snapshot: Snapshot,
}

impl Open {
    /// Of the last change of any document.
    pub(crate) fn last_version(&self) -> i32 {
        self.version
    }
}

/// An open document.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) text: Arc<str>,
    pub(crate) lines: Text,
    pub(crate) version: i32,
}

impl Server {
    /// Starts a server and waits until it has said what it can do.
    ///
    /// # Errors
    /// [`Error::NotInstalled`]; [`Error::Start`] where the sandbox does not let it; [`Error::Gone`]; [`Error::Late`].
    pub async fn start(start: Start<'_>) -> Result<Server, Error> {
        let Start { server, sandbox, root, folder, view, snapshot } = start;
        let program = program(server, root, folder.as_ref())?;
        let home = folder.as_ref().map_or_else(|| root.clone(), |folder| root.join(folder));
        let argv = std::iter::once(program).chain(server.argv[1..].iter().map(|arg| (*arg).into()));
        let mut job = Job::new(root.clone(), argv);
        job.cwd = folder;
        job.view = view;
        job.limits =
            Limits { memory_bytes: MEMORY_BYTES, processes: PROCESSES, ..Limits::default() };
        let cannot = |error: sandbox::Error| match error {
            sandbox::Error::NotFound(program) => Error::NotInstalled { program },
            error => Error::Start { server: server.name, why: error.to_string() },
        };
        let (session, Streams { input, output, errors }) =
            sandbox.open(&job).await.map_err(cannot)?;
        let project = Project { python: python(root), folder: home.clone() };
        let settings = (server.settings)(&project);
        let seen = Seen::new(root.clone(), home, settings.sections);
        let mut tasks = JoinSet::new();
        let last_words = Arc::<Mutex<Vec<u8>>>::default();
        tasks.spawn(listen(errors, Arc::clone(&last_words)));
        let peer = Peer::new(output, input, Arc::clone(&seen), &mut tasks);
        let mut started = Server {
            data: server,
            seen,
            peer,
            offers: Value::Null,
            encoding: PositionEncoding::Utf16,
            root: root.clone(),
            version: None,
            open: tokio::sync::Mutex::new(Open {
                documents: BTreeMap::new(),
                version: 0,
                snapshot: snapshot.clone(),
            }),
            last_words,
            used: Mutex::new(Instant::now()),
            greeted: Instant::now(),
            told: AtomicI32::new(0),
            session,
            _tasks: tasks,
        };
        started.greet(project, settings.options).await?;
        Ok(started)
    }

    async fn greet(&mut self, project: Project, options: Value) -> Result<(), Error> {
        let params = greeting::initialize(self.data, &project.folder, options);
        let greeted = tokio::time::timeout(GREETING, self.request("initialize", params)).await;
        let answer = greeted.map_err(|_| self.late("had not answered", GREETING))??;
        self.encoding = greeting::encoding(&answer);
        self.version = answer["serverInfo"]["version"].as_str().map(str::to_owned);
        self.greeted = Instant::now();
        self.offers = answer["capabilities"].clone();
        self.peer.notify("initialized", json!({}));
        // Servers that do not ask for their settings read them from here.
        self.peer.notify(
            "workspace/didChangeConfiguration",
            json!({ "settings": self.seen.settings() }),
        );
        Ok(())
    }

    /// Which server it is.
    pub fn data(&self) -> &'static LanguageServer {
        self.data
    }

    /// What it says its version is.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Whether it has ended, and why.
    pub fn gone(&self) -> Option<Error> {
        let why = self.seen.state().gone.clone()?;
        Some(self.ended(&why))
    }

    /// Since it had said what it can do.
    pub(crate) fn age(&self) -> Duration {
        self.greeted.elapsed()
    }

    /// Since when nobody has asked it.
    pub(crate) fn unused_since(&self) -> Instant {
        *lock(&self.used)
    }

    /// Has the server see the files of `snapshot`, with `texts` in place of what is on disk, until the turn is dropped. Others
    /// wait for their turn. A document of a language that the server does not serve is left out.
    pub async fn turn(&self, snapshot: &Snapshot, texts: &BTreeMap<RelPath, Arc<str>>) -> Turn<'_> {
        let mut open = self.open.lock().await;
        *lock(&self.used) = Instant::now();
        let times = |(path, published): (&RelPath, &crate::seen::Published)| {
            (path.clone(), published.times)
        };
        let before = self.seen.state().published.iter().map(times).collect();
        let has_changed = self.tell_of_changes(&mut open, snapshot);
        self.lay_open(&mut open, texts, has_changed);
        Turn { server: self, open, snapshot: snapshot.clone(), before }
    }

    /// Servers keep what they have read of files; here nobody else tells them. Whether there was something to tell.
    fn tell_of_changes(&self, open: &mut Open, snapshot: &Snapshot) -> bool {
        const CREATED: u8 = 1;
        const CHANGED: u8 = 2;
        const DELETED: u8 = 3;
        let change = |(path, now): (RelPath, Option<&vfs::FileMeta>)| {
            let kind = match (open.snapshot.contains(&path), now) {
                (_, None) => DELETED,
                (false, Some(_)) => CREATED,
                (true, Some(_)) => CHANGED,
            };
            json!({ "uri": self.uri(&path), "type": kind })
        };
        let changes: Vec<Value> =
            snapshot.changed_since(&open.snapshot).into_iter().map(change).collect();
        if !changes.is_empty() {
            let params = json!({ "changes": &changes });
            self.peer.notify("workspace/didChangeWatchedFiles", params);
        }
        open.snapshot = snapshot.clone();
        !changes.is_empty()
    }

    /// Opens, changes and closes documents, so that `texts` are open and nothing else is. `again`: also those that stay as
    /// they are, so that what the server says of them is about all that it was told.
    fn lay_open(&self, open: &mut Open, texts: &BTreeMap<RelPath, Arc<str>>, again: bool) {
        let left: Vec<RelPath> =
            open.documents.keys().filter(|path| !texts.contains_key(path)).cloned().collect();
        for path in left {
            open.documents.remove(&path);
            self.seen.state().published.remove(&path);
            self.peer.notify(
                "textDocument/didClose",
                json!({ "textDocument": { "uri": self.uri(&path) } }),
            );
        }
        for (path, text) in texts {
            let Some(language) = self.language(path, text) else { continue };
            let known = open.documents.get(path);
            if !again && known.is_some_and(|known| known.text == *text) {
                continue;
            }
            let is_open = known.is_some();
            open.version += 1;
            let document =
                Document { text: text.clone(), lines: Text::new(text), version: open.version };
            open.documents.insert(path.clone(), document);
            let (uri, version) = (self.uri(path), open.version);
            match is_open {
                true => self.peer.notify(
                    "textDocument/didChange",
                    json!({ "textDocument": { "uri": uri, "version": version },
                        "contentChanges": [{ "text": text }] }),
                ),
                false => self.peer.notify(
                    "textDocument/didOpen",
                    json!({ "textDocument": { "uri": uri, "languageId": language,
                        "version": version, "text": text } }),
                ),
            }
        }
    }

    /// The language of a document, if the server serves it.
    fn language(&self, path: &RelPath, text: &str) -> Option<&'static str> {
        let language = syntax::detect(path, Some(text))?;
        self.data.languages.iter().find(|id| **id == language.id).copied()
    }

    pub(crate) fn uri(&self, path: &RelPath) -> String {
        uri::of_path(&self.root.join(path)).0
    }

    pub(crate) async fn request(&self, method: &str, params: Value) -> Result<Value, Error> {
        match self.peer.request(method, params).await {
            Ok(result) => Ok(result),
            Err(Failure::Gone(why)) => Err(self.ended(&why)),
            Err(Failure::Refused { code, message }) => Err(Error::Refused {
                server: self.data.name,
                method: method.to_owned(),
                message,
                code,
            }),
        }
    }

    /// Whether it has not yet said all of the document that got this version.
    pub(crate) fn is_new(&self, version: i32) -> bool {
        self.told.load(Ordering::Relaxed) < version
    }

    /// It has said all of every document up to this version.
    pub(crate) fn told_of(&self, version: i32) {
        self.told.store(version, Ordering::Relaxed);
    }

    pub(crate) fn late(&self, what: &'static str, time: Duration) -> Error {
        Error::Late { server: self.data.name, what, seconds: time.as_secs() }
    }

    /// With the end of its error stream, where it said something there.
    pub(crate) fn ended(&self, why: &str) -> Error {
        let words = String::from_utf8_lossy(&lock(&self.last_words)).into_owned();
        let mut lines = words.lines().rev().map(str::trim).filter(|line| !line.is_empty());
        let error = lines.clone().find(|line| line.contains("rror"));
        let last = error.or_else(|| lines.next());
        let why = last.map_or_else(|| why.to_owned(), |last| format!("{why} ({last})"));
        Error::Gone { server: self.data.name, why }
    }

    /// Says good-bye, and ends its processes. None is left then.
    pub async fn stop(self) {
        let Server { peer, session, _tasks: tasks, data, .. } = self;
        let good_bye = async {
            // Whatever it answers, it is asked to leave.
            let _ = peer.request("shutdown", Value::Null).await;
            peer.notify("exit", Value::Null);
            // The end of its input comes after that.
            drop(peer);
        };
        let _ = tokio::time::timeout(GOOD_BYE, good_bye).await;
        if let Err(error) = session.stop().await {
            tracing::warn!(server = data.name, %error, "a language server may have left processes");
        }
        drop(tasks);
    }
}

fn program(
    server: &LanguageServer,
    root: &AbsPathBuf,
    folder: Option<&RelPath>,
) -> Result<String, Error> {
    let name = server.argv[0];
    sandbox::program(root, folder, name)
        .ok_or_else(|| Error::NotInstalled { program: name.to_owned() })
}

/// The interpreter of the project's own environment.
fn python(root: &AbsPathBuf) -> Option<AbsPathBuf> {
    let places = [".venv/bin/python", "venv/bin/python"].map(|place| RelPath::parse(place).ok());
    places.into_iter().flatten().map(|place| root.join(&place)).find(|path| path.as_path().exists())
}

async fn listen(mut errors: ChildStderr, last_words: Arc<Mutex<Vec<u8>>>) {
    let mut chunk = [0; 4_096];
    while let Ok(count @ 1..) = errors.read(&mut chunk).await {
        let mut words = lock(&last_words);
        words.extend_from_slice(&chunk[..count]);
        let surplus = words.len().saturating_sub(LAST_WORDS);
        words.drain(..surplus);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
