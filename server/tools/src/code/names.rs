//! What a name is, where it is defined, used and implemented: as a server says, else by names alone where that is of use.

use base::RelPath;
use lsp::{Offer, Place as Found};
use tracing::instrument;

use super::ask::{Heard, Miss};
use super::definitions::{named, occurrences};
use super::places::{Part, Places};
use super::{By, Code, Named, Said, bounded, scan};

/// So much is told of what a name is, in characters.
const HOVER: usize = 4_000;

/// Where something is, in bytes.
type Offsets = Vec<(RelPath, usize)>;

impl Code {
    /// What a server shows of a name, as text; empty where it shows nothing.
    #[instrument(name = "tool", skip_all, fields(name = "hover"))]
    pub async fn hover(&self, name: &Named) -> Said<String> {
        Said::of_server(self.hovered(name).await)
    }

    /// Where a name is defined, in the workspace.
    #[instrument(name = "tool", skip_all, fields(name = "definition"))]
    pub async fn definitions(&self, name: &Named, part: Part) -> Said<Places> {
        let found = match self.found(name, Offer::Definitions).await {
            Err(Miss::NotThere(why)) => self.defined_by_name(name, why).await,
            found => found,
        };
        self.told_places(found, part).await
    }

    /// Where a name is used, in the workspace, and where it is defined.
    #[instrument(name = "tool", skip_all, fields(name = "references"))]
    pub async fn references(&self, name: &Named, part: Part) -> Said<Places> {
        let found = match self.found(name, Offer::References).await {
            Err(Miss::NotThere(why)) => self.used_by_name(name, why).await,
            found => found,
        };
        self.told_places(found, part).await
    }

    /// Where what is named is implemented, in the workspace.
    #[instrument(name = "tool", skip_all, fields(name = "implementations"))]
    pub async fn implementations(&self, name: &Named, part: Part) -> Said<Places> {
        let found = self.found(name, Offer::Implementations).await;
        self.told_places(found, part).await
    }

    async fn hovered(&self, name: &Named) -> Result<Heard<String>, Miss> {
        let asked = self.ask(&name.path, &name.text, Offer::Hover).await?;
        let turn = asked.turn(&self.texts(&name.path, &name.text)).await?;
        let found = asked.within(turn.hover(&name.path, name.at)).await?.unwrap_or_default();
        Ok(Heard { by: asked.by(), found: bounded(found.trim(), HOVER), notes: Vec::new() })
    }

    async fn found(&self, name: &Named, offer: Offer) -> Result<Heard<Offsets>, Miss> {
        let (path, at) = (&name.path, name.at);
        let asked = self.ask(path, &name.text, offer).await?;
        let mut texts = self.texts(path, &name.text);
        let unseen = asked.show_others(name, &mut texts).await?;
        let turn = asked.turn(&texts).await?;
        let found = match offer {
            Offer::Definitions => asked.within(turn.definitions(path, at)).await?,
            Offer::Implementations => asked.within(turn.implementations(path, at)).await?,
            _ => asked.within(turn.references(path, at, true)).await?,
        };
        let found = found.into_iter().map(|Found { path, range, .. }| (path, range.start));
        Ok(Heard { by: asked.by(), found: found.collect(), notes: unseen.into_iter().collect() })
    }

    /// What was found as it is told.
    async fn told_places(&self, found: Result<Heard<Offsets>, Miss>, part: Part) -> Said<Places> {
        let told = match found {
            Ok(Heard { by, found, notes }) => {
                let places = self.places(found, part).await.map_err(Miss::NoAnswer);
                places.map(|found| Heard { by, found, notes })
            }
            Err(miss) => Err(miss),
        };
        Said::of_server(told)
    }

    /// `why`: no server was asked.
    async fn defined_by_name(&self, name: &Named, why: String) -> Result<Heard<Offsets>, Miss> {
        let by = By::Names { why };
        if let Some(definition) = &name.definition {
            let found = vec![(definition.path.clone(), definition.range.start)];
            return Ok(Heard { by, found, notes: Vec::new() });
        }
        let (snapshot, word) = (self.snapshot.clone(), name.word().to_owned());
        let found = scan(move |cancel| named(&snapshot, &word, None, cancel)).await;
        let found = found.map_err(Miss::NoAnswer)?.into_iter();
        let notes = vec!["another thing of the same name may be meant".to_owned()];
        Ok(Heard { by, found: found.map(|it| (it.path, it.range.start)).collect(), notes })
    }

    async fn used_by_name(&self, name: &Named, why: String) -> Result<Heard<Offsets>, Miss> {
        let Some(language) = syntax::detect(&name.path, Some(&name.text)) else {
            return Err(Miss::NotThere(why));
        };
        let (snapshot, word) = (self.snapshot.clone(), name.word().to_owned());
        let found = scan(move |cancel| occurrences(&snapshot, &word, language.id, cancel)).await;
        let found = found.map_err(Miss::NoAnswer)?;
        let notes = vec![
            "other things of the same name are among these, and words in comments and strings"
                .to_owned(),
        ];
        Ok(Heard { by: By::Names { why }, found, notes })
    }
}
