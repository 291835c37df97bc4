//! One running language server: how it is started in the sandbox, greeted, kept up to the files, and ended.
//! What it is asked is in `turn`.

mod greeting;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base::{AbsPathBuf, PositionEncoding, RelPath, Text};
use sandbox::{Job, Limits, Programs, Sandbox, Session, Streams, View};
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
/// So long it may take to answer where nobody says how long.
const ANSWER: Duration = Duration::from_secs(120);
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
    /// What stands for its program, where something does.
    pub programs: &'a Programs,
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
    /// Program and arguments.
    command: Vec<String>,
    pub(crate) seen: Arc<Seen>,
    pub(crate) peer: Peer,
    /// What it offers: `ServerCapabilities`.
    pub(crate) offers: Value,
    pub(crate) encoding: PositionEncoding,
    pub(crate) root: AbsPathBuf,
    version: Option<String>,
    /// The files when it was started.
    snapshot: Snapshot,
    /// One at a time decides what is open.
    open: tokio::sync::Mutex<Open>,
    last_words: Arc<Mutex<Vec<u8>>>,
    used: Mutex<Instant>,
    /// When it had said what it can do.
    pub(crate) greeted: Instant,
    session: Session,
    _tasks: JoinSet<()>,
}

/// The documents that the server knows from us.
#[derive(Debug, Default)]
pub(crate) struct Open {
    pub(crate) documents: BTreeMap<RelPath, Document>,
    /// Of the last change of any document: no two texts have the same.
    version: i32,
}

/// An open document.
#[derive(Debug)]
pub(crate) struct Document {
    language: &'static str,
    pub(crate) text: Arc<str>,
    pub(crate) lines: Text,
    pub(crate) version: i32,
    /// How often something had been published for it when it got this text.
    pub(crate) published: u64,
}

impl Server {
    /// Starts a server and waits until it has said what it can do.
    ///
    /// # Errors
    /// [`Error::NotInstalled`]; [`Error::Start`] where the sandbox does not let it; [`Error::Gone`]; [`Error::Late`].
    pub async fn start(start: Start<'_>) -> Result<Server, Error> {
        let Start { server, sandbox, root, programs, folder, view, snapshot } = start;
        let name = server.argv[0];
        let program = programs.find(sandbox, root, folder.as_ref(), name);
        let program = program.ok_or_else(|| Error::NotInstalled { program: name.to_owned() })?;
        let home = folder.as_ref().map_or_else(|| root.clone(), |folder| root.join(folder));
        let rest = server.argv[1..].iter().map(|arg| (*arg).to_owned());
        let command: Vec<String> = program.into_iter().chain(rest).collect();
        let mut job = Job::new(root.clone(), &command);
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
            command,
            seen,
            peer,
            offers: Value::Null,
            encoding: PositionEncoding::Utf16,
            root: root.clone(),
            version: None,
            open: tokio::sync::Mutex::default(),
            snapshot: snapshot.clone(),
            last_words,
            used: Mutex::new(Instant::now()),
            greeted: Instant::now(),
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
        self.version = answer["serverInfo"]["version"].as_str().map(bounded);
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

    /// Program and arguments that it was started with.
    pub fn command(&self) -> &[String] {
        &self.command
    }

    /// What it says its version is.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Whether it has ended, and why.
    pub fn gone(&self) -> Option<Error> {
        self.gone_since().map(|(error, _)| error)
    }

    /// The same, and when.
    pub(crate) fn gone_since(&self) -> Option<(Error, Instant)> {
        // Whether its output or its input ended first.
        let heard = self.seen.state().gone.clone();
        let told = || self.peer.gone().map(|why| (why, Instant::now()));
        let (why, since) = heard.or_else(told)?;
        Some((self.ended(&why), since))
    }

    /// Since when nobody has asked it.
    pub(crate) fn unused_since(&self) -> Instant {
        *lock(&self.used)
    }

    /// Whether files have changed on disk since it was started. Behind its walls it may see them as they were: what was looked
    /// for and not found there, or was replaced, stays as it was.
    pub(crate) fn is_outdated(&self, snapshot: &Snapshot) -> bool {
        // What is typed is shown as a document.
        let on_disk = |file: Option<&vfs::FileMeta>| file.map_or(0, |file| file.modified_ns);
        let changed = snapshot.changed_since(&self.snapshot);
        changed.iter().any(|(path, now)| on_disk(*now) != on_disk(self.snapshot.meta(path)))
    }

    /// Has the server see `texts` in place of what is on disk, until the turn is dropped; others wait for their turn. A
    /// document of a language that the server does not serve is left out. `snapshot`: the files as they are.
    pub async fn turn(&self, snapshot: &Snapshot, texts: &BTreeMap<RelPath, Arc<str>>) -> Turn<'_> {
        let mut open = self.open.lock().await;
        *lock(&self.used) = Instant::now();
        self.lay_open(&mut open, texts);
        Turn { server: self, open, snapshot: snapshot.clone() }
    }

