//! What language servers say of a change: what they find in the files that it touches, before it and with it, and what of
//! that is new. Does not decide what a new finding means for the change.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::{AbsPathBuf, Diagnostic, FileChange, Patch, RelPath, Severity, Text};
use lsp::{Choice, Error, Pool};
use sandbox::View;
use tokio_util::sync::CancellationToken;
use tracing::instrument;
use vfs::Snapshot;

use crate::delta::{Seen, differ, renamed};

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
    pub command: Vec<String>,
    /// How much it finds without the change and with it, or why that is not known.
    pub counts: Result<(usize, usize), String>,
    /// What it finds with the change alone.
    pub new: Vec<Diagnostic>,
    /// Those of `new` that speak against the change: errors of a server that knows the project, of a rule that their file
    /// breaks more often than before. The others may be old ones on a line that was edited.
    pub refusing: Vec<Diagnostic>,
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
        match asked.servers.choose(asked.snapshot, change.path(), &text) {
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
            command: Vec::new(),
            counts: Err(error.to_string()),
            new: Vec::new(),
            refusing: Vec::new(),
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
        command: choice.server.argv.iter().map(|arg| (*arg).to_owned()).collect(),
        counts: Ok((0, 0)),
        new: Vec::new(),
        refusing: Vec::new(),
        gone: Vec::new(),
        wall_ms: 0,
    };
    // Without the one the other says nothing of the change.
    let found = match answer(asked, choice, before, &mut said).await {
        Ok(before) => match answer(asked, choice, after, &mut said).await {
            Ok(after) => Ok((before, after)),
            Err(why) => Err(why),
        },
        Err(why) => Err(why),
    };
    said.counts = found.map(|(before, after)| {
        let more;
        [said.new, more, said.gone] = compare(asked.patch, &before, &after);
        let is_error = |one: &Diagnostic| one.severity == Severity::Error;
        if choice.is_trusted {
            said.refusing = more.into_iter().filter(is_error).collect();
        }
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
    said: &mut Diagnosed,
) -> Result<Answer, String> {
    let Asked { servers, snapshot, time, .. } = asked;
    let State { texts, view } = state;
    let is_own = !view.files.is_empty();
    let server = match is_own {
        true => servers.start(choice, view, snapshot).await,
        false => servers.get(choice, snapshot).await,
    };
    let server = server.map_err(|error| error.to_string())?;
    said.version = server.version().map(str::to_owned);
    said.command = server.command().to_vec();
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

/// What a server finds with the change alone, which of that there is more of than before, and what it finds without it alone.
fn compare(patch: &Patch, before: &Answer, after: &Answer) -> [Vec<Diagnostic>; 3] {
    let (old_lines, new_lines) = (before.lines(), after.lines());
    let old = before.seen(&old_lines, &renamed(patch));
    let now = after.seen(&new_lines, &BTreeMap::new());
    let difference = differ(&old, &now);
    let of = |answer: &Answer, places: &[usize]| -> Vec<Diagnostic> {
        places.iter().map(|idx| answer.found[*idx].clone()).collect()
    };
    [of(after, &difference.new), of(after, &difference.more), of(before, &difference.gone)]
}

impl Answer {
    /// The line of each finding, without the space around it.
    fn lines(&self) -> Vec<String> {
        let texts: BTreeMap<&RelPath, Text> =
            self.texts.iter().map(|(path, text)| (path, Text::new(text))).collect();
        let line = |one: &Diagnostic| {
            let text = texts.get(&one.path)?;
            Some(text.line_text((one.line as usize).saturating_sub(1)).trim().to_owned())
        };
        self.found.iter().map(|one| line(one).unwrap_or_default()).collect()
    }

    /// The findings as they are compared. `names`: what files are called with the change.
    fn seen<'a>(
        &'a self,
        lines: &'a [String],
        names: &BTreeMap<&RelPath, &'a RelPath>,
    ) -> Vec<Seen<'a>> {
        let seen = |(one, text): (&'a Diagnostic, &'a String)| Seen {
            path: names.get(&one.path).copied().unwrap_or(&one.path),
            rule: one.code.as_deref(),
            message: &one.message,
            text,
        };
        self.found.iter().zip(lines).map(seen).collect()
    }
}
