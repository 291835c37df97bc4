//! The language servers of one workspace: started when first asked, kept while they are of use, ended when they are not, and
//! left alone for a while when they keep ending by themselves. What they are asked is not known here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use base::{AbsPathBuf, RelPath};
use sandbox::{Programs, Rest, Resting, Sandbox, View};
use syntax::Pick;
use tokio::task::JoinSet;
use vfs::Snapshot;

use crate::error::Error;
use crate::server::{Server, Start};
use crate::servers::{self, LanguageServer, Sees};

#[cfg(test)]
mod tests;

/// Each holds the types of a project in memory.
const MOST: usize = 4;
/// One that nobody has asked for so long is ended.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// The language servers of one workspace. Cheap to clone; with the last clone they end.
#[derive(Clone, Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    /// Ends idle ones.
    _tasks: Arc<JoinSet<()>>,
}

#[derive(Debug)]
struct Shared {
    sandbox: Sandbox,
    root: AbsPathBuf,
    pick: Pick,
    programs: Programs,
    slots: Mutex<HashMap<Key, Arc<tokio::sync::Mutex<Slot>>>>,
}

/// A server's name, and where it is started.
type Key = (&'static str, Option<RelPath>);

/// A server that runs, or why it does not.
#[derive(Debug, Default)]
struct Slot {
    server: Option<Arc<Server>>,
    rest: Rest,
}

/// Which server a file has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The server.
    pub server: &'static LanguageServer,
    /// Where it is started; `None` is the workspace's root.
    pub folder: Option<RelPath>,
    /// Its errors speak against a change: the project has chosen it, or has what it needs to know.
    pub is_trusted: bool,
}

impl Choice {
    /// Whether its places and edits are of the whole project, not of open documents alone.
    pub fn sees_project(&self) -> bool {
        match self.server.sees {
            Sees::Project => true,
            Sees::Configured => self.is_trusted,
            Sees::Open => false,
        }
    }
}

fn choices(
    snapshot: &Snapshot,
    pick: &Pick,
    path: &RelPath,
    text: &str,
    is_installed: &dyn Fn(&LanguageServer) -> bool,
) -> Result<Vec<Choice>, Error> {
    let Some(first) = choose(snapshot, pick, path, text, is_installed)? else {
        return Ok(Vec::new());
    };
    let language = syntax::detect(path, Some(text)).map_or("", |language| language.id);
    let picked = pick.among(servers::of_language(language), |server| server.name);
    let others = picked.tools.into_iter().filter(|server| **server != *first.server);
    let choice = |server: &'static LanguageServer| Choice {
        server,
        folder: above(server.roots, snapshot, path).last().flatten(),
        is_trusted: false,
    };
    let others: Vec<Choice> = others.filter(|server| is_installed(server)).map(choice).collect();
    Ok([vec![first], others].concat())
}

fn choose(
    snapshot: &Snapshot,
    pick: &Pick,
    path: &RelPath,
    text: &str,
    is_installed: &dyn Fn(&LanguageServer) -> bool,
) -> Result<Option<Choice>, Error> {
    let Some(language) = syntax::detect(path, Some(text)) else { return Ok(None) };
    let choice = |server: &'static LanguageServer, is_chosen| Choice {
        server,
        folder: above(server.roots, snapshot, path).last().flatten(),
        is_trusted: is_chosen || above(server.trusted_with, snapshot, path).next().is_some(),
    };
    let picked = pick.among(servers::of_language(language.id), |server| server.name);
    let mut servers = picked.tools.into_iter();
    let chosen = match picked.is_named {
        true => servers.clone().find(|server| is_installed(server)).or_else(|| servers.next()),
        false => servers.clone().find(|server| is_chosen(server, snapshot)),
    };
    match chosen {
        Some(server) if is_installed(server) => Ok(Some(choice(server, true))),
        Some(server) => Err(Error::NotInstalled { program: server.argv[0].to_owned() }),
        None => {
            let installed = servers.find(|server| is_installed(server));
            Ok(installed.map(|server| choice(server, false)))
        }
    }
}