    /// Opens, changes and closes documents, so that `texts` are open and nothing else is.
    fn lay_open(&self, open: &mut Open, texts: &BTreeMap<RelPath, Arc<str>>) {
        let served = texts.iter().filter_map(|(path, text)| {
            let language = self.language(path, text)?;
            Some((path, (language, text)))
        });
        let served: BTreeMap<&RelPath, (&'static str, &Arc<str>)> = served.collect();
        let stays = |path: &RelPath, document: &Document| {
            served.get(path).is_some_and(|(language, _)| *language == document.language)
        };
        let left = open.documents.iter().filter(|(path, document)| !stays(path, document));
        for path in left.map(|(path, _)| path.clone()).collect::<Vec<_>>() {
            open.documents.remove(&path);
            self.seen.state().published.remove(&path);
            let params = json!({ "textDocument": { "uri": self.uri(&path) } });
            self.peer.notify("textDocument/didClose", params);
        }
        for (path, (language, text)) in served {
            let known = open.documents.get(path);
            if known.is_some_and(|known| known.text == *text) {
                continue;
            }
            let is_open = known.is_some();
            open.version += 1;
            let (uri, version) = (self.uri(path), open.version);
            let published = self.seen.state().published.get(path).map_or(0, |it| it.times);
            let (lines, text) = (Text::new(text), Arc::clone(text));
            let params = match is_open {
                true => json!({ "textDocument": { "uri": uri, "version": version },
                    "contentChanges": [{ "text": text }] }),
                false => json!({ "textDocument": { "uri": uri, "languageId": language,
                    "version": version, "text": text } }),
            };
            let method = if is_open { "didChange" } else { "didOpen" };
            self.peer.notify(&format!("textDocument/{method}"), params);
            let document = Document { language, text, lines, version, published };
            open.documents.insert(path.clone(), document);
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
        let answer = tokio::time::timeout(ANSWER, self.peer.request(method, params)).await;
        match answer.map_err(|_| self.late("had not answered", ANSWER))? {
            Ok(result) => Ok(result),
            Err(Failure::Gone(why)) => Err(self.ended(&why)),
            Err(Failure::Refused { code, message }) => Err(Error::Refused {
                server: self.data.name,
                method: method.to_owned(),
                message: bounded(&message),
                code,
            }),
        }
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
        Error::Gone { server: self.data.name, why: bounded(&why) }
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

/// The interpreter of the project's own environment.
fn python(root: &AbsPathBuf) -> Option<AbsPathBuf> {
    let places = [".venv/bin/python", "venv/bin/python"].map(|place| RelPath::parse(place).ok());
    places.into_iter().flatten().map(|place| root.join(&place)).find(|path| path.as_path().exists())
}

/// Words of a server, as far as they are kept: in evidence, in prompts, on terminals.
pub(crate) fn bounded(words: &str) -> String {
    const MOST: usize = 1_000;
    let is_kept = |c: &char| !c.is_control() || *c == '\n';
    words.chars().filter(is_kept).take(MOST).collect()
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
