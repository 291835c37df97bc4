//! Texts to vectors, over the wire: Ollama, servers that speak OpenAI's format, Text Embeddings Inference.
//!
//! It stores no vector and compares none, and it does not know what the texts are.

pub(crate) mod prefixes;

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Config, Error, Kind, ModelName,
    ask::{Asking, beginning},
};

/// Texts of one request: what Text Embeddings Inference takes if it is not told otherwise.
const MAX_TEXTS: usize = 32;

/// Bytes of all texts of one request.
const MAX_BYTES: usize = 128 * 1024;

/// Of one text. A token is a byte at least, so this fits into 8,192 tokens, where the larger models end; smaller ones are
/// asked to cut.
const MAX_TEXT_BYTES: usize = 8_000;

/// Wider vectors are none.
const MAX_DIM: usize = 8_192;

/// A model that makes vectors, and how it wants to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddingConfig {
    /// Which one.
    pub model: ModelName,
    /// What stands before a question; what the model is known to expect if absent.
    pub query_prefix: Option<String>,
    /// What stands before a text that is searched; as above.
    pub document_prefix: Option<String>,
    /// How many numbers a vector shall have, for models that can be asked; the model's own width if absent.
    pub dimensions: Option<u32>,
}

/// What a text is for: many models treat questions and answers differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody looks for something.
    Query,
    /// It may be found.
    Document,
}

/// One model that makes vectors, on one server.
pub struct Embedding {
    asking: Asking,
    model: String,
    query_prefix: String,
    document_prefix: String,
    dimensions: Option<u32>,
    id: String,
    /// The width of the first vectors that came; all later ones must have it.
    dim: OnceLock<usize>,
    /// Texts of one request: fewer after a server said that they were too many.
    max_texts: AtomicUsize,
}

impl Embedding {
    /// Connects nothing and looks up no key.
    ///
    /// # Errors
    /// [`Error::UnknownProvider`], or [`Error::Config`] for a provider that makes no vectors.
    pub fn new(config: &Config, settings: &EmbeddingConfig) -> Result<Embedding, Error> {
        let EmbeddingConfig { model, query_prefix, document_prefix, dimensions } = settings;
        let asking = Asking::new(config, model)?;
        if matches!(asking.kind, Kind::Anthropic | Kind::Gemini | Kind::Cohere) {
            let message =
                "makes no vectors; `search.embedder` needs one of kind `ollama`, `openai` or `tei`";
            return Err(Error::Config {
                provider: model.provider.clone(),
                message: message.to_owned(),
            });
        }
        let known = prefixes::of(&model.model);
        let query_prefix = query_prefix.clone().unwrap_or_else(|| known.query.to_owned());
        let document_prefix = document_prefix.clone().unwrap_or_else(|| known.document.to_owned());
        let width = dimensions.map_or_else(String::new, |dim| format!(" of {dim}"));
        let id = format!(
            "{model} at {}{width}: {query_prefix:?} {document_prefix:?}",
            asking.site().url
        );
        Ok(Embedding {
            asking,
            model: model.model.clone(),
            query_prefix,
            document_prefix,
            dimensions: *dimensions,
            id,
            dim: OnceLock::new(),
            max_texts: AtomicUsize::new(MAX_TEXTS),
        })
    }

    /// All that decides about the vectors, but the model behind its name: vectors of another id must not be compared.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How many numbers a vector has; `None` before the first answer.
    pub fn dim(&self) -> Option<usize> {
        self.dim.get().copied()
    }