fn is_chosen(server: &LanguageServer, snapshot: &Snapshot) -> bool {
    let has_file = |name: &&str| RelPath::parse(name).is_ok_and(|path| snapshot.contains(&path));
    let has_text = |(name, part): &(&str, &str)| {
        let text = RelPath::parse(name).ok().and_then(|path| snapshot.read(&path).ok());
        text.is_some_and(|text| text.contains(part))
    };
    server.config_files.iter().any(has_file) || server.markers.iter().any(has_text)
}

/// The folders above `path` that hold one of `names`, innermost first; `None` is the root.
fn above(
    names: &'static [&'static str],
    snapshot: &Snapshot,
    path: &RelPath,
) -> impl Iterator<Item = Option<RelPath>> {
    let folders = std::iter::successors(path.parent(), RelPath::parent).map(Some);
    let folders: Vec<Option<RelPath>> = folders.chain([None]).collect();
    folders.into_iter().filter(move |folder| {
        names.iter().any(|name| {
            let name =
                folder.as_ref().map_or_else(|| (*name).to_owned(), |dir| format!("{dir}/{name}"));
            RelPath::parse(&name).is_ok_and(|path| snapshot.contains(&path))
        })
    })
}

impl Pool {
    /// No servers yet. `sandbox`: where they will run, over the workspace at `root`; everything else is detected.
    pub fn new(sandbox: Sandbox, root: AbsPathBuf) -> Pool {
        Pool::with(sandbox, root, Pick::default(), Programs::default())
    }

    /// The same, where a person has said which servers are taken and how they are started.
    pub fn with(sandbox: Sandbox, root: AbsPathBuf, pick: Pick, programs: Programs) -> Pool {
        let shared = Arc::new(Shared { sandbox, root, pick, programs, slots: Mutex::default() });
        let mut tasks = JoinSet::new();
        if tokio::runtime::Handle::try_current().is_ok() {
            tasks.spawn(tend(Arc::downgrade(&shared)));
        }
        Pool { shared, _tasks: Arc::new(tasks) }
    }

    /// The server for a file: the one that a person or its project has chosen, else the first for its language that is
    /// installed. `None` where the language has none, or none is installed and none chosen.
    ///
    /// # Errors
    /// [`Error::NotInstalled`] for one that was chosen.
    pub fn choose(
        &self,
        snapshot: &Snapshot,
        path: &RelPath,
        text: &str,
    ) -> Result<Option<Choice>, Error> {
        let Shared { pick, .. } = &*self.shared;
        choose(snapshot, pick, path, text, &|server| self.shared.is_installed(server))
    }

    /// The servers for a file that are installed, the one that [`Pool::choose`] names first. The others offer what it may not.
    ///
    /// # Errors
    /// As [`Pool::choose`].
    pub fn choices(
        &self,
        snapshot: &Snapshot,
        path: &RelPath,
        text: &str,
    ) -> Result<Vec<Choice>, Error> {
        let Shared { pick, .. } = &*self.shared;
        choices(snapshot, pick, path, text, &|server| self.shared.is_installed(server))
    }

    /// The server of a choice, started if it does not run, or has started over other files.
    ///
    /// # Errors
    /// [`Error::Resting`] for one that has ended by itself a moment ago; those of [`Server::start`].
    pub async fn get(&self, choice: &Choice, snapshot: &Snapshot) -> Result<Arc<Server>, Error> {
        let key = (choice.server.name, choice.folder.clone());
        let slot = Arc::clone(self.shared.slots().entry(key).or_default());
        // Others that want the same one wait until it has started; those that want another do not.
        let mut slot = slot.lock().await;
        if let Some(server) = slot.server.take() {
            match server.gone_since() {
                None if server.is_outdated(snapshot) => stop(server).await,
                None => {
                    slot.server = Some(Arc::clone(&server));
                    return Ok(server);
                }
                Some((error, since)) => {
                    let ran = since.saturating_duration_since(server.greeted);
                    slot.rest.failed(since, ran, error.to_string());
                    stop(server).await;
                }
            }
        }
        if let Some(Resting { times, seconds, why }) = slot.rest.left(Instant::now()) {
            return Err(Error::Resting { server: choice.server.name, times, seconds, why });
        }
        self.make_room().await;
        let started = self.start(choice, View::default(), snapshot).await;
        match &started {
            Ok(server) => slot.server = Some(Arc::clone(server)),
            // What is not there did not fail.
            Err(Error::NotInstalled { .. } | Error::Start { .. }) => {}
            Err(error) => slot.rest.failed(Instant::now(), Duration::ZERO, error.to_string()),
        }
        started
    }

