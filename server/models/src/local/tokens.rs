//! Text to the numbers of tokens, as the model was trained to see them.
//!
//! It cuts what is too long, and pads nothing.

use serde::Deserialize;
use tokenizers::{
    Tokenizer, TruncationParams, models::wordpiece::WordPiece, normalizers::BertNormalizer,
    pre_tokenizers::bert::BertPreTokenizer, processors::bert::BertProcessing,
};

use super::{bert::Shape, files::Folder};
use crate::Error;

/// A text as the model takes it.
pub(super) struct Encoded {
    pub(super) ids: Vec<u32>,
    /// 0 for the first text, 1 for the second.
    pub(super) types: Vec<u32>,
}

/// See the module.
pub(super) struct Words {
    tokenizer: Tokenizer,
    max_tokens: usize,
}

#[derive(Deserialize)]
struct Limit {
    max_seq_length: Option<usize>,
}

#[derive(Deserialize)]
struct Casing {
    do_lower_case: Option<bool>,
}

impl Words {
    pub(super) fn read(folder: &Folder, shape: &Shape) -> Result<Words, Error> {
        let mut tokenizer = match folder.has("tokenizer.json") {
            true => {
                let read = Tokenizer::from_bytes(folder.bytes("tokenizer.json")?);
                folder.checked("tokenizer.json", read)?
            }
            false => of_vocabulary(folder)?,
        };
        const LIMIT: &str = "sentence_bert_config.json";
        let limit: Option<Limit> = folder.has(LIMIT).then(|| folder.json(LIMIT)).transpose()?;
        let limit = limit.and_then(|limit| limit.max_seq_length).unwrap_or(usize::MAX);
        // Three are the model's own: at the beginning, between two texts, at the end.
        let max_tokens = limit.min(shape.max_tokens()).max(4);
        let truncation = TruncationParams { max_length: max_tokens, ..TruncationParams::default() };
        folder
            .checked("tokenizer.json", tokenizer.with_truncation(Some(truncation)).map(|_| ()))?;
        tokenizer.with_padding(None);
        Ok(Words { tokenizer, max_tokens })
    }

    pub(super) fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    pub(super) fn one(&self, text: &str) -> tokenizers::Result<Encoded> {
        self.tokenizer.encode(text, true).map(of)
    }

    pub(super) fn pair(&self, first: &str, second: &str) -> tokenizers::Result<Encoded> {
        self.tokenizer.encode((first, second), true).map(of)
    }
}

fn of(encoding: tokenizers::Encoding) -> Encoded {
    Encoded { ids: encoding.get_ids().to_vec(), types: encoding.get_type_ids().to_vec() }
}

/// A vocabulary alone means BERT's own way to split words.
fn of_vocabulary(folder: &Folder) -> Result<Tokenizer, Error> {
    // Said in our words if it is missing or too large.
    folder.bytes("vocab.txt")?;
    let path = folder.path("vocab.txt").to_string_lossy().into_owned();
    let vocabulary = folder.checked("vocab.txt", WordPiece::read_file(&path))?;
    let own = |token: &str| match vocabulary.get(token) {
        Some(id) => Ok((token.to_owned(), *id)),
        None => Err(folder.bad("vocab.txt", &format!("has no `{token}`"))),
    };
    let (end, start, _) = (own("[SEP]")?, own("[CLS]")?, own("[UNK]")?);
    const CASING: &str = "tokenizer_config.json";
    let casing: Option<Casing> = folder.has(CASING).then(|| folder.json(CASING)).transpose()?;
    let is_lower = casing.and_then(|casing| casing.do_lower_case).unwrap_or(true);
    let pieces = WordPiece::builder().vocab(vocabulary).build();
    let mut tokenizer = Tokenizer::new(folder.checked("vocab.txt", pieces)?);
    let normalizer = BertNormalizer::new(true, true, None, is_lower);
    folder.checked("vocab.txt", tokenizer.with_normalizer(Some(normalizer)).map(drop))?;
    tokenizer
        .with_pre_tokenizer(Some(BertPreTokenizer))
        .with_post_processor(Some(BertProcessing::new(end, start)));
    Ok(tokenizer)
}
