//! What language servers find in files as they are. Without a change to compare with, nothing here speaks for or against one:
//! that is `diagnostics`' part.

use base::{Diagnostic, RelPath};
use schemars::JsonSchema;
use serde::Serialize;
use tracing::instrument;

use super::ask::{Asked, Heard, Miss, Texts};
use super::{Code, Said};
use crate::error::Error;

/// What one server says of some files.
#[derive(Clone, Debug, PartialEq)]
pub struct FileFindings {
    /// The files, sorted.
    pub files: Vec<RelPath>,
    /// What it finds in them.
    pub said: Said<Findings>,
}

/// What is wrong, or may be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Findings {
    /// Worst first, then by file and place.
    pub findings: Vec<Diagnostic>,
    /// How many more there are.
    pub more: usize,
}

impl Code {
    /// What the servers of these files find in them, at most `limit` for each server.
    ///
    /// # Errors
    /// [`Error::Question`]: there is no such file.
    #[instrument(name = "tool", skip_all, fields(name = "diagnostics"))]
    pub async fn diagnostics(
        &self,
        files: &[RelPath],
        limit: usize,
    ) -> Result<Vec<FileFindings>, Error> {
        let mut groups: Vec<(String, Texts)> = Vec::new();
        for path in files {
            let text = self.read(path)?;
            // Those without a server are one group for each language: the same is to be said of them.
            let server = match self.servers.choose(&self.snapshot, path, &text) {
                Ok(Some(choice)) => format!("{} {:?}", choice.server.name, choice.folder),
                Ok(None) => syntax::detect(path, Some(&text)).map_or("", |it| it.id).to_owned(),
                Err(error) => error.to_string(),
            };
            match groups.iter_mut().find(|(other, _)| *other == server) {
                Some((_, texts)) => drop(texts.insert(path.clone(), text)),
                None => groups.push((server, Texts::from([(path.clone(), text)]))),
            }
        }
        let mut all = Vec::new();
        for (_, texts) in groups {
            let files = texts.keys().cloned().collect();
            let said = Said::of_server(self.diagnosed(&texts, limit).await);
            all.push(FileFindings { files, said });
        }
        Ok(all)
    }

    async fn diagnosed(&self, texts: &Texts, limit: usize) -> Result<Heard<Findings>, Miss> {
        let Some((path, text)) = texts.first_key_value() else {
            return Err(Miss::NotThere("no file was named".to_owned()));
        };
        let asked = self.ask_first(path, text).await?;
        let mut shown = self.texts(path, text);
        shown.extend(texts.clone());
        let mut found = asked.diagnostics(&shown).await?;
        found.retain(|one| texts.contains_key(&one.path));
        found.sort_by(|a, b| (a.severity, a).cmp(&(b.severity, b)));
        let more = found.len().saturating_sub(limit);
        found.truncate(limit);
        let server = asked.choice().server;
        let notes = match server.is_witness {
            true => Vec::new(),
            false => {
                vec![format!("{} does not find all that a compiler or linter does", server.name)]
            }
        };
        Ok(Heard { by: asked.by(), found: Findings { findings: found, more }, notes })
    }
}

impl Asked<'_> {
    async fn diagnostics(&self, texts: &Texts) -> Result<Vec<Diagnostic>, Miss> {
        let turn = self.open(texts).await?;
        self.heard(turn.diagnostics(self.left()).await).await
    }
}
