//! What turns text into vectors, so that code is found by what it means.
//! It stores and compares none. Embedders that ask another machine or run a model live elsewhere, behind the same trait.

pub(crate) mod paths;
pub mod table;
#[cfg(test)]
mod testing;
mod token;

use std::num::NonZeroUsize;

/// Turns text into vectors of one kind.
pub trait Embedder: Send + Sync {
    /// Name, version and width. Vectors of embedders with another id are never compared.
    fn id(&self) -> &str;

    /// How many numbers a vector has; 0 while that is not known, which only slow embedders may say before
    /// [`Embedder::ready`].
    fn dim(&self) -> usize;

    /// Whether a vector may take longer than a person waits: that of a server or of a large model. The vectors of files are
    /// then made by [`Index::embed_waiting`](crate::Index::embed_waiting), beside updates and searches.
    fn is_slow(&self) -> bool {
        false
    }

    /// Finds out what cannot be known without asking: after it, [`Embedder::dim`] is known. May block.
    ///
    /// # Errors
    /// As [`EmbedError`] says.
    fn ready(&self) -> Result<(), EmbedError> {
        Ok(())
    }

    /// Fills `out`, which is [`Embedder::dim`] long, with the vector of `text`: of unit length, or all zeros if nothing
    /// in the text is known. May block.
    ///
    /// # Errors
    /// As [`EmbedError`] says; `out` holds nothing of use then.
    fn embed(&self, text: Text<'_>, out: &mut [f32]) -> Result<(), EmbedError>;

    /// The vector of what somebody looks for. May block for as long as a person waits, and no longer.
    ///
    /// # Errors
    /// As [`EmbedError`] says.
    fn query(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let mut vector = vec![0.0; self.dim()];
        self.embed(Text::Query(text), &mut vector)?;
        Ok(vector)
    }

    /// Fills `out` with the vectors of `texts`, one after the other. Embedders that have a cheaper way for many texts
    /// than one by one, use it.
    ///
    /// # Errors
    /// That of the first text that failed; which texts were done before is not told.
    fn embed_all(&self, texts: &[Text<'_>], out: &mut [f32]) -> Result<(), EmbedError> {
        check_len(out, texts.len() * self.dim())?;
        for (text, out) in texts.iter().zip(out.chunks_exact_mut(self.dim())) {
            self.embed(*text, out)?;
        }
        Ok(())
    }
}

/// A text by its use: embedders may treat questions and answers differently.
#[derive(Clone, Copy, Debug)]
pub enum Text<'a> {
    /// What somebody looks for.
    Query(&'a str),
    /// A piece of a file.
    Chunk {
        /// The file, with `/` between folders.
        path: &'a str,
        /// The name with those around it; empty if it has none.
        qualified: &'a str,
        /// The definition without its body; empty if it is none.
        signature: &'a str,
        /// The comment that documents it; empty if there is none.
        doc: &'a str,
        /// The text as it stands in the file.
        body: &'a str,
    },
}

/// Why there is no vector.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// It may work later; go on without vectors until then.
    #[error("embedder `{name}` is away: {reason}")]
    Away {
        /// The embedder's name.
        name: String,
        /// What was tried, and what happened.
        reason: String,
    },
    /// It will not work as it is configured; tell the user.
    #[error("embedder `{name}` refused: {reason}")]
    Refused {
        /// The embedder's name.
        name: String,
        /// What it does not accept.
        reason: String,
    },
    /// The caller's slice has another length than the vectors.
    #[error("room for {given} numbers was given where vectors have {expected}")]
    Length {
        /// Numbers that all vectors have together.
        expected: usize,
        /// Numbers that fit into the slice.
        given: usize,
    },
}

/// How many numbers the vectors of `embedder` have: it is asked, where only asking tells. May block.
///
/// # Errors
/// As [`Embedder::ready`], and for one that does not know it even then.
pub(crate) fn width(embedder: &dyn Embedder) -> Result<NonZeroUsize, EmbedError> {
    if let Some(dim) = NonZeroUsize::new(embedder.dim()) {
        return Ok(dim);
    }
    embedder.ready()?;
    NonZeroUsize::new(embedder.dim()).ok_or_else(|| EmbedError::Refused {
        name: embedder.id().to_owned(),
        reason: "its vectors have no numbers".to_owned(),
    })
}

fn check_len(out: &[f32], expected: usize) -> Result<(), EmbedError> {
    if out.len() == expected {
        Ok(())
    } else {
        Err(EmbedError::Length { expected, given: out.len() })
    }
}
