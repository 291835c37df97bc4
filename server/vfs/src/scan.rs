//! Finds the workspace's files: what is there, less what the ignore files name.
//!
//! Hidden files count, `.git` does not; `.gitignore`, `.ignore`, `.batonignore`, `.git/info/exclude` and the user's global
//! excludes are obeyed, in a git repository or not. Symbolic links are not followed and not listed. No file is opened:
//! whether a file is text shows at its first reading.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use base::{AbsPathBuf, RelPath};
use ignore::{IncrementalIgnore, WalkBuilder};

use crate::MAX_FILE_BYTES;
use crate::disk;
use crate::error::{Error, SkipReason, Skipped};
use crate::listing::Found;
use crate::snapshot::FileMeta;
use crate::temp;

/// The files whose change may change which files there are.
const IGNORE_FILES: &[&str] = &[".gitignore", ".ignore", BATON_IGNORE];
const BATON_IGNORE: &str = ".batonignore";

pub(crate) fn is_ignore_file(name: &str) -> bool {
    IGNORE_FILES.contains(&name)
}

/// Is told each directory right before it is listed, so that a watch on it misses nothing.
pub(crate) type OnDir<'a> = &'a mut dyn FnMut(&Path);

/// Walks the tree under one root; remembers the ignore rules and the directories between walks.
#[derive(Debug)]
pub(crate) struct Scanner {
    root: PathBuf,
    /// Rules are read once a directory: made anew whenever an ignore file may have changed.
    rules: IncrementalIgnore,
    /// All listed directories, relative; the root is the empty string. Filled by each scan.
    dirs: BTreeSet<String>,
}

impl Scanner {
    pub(crate) fn new(root: &AbsPathBuf) -> Scanner {
        let root = root.as_std_path().to_owned();
        Scanner { rules: rules(&root), root, dirs: BTreeSet::new() }
    }

    pub(crate) fn dirs(&self) -> impl Iterator<Item = &str> {
        self.dirs.iter().map(String::as_str)
    }

    /// Lists the whole tree.
    ///
    /// # Errors
    /// `Root` if the root itself, or the rules above it, cannot be read. What cannot be listed below it is reported as skipped.
    pub(crate) fn full(&mut self, on_dir: OnDir<'_>) -> Result<Found, Error> {
        let root_error = |source| Error::Root { path: self.root.display().to_string(), source };
        fs::read_dir(&self.root).map_err(root_error)?;
        // Those above the root count too, and cannot be left out one by one.
        if let Some(file) = self.root.ancestors().skip(1).find_map(endless_rules) {
            let why = format!("the ignore file {} is no plain file or too long", file.display());
            return Err(root_error(io::Error::new(ErrorKind::InvalidData, why)));
        }
        self.rules = rules(&self.root);
        let mut found = Found::default();
        self.walk(String::new(), &mut found, on_dir);
        self.dirs = found.dirs.iter().cloned().collect();
        Ok(found)
    }

    /// Looks again at `touched` paths alone, and at what lies below those that are directories.
    ///
    /// Returns the paths that `Found` is everything about.
    pub(crate) fn some(
        &mut self,
        touched: &BTreeSet<String>,
        on_dir: OnDir<'_>,
    ) -> (Vec<String>, Found) {
        let mut scope = vec![];
        let mut found = Found::default();
        let nested = |path: &str| ancestors(path).any(|above| touched.contains(above));
        for path in touched.iter().filter(|path| !nested(path)) {
            scope.push(path.clone());
            if ancestors(path).any(|dir| endless_rules(&self.root.join(dir)).is_some()) {
                continue;
            }
            let abs = self.root.join(path);
            let metadata = fs::symlink_metadata(&abs);
            if self.dirs.contains(path) || metadata.as_ref().is_ok_and(Metadata::is_dir) {
                // Another directory may have taken this name, with other ignore files in it.
                self.rules = rules(&self.root);
                self.forget(path);
            }
            match metadata {
                Ok(metadata) if metadata.is_dir() => {
                    if !self.rules.matched(path, true).is_ignore() {
                        self.walk(path.clone(), &mut found, on_dir);
                    }
                }
                Ok(metadata) if metadata.is_file() => {
                    if !self.rules.matched(path, false).is_ignore() {
                        add_file(path, &metadata, &mut found);
                    }
                }
                Ok(_) => {}
                Err(err) if is_gone(err.kind()) => {}
                Err(err) => found.skipped.push(unreadable(path.clone(), &err)),
            }
        }
        self.dirs.extend(found.dirs.iter().cloned());
        (scope, found)
    }

    /// Notes the directories above `path`, which a write may have made.
    pub(crate) fn add_parents(&mut self, path: &RelPath) {
        for above in ancestors(path.as_str()) {
            if !self.dirs.contains(above) {
                self.dirs.insert(above.to_owned());
            }
        }
    }

    fn forget(&mut self, path: &str) {
        self.dirs.remove(path);
        let below = self.dirs.range(format!("{path}/")..format!("{path}0"));
        for dir in below.cloned().collect::<Vec<_>>() {
            self.dirs.remove(&dir);
        }
    }

