//! A turn at a server: the documents stay as they are while it is asked. Here: diagnostics, and when they are all of them.
//!
//! No diagnostics are no answer until the server has come to rest: several publish an empty list first.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base::{RelPath, Text};
use serde_json::json;
use tokio::sync::MutexGuard;
use vfs::Snapshot;

use crate::convert;
use crate::error::Error;
use crate::seen::{self, ANNOUNCED, Published, State};
use crate::server::{Document, Open, Server, bounded};
use crate::servers::{Ready, Tells};
use crate::tsserver;

/// LSP's numbers for "ask again": the content was modified, the server cancelled.
const AGAIN: [i64; 2] = [-32_801, -32_802];
/// Between two questions of that kind.
const PAUSE: Duration = Duration::from_millis(100);
/// So long nothing may come that would change an answer just had.
const REST: Duration = Duration::from_millis(40);
/// So long a server may take to announce its first work. Those that announce none have no other mark.
const FIRST_WORK: Duration = Duration::from_millis(400);

/// The right to ask a server. Texts given to [`Server::turn`] are what it sees.
pub struct Turn<'a> {
    pub(crate) server: &'a Server,
    pub(crate) open: MutexGuard<'a, Open>,
    pub(crate) snapshot: Snapshot,
}

impl std::fmt::Debug for Turn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Turn").field("server", &self.server.data.name).finish_non_exhaustive()
    }
}

