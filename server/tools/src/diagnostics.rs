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
    /// How it is started.
    pub command: &'static [&'static str],
    /// Its errors speak against a change.
    pub is_trusted: bool,
    /// How much it finds without the change and with it, or why that is not known.
    pub counts: Result<(usize, usize), String>,
    /// What it finds with the change alone.
    pub new: Vec<Diagnostic>,
    /// What it finds without the change alone.
    pub gone: Vec<Diagnostic>,
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
        match choose(asked.servers.sandbox(), asked.root, asked.snapshot, change.path(), &text) {
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
                let missed = Diagnosed::missing(&error);
                if missing.iter().all(|other| other.server != missed.server) {
                    missing.push(missed);
                }
            }
        }
    }
    groups
}

impl Diagnosed {
    /// Of a server that the project has chosen and does not have.
    fn missing(error: &Error) -> Diagnosed {
        let is_meant = |server: &&lsp::LanguageServer| matches!(error, Error::NotInstalled { program } if program == server.argv[0]);
        let server = lsp::servers::ALL.iter().find(is_meant);
        Diagnosed {
            server: server.map_or("language server", |server| server.name),
            version: None,
            command: &[],
            is_trusted: false,
            counts: Err(error.to_string()),
            new: Vec::new(),
            gone: Vec::new(),
            wall_ms: 0,
        }
    }
}

async fn one(asked: &Asked<'_>, choice: &Choice, changes: &[&FileChange]) -> Diagnosed {
    let started = Instant::now();
    let [before, after] = states(asked, changes);
    let mut said = Diagnosed {
        server: choice.server.name,
        version: None,
        command: choice.server.argv,
        is_trusted: choice.is_trusted,
        counts: Ok((0, 0)),
        new: Vec::new(),
        gone: Vec::new(),
        wall_ms: 0,
    };
    // Without the one the other says nothing of the change.
    let found = match answer(asked, choice, before, &mut said.version).await {
        Ok(before) => match answer(asked, choice, after, &mut said.version).await {
            Ok(after) => Ok((before, after)),
            Err(why) => Err(why),
        },
        Err(why) => Err(why),
    };
    said.counts = found.map(|(before, after)| {
        let renamed = asked.patch.changes().iter();
        let renamed: Vec<(&RelPath, &RelPath)> =
            renamed.filter_map(|change| Some((change.old_path()?, change.path()))).collect();
        let back = renamed.iter().map(|(from, to)| (*to, *from)).collect();
        said.new = added(&before, &after, &renamed.into_iter().collect());
        said.gone = added(&after, &before, &back);
        (before.found.len(), after.found.len())
    });
    said.wall_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    said
}

type Texts = BTreeMap<RelPath, Arc<str>>;

/// What a server finds in a state, and the texts of that state.
struct Answer {
    found: Vec<Diagnostic>,
    texts: Texts,
}

async fn answer(
    asked: &Asked<'_>,
    choice: &Choice,
    state: State,
    version: &mut Option<String>,
) -> Result<Answer, String> {
    let Asked { servers, snapshot, time, .. } = asked;
    let State { texts, view } = state;
    let is_own = !view.files.is_empty();
    let server = match is_own {
        true => servers.start(choice, view, snapshot).await,
        false => servers.get(choice, snapshot).await,
    };
    let server = server.map_err(|error| error.to_string())?;
    *version = server.version().map(str::to_owned);
    let turn = server.turn(snapshot, &texts).await;
    let found = turn.diagnostics(*time).await;
    drop(turn);
    if is_own && let Some(server) = Arc::into_inner(server) {
        server.stop().await;
    } else if let Err(error @ Error::Late { .. }) = &found {
        servers.give_up(choice, error).await;
    }
    Ok(Answer { found: found.map_err(|error| error.to_string())?, texts })
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
    // What the server is not shown as a text it reads from its files: settings, data, what comes or goes.
    let is_shown = |change: &FileChange| {
        matches!(change, FileChange::Edit { .. }) && changes.contains(&change)
    };
    let needs_view = !asked.patch.changes().iter().all(is_shown);
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

/// What `other` has and `one` does not. A finding is the same where its file, rule, words and line of text are: lines that move
/// bring nothing new. `renamed`: files of `one`, by their names in `other`.
fn added(one: &Answer, other: &Answer, renamed: &BTreeMap<&RelPath, &RelPath>) -> Vec<Diagnostic> {
    let (old, now) = (Lines::of(one), Lines::of(other));
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    for found in &one.found {
        let path = renamed.get(&found.path).copied().unwrap_or(&found.path);
        *known.entry(key(path, found, &old)).or_default() += 1;
    }
    let mut new = Vec::new();
    for found in &other.found {
        match known.get_mut(&key(&found.path, found, &now)) {
            Some(left @ 1..) => *left -= 1,
            _ => new.push(found.clone()),
        }
    }
    new
}

/// The lines of each text: to look for one of them in the whole each time takes long where much is found.
struct Lines<'a>(BTreeMap<&'a RelPath, Vec<&'a str>>);

impl<'a> Lines<'a> {
    fn of(answer: &'a Answer) -> Lines<'a> {
        let split = |(path, text): (&'a RelPath, &'a Arc<str>)| (path, text.lines().collect());
        Lines(answer.texts.iter().map(split).collect())
    }
}

fn key<'a>(
    path: &'a RelPath,
    one: &'a Diagnostic,
    lines: &Lines<'a>,
) -> (&'a RelPath, &'a Option<String>, &'a str, &'a str) {
    let idx = (one.line as usize).saturating_sub(1);
    let line = lines.0.get(&one.path).and_then(|lines| lines.get(idx)).copied();
    (path, &one.code, &one.message, line.unwrap_or_default().trim())
}