    /// Ends a server that did not answer in time: whatever holds it up, the next one who asks gets another.
    pub async fn give_up(&self, choice: &Choice, error: &Error) {
        let key = (choice.server.name, choice.folder.clone());
        let slot = Arc::clone(self.shared.slots().entry(key).or_default());
        let mut slot = slot.lock().await;
        if let Some(server) = slot.server.take() {
            slot.rest.failed(Instant::now(), Duration::ZERO, error.to_string());
            stop(server).await;
        }
    }

    /// A server of one's own, over files that differ from those on disk.
    ///
    /// # Errors
    /// Those of [`Server::start`].
    pub async fn start(
        &self,
        choice: &Choice,
        view: View,
        snapshot: &Snapshot,
    ) -> Result<Arc<Server>, Error> {
        let Shared { sandbox, root, programs, .. } = &*self.shared;
        let folder = choice.folder.clone();
        let server = choice.server;
        let start = Start { server, sandbox, root, programs, folder, view, snapshot };
        Server::start(start).await.map(Arc::new)
    }

    /// Ends all of them.
    pub async fn stop(&self) {
        let slots: Vec<_> = self.shared.slots().drain().collect();
        for (_, slot) in slots {
            if let Some(server) = slot.lock().await.server.take() {
                stop(server).await;
            }
        }
    }

    /// Ends the one that was not asked for longest, where there are many. One that is just being asked stays.
    async fn make_room(&self) {
        while let Some(server) = self.shared.surplus(MOST, Duration::ZERO) {
            stop(server).await;
        }
    }
}

impl Shared {
    fn is_installed(&self, server: &LanguageServer) -> bool {
        self.programs.find(&self.sandbox, &self.root, None, server.argv[0]).is_some()
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Key, Arc<tokio::sync::Mutex<Slot>>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes out a server that nobody has asked for `idle`, if there are `most` or more; the one unused for longest.
    fn surplus(&self, most: usize, idle: Duration) -> Option<Arc<Server>> {
        let slots = self.slots();
        let mut running = Vec::new();
        for slot in slots.values() {
            // One that is locked is being started or asked for.
            if let Ok(slot) = Arc::clone(slot).try_lock_owned()
                && let Some(server) = &slot.server
            {
                let since = server.unused_since();
                let is_free = Arc::strong_count(server) == 1;
                running.push((since, is_free, slot));
            }
        }
        if running.len() < most {
            return None;
        }
        let free =
            running.into_iter().filter(|(since, is_free, _)| *is_free && idle <= since.elapsed());
        free.min_by_key(|(since, ..)| *since).and_then(|(_, _, mut slot)| slot.server.take())
    }
}

/// Ends a server; where somebody still asks it, it ends with his turn.
async fn stop(server: Arc<Server>) {
    if let Ok(server) = Arc::try_unwrap(server) {
        server.stop().await;
    }
}

async fn tend(shared: Weak<Shared>) {
    loop {
        tokio::time::sleep(IDLE / 10).await;
        while let Some(server) = shared.upgrade().and_then(|shared| shared.surplus(0, IDLE)) {
            stop(server).await;
        }
        if shared.strong_count() == 0 {
            return;
        }
    }
}
