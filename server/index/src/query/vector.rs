//! The vector of a query: that of its text, with its title counted for as much as all the rest.
//! What is near to it is `search`'s part.

use crate::embed::{EmbedError, Embedder};
use crate::query::Shown;
use crate::weights;

impl Shown<'_> {
    /// Of any length; zeros if nothing in the text is known. May block, as [`Embedder::query`] does.
    ///
    /// # Errors
    /// The embedder's.
    pub(crate) fn vector(&self, embedder: &dyn Embedder) -> Result<Vec<f32>, EmbedError> {
        let mut vector = embedder.query(&self.text)?;
        // A model reads the title first anyway, and somebody waits for it.
        if let Some(title) = self.title().filter(|_| !embedder.is_slow()) {
            let title = embedder.query(title)?;
            if title.iter().any(|part| *part != 0.0) {
                for (all, title) in vector.iter_mut().zip(title) {
                    *all += weights::TITLE_MEANS * (title - *all);
                }
            }
        }
        Ok(vector)
    }
}
