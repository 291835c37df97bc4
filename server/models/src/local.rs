//! Transformers read from a folder and run in this process: a sentence embedder, and a cross-encoder that rates texts.
//!
//! Models of the BERT class in the files that they are published in: `config.json`, `tokenizer.json` or `vocab.txt`,
//! `model.safetensors`. It opens no socket and downloads nothing, and it uses no graphics card.

mod bert;
mod files;
mod tokens;

use std::path::Path;

use candle_core::{DType, Device, Tensor};
use candle_nn::{Linear, Module, VarBuilder, linear};

use crate::{Error, Purpose, ask::beginning, embedding::prefixes};
use bert::{Bert, Shape};
use files::{Folder, Pooling};
use tokens::{Encoded, Words};

/// Tokens that go through the model at a time, padding included: attention needs memory for each pair of them.
const MAX_TOKENS: usize = 2_048;

/// A token is seldom longer than this, so a text of this many bytes for each token has enough of them.
const BYTES_PER_TOKEN: usize = 16;

/// A sentence embedder in memory. Each call uses all cores; calls may run side by side.
pub struct LocalEmbedding {
    folder: Folder,
    words: Words,
    bert: Bert,
    pooling: Pooling,
    query_prefix: String,
    document_prefix: String,
}

impl LocalEmbedding {
    /// Names what lies in the folder, without reading its weights: another name means other vectors.
    pub fn id(folder: &Path, query_prefix: Option<&str>, document_prefix: Option<&str>) -> String {
        let stamp = Folder::new(folder).stamp();
        format!("{} {stamp}: {query_prefix:?} {document_prefix:?}", folder.display())
    }

    /// Reads the folder; takes memory as large as the weights twice, and afterwards once.
    ///
    /// The prefixes stand before a question and before a text; what the folder's name is known to expect if absent.
    ///
    /// # Errors
    /// [`Error::Folder`]: a file is missing, damaged, or of a kind that is not known.
    pub fn open(
        folder: &Path,
        query_prefix: Option<&str>,
        document_prefix: Option<&str>,
    ) -> Result<LocalEmbedding, Error> {
        let known = prefixes::of(&folder.to_string_lossy());
        let folder = Folder::new(folder);
        let (shape, words, weights) = read(&folder)?;
        let bert = folder.checked("model.safetensors", Bert::load(&shape, weights))?;
        Ok(LocalEmbedding {
            pooling: folder.pooling()?,
            folder,
            words,
            bert,
            query_prefix: query_prefix.unwrap_or(known.query).to_owned(),
            document_prefix: document_prefix.unwrap_or(known.document).to_owned(),
        })
    }

    /// How many numbers a vector has.
    pub fn dim(&self) -> usize {
        self.bert.width()
    }

    /// The vector of each text, in order, of unit length. Long texts count with their beginning.
    ///
    /// `goes_on`: asked before each batch; once it says no, there is no answer.
    ///
    /// # Errors
    /// [`Error::Folder`]: it was told to end, or the weights do not fit the tokens.
    pub fn embed<T: AsRef<str>>(
        &self,
        purpose: Purpose,
        texts: &[T],
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, Error> {
        let prefix = match purpose {
            Purpose::Query => &self.query_prefix,
            Purpose::Document => &self.document_prefix,
        };
        let mut encoded = Vec::with_capacity(texts.len());
        for text in texts {
            let text = beginning(text.as_ref(), self.words.max_tokens() * BYTES_PER_TOKEN);
            let one = self.words.one(&format!("{prefix}{text}"));
            encoded.push(self.folder.checked("tokenizer.json", one)?);
        }
        let pool = |hidden: &Tensor, mask: &Tensor| self.pool(hidden, mask);
        in_batches(&self.folder, &self.bert, &encoded, goes_on, &pool)
    }

    /// One vector of unit length for each row of `hidden`.
    fn pool(&self, hidden: &Tensor, mask: &Tensor) -> candle_core::Result<Vec<Vec<f32>>> {
        let pooled = match self.pooling {
            Pooling::First => hidden.narrow(1, 0, 1)?.squeeze(1)?,
            Pooling::Mean => {
                let mask = mask.unsqueeze(2)?;
                let sum = hidden.broadcast_mul(&mask)?.sum(1)?;
                sum.broadcast_div(&mask.sum(1)?)?
            }
        };
        let norm = pooled.sqr()?.sum_keepdim(1)?.sqrt()?.maximum(1e-12)?;
        pooled.broadcast_div(&norm)?.to_vec2()
    }
}

/// A cross-encoder in memory: it reads question and text together.
pub struct LocalReranking {
    folder: Folder,
    words: Words,
    bert: Bert,
    pooler: Linear,
    classifier: Linear,
}

impl LocalReranking {
    /// Reads the folder.
    ///
    /// # Errors
    /// As [`LocalEmbedding::open`]; also for a model with more than one label, which does not rate but sort.
    pub fn open(folder: &Path) -> Result<LocalReranking, Error> {
        let folder = Folder::new(folder);
        let (shape, words, weights) = read(&folder)?;
        if !shape.is_classifier() {
            return Err(folder.bad(
                "config.json",
                "is no cross-encoder: its `architectures` have no `BertForSequenceClassification`",
            ));
        }
        let width = shape.width();
        let load = || -> candle_core::Result<_> {
            let pooler = linear(width, width, weights.pp("bert.pooler.dense"))?;
            let classifier = linear(width, 1, weights.pp("classifier"))?;
            Ok((pooler, classifier, Bert::load(&shape, weights.clone())?))
        };
        let (pooler, classifier, bert) = folder.checked("model.safetensors", load())?;
        Ok(LocalReranking { folder, words, bert, pooler, classifier })
    }