    /// The vector of each text, in order. Long texts count with their beginning. Asks several times where there are many.
    ///
    /// `within`: for all of it.
    ///
    /// # Errors
    /// Those of a call. [`Error::Malformed`]: another number of vectors, of another width than before, or with something
    /// in them that is no number.
    pub async fn embed<T: AsRef<str>>(
        &self,
        purpose: Purpose,
        texts: &[T],
        within: Duration,
    ) -> Result<Vec<Vec<f32>>, Error> {
        let deadline = tokio::time::Instant::now() + within;
        let prefix = match purpose {
            Purpose::Query => &self.query_prefix,
            Purpose::Document => &self.document_prefix,
        };
        // No server makes a vector of nothing.
        let input = |text: &T| match beginning(text.as_ref(), MAX_TEXT_BYTES) {
            "" => format!("{prefix} "),
            text => format!("{prefix}{text}"),
        };
        let inputs: Vec<String> = texts.iter().map(input).collect();
        let mut vectors = Vec::with_capacity(inputs.len());
        while vectors.len() < inputs.len() {
            let batch = batch(&inputs[vectors.len()..], self.max_texts.load(Ordering::Relaxed));
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            match self.embed_batch(batch, left).await {
                Ok(batch) => vectors.extend(batch),
                // A server may have been told to take fewer at a time.
                Err(Error::BadRequest { status: 413 | 422, .. }) if 1 < batch.len() => {
                    self.max_texts.store(batch.len() / 2, Ordering::Relaxed);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(vectors)
    }

    async fn embed_batch(
        &self,
        inputs: &[String],
        within: Duration,
    ) -> Result<Vec<Vec<f32>>, Error> {
        let (path, body, read) = self.request(inputs);
        let vectors = self.asking.ask(path, &body, within, read).await?;
        self.check(&vectors, inputs.len()).map_err(|reason| self.asking.malformed(reason))?;
        Ok(vectors)
    }

    fn request(&self, inputs: &[String]) -> (&'static [&'static str], Value, Read) {
        let mut body = match self.asking.kind {
            // Source: Ollama, `docs/api.md`, "Generate Embeddings".
            Kind::Ollama => json!({"model": self.model, "input": inputs, "truncate": true}),
            // Source: text-embeddings-inference, `docs/openapi.json`, `EmbedRequest`.
            Kind::Tei => json!({"inputs": inputs, "truncate": true, "normalize": true}),
            // Source: OpenAI, API reference, "Create embeddings".
            Kind::OpenAi | Kind::Cohere | Kind::Anthropic | Kind::Gemini => {
                json!({"model": self.model, "input": inputs, "encoding_format": "float"})
            }
        };
        if let Some(dimensions) = self.dimensions {
            body["dimensions"] = json!(dimensions);
        }
        match self.asking.kind {
            Kind::Ollama => {
                if let Some(keep_alive) = &self.asking.keep_alive {
                    body["keep_alive"] = keep_alive
                        .parse::<i64>()
                        .map_or_else(|_| json!(keep_alive), |seconds| json!(seconds));
                }
                (&["api", "embed"], body, read_ollama)
            }
            Kind::Tei => (&["embed"], body, read_tei),
            Kind::OpenAi | Kind::Cohere | Kind::Anthropic | Kind::Gemini => {
                (&["embeddings"], body, read_openai)
            }
        }
    }

    fn check(&self, vectors: &[Vec<f32>], n_texts: usize) -> Result<(), String> {
        if vectors.len() != n_texts {
            return Err(format!("{} vectors for {n_texts} texts", vectors.len()));
        }
        for vector in vectors {
            let dim = vector.len();
            if dim == 0 || MAX_DIM < dim {
                return Err(format!("a vector of {dim} numbers"));
            }
            if !vector.iter().all(|number| number.is_finite()) {
                return Err("a vector with something in it that is no finite number".to_owned());
            }
        }
        let Some(first) = vectors.first().map(Vec::len) else { return Ok(()) };
        let asked = self.dimensions.and_then(|dim| usize::try_from(dim).ok());
        if let Some(dim) = asked.filter(|dim| *dim != first) {
            return Err(format!(
                "vectors of {first} numbers where `search.dimensions` asks for {dim}"
            ));
        }
        let dim = self.dim.get().copied().unwrap_or(first);
        if let Some(other) = vectors.iter().map(Vec::len).find(|other| *other != dim) {
            return Err(format!(
                "vectors of {other} numbers where they had {dim} before; if its model was changed, start Baton again, which \
                 makes all vectors anew"
            ));
        }
        // Another thread may have been quicker, with vectors of its own.
        match *self.dim.get_or_init(|| dim) {
            before if before == dim => Ok(()),
            before => Err(format!("vectors of {dim} numbers where others have {before}")),
        }
    }
}

/// As many of `inputs` as go into one request, and one at least.
fn batch(inputs: &[String], max_texts: usize) -> &[String] {
    let mut n_bytes = 0;
    let fits = inputs.iter().take(max_texts).take_while(|input| {
        n_bytes += input.len();
        n_bytes <= MAX_BYTES
    });
    &inputs[..fits.count().max(1).min(inputs.len())]
}

type Read = fn(&str) -> Result<Vec<Vec<f32>>, String>;

fn read_ollama(text: &str) -> Result<Vec<Vec<f32>>, String> {
    #[derive(Deserialize)]
    struct Answer {
        embeddings: Vec<Vec<f32>>,
    }
    parse::<Answer>(text).map(|answer| answer.embeddings)
}

fn read_tei(text: &str) -> Result<Vec<Vec<f32>>, String> {
    parse(text)
}

fn read_openai(text: &str) -> Result<Vec<Vec<f32>>, String> {
    #[derive(Deserialize)]
    struct Answer {
        data: Vec<Item>,
    }
    #[derive(Deserialize)]
    struct Item {
        index: Option<usize>,
        embedding: Vec<f32>,
    }
    let mut items = parse::<Answer>(text)?.data;
    // Some leave it out, and keep the order.
    if items.iter().all(|item| item.index.is_some()) {
        items.sort_by_key(|item| item.index);
        let is_whole = items.iter().enumerate().all(|(at, item)| item.index == Some(at));
        if !is_whole {
            return Err("a vector is missing, or there twice".to_owned());
        }
    }
    Ok(items.into_iter().map(|item| item.embedding).collect())
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| format!("no vectors ({error})"))
}

#[cfg(test)]
mod tests;
