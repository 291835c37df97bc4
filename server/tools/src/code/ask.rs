//! A question on its way to a language server: which one, what it sees, how long it may take, and what it means that there is no
//! answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::RelPath;
use lsp::{Choice, Error, Offer, Server, Turn};

use super::definitions::occurrences;
use super::{By, Code, Named, Said, scan};

/// So many files are shown to a server that sees no others, besides the one that is asked about.
const SHOWN: usize = 100;

/// Why no server has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// There is none to ask: names can be asked in its place.
    NotThere(String),
    /// It should have answered.
    NoAnswer(String),
}

/// An answer of a server.
pub(super) struct Heard<T> {
    pub(super) by: By,
    pub(super) found: T,
    pub(super) notes: Vec<String>,
}

/// A server that is asked.
pub(super) struct Asked<'a> {
    code: &'a Code,
    choice: Choice,
    server: Arc<Server>,
    /// When it must have answered.
    end: Instant,
}

/// What a server is shown in place of the files.
pub(super) type Texts = BTreeMap<RelPath, Arc<str>>;

impl Code {
    /// The server that answers questions of this kind about a file, started if need be.
    pub(super) async fn ask(
        &self,
        path: &RelPath,
        text: &str,
        offer: Offer,
    ) -> Result<Asked<'_>, Miss> {
        self.ask_one(path, text, Some(offer)).await
    }

    /// The server that says what is wrong with a file.
    pub(super) async fn ask_first(&self, path: &RelPath, text: &str) -> Result<Asked<'_>, Miss> {
        self.ask_one(path, text, None).await
    }

    async fn ask_one(
        &self,
        path: &RelPath,
        text: &str,
        offer: Option<Offer>,
    ) -> Result<Asked<'_>, Miss> {
        let Some(language) = syntax::detect(path, Some(text)) else {
            return Err(Miss::NotThere(format!("no language is known for `{path}`")));
        };
        let installed = self.servers.choices(&self.snapshot, path, text);
        let installed = installed.map_err(|error| Miss::NotThere(error.to_string()))?;
        let end = Instant::now() + self.time;
        let mut why = match lsp::servers::of_language(language.id).next() {
            Some(server) => format!(
                "no language server for {} is installed, such as `{}`",
                language.id, server.argv[0]
            ),
            None => format!("no language server is known for {}", language.id),
        };
        for (idx, choice) in installed.into_iter().enumerate() {
            let started = self.servers.get(&choice, &self.snapshot);
            let server = match tokio::time::timeout_at(end.into(), started).await {
                Ok(Ok(server)) => server,
                Ok(Err(error)) => return Err(Miss::NoAnswer(error.to_string())),
                Err(_) => return Err(Miss::NoAnswer(self.late(choice.server.name))),
            };
            match offer.map_or(Ok(()), |offer| server.offers(offer)) {
                Ok(()) => return Ok(Asked { code: self, choice, server, end }),
                Err(error) if idx == 0 => why = error.to_string(),
                Err(error) => why = format!("{why}; {error}"),
            }
        }
        Err(Miss::NotThere(why))
    }

    /// What a person has typed and not saved, and the file that is asked about.
    pub(super) fn texts(&self, path: &RelPath, text: &Arc<str>) -> Texts {
        let mut texts: Texts = self.snapshot.overlay().into_iter().collect();
        texts.insert(path.clone(), Arc::clone(text));
        texts
    }

    fn late(&self, server: &str) -> String {
        format!("{server} was still busy after {} s; ask again", self.time.as_secs())
    }
}

impl Asked<'_> {
    /// Has the server see `texts`, until the turn is dropped.
    pub(super) async fn open(&self, texts: &Texts) -> Result<Turn<'_>, Miss> {
        let turn = self.server.turn(&self.code.snapshot, texts);
        let turn = tokio::time::timeout_at(self.end.into(), turn).await;
        turn.map_err(|_| Miss::NoAnswer(self.code.late(self.choice.server.name)))
    }

    /// The same, and it has come to rest by then.
    pub(super) async fn turn(&self, texts: &Texts) -> Result<Turn<'_>, Miss> {
        let turn = self.open(texts).await?;
        self.heard(turn.ready(self.left()).await).await?;
        // What it knows of its own files is known once it has looked at one of them.
        match turn.diagnostics(self.left()).await {
            Err(error @ (Error::Late { .. } | Error::Gone { .. })) => Err(self.miss(error).await),
            _ => Ok(turn),
        }
    }

    /// The answer to one question, in time.
    pub(super) async fn within<T>(
        &self,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Miss> {
        let (server, what) = (self.choice.server.name, "had not answered");
        let late = Error::Late { server, what, seconds: self.code.time.as_secs() };
        let answer = tokio::time::timeout_at(self.end.into(), answer).await;
        self.heard(answer.unwrap_or(Err(late))).await
    }

    pub(super) async fn heard<T>(&self, answer: Result<T, Error>) -> Result<T, Miss> {
        match answer {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.miss(error).await),
        }
    }

    /// Whatever holds up a server that does not answer, the next one who asks gets another. One that still loads a project is
    /// kept: whoever asks next finds it further on.
    async fn miss(&self, error: Error) -> Miss {
        match error {
            Error::Late { what: "was still busy", server, .. } => {
                Miss::NoAnswer(self.code.late(server))
            }
            Error::Late { server, what, .. } => {
                let error = Error::Late { server, what, seconds: self.code.time.as_secs() };
                self.code.servers.give_up(&self.choice, &error).await;
                Miss::NoAnswer(error.to_string())
            }
            error => Miss::NoAnswer(error.to_string()),
        }
    }

    /// Adds the other files that have a word, where the server sees only what is open. What it does not see then, in words.
    pub(super) async fn show_others(
        &self,
        named: &Named,
        texts: &mut Texts,
    ) -> Result<Option<String>, Miss> {
        let language = syntax::detect(&named.path, Some(&named.text));
        let (false, Some(language)) = (self.choice.sees_project(), language) else {
            return Ok(None);
        };
        let (snapshot, word) = (self.code.snapshot.clone(), named.word().to_owned());
        let others = scan(move |cancel| {
            let mut files: Vec<RelPath> = occurrences(&snapshot, &word, language.id, cancel)
                .into_iter()
                .map(|(path, _)| path)
                .collect();
            files.dedup();
            let left_out = files.len().saturating_sub(SHOWN);
            files.truncate(SHOWN);
            let read = |path: RelPath| Some((path.clone(), snapshot.read(&path).ok()?));
            (files.into_iter().filter_map(read).collect::<Texts>(), left_out)
        });
        let (others, left_out) = others.await.map_err(Miss::NoAnswer)?;
        for (path, text) in others {
            texts.entry(path).or_insert(text);
        }
        let name = self.choice.server.name;
        Ok((0 < left_out).then(|| {
            format!("{name} sees only files that are open; {left_out} with this name are not")
        }))
    }

    pub(super) fn by(&self) -> By {
        let version = self.server.version().map(str::to_owned);
        By::Server { name: self.choice.server.name, version }
    }

    pub(super) fn choice(&self) -> &Choice {
        &self.choice
    }

    pub(super) fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }
}

impl<T> Said<T> {
    /// As a server has answered; names are no help.
    pub(super) fn of_server(heard: Result<Heard<T>, Miss>) -> Said<T> {
        match heard {
            Ok(Heard { by, found, notes }) => Said::Answer { by, found, notes },
            Err(Miss::NotThere(why) | Miss::NoAnswer(why)) => Said::NoAnswer { why },
        }
    }
}
