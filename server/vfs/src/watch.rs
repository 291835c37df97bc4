//! Follows changes on disk and brings the list of files up to date, once things are quiet for a moment.
//!
//! It does not read files. On Linux each listed directory is watched by itself, so ignored trees (`node_modules`,
//! `target`) cost nothing; elsewhere the root is watched as a whole.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{Config, ErrorKind, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::error::Error;
use crate::scan::is_ignore_file;
use crate::temp;
use crate::vfs::Vfs;

/// A burst of changes ends when nothing came for this long …
const QUIET: Duration = Duration::from_millis(75);
/// … or is cut into pieces of this length, so that what never rests does not hide what happens beside it; where it takes
/// longer to look at the files again, into pieces as long as that.
const LATEST: Duration = Duration::from_millis(150);
/// Past this many paths in one burst it is quicker to list everything again.
const MANY: usize = 4096;
/// How often everything is listed again where the system could not watch every directory.
const POLL: Duration = Duration::from_millis(if cfg!(test) { 200 } else { 3000 });

/// What is read of a `.git` that is a file: it names a folder.
const GIT_LINK_BYTES: u64 = 16 * 1024;

/// A running watch. It ends when this is dropped, and the drop waits for it.
pub struct Watch {
    to_thread: Sender<Message>,
    /// Taken by the drop.
    thread: Option<JoinHandle<()>>,
    complete: Arc<AtomicBool>,
}

#[derive(Debug)]
enum Message {
    Touched(PathBuf),
    /// Events were lost.
    Lost,
    Stop,
}

impl Watch {
    pub(crate) fn start(vfs: &Vfs) -> Result<Watch, Error> {
        let error = |source| Error::Watch { root: vfs.root().clone(), source };
        let (to_thread, messages) = mpsc::channel();
        let complete = Arc::new(AtomicBool::new(true));
        let mut dirs = Dirs {
            watcher: watcher(to_thread.clone()).map_err(error)?,
            watched: HashSet::new(),
            git: vec![],
            complete: Arc::clone(&complete),
        };
        let root = vfs.root().as_std_path();
        dirs.add_root(root).map_err(error)?;
        dirs.add_git(root);
        // Each directory is watched before it is listed, so nothing falls between the two.
        vfs.refresh_with(&mut |dir| dirs.add(dir))?;
        let vfs = vfs.clone();
        let thread = thread::Builder::new()
            .name("vfs-watch".to_owned())
            .spawn(move || follow(&vfs, &mut dirs, &messages))
            .map_err(|err| error(notify::Error::io(err)))?;
        Ok(Watch { to_thread, thread: Some(thread), complete })
    }

