//! Rates how well texts answer a question, to put the best hits of a search in order.
//! It finds nothing. Rerankers that ask another machine or run a model live elsewhere, behind the same trait.

use crate::search::Hit;

/// Of one text, in bytes; cross-encoders read a few hundred tokens.
const MAX_TEXT_BYTES: usize = 4_000;

/// Reads a question and a text together.
pub trait Reranker: Send + Sync {
    /// Name and version.
    fn id(&self) -> &str;

    /// How well each of `texts` answers `query`, in their order: greater is better, and only numbers of one call are
    /// compared. May block, for as long as a person waits for a search and no longer.
    ///
    /// # Errors
    /// As [`RerankError`] says.
    fn scores(&self, query: &str, texts: &[&str]) -> Result<Vec<f32>, RerankError>;
}

/// Why there are no numbers.
#[derive(Debug, thiserror::Error)]
pub enum RerankError {
    /// It may work later; the hits stay as they are until then.
    #[error("reranker `{name}` is away: {reason}")]
    Away {
        /// The reranker's name.
        name: String,
        /// What was tried, and what happened.
        reason: String,
    },
    /// It will not work as it is configured; tell the user.
    #[error("reranker `{name}` refused: {reason}")]
    Refused {
        /// The reranker's name.
        name: String,
        /// What it does not accept.
        reason: String,
    },
}

/// Puts the first `count` of `hits` in the order that `reranker` gives them. Each place keeps its score, so that those
/// behind stay behind; equal ones stay as they are.
///
/// # Errors
/// The reranker's, or its numbers are none; the hits are as they were.
pub(crate) fn rerank(
    reranker: &dyn Reranker,
    query: &str,
    hits: &mut [Hit],
    count: usize,
) -> Result<(), RerankError> {
    let count = count.min(hits.len());
    let hits = &mut hits[..count];
    if count == 0 {
        return Ok(());
    }
    let texts: Vec<String> = hits.iter().map(text).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let scores = reranker.scores(query, &texts)?;
    let wrong = if scores.len() != hits.len() {
        Some(format!("{} numbers for {} texts", scores.len(), hits.len()))
    } else {
        scores.iter().find(|score| !score.is_finite()).map(|score| format!("the number {score}"))
    };
    if let Some(wrong) = wrong {
        let reason = format!("it gave {wrong}");
        return Err(RerankError::Refused { name: reranker.id().to_owned(), reason });
    }
    let places: Vec<f32> = hits.iter().map(|hit| hit.score).collect();
    let mut rated: Vec<(f32, Hit)> = scores.into_iter().zip(hits.iter().cloned()).collect();
    rated.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    for ((place, score), (rating, mut hit)) in hits.iter_mut().zip(places).zip(rated) {
        let end = if hit.reason.is_empty() { "" } else { "; " };
        hit.reason = format!("{}{end}reranked {rating:.2}", hit.reason);
        hit.score = score;
        *place = hit;
    }
    Ok(())
}

/// What is read of a hit.
fn text(hit: &Hit) -> String {
    let mut text = format!("{}\n{}", hit.path, hit.text);
    text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
    text
}

#[cfg(test)]
mod tests;
