//! Edits that a server proposes: a name that is changed everywhere, an action, a formatted file. Each is a patch for the text that the
//! server saw; without a server there is none, because a name that is only written the same may be another.

use base::{Patch, RelPath};
use lsp::{Action, Offer, Turn};
use schemars::JsonSchema;
use serde::Serialize;
use tracing::instrument;

use super::ask::{Heard, Miss};
use super::{Code, Named, Said, Target, bounded};
use crate::error::Error;

/// So much of a title is told, in characters.
const TITLE: usize = 200;
/// So many actions are told.
const TOLD: usize = 100;

/// An edit that is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ActionName {
    /// From 1, in the order of the server.
    pub number: usize,
    /// What the server calls it.
    pub title: String,
    /// `quickfix`, `refactor.extract`; may be empty.
    pub kind: String,
}

impl Code {
    /// What is changed if a name becomes `new` everywhere.
    #[instrument(name = "tool", skip_all, fields(name = "rename"))]
    pub async fn rename(&self, name: &Named, new: &str) -> Said<Patch> {
        Said::of_server(self.renamed(name, new).await)
    }

    /// The edits that a server offers for a place.
    #[instrument(name = "tool", skip_all, fields(name = "actions"))]
    pub async fn actions(&self, target: &Target) -> Said<Vec<ActionName>> {
        Said::of_server(self.offered(target).await)
    }

    /// What one of them changes: `which` is its number, or its title, or the beginning of that.
    ///
    /// # Errors
    /// [`Error::Question`]: none is called so, or several.
    #[instrument(name = "tool", skip_all, fields(name = "action"))]
    pub async fn action(&self, target: &Target, which: &str) -> Result<Said<Patch>, Error> {
        match self.acted(target, which).await {
            Ok(patch) => patch.map(|patch| Said::of_server(Ok(patch))),
            Err(miss) => Ok(Said::of_server(Err(miss))),
        }
    }

    /// A file as a server formats it; an empty patch where that is as it is.
    ///
    /// # Errors
    /// [`Error::Question`]: there is no such file.
    #[instrument(name = "tool", skip_all, fields(name = "format"))]
    pub async fn formatted(&self, path: &RelPath) -> Result<Said<Patch>, Error> {
        let text = self.read(path)?;
        let formatted = async {
            let asked = self.ask(path, &text, Offer::Formatting).await?;
            let turn = asked.turn(&self.texts(path, &text)).await?;
            let found = asked.within(turn.formatted(path)).await?.unwrap_or_default();
            Ok(Heard { by: asked.by(), found, notes: Vec::new() })
        };
        Ok(Said::of_server(formatted.await))
    }

    async fn renamed(&self, name: &Named, new: &str) -> Result<Heard<Patch>, Miss> {
        let asked = self.ask(&name.path, &name.text, Offer::Rename).await?;
        let mut texts = self.texts(&name.path, &name.text);
        if let Some(unseen) = asked.show_others(name, &mut texts).await? {
            return Err(Miss::NoAnswer(unseen));
        }
        let turn = asked.turn(&texts).await?;
        let found = asked.within(turn.rename(&name.path, name.at, new)).await?;
        Ok(Heard { by: asked.by(), found, notes: Vec::new() })
    }

    async fn offered(&self, target: &Target) -> Result<Heard<Vec<ActionName>>, Miss> {
        let asked = self.ask(&target.path, &target.text, Offer::Actions).await?;
        let turn = asked.turn(&self.texts(&target.path, &target.text)).await?;
        let found = asked.within(turn.actions(&target.path, target.range)).await?;
        let left_out = found.len().saturating_sub(TOLD);
        let notes = (0 < left_out).then(|| format!("{left_out} more are offered"));
        let named = (1..).zip(&found).take(TOLD).map(|(number, action)| ActionName {
            number,
            title: bounded(&action.title, TITLE),
            kind: action.kind.clone(),
        });
        let found = named.collect();
        Ok(Heard { by: asked.by(), found, notes: notes.into_iter().collect() })
    }

    async fn acted(
        &self,
        target: &Target,
        which: &str,
    ) -> Result<Result<Heard<Patch>, Error>, Miss> {
        let asked = self.ask(&target.path, &target.text, Offer::Actions).await?;
        let turn: Turn<'_> = asked.turn(&self.texts(&target.path, &target.text)).await?;
        let offered = asked.within(turn.actions(&target.path, target.range)).await?;
        let action = match chosen(&offered, which) {
            Ok(action) => action,
            Err(error) => return Ok(Err(error)),
        };
        let found = asked.within(turn.patch_of(action)).await?;
        Ok(Ok(Heard { by: asked.by(), found, notes: Vec::new() }))
    }
}

/// By its number; else by its title; else the only one whose title begins so, in whatever case.
pub(super) fn chosen<'a>(offered: &'a [Action], which: &str) -> Result<&'a Action, Error> {
    let which = which.trim();
    let number = which.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    if let Some(action) = number.and_then(|idx| offered.get(idx)) {
        return Ok(action);
    }
    if let Some(action) = offered.iter().find(|action| action.title == which) {
        return Ok(action);
    }
    let lower = which.to_lowercase();
    let begins = |action: &&Action| action.title.to_lowercase().starts_with(&lower);
    let found: Vec<&Action> = offered.iter().filter(begins).collect();
    match found.as_slice() {
        [action] if !which.is_empty() => Ok(action),
        [] => Err(Error::Question(format!("no action `{which}` is offered here; list them"))),
        several => Err(Error::Question(format!(
            "`{which}` begins {} actions; give the number of one",
            several.len()
        ))),
    }
}
