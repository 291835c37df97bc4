//! What language servers say of a change: what they find in the files that it touches, before it and with it, and what of
//! that is new. Does not decide what a new finding means for the change.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::{AbsPathBuf, Diagnostic, FileChange, Patch, RelPath};
use lsp::{Choice, Error, Pool, choose};
use sandbox::View;
use tokio_util::sync::CancellationToken;
use tracing::instrument;
use vfs::Snapshot;

#[cfg(test)]
mod tests;

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The language servers of the workspace.
    pub servers: &'a Pool,
    /// The workspace.
    pub root: &'a AbsPathBuf,
    /// Its files as they are now.
    pub snapshot: &'a Snapshot,
    /// The change.
    pub patch: &'a Patch,
    /// The files have the change already.
    pub is_applied: bool,
    /// How long a server may take for each of the two answers.
    pub time: Duration,
}

/// What one server says.
#[derive(Clone, Debug)]
pub struct Diagnosed {
    /// Which one.
    pub server: &'static str,
    /// What it says its version is.
    pub version: Option<String>,
    /// Its errors speak against a change.
    pub is_trusted: bool,
    /// What it finds without the change, or why that is not known.
    pub before: Result<Vec<Diagnostic>, String>,
    /// What it finds with the change.
    pub after: Result<Vec<Diagnostic>, String>,
    /// What of `after` is not in `before`; empty where either is not known.
    pub new: Vec<Diagnostic>,
    /// For both.
    pub wall_ms: u64,
}

/// The texts of a state of the workspace that differ from its files, or whose findings count.
struct State {
    texts: BTreeMap<RelPath, Arc<str>>,
    /// What is to be laid over the files where texts alone do not make that state of them: some come or go.
    view: View,
}

/// What the servers of the changed files say. Files without a server are left out; so are languages of which none is installed,
/// unless the project has chosen one, and servers that are no witnesses.
#[instrument(name = "tool", skip_all, fields(name = "diagnostics"))]
pub async fn diagnose(asked: Asked<'_>, cancel: &CancellationToken) -> Vec<Diagnosed> {
    let mut all = Vec::new();
    for (choice, changes) in by_server(&asked, &mut all) {
        let said = tokio::select! {
            said = one(&asked, &choice, &changes) => said,
            () = cancel.cancelled() => return all,
        };
        all.push(said);
    }
    all
}

/// The changes of each server's files. What the project wants and does not have goes to `missing`.
fn by_server<'a>(
    asked: &Asked<'a>,
    missing: &mut Vec<Diagnosed>,
) -> Vec<(Choice, Vec<&'a FileChange>)> {
    let mut groups: Vec<(Choice, Vec<&FileChange>)> = Vec::new();
    for change in asked.patch.changes() {
        // A file that goes away has nothing to find; what others say of that is found in them.
        let Some(text) = change.new_text() else { continue };
        match choose(asked.root, asked.snapshot, change.path(), &text) {
            Ok(Some(choice)) if !choice.server.is_witness => {}
            Ok(Some(choice)) => {
                let known = groups.iter_mut().find(|(other, _)| {
                    (other.server, &other.folder) == (choice.server, &choice.folder)
                });
                match known {
                    Some((other, changes)) => {
                        other.is_trusted |= choice.is_trusted;
                        changes.push(change);
                    }
                    None => groups.push((choice, vec![change])),
                }
            }
            Ok(None) => {}
            Err(error) => {
                let server = chosen_name(&error);
                if missing.iter().all(|other| other.server != server) {
                    missing.push(Diagnosed::unanswered(server, error.to_string()));
                }
            }
        }
    }
    groups
}

/// The name of the server that the project has chosen and does not have.
fn chosen_name(error: &Error) -> &'static str {
    let Error::NotInstalled { program } = error else { return "language server" };
    let known = lsp::servers::ALL.iter().find(|server| server.argv[0] == program);
    known.map_or("language server", |server| server.name)
}

impl Diagnosed {
    fn unanswered(server: &'static str, why: String) -> Diagnosed {
        Diagnosed {
            server,
            version: None,
            is_trusted: false,
            before: Err(why.clone()),
            after: Err(why),
            new: Vec::new(),
            wall_ms: 0,
        }
    }
}

