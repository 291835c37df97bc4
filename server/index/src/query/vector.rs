//! The vector of a query: that of its text, with its title counted for as much as all the rest.
//! What is near to it is `search`'s part.

use crate::embed::{EmbedError, Embedder};
use crate::query::title;
use crate::weights;

/// Of any length; zeros if nothing in the text is known. May block, as [`Embedder::query`] does.
///
/// # Errors
/// The embedder's.
pub(crate) fn vector(text: &str, embedder: &dyn Embedder) -> Result<Vec<f32>, EmbedError> {
    let mut vector = embedder.query(text)?;
    // A model reads the title first anyway, and somebody waits for it.
    if let Some(title) = title(text).filter(|_| !embedder.is_slow()) {
        let title = embedder.query(title)?;
        if title.iter().any(|part| *part != 0.0) {
            for (all, title) in vector.iter_mut().zip(title) {
                *all += weights::TITLE_MEANS * (title - *all);
            }
        }
    }
    Ok(vector)
}

#[cfg(test)]
mod tests;
