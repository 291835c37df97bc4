//! How many tokens a text is, for budgets and for servers that do not count.

use std::path::Path;

use base::Tokens;
use tiktoken_rs::{CoreBPE, cl100k_base_singleton, o200k_base_singleton};

/// Text longer than this many bytes is measured by samples.
const EXACT_BYTES: usize = 256 * 1024;

/// Samples of a long text, and the bytes of each.
const SAMPLES: usize = 16;
const SAMPLE_BYTES: usize = 8 * 1024;

/// Counts the tokens of `text` in the cl100k vocabulary, which is built in: a ruler for all models, and not a bill.
///
/// Exact up to 256 KiB; of a longer text 16 evenly spread samples are counted and the sum is scaled, which is within a
/// few per cent for code and prose. The first call builds the table, which takes about 0.1 s in a release build; after that 500 KB take
/// less than 0.1 s.
pub fn count_tokens(text: &str) -> Tokens {
    Tokens(count(text, &|text| cl100k_base_singleton().encode_ordinary(text).len()))
}

/// Counts tokens as one model does, as far as that is known.
pub(crate) enum Ruler {
    /// One of OpenAI's vocabularies.
    Tiktoken(&'static CoreBPE),
    /// A vocabulary from a file.
    #[cfg(feature = "transformer")]
    File(Box<tokenizers::Tokenizer>),
}

impl Ruler {
    /// `cl100k`, `o200k`, or the path of a `tokenizer.json`. What is not known, or cannot be read, is measured in cl100k.
    pub(crate) fn named(name: Option<&str>) -> Ruler {
        match name {
            Some("o200k") => Ruler::Tiktoken(o200k_base_singleton()),
            Some("cl100k") | None => Ruler::Tiktoken(cl100k_base_singleton()),
            Some(path) => Ruler::from_file(Path::new(path)),
        }
    }

    #[cfg(feature = "transformer")]
    fn from_file(path: &Path) -> Ruler {
        match tokenizers::Tokenizer::from_file(path) {
            Ok(tokenizer) => Ruler::File(Box::new(tokenizer)),
            Err(error) => {
                let path = path.display();
                tracing::warn!(%path, error, "the tokenizer cannot be read; cl100k counts");
                Ruler::named(None)
            }
        }
    }

    #[cfg(not(feature = "transformer"))]
    fn from_file(_path: &Path) -> Ruler {
        Ruler::named(None)
    }

    /// The tokens of `text`; of a long one about so many.
    pub(crate) fn count(&self, text: &str) -> u64 {
        let exact = |text: &str| match self {
            Ruler::Tiktoken(vocabulary) => vocabulary.encode_ordinary(text).len(),
            #[cfg(feature = "transformer")]
            Ruler::File(tokenizer) => {
                // A text that it cannot read has a token for each three bytes, as others have.
                tokenizer.encode_fast(text, false).map_or(text.len().div_ceil(3), |it| it.len())
            }
        };
        count(text, &exact) as u64
    }
}

fn count(text: &str, exact: &dyn Fn(&str) -> usize) -> usize {
    if text.is_empty() {
        return 0;
    }
    if text.len() <= EXACT_BYTES {
        return exact(text);
    }
    let stride = text.len() / SAMPLES;
    let (mut n_tokens, mut n_bytes) = (0, 0);
    for idx in 0..SAMPLES {
        let start = text.floor_char_boundary(idx * stride);
        let end = text.floor_char_boundary(start + SAMPLE_BYTES);
        n_tokens += exact(&text[start..end]);
        n_bytes += end - start;
    }
    (n_tokens * text.len()).div_ceil(n_bytes)
}

#[cfg(test)]
mod tests;