    fn walk(&mut self, start: String, found: &mut Found, on_dir: OnDir<'_>) {
        let mut pending = vec![start];
        while let Some(dir) = pending.pop() {
            let abs = self.root.join(&dir);
            on_dir(&abs);
            if let Some(file) = endless_rules(&abs) {
                let path = file.strip_prefix(&self.root).unwrap_or(&file).to_string_lossy();
                let why =
                    "an ignore file that is no plain file or too long; its folder is left out";
                let reason = SkipReason::Unreadable(why.to_owned());
                found.skipped.push(Skipped { path: path.into_owned(), reason });
                continue;
            }
            let entries = match fs::read_dir(&abs) {
                Ok(entries) => entries,
                Err(err) if is_gone(err.kind()) => continue,
                Err(err) => {
                    found.skipped.push(unreadable(dir, &err));
                    continue;
                }
            };
            for entry in entries {
                match entry {
                    Ok(entry) => self.entry(&dir, &entry, &mut pending, found),
                    Err(err) => {
                        found.skipped.push(unreadable(dir.clone(), &err));
                        break;
                    }
                }
            }
            found.dirs.push(dir);
        }
    }

    fn entry(
        &mut self,
        dir: &str,
        entry: &fs::DirEntry,
        pending: &mut Vec<String>,
        found: &mut Found,
    ) {
        let name = entry.file_name();
        if name.eq_ignore_ascii_case(".git") {
            return;
        }
        let Ok(kind) = entry.file_type() else {
            return;
        };
        if !kind.is_dir() && !kind.is_file() {
            return;
        }
        let relative = Path::new(dir).join(&name);
        if self.rules.matched(&relative, kind.is_dir()).is_ignore() {
            return;
        }
        let Some(path) = relative.to_str() else {
            found.skipped.push(Skipped {
                path: relative.to_string_lossy().into_owned(),
                reason: SkipReason::NotUtf8Name,
            });
            return;
        };
        if kind.is_dir() {
            pending.push(path.to_owned());
        } else if !temp::is_temp(path) {
            match entry.metadata() {
                Ok(metadata) => add_file(path, &metadata, found),
                Err(err) if is_gone(err.kind()) => {}
                Err(err) => found.skipped.push(unreadable(path.to_owned(), &err)),
            }
        }
    }
}

fn add_file(path: &str, metadata: &Metadata, found: &mut Found) {
    let skip = |reason| Skipped { path: path.to_owned(), reason };
    if MAX_FILE_BYTES < metadata.len() {
        found.skipped.push(skip(SkipReason::TooLarge(metadata.len())));
        return;
    }
    match RelPath::parse(path) {
        Ok(path) => found.files.push(FileMeta {
            path,
            len: metadata.len(),
            modified_ns: disk::modified_ns(metadata),
            buffer_version: None,
        }),
        // A backslash in the name, for one: legal on disk, but not a path that can be told to others.
        Err(err) => found.skipped.push(skip(SkipReason::Unreadable(err.to_string()))),
    }
}

fn unreadable(path: String, err: &io::Error) -> Skipped {
    let path = if path.is_empty() { ".".to_owned() } else { path };
    Skipped { path, reason: SkipReason::Unreadable(err.to_string()) }
}

/// Vanished while we looked: not there, so nothing to report.
fn is_gone(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// `a/b` and `a` of `a/b/c`, then the empty string.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    let slashes = path.rmatch_indices('/').map(|(at, _)| &path[..at]);
    slashes.chain(std::iter::once(""))
}

/// The file with rules for `dir` whose reading might never end: a pipe, a link to a device, more than any rules are.
///
/// A clone can bring such a link, and the matcher opens whatever has the name.
fn endless_rules(dir: &Path) -> Option<PathBuf> {
    let is_bad = |file: &PathBuf| match fs::metadata(file) {
        Ok(metadata) if metadata.is_file() => MAX_FILE_BYTES < metadata.len(),
        // To read a directory is an error, and an absent file has no rules.
        Ok(metadata) if metadata.is_dir() => false,
        Ok(_) => !file.canonicalize().is_ok_and(|real| real == Path::new("/dev/null")),
        Err(_) => false,
    };
    let own = IGNORE_FILES.iter().map(|name| dir.join(name)).find(is_bad);
    let git = dir.join(".git");
    own.or_else(|| match fs::metadata(&git) {
        Ok(metadata) if metadata.is_dir() => Some(git.join("info/exclude")).filter(is_bad),
        Ok(metadata) if metadata.is_file() && is_bad(&git) => Some(git),
        Ok(metadata) if metadata.is_file() => {
            // Of a linked working tree, the excludes are with the repository.
            let linked = PathBuf::from(first_line(&git)?.strip_prefix("gitdir: ")?);
            let common = linked.join("commondir");
            if is_bad(&common) {
                return Some(common);
            }
            let exclude = linked.join(first_line(&common)?).join("info/exclude");
            Some(exclude).filter(is_bad)
        }
        _ => None,
    })
}

/// Of a short plain file.
fn first_line(file: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(file).ok()?.take(MAX_FILE_BYTES).read_to_string(&mut text).ok()?;
    text.lines().next().map(str::to_owned)
}

fn rules(root: &Path) -> IncrementalIgnore {
    let mut builder = WalkBuilder::new(root);
    builder
        .hidden(false)
        .parents(true)
        .ignore(true)
        .git_ignore(true)
        .git_exclude(true)
        .git_global(true)
        .require_git(false)
        .follow_links(false)
        .current_dir(root)
        .add_custom_ignore_filename(BATON_IGNORE);
    builder.build_matchers().pop().expect("the builder has one root, so it builds one matcher")
}

#[cfg(test)]
mod tests;