    /// Whether every directory is watched. If not (the system's limit is used up), all files are listed again every few
    /// seconds, so changes show later.
    pub fn is_complete(&self) -> bool {
        self.complete.load(Ordering::Relaxed)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Fails only if the thread has ended already.
        let _ = self.to_thread.send(Message::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the watch on the workspace had ended with a panic");
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("complete", &self.is_complete()).finish_non_exhaustive()
    }
}

/// Passes on what matters. Runs on the watcher's own thread, so it only sorts out and sends.
fn watcher(to_thread: Sender<Message>) -> notify::Result<RecommendedWatcher> {
    let handler = move |res: notify::Result<notify::Event>| {
        let send = |message| {
            // Nobody listens any more: the watch is being dropped.
            let _ = to_thread.send(message);
        };
        match res {
            Ok(event) if event.need_rescan() => send(Message::Lost),
            Ok(event) if is_change(&event.kind) => {
                event.paths.into_iter().map(Message::Touched).for_each(send);
            }
            Ok(_) => {}
            Err(err) => {
                tracing::debug!(%err, "watcher reports an error");
                send(Message::Lost);
            }
        }
    };
    RecommendedWatcher::new(handler, Config::default())
}

/// Our own reading must not look like a change.
fn is_change(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(access) => *access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

fn follow(vfs: &Vfs, dirs: &mut Dirs, messages: &Receiver<Message>) {
    let mut last_took = Duration::ZERO;
    loop {
        let first = if dirs.complete.load(Ordering::Relaxed) {
            messages.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            messages.recv_timeout(POLL)
        };
        let mut burst = Burst::default();
        let mut go_on = match first {
            Ok(message) => burst.add(vfs, dirs, message),
            Err(RecvTimeoutError::Timeout) => {
                burst.everything = true;
                true
            }
            Err(RecvTimeoutError::Disconnected) => false,
        };
        let latest = Instant::now() + LATEST.max(last_took);
        while go_on {
            let left = latest.saturating_duration_since(Instant::now());
            match messages.recv_timeout(QUIET.min(left)) {
                Ok(message) => go_on = burst.add(vfs, dirs, message),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => go_on = false,
            }
            if left.is_zero() {
                break;
            }
        }
        if !go_on {
            return;
        }
        let started = Instant::now();
        burst.bring_in(vfs, dirs);
        last_took = started.elapsed();
    }
}

/// What changed since the list was last brought up to date.
#[derive(Debug, Default)]
struct Burst {
    /// Relative paths.
    touched: BTreeSet<String>,
    /// Whether everything has to be listed again.
    everything: bool,
}

impl Burst {
    /// Returns whether to go on.
    fn add(&mut self, vfs: &Vfs, dirs: &mut Dirs, message: Message) -> bool {
        match message {
            Message::Stop => return false,
            Message::Lost => {
                // Directories may have come and gone unseen.
                dirs.watched.clear();
                self.everything = true;
            }
            Message::Touched(path) => self.touch(vfs, dirs, &path),
        }
        true
    }

    fn touch(&mut self, vfs: &Vfs, dirs: &mut Dirs, path: &Path) {
        let root = vfs.root().as_std_path();
        dirs.forget(path);
        if dirs.git.iter().any(|git| git.decides(path)) {
            self.everything = true;
            return;
        }
        let Ok(relative) = path.strip_prefix(root) else {
            return;
        };
        let is_git = |part: &OsStr| part.eq_ignore_ascii_case(".git");
        if relative.iter().any(is_git) {
            self.everything |= relative == Path::new(".git");
            return;
        }
        match relative.to_str() {
            Some(path) if temp::is_temp(path) => {}
            Some("") | None => self.everything = true,
            Some(path) => {
                let name = path.rsplit('/').next().unwrap_or(path);
                self.everything |= is_ignore_file(name) || MANY < self.touched.len();
                if !self.everything {
                    self.touched.insert(path.to_owned());
                }
            }
        }
    }

    fn bring_in(self, vfs: &Vfs, dirs: &mut Dirs) {
        if !self.everything {
            if !self.touched.is_empty() {
                vfs.rescan(&self.touched, &mut |dir| dirs.add(dir));
            }
            return;
        }
        dirs.add_git(vfs.root().as_std_path());
        if let Err(err) = vfs.refresh_with(&mut |dir| dirs.add(dir)) {
            tracing::warn!(%err, "could not list the workspace again");
        }
    }
}

/// What is being watched.
struct Dirs {
    watcher: RecommendedWatcher,
    /// Directories under a watch of their own; entered when listed, gone with the directory.
    watched: HashSet<PathBuf>,
    git: Vec<GitDir>,
    complete: Arc<AtomicBool>,
}

#[cfg(target_os = "linux")]
impl Dirs {
    /// Each directory comes with the listing.
    fn add_root(&mut self, root: &Path) -> notify::Result<()> {
        self.watcher.watch(root, RecursiveMode::NonRecursive)?;
        self.watched.insert(root.to_owned());
        Ok(())
    }

    fn add(&mut self, dir: &Path) {
        // Once the limit is reached, each further attempt would only fail.
        if self.complete.load(Ordering::Relaxed) && self.watched.insert(dir.to_owned()) {
            self.watch_one(dir);
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Dirs {
    fn add_root(&mut self, root: &Path) -> notify::Result<()> {
        self.watcher.watch(root, RecursiveMode::Recursive)
    }

    fn add(&mut self, _: &Path) {}
}

impl Dirs {
    fn watch_one(&mut self, dir: &Path) {
        let Err(err) = self.watcher.watch(dir, RecursiveMode::NonRecursive) else {
            return;
        };
        self.watched.remove(dir);
        if matches!(err.kind, ErrorKind::MaxFilesWatch)
            && self.complete.swap(false, Ordering::Relaxed)
        {
            tracing::warn!("the system's limit of watched directories is used up; polling instead");
        } else {
            tracing::debug!(dir = %dir.display(), %err, "directory is not watched");
        }
    }

    /// A directory that was touched itself may be gone, or another one: it is watched anew when it is listed.
    fn forget(&mut self, path: &Path) {
        if self.watched.contains(path) {
            self.watched.retain(|dir| !dir.starts_with(path));
        }
    }

    /// Watches what git keeps outside of the listed directories and that decides about the files.
    fn add_git(&mut self, root: &Path) {
        let Some(git) = GitDir::find(root) else {
            return;
        };
        for dir in [git.dir.clone(), git.dir.join("info")] {
            if dir.is_dir() {
                self.watch_one(&dir);
            }
        }
        self.git = vec![git];
    }
}

/// Git's own directory of a working tree.
#[derive(Clone, Debug, PartialEq, Eq)]
struct GitDir {
    dir: PathBuf,
}

impl GitDir {
    /// Looks upwards from `root`; follows the `gitdir:` file of linked working trees and submodules.
    fn find(root: &Path) -> Option<GitDir> {
        let (above, dot_git) = root
            .ancestors()
            .map(|above| (above, above.join(".git")))
            .find(|(_, dot_git)| dot_git.exists())?;
        if dot_git.is_dir() {
            return Some(GitDir { dir: dot_git });
        }
        // A pipe would be waited for, and a device has no end.
        if !dot_git.is_file() {
            return None;
        }
        let mut text = String::new();
        fs::File::open(&dot_git).ok()?.take(GIT_LINK_BYTES).read_to_string(&mut text).ok()?;
        let dir = above.join(text.strip_prefix("gitdir:")?.trim());
        Some(GitDir { dir: dir.canonicalize().ok()? })
    }

    /// A change of branch, or of the repository's own excludes (also with their directory).
    fn decides(&self, path: &Path) -> bool {
        match path.strip_prefix(&self.dir) {
            Ok(rest) => ["HEAD", "info", "info/exclude"].iter().any(|name| rest == Path::new(name)),
            Err(_) => false,
        }
    }
}

#[cfg(test)]
mod tests;
