//! Keeps answers, so that exactly the same request is not asked and paid for twice. Off unless a folder is given.
//!
//! One file an answer, named by a hash of all that was asked; only whole answers are kept, for a month.
#![allow(
    clippy::disallowed_methods,
    reason = "the folder is this cache's own, not one of the workspace"
)]

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};

use crate::{
    Delta, Error, Finish, Provider, Request,
    cassette::{Providers, without_secrets},
};

/// Answers older than this are asked for anew.
const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Longer answers are not kept.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// The same providers with a memory. What is too old there is removed.
pub(crate) fn wrap(dir: &Path, providers: Providers) -> Providers {
    remove_old(dir);
    let all = Arc::new(providers);
    let wrapped = |(name, inner): (&String, &Arc<dyn Provider>)| {
        let cached =
            Cached { dir: dir.to_owned(), inner: Arc::clone(inner), all: Arc::clone(&all) };
        (name.clone(), Arc::new(cached) as Arc<dyn Provider>)
    };
    all.iter().map(wrapped).collect()
}

struct Cached {
    dir: PathBuf,
    inner: Arc<dyn Provider>,
    /// Whose secrets stay out of the files.
    all: Arc<Providers>,
}

impl Cached {
    fn file(&self, model: &str, request: &Request) -> PathBuf {
        self.dir.join(format!("{}.json", request.key(&format!("{}/{model}", self.inner.name()))))
    }
}

impl Provider for Cached {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn stream(&self, model: &str, request: &Request) -> BoxStream<'static, Result<Delta, Error>> {
        let file = self.file(model, request);
        let (inner, all) = (Arc::clone(&self.inner), Arc::clone(&self.all));
        let (model, request) = (model.to_owned(), request.clone());
        let opened = async move {
            let path = file.clone();
            let kept = tokio::task::spawn_blocking(move || read(&path)).await.ok().flatten();
            match kept {
                Some(deltas) => stream::iter(deltas.into_iter().map(Delta::kept).map(Ok)).boxed(),
                None => keep(inner.stream(&model, &request), file, all),
            }
        };
        opened.flatten_stream().boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        self.inner.models()
    }

    fn redact(&self, text: &str) -> String {
        self.inner.redact(text)
    }

    fn residents(&self) -> BoxFuture<'_, Result<Vec<crate::Resident>, Error>> {
        self.inner.residents()
    }

    /// A model whose answer is known need not be loaded.
    fn prepare<'a>(
        &'a self,
        model: &'a str,
        request: &'a Request,
    ) -> BoxFuture<'a, Result<(), Error>> {
        match self.file(model, request).exists() {
            true => async { Ok(()) }.boxed(),
            false => self.inner.prepare(model, request),
        }
    }
}

/// Hands an answer on, and writes it down when it was whole.
fn keep(
    answer: BoxStream<'static, Result<Delta, Error>>,
    file: PathBuf,
    all: Arc<Providers>,
) -> BoxStream<'static, Result<Delta, Error>> {
    let state = (answer, Vec::new(), 0);
    stream::unfold(state, move |(mut answer, mut deltas, mut n_bytes)| {
        let (file, all) = (file.clone(), Arc::clone(&all));
        async move {
            let item = answer.next().await?;
            if let Ok(delta) = &item {
                n_bytes += match delta {
                    Delta::Text(text) | Delta::Thinking(text) => text.len(),
                    Delta::Call(call) => call.arguments.len(),
                    Delta::Done(_) => 0,
                };
                if n_bytes <= MAX_BYTES {
                    deltas.push(delta.clone());
                }
                let is_whole = matches!(
                    delta,
                    Delta::Done(done) if matches!(done.finish, Finish::Stop | Finish::Calls)
                );
                if is_whole && n_bytes <= MAX_BYTES {
                    write(file, &deltas, &all).await;
                }
            }
            Some((item, (answer, deltas, n_bytes)))
        }
    })
    .boxed()
}

fn read(path: &Path) -> Option<Vec<Delta>> {
    let age = SystemTime::now().duration_since(fs::metadata(path).ok()?.modified().ok()?);
    if MAX_AGE < age.unwrap_or_default() {
        return None;
    }
    // A file that cannot be read is asked for anew.
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// An answer that cannot be kept has been given all the same.
async fn write(file: PathBuf, deltas: &[Delta], all: &Providers) {
    let Ok(text) = serde_json::to_string(&without_secrets(deltas, all)) else { return };
    let text = all.values().fold(text, |text, it| it.redact(&text));
    let shown = file.display().to_string();
    let written = tokio::task::spawn_blocking(move || replace(&file, &text)).await;
    if let Ok(Err(error)) = written {
        tracing::warn!(file = shown, %error, "an answer cannot be kept");
    }
}

/// Whole or not at all, and for the user alone: it holds the user's text.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let dir = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    let temporary = dir.join(format!(
        "{}.{}.tmp",
        file.file_stem().unwrap_or_default().to_string_lossy(),
        std::process::id()
    ));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&temporary)
        .and_then(|mut it| it.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&temporary, file));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn remove_old(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    let now = SystemTime::now();
    for entry in entries.filter_map(Result::ok) {
        let modified = entry.metadata().and_then(|it| it.modified());
        let age = modified.ok().and_then(|it| now.duration_since(it).ok()).unwrap_or_default();
        if MAX_AGE < age {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests;
