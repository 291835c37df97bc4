//! How well texts answer a question, rated over the wire: Text Embeddings Inference, Cohere, Jina and those like it.
//!
//! It orders nothing: numbers go back in the order of the texts.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Config, Error, Kind, ModelName,
    ask::{Asking, beginning},
};

/// Texts of one request to Text Embeddings Inference, if it is not told otherwise. Others take a thousand.
const MAX_TEXTS: usize = 32;

/// Of the question and of one text.
const MAX_TEXT_BYTES: usize = 8_000;

/// One model that rates texts, on one server.
pub struct Reranking {
    asking: Asking,
    model: String,
    id: String,
}

impl Reranking {
    /// Connects nothing and looks up no key.
    ///
    /// # Errors
    /// [`Error::UnknownProvider`], or [`Error::Config`] for a provider that rates nothing.
    pub fn new(config: &Config, model: &ModelName) -> Result<Reranking, Error> {
        let asking = Asking::new(config, model)?;
        if matches!(asking.kind, Kind::Anthropic | Kind::Gemini | Kind::Ollama) {
            let message =
                "rates no texts; `search.reranker` needs one of kind `tei`, `cohere` or `openai`";
            return Err(Error::Config {
                provider: model.provider.clone(),
                message: message.to_owned(),
            });
        }
        let id = format!("{model} at {}", asking.site().url);
        Ok(Reranking { asking, model: model.model.clone(), id })
    }

    /// The model and its server.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How well each of `texts` answers `query`, in their order; greater is better, and only numbers of one call can be
    /// compared. Long texts count with their beginning.
    ///
    /// `within`: for all of it.
    ///
    /// # Errors
    /// Those of a call. [`Error::Malformed`]: a text without a number, with two, or with something that is none.
    pub async fn scores(
        &self,
        query: &str,
        texts: &[&str],
        within: Duration,
    ) -> Result<Vec<f32>, Error> {
        let deadline = tokio::time::Instant::now() + within;
        let query = beginning(query, MAX_TEXT_BYTES);
        let texts: Vec<&str> = texts.iter().map(|text| beginning(text, MAX_TEXT_BYTES)).collect();
        let mut scores = Vec::with_capacity(texts.len());
        for batch in texts.chunks(MAX_TEXTS) {
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            let (path, body) = self.request(query, batch);
            let read = |text: &str| read(text, batch.len());
            scores.extend(self.asking.ask(path, &body, left, read).await?);
        }
        Ok(scores)
    }

    fn request(&self, query: &str, texts: &[&str]) -> (&'static [&'static str], Value) {
        match self.asking.kind {
            // Source: text-embeddings-inference, `docs/openapi.json`, `RerankRequest`.
            Kind::Tei => {
                let body =
                    json!({"query": query, "texts": texts, "truncate": true, "raw_scores": false});
                (&["rerank"], body)
            }
            // Source: Cohere, API reference, "Rerank API (v2)".
            Kind::Cohere => {
                let body = json!({"model": self.model, "query": query, "documents": texts, "top_n": texts.len()});
                (&["v2", "rerank"], body)
            }
            // Source: Jina, "Reranker API"; vLLM, LocalAI and llama.cpp speak it too.
            Kind::OpenAi | Kind::Ollama | Kind::Anthropic | Kind::Gemini => {
                let body = json!({
                    "model": self.model, "query": query, "documents": texts, "top_n": texts.len(),
                    "return_documents": false,
                });
                (&["rerank"], body)
            }
        }
    }
}

#[derive(Deserialize)]
struct Rated {
    index: usize,
    #[serde(alias = "relevance_score")]
    score: f32,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    List(Vec<Rated>),
    Object { results: Vec<Rated> },
}

fn read(text: &str, n_texts: usize) -> Result<Vec<f32>, String> {
    let answer: Answer =
        serde_json::from_str(text).map_err(|_| "no list of numbers for texts".to_owned())?;
    let (Answer::List(rated) | Answer::Object { results: rated }) = answer;
    let mut scores = vec![None; n_texts];
    for Rated { index, score } in rated {
        let Some(place) = scores.get_mut(index) else {
            return Err(format!("a number for text {index} of {n_texts}"));
        };
        if place.replace(score).is_some() {
            return Err(format!("two numbers for text {index}"));
        }
        if !score.is_finite() {
            return Err(format!("no finite number for text {index}"));
        }
    }
    let missing = scores.iter().position(Option::is_none);
    match missing {
        Some(index) => Err(format!("no number for text {index} of {n_texts}")),
        None => Ok(scores.into_iter().flatten().collect()),
    }
}

#[cfg(test)]
mod tests;
