//! Records the answers of all providers into a file, and answers from it: the same run twice without a server.
//!
//! Requests are found by what they say to which model, not by when they were made.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    io::{self, Write},
    mem,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use futures::{
    FutureExt, StreamExt, TryStreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use serde::{Deserialize, Serialize};

use crate::{Cassette, Delta, Error, Provider, Request, Resident, Site};

/// By name.
pub(crate) type Providers = BTreeMap<String, Arc<dyn Provider>>;

/// The same providers, recorded or played.
pub(crate) fn load(cassette: &Cassette, providers: Providers) -> Providers {
    let (Cassette::Record(path) | Cassette::Replay(path)) = cassette;
    let file = Arc::new(File { path: path.clone(), tape: Mutex::new(None) });
    let all = Arc::new(providers);
    let wrapped = |(name, inner): (&String, &Arc<dyn Provider>)| {
        let (name, file) = (name.clone(), Arc::clone(&file));
        let provider: Arc<dyn Provider> = match cassette {
            Cassette::Replay(_) => Arc::new(Player { name: name.clone(), file }),
            Cassette::Record(_) => {
                Arc::new(Recorder { file, inner: Arc::clone(inner), all: Arc::clone(&all) })
            }
        };
        (name, provider)
    };
    all.iter().map(wrapped).collect()
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
                "no recorded answer to request {hash} in {0}; record it with `--cassette record:{0}`",
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
            let deltas = record.deltas.into_iter().map(Delta::kept).map(Ok);
            Ok::<_, Error>(stream::iter(deltas.chain(record.error.map(Err))))
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
    file: Arc<File>,
    inner: Arc<dyn Provider>,
    /// Whose secrets stay out of the file: what one server says may repeat another's key.
    all: Arc<Providers>,
}

impl Provider for Recorder {
    fn name(&self) -> &str {
        self.inner.name()
    }

    /// An answer that the caller drops is not recorded: nobody knows its end. Nor is a failure that may pass: it is the
    /// answer to the next try that counts.
    fn stream(&self, model: &str, request: &Request) -> BoxStream<'static, Result<Delta, Error>> {
        let record = Record {
            hash: request.hash(model),
            model: model.to_owned(),
            request: request.clone(),
            deltas: Vec::new(),
            error: None,
        };
        let (all, path) = (Arc::clone(&self.all), self.file.path.clone());
        let (provider, model) = (self.inner.name().to_owned(), model.to_owned());
        let site = Site { provider, model: model.clone(), url: String::new() };
        let answer = self.inner.stream(&model, request);
        stream::unfold(Some((answer, record)), move |state| {
            let (all, path, site) = (Arc::clone(&all), path.clone(), site.clone());
            async move {
                let (mut answer, mut record) = state?;
                let item = answer.next().await?;
                match &item {
                    Ok(delta) => record.deltas.push(delta.clone()),
                    Err(error) => record.error = Some(error.clone()),
                }
                match &item {
                    Ok(Delta::Text(_) | Delta::Thinking(_) | Delta::Call(_)) => {
                        return Some((item, Some((answer, record))));
                    }
                    Err(error) if error.is_retryable() => return Some((item, None)),
                    Ok(Delta::Done(_)) | Err(_) => {}
                }
                match write(&path, &record, &all).await {
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

    fn residents(&self) -> BoxFuture<'_, Result<Vec<Resident>, Error>> {
        self.inner.residents()
    }

    fn prepare<'a>(
        &'a self,
        model: &'a str,
        request: &'a Request,
    ) -> BoxFuture<'a, Result<(), Error>> {
        self.inner.prepare(model, request)
    }

    fn redact(&self, text: &str) -> String {
        self.inner.redact(text)
    }
}

/// The same answer without the secrets of any provider, also where one is torn by pieces.
pub(crate) fn without_secrets(deltas: &[Delta], all: &Providers) -> Vec<Delta> {
    let redact = |text: &str| all.values().fold(text.to_owned(), |text, it| it.redact(&text));
    let mut res = Vec::new();
    for run in deltas.chunk_by(|a, b| mem::discriminant(a) == mem::discriminant(b)) {
        let texts = run.iter().map(|it| match it {
            Delta::Text(text) | Delta::Thinking(text) => text.as_str(),
            Delta::Call(_) | Delta::Done(_) => "",
        });
        let whole = texts.collect::<String>();
        let redacted = redact(&whole);
        match &run[0] {
            _ if redacted == whole => res.extend_from_slice(run),
            Delta::Thinking(_) => res.push(Delta::Thinking(redacted)),
            _ => res.push(Delta::Text(redacted)),
        }
    }
    res
}

async fn write(path: &Path, record: &Record, all: &Providers) -> io::Result<()> {
    let deltas = without_secrets(&record.deltas, all);
    let line = serde_json::to_string(&Record { deltas, ..record.clone() })?;
    let line = all.values().fold(line, |line, it| it.redact(&line));
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || append(&path, &line)).await?
}

#[cfg(test)]
mod tests;