    /// How well each of `texts` answers `query`, 0 to 1, in their order. What is too long together loses from its end.
    ///
    /// `goes_on`: asked before each batch; once it says no, there is no answer.
    ///
    /// # Errors
    /// As [`LocalEmbedding::embed`].
    pub fn scores(
        &self,
        query: &str,
        texts: &[&str],
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>, Error> {
        let max_bytes = self.words.max_tokens() * BYTES_PER_TOKEN;
        let query = beginning(query, max_bytes);
        let mut encoded = Vec::with_capacity(texts.len());
        for text in texts {
            let pair = self.words.pair(query, beginning(text, max_bytes));
            encoded.push(self.folder.checked("tokenizer.json", pair)?);
        }
        let rate = |hidden: &Tensor, _: &Tensor| {
            let first = hidden.narrow(1, 0, 1)?.squeeze(1)?;
            let pooled = self.pooler.forward(&first)?.tanh()?;
            candle_nn::ops::sigmoid(&self.classifier.forward(&pooled)?)?.to_vec2()
        };
        let scores: Vec<Vec<f32>> = in_batches(&self.folder, &self.bert, &encoded, goes_on, &rate)?;
        Ok(scores.into_iter().flatten().collect())
    }
}

fn read(folder: &Folder) -> Result<(Shape, Words, VarBuilder<'static>), Error> {
    let shape: Shape = folder.json("config.json")?;
    shape.check().map_err(|what| folder.bad("config.json", &what))?;
    let words = Words::read(folder, &shape)?;
    let bytes = folder.weights()?;
    let weights = VarBuilder::from_buffered_safetensors(bytes, DType::F32, &Device::Cpu);
    Ok((shape, words, folder.checked("model.safetensors", weights)?))
}

/// What comes of each batch: a row for each text.
type Finish<'a> = &'a dyn Fn(&Tensor, &Tensor) -> candle_core::Result<Vec<Vec<f32>>>;

/// Sends texts of about one length together through the model; rows come back in the order of `encoded`.
fn in_batches(
    folder: &Folder,
    bert: &Bert,
    encoded: &[Encoded],
    goes_on: &dyn Fn() -> bool,
    finish: Finish<'_>,
) -> Result<Vec<Vec<f32>>, Error> {
    let mut order: Vec<usize> = (0..encoded.len()).collect();
    order.sort_by_key(|idx| encoded[*idx].ids.len());
    let mut rows = vec![Vec::new(); encoded.len()];
    while let Some(longest) = order.last().map(|idx| encoded[*idx].ids.len()) {
        if !goes_on() {
            return Err(folder.bad("model.safetensors", "took too long, or was told to end"));
        }
        let count = (MAX_TOKENS / longest.max(1)).clamp(1, order.len());
        let batch = order.split_off(order.len() - count);
        let texts: Vec<&Encoded> = batch.iter().map(|idx| &encoded[*idx]).collect();
        let run = || {
            let (hidden, mask) = bert.forward(&texts)?;
            finish(&hidden, &mask)
        };
        let done = folder.checked("model.safetensors", run())?;
        for (idx, row) in batch.into_iter().zip(done) {
            if !row.iter().all(|number| number.is_finite()) {
                return Err(folder.bad("model.safetensors", "gives what is no finite number"));
            }
            rows[idx] = row;
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests;
