//! Records the answers of another provider into a file, and answers from it: the same run twice without a server.
//!
//! Requests are found by what they say to which model, not by when or through which provider they were made.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use futures::{
    FutureExt, StreamExt, TryStreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use serde::{Deserialize, Serialize};

use super::{Parts, Provider};
use crate::{Delta, Error, ReplayMode, Request, Site};

pub(super) fn make(parts: Parts<'_>) -> Result<Arc<dyn Provider>, Error> {
    let Parts { settings, others, .. } = parts;
    let bad = |message: String| Error::Config { provider: settings.name.clone(), message };
    let Some(path) = settings.file.clone() else {
        return Err(bad("replays no `file`; name one".to_owned()));
    };
    let file = Arc::new(File { path, tape: Mutex::new(None) });
    let name = settings.name.clone();
    Ok(match settings.mode {
        ReplayMode::Play => Arc::new(Player { name, file }),
        ReplayMode::Record => {
            let wraps = settings.wraps.as_deref().unwrap_or_default();
            let Some(inner) = others.get(wraps) else {
                return Err(bad(format!("records `{wraps}`, which is no provider with a server")));
            };
            Arc::new(Recorder { name, file, inner: Arc::clone(inner) })
        }
    })
}

/// One line of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Record {
    hash: String,
    model: String,
    request: Request,
    /// The last one has the counts, unless there is an error.
    deltas: Vec<Delta>,
    error: Option<Error>,
}

/// The file of answers.
struct File {
    path: PathBuf,
    /// Guards what was read of the file and how far each request has come in it; read at the first question.
    tape: Mutex<Option<Tape>>,
}

#[derive(Default)]
struct Tape {
    by_hash: HashMap<String, Vec<Record>>,
    /// By hash, how many were played. The last record of a request serves for all later ones.
    played: HashMap<String, usize>,
}

impl File {
    fn find(&self, hash: &str, site: &Arc<Site>) -> Result<Record, Error> {
        let mut tape = self.tape(site)?;
        let tape = tape.get_or_insert_default();
        let Some(records) = tape.by_hash.get(hash) else {
            let reason = format!(
                "no recorded answer to request {hash} in {}; record it with `mode = \"record\"`",
                self.path.display()
            );
            return Err(Error::Replay { site: Arc::clone(site), reason });
        };
        let played = tape.played.entry(hash.to_owned()).or_default();
        let record = &records[(*played).min(records.len() - 1)];
        *played += 1;
        Ok(record.clone())
    }

    fn models(&self, site: &Arc<Site>) -> Result<Vec<String>, Error> {
        let tape = self.tape(site)?;
        let records = tape.iter().flat_map(|it| it.by_hash.values().flatten());
        let models: BTreeSet<String> = records.map(|it| it.model.clone()).collect();
        Ok(models.into_iter().collect())
    }

    fn tape(&self, site: &Arc<Site>) -> Result<MutexGuard<'_, Option<Tape>>, Error> {
        let mut tape = self.tape.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if tape.is_none() {
            *tape = Some(
                self.read().map_err(|reason| Error::Replay { site: Arc::clone(site), reason })?,
            );
        }
        Ok(tape)
    }

    fn read(&self) -> Result<Tape, String> {
        let path = self.path.display();
        let text = fs::read_to_string(&self.path)
            .map_err(|error| format!("cannot read {path}: {error}"))?;
        let mut tape = Tape::default();
        for (idx, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let record: Record = serde_json::from_str(line)
                .map_err(|error| format!("line {} of {path} is no record: {error}", idx + 1))?;
            tape.by_hash.entry(record.hash.clone()).or_default().push(record);
        }
        Ok(tape)
    }
}

/// Whole lines only, and for the user alone: they hold the user's text.
#[allow(
    clippy::disallowed_methods,
    reason = "the file of answers is this provider's own, not one of the workspace"
)]
fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(format!("{line}\n").as_bytes())
}

struct Player {
    name: String,
    file: Arc<File>,
}

impl Player {
    fn site(&self, model: &str) -> Arc<Site> {
        let (provider, model) = (self.name.clone(), model.to_owned());
        Arc::new(Site { provider, model, url: String::new() })
    }
}

impl Provider for Player {
    fn name(&self) -> &str {
        &self.name
    }

    fn stream(&self, model: &str, request: &Request) -> BoxStream<'static, Result<Delta, Error>> {
        let (hash, site, file) = (request.hash(model), self.site(model), Arc::clone(&self.file));
        let played = async move {
            let record = file.find(&hash, &site)?;
            let deltas = record.deltas.into_iter().map(Ok);
            Ok(stream::iter(deltas.chain(record.error.map(Err))))
        };
        played.into_stream().try_flatten().boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        let res = self.file.models(&self.site(""));
        async move { res }.boxed()
    }

    fn redact(&self, text: &str) -> String {
        text.to_owned()
    }
}

struct Recorder {
    name: String,
    file: Arc<File>,
    inner: Arc<dyn Provider>,
}

impl Provider for Recorder {
    fn name(&self) -> &str {
        &self.name
    }

    /// An answer that the caller drops is not recorded: nobody knows its end.
    fn stream(&self, model: &str, request: &Request) -> BoxStream<'static, Result<Delta, Error>> {
        let record = Record {
            hash: request.hash(model),
            model: model.to_owned(),
            request: request.clone(),
            deltas: Vec::new(),
            error: None,
        };
        let (inner, path) = (Arc::clone(&self.inner), self.file.path.clone());
        let site =
            Site { provider: self.name.clone(), model: model.to_owned(), url: String::new() };
        let answer = self.inner.stream(model, request);
        stream::unfold(Some((answer, record)), move |state| {
            let (inner, path, site) = (Arc::clone(&inner), path.clone(), site.clone());
            async move {
                let (mut answer, mut record) = state?;
                let item = answer.next().await?;
                match &item {
                    Ok(delta) => record.deltas.push(delta.clone()),
                    Err(error) => record.error = Some(error.clone()),
                }
                if let Ok(Delta::Text(_) | Delta::Thinking(_)) = item {
                    return Some((item, Some((answer, record))));
                }
                match write(&path, &record, &*inner).await {
                    Ok(()) => Some((item, None)),
                    Err(error) => {
                        let reason = format!("cannot write {}: {error}", path.display());
                        Some((Err(Error::Replay { site: Arc::new(site), reason }), None))
                    }
                }
            }
        })
        .boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        self.inner.models()
    }

    fn redact(&self, text: &str) -> String {
        self.inner.redact(text)
    }
}

async fn write(path: &Path, record: &Record, inner: &dyn Provider) -> io::Result<()> {
    let line = inner.redact(&serde_json::to_string(record)?);
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || append(&path, &line)).await?
}

#[cfg(test)]
mod tests;