impl Turn<'_> {
    /// What the server has to say about the open documents, and about others where it does so by itself; within `time`.
    /// Sorted by file and place.
    ///
    /// # Errors
    /// [`Error::Late`] if it has not come to rest by then; [`Error::Gone`]; [`Error::Refused`].
    pub async fn diagnostics(&self, time: Duration) -> Result<Vec<base::Diagnostic>, Error> {
        let end = Instant::now() + time;
        let found = match self.server.data.tells {
            Tells::Push { has_version, rest_ms } => {
                let rest = Duration::from_millis(rest_ms);
                self.pushed(has_version, rest, end).await
            }
            Tells::Pull => self.pulled(end).await,
            Tells::Tsserver => match tokio::time::timeout_at(end.into(), tsserver::ask(self)).await
            {
                Ok(found) => found,
                Err(_) => Err(self.server.late("had not answered", Duration::ZERO)),
            },
        };
        let mut found = found.map_err(|error| with_time(error, time))?;
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Until the server has loaded the project, as far as it says so; within `time`.
    ///
    /// # Errors
    /// [`Error::Late`]; [`Error::Gone`].
    pub async fn ready(&self, time: Duration) -> Result<(), Error> {
        let rested = self.at_rest(Instant::now() + time, Duration::ZERO, &|_| true).await;
        rested.map_err(|error| with_time(error, time))
    }

    async fn pushed(
        &self,
        has_version: bool,
        rest: Duration,
        end: Instant,
    ) -> Result<Vec<base::Diagnostic>, Error> {
        // Of a version that it names, or else once more than when the text was sent.
        let is_of_now = |published: &Published, document: &Document| match published.version {
            Some(version) => version == document.version,
            None => !has_version && document.published < published.times,
        };
        let has_come = |state: &State| {
            self.open.documents.iter().all(|(path, document)| {
                state.published.get(path).is_some_and(|published| is_of_now(published, document))
            })
        };
        self.at_rest(end, rest, &has_come).await?;
        let published: Vec<_> = {
            let state = self.server.seen.state();
            // What comes late for a document that is closed by now speaks of a text that is gone.
            let is_open = |(path, published): &(&RelPath, &Published)| {
                published.version.is_none() || self.open.documents.contains_key(*path)
            };
            let all = state.published.iter().filter(is_open);
            all.map(|(path, published)| (path.clone(), published.items.clone())).collect()
        };
        let mut found = Vec::new();
        for (path, items) in published {
            found.extend(self.places(&path, items)?);
        }
        Ok(found)
    }

    async fn pulled(&self, end: Instant) -> Result<Vec<base::Diagnostic>, Error> {
        loop {
            self.at_rest(end, REST, &|_| true).await?;
            let turns = self.server.seen.state().turns;
            let mut found = Vec::new();
            for path in self.open.documents.keys() {
                found.extend(self.pull(path, end).await?);
            }
            // An answer counts if nothing has happened meanwhile that would make it another one.
            let soon = end.min(Instant::now() + REST);
            let is_old = |state: &State| state.turns == turns && state.working.is_empty();
            self.server.seen.news(is_old, soon).await;
            if is_old(&self.server.seen.state()) {
                return Ok(found);
            }
        }
    }

    async fn pull(&self, path: &RelPath, end: Instant) -> Result<Vec<base::Diagnostic>, Error> {
        let params = json!({ "textDocument": { "uri": self.server.uri(path) } });
        loop {
            let asked = self.server.request("textDocument/diagnostic", params.clone());
            match tokio::time::timeout_at(end.into(), asked).await {
                Ok(Ok(report)) => return self.places(path, seen::items(&report["items"])),
                Ok(Err(Error::Refused { code, .. })) if AGAIN.contains(&code) => {
                    if end <= Instant::now() + PAUSE {
                        return Err(self.server.late("was still busy", Duration::ZERO));
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(self.server.late("had not answered", Duration::ZERO)),
            }
        }
    }

    /// Waits until the server has nothing left to do, `has_come` holds, and nothing new came for `rest`.
    async fn at_rest(
        &self,
        end: Instant,
        rest: Duration,
        has_come: &(dyn Fn(&State) -> bool + Sync),
    ) -> Result<(), Error> {
        let server = self.server;
        let is_ready = |state: &State| match server.data.ready {
            Ready::AtOnce => true,
            Ready::Progress => state.working.is_empty(),
            Ready::Status => state.is_quiescent && state.working.is_empty(),
        };
        // Work that a server has not yet announced looks like none.
        let earliest = match server.data.ready {
            Ready::Progress => server.greeted + FIRST_WORK,
            Ready::AtOnce | Ready::Status => server.greeted,
        };
        loop {
            let (turns, spoke) = {
                let state = server.seen.state();
                if let Some((why, _)) = &state.gone {
                    return Err(server.ended(why));
                }
                let now = Instant::now();
                let announced = state.announced.values().max().map(|at| *at + ANNOUNCED);
                let rested = state.spoke.map_or(now, |spoke| spoke + rest).max(earliest);
                let rested = announced.map_or(rested, |at| at.max(rested));
                let is_done = is_ready(&state) && has_come(&state);
                if is_done && rested <= now {
                    return Ok(());
                }
                if end <= now {
                    let what = if is_ready(&state) { "had not answered" } else { "was still busy" };
                    return Err(server.late(what, Duration::ZERO));
                }
                ((state.turns, state.spoke), is_done.then_some(rested))
            };
            let until = spoke.map_or(end, |rested| rested.min(end));
            let is_old =
                |state: &State| (state.turns, state.spoke) == turns && state.gone.is_none();
            server.seen.news(is_old, until).await;
        }
    }

    /// The text of a file as the server sees it.
    pub(crate) fn text(&self, path: &RelPath) -> Option<Text> {
        match self.open.documents.get(path) {
            Some(document) => Some(document.lines.clone()),
            None => self.snapshot.read(path).ok().map(|text| Text::new(&text)),
        }
    }

    /// `items`: `None` for what cannot be read, which is no answer.
    fn places(
        &self,
        path: &RelPath,
        items: Option<Vec<gen_lsp_types::Diagnostic>>,
    ) -> Result<Vec<base::Diagnostic>, Error> {
        let unreadable = || self.unusable(format!("what it says of `{path}` cannot be read"));
        let items = items.ok_or_else(unreadable)?;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let Some(text) = self.text(path) else { return Ok(Vec::new()) };
        let place = |item| {
            let encoding = self.server.encoding;
            let mut found = convert::diagnostic_from_proto(path.clone(), &text, item, encoding);
            if found.source.is_empty() {
                found.source = self.server.data.name.to_owned();
            }
            // Where the workspace is says nothing of the code.
            found.message = bounded(&found.message.replace(&format!("{}/", self.server.root), ""));
            found.source = bounded(&found.source);
            found.code = found.code.as_deref().map(bounded);
            found
        };
        Ok(items.iter().map(place).collect())
    }

    /// An open document's text as it was given.
    pub(crate) fn given(&self, path: &RelPath) -> Option<&Arc<str>> {
        self.open.documents.get(path).map(|document| &document.text)
    }
}

/// How long one waited is known to those who asked.
fn with_time(error: Error, time: Duration) -> Error {
    match error {
        Error::Late { server, what, .. } => Error::Late { server, what, seconds: time.as_secs() },
        error => error,
    }
}