async fn one(asked: &Asked<'_>, choice: &Choice, changes: &[&FileChange]) -> Diagnosed {
    let started = Instant::now();
    let [before, after] = states(asked, changes);
    let mut version = None;
    let (old, before) = answer(asked, choice, before, &mut version).await;
    // Without the one the other says nothing of the change.
    let (texts, after) = match &before {
        Ok(_) => answer(asked, choice, after, &mut version).await,
        Err(why) => (after.texts, Err(why.clone())),
    };
    let new = match (&before, &after) {
        (Ok(before), Ok(after)) => added((before, &old), (after, &texts), asked.patch),
        _ => Vec::new(),
    };
    Diagnosed {
        server: choice.server.name,
        version,
        is_trusted: choice.is_trusted,
        before,
        after,
        new,
        wall_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

type Texts = BTreeMap<RelPath, Arc<str>>;

/// What a server finds in a state, and the texts of that state.
async fn answer(
    asked: &Asked<'_>,
    choice: &Choice,
    state: State,
    version: &mut Option<String>,
) -> (Texts, Result<Vec<Diagnostic>, String>) {
    let Asked { servers, snapshot, time, .. } = asked;
    let own = !state.view.files.is_empty();
    let server = match own {
        true => servers.start(choice, state.view, snapshot).await,
        false => servers.get(choice, snapshot).await,
    };
    let server = match server {
        Ok(server) => server,
        Err(error) => return (state.texts, Err(error.to_string())),
    };
    *version = server.version().map(str::to_owned);
    let turn = server.turn(snapshot, &state.texts).await;
    let found = turn.diagnostics(*time).await.map_err(|error| error.to_string());
    drop(turn);
    if own && let Some(server) = Arc::into_inner(server) {
        server.stop().await;
    }
    (state.texts, found)
}

/// The state before the change and the one with it, of the files of one server.
fn states(asked: &Asked<'_>, changes: &[&FileChange]) -> [State; 2] {
    // What a person has typed and not saved is part of both.
    let typed: Texts = asked.snapshot.overlay().into_iter().collect();
    let (mut before, mut after) = (typed.clone(), typed.clone());
    for change in asked.patch.changes() {
        for path in change.touched() {
            before.remove(path);
            after.remove(path);
        }
    }
    for change in changes {
        if let (Some(path), Some(text)) = (change.old_path(), change.old_text()) {
            before.insert(path.clone(), text.into());
        }
        if let Some(text) = change.new_text() {
            after.insert(change.path().clone(), text.into());
        }
    }
    let comes_or_goes = |change: &FileChange| !matches!(change, FileChange::Edit { .. });
    let needs_view = asked.patch.changes().iter().any(comes_or_goes);
    let view = |with: bool| {
        let mut files: BTreeMap<RelPath, Option<Vec<u8>>> = BTreeMap::new();
        if needs_view && with != asked.is_applied {
            files.extend(
                typed.iter().map(|(path, text)| (path.clone(), Some(text.as_bytes().to_vec()))),
            );
            for change in asked.patch.changes() {
                for path in change.touched() {
                    files.insert(path.clone(), None);
                }
                let (path, text) = match with {
                    true => (Some(change.path()), change.new_text()),
                    false => (change.old_path(), change.old_text().map(str::to_owned)),
                };
                if let (Some(path), Some(text)) = (path, text) {
                    files.insert(path.clone(), Some(text.into_bytes()));
                }
            }
        }
        View { files }
    };
    [State { texts: before, view: view(false) }, State { texts: after, view: view(true) }]
}

/// What is found now and was not found before. A finding is the same where its file, rule, words and line of text are: lines
/// that move bring nothing new.
fn added(
    (before, old): (&[Diagnostic], &Texts),
    (after, new): (&[Diagnostic], &Texts),
    patch: &Patch,
) -> Vec<Diagnostic> {
    let renamed: BTreeMap<&RelPath, &RelPath> = patch
        .changes()
        .iter()
        .filter_map(|change| Some((change.old_path()?, change.path())))
        .collect();
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    for one in before {
        let path = renamed.get(&one.path).copied().unwrap_or(&one.path);
        *known.entry(key(path, one, old)).or_default() += 1;
    }
    let mut found = Vec::new();
    for one in after {
        match known.get_mut(&key(&one.path, one, new)) {
            Some(left @ 1..) => *left -= 1,
            _ => found.push(one.clone()),
        }
    }
    found
}

fn key<'a>(
    path: &'a RelPath,
    one: &'a Diagnostic,
    texts: &Texts,
) -> (&'a RelPath, &'a Option<String>, &'a str, String) {
    let line = texts.get(&one.path).and_then(|text| text.lines().nth(one.line as usize - 1));
    (path, &one.code, &one.message, line.unwrap_or_default().trim().to_owned())
}
