//! Trees of the texts that were looked at last, so that a changed text is parsed in a moment.
//! It knows nothing of files: a text is found by itself.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::{RelPath, Verdict};
use syntax::{Language, Parsing};

use super::check;

/// Most bytes of the texts: a tree is some thirty times as large.
const MOST_BYTES: usize = 2 << 20;

/// The trees of one workspace.
#[derive(Debug, Default)]
pub struct Trees {
    /// The last one used last. Filled by those who look, and by [`Trees::read`].
    kept: Mutex<VecDeque<Parsing>>,
}

impl Trees {
    /// Most trees that are kept.
    pub const MOST: usize = 16;

    /// None yet.
    pub fn new() -> Trees {
        Trees::default()
    }

    /// Parses a text that is about to be changed, if that was not done.
    pub fn read(&self, text: &str, path: &RelPath) {
        let Some(lang) = syntax::detect(path, Some(text)) else { return };
        if self.find(lang, text).is_none()
            && let Ok(Some(parsing)) = Parsing::of(lang, text)
        {
            self.keep(parsing);
        }
    }

    /// [`check`](super::check), in a moment where the text before is known, parses, and does so with the change.
    pub fn check(&self, before: Option<&str>, after: &str, path: &RelPath) -> Verdict {
        if let Some(lang) = syntax::detect(path, Some(after)) {
            let known = before.and_then(|before| self.find(lang, before));
            let parsing = match known {
                Some(known) => known.then(after),
                None => Parsing::of(lang, after),
            };
            if let Ok(Some(parsing)) = parsing {
                self.keep(parsing);
                return Verdict::Clean;
            }
        }
        check(before, after, path)
    }

    fn find(&self, lang: &Language, text: &str) -> Option<Parsing> {
        let mut kept = self.kept();
        let at = kept.iter().position(|one| one.lang() == lang && one.text() == text)?;
        let found = kept.remove(at)?;
        // A clone of a tree shares it.
        kept.push_back(found.clone());
        Some(found)
    }

    fn keep(&self, parsing: Parsing) {
        let mut kept = self.kept();
        kept.retain(|one| one.lang() != parsing.lang() || one.text() != parsing.text());
        kept.push_back(parsing);
        let bytes =
            |kept: &VecDeque<Parsing>| kept.iter().map(|one| one.text().len()).sum::<usize>();
        while Trees::MOST < kept.len() || MOST_BYTES < bytes(&kept) {
            kept.pop_front();
        }
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Parsing>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
