//! Servers as the index sees them: blocking, bounded, and with a memory of the last questions.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use index::embed::{EmbedError, Embedder, Text};
use index::rerank::{RerankError, Reranker};
use models::{Embedding, Purpose, Reranking};

use crate::meaning::chunk_text;
use crate::meaning::health::{Failure, Patient};

/// For the chunks of one file. Nobody waits for them, but a server that hangs must be noticed.
const FILE_WAIT: Duration = Duration::from_secs(120);

/// Questions whose vectors are kept: one search may ask twice, and people repeat themselves.
const MAX_RECENT: usize = 16;

/// An embedder on a server.
pub(super) struct ServerEmbedder {
    embedding: Embedding,
    patient: Patient,
    /// Newest last.
    recent: Mutex<VecDeque<(String, Vec<f32>)>>,
}

impl ServerEmbedder {
    pub(super) fn new(embedding: Embedding, patient: Patient) -> ServerEmbedder {
        ServerEmbedder { embedding, patient, recent: Mutex::default() }
    }

    fn ask(
        &self,
        purpose: Purpose,
        texts: &[String],
        within: Duration,
    ) -> Result<Vec<Vec<f32>>, EmbedError> {
        let answer = self.patient.ask(self.embedding.embed(purpose, texts, within));
        answer.map_err(|failure| embed_error(self.embedding.id(), failure))
    }

    fn asked(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let recent = || self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, vector)) = recent().iter().find(|(known, _)| known == text) {
            return Ok(vector.clone());
        }
        let vectors = self.ask(Purpose::Query, &[text.to_owned()], self.patient.wait)?;
        let vector = vectors.into_iter().next().unwrap_or_default();
        let mut recent = recent();
        if recent.len() == MAX_RECENT {
            recent.pop_front();
        }
        recent.push_back((text.to_owned(), vector.clone()));
        Ok(vector)
    }
}

impl Embedder for ServerEmbedder {
    fn id(&self) -> &str {
        self.embedding.id()
    }

    fn dim(&self) -> usize {
        self.embedding.dim().unwrap_or_default()
    }

    fn is_slow(&self) -> bool {
        true
    }

    fn ready(&self) -> Result<(), EmbedError> {
        if self.embedding.dim().is_none() {
            self.ask(Purpose::Document, &["code".to_owned()], FILE_WAIT)?;
        }
        Ok(())
    }

    fn embed(&self, text: Text<'_>, out: &mut [f32]) -> Result<(), EmbedError> {
        match text {
            Text::Query(text) => fill(&[self.asked(text)?], out),
            Text::Chunk { .. } => self.embed_all(&[text], out),
        }
    }

    /// The width is seen in the answer.
    fn query(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        unit(self.asked(text)?)
    }

    fn embed_all(&self, texts: &[Text<'_>], out: &mut [f32]) -> Result<(), EmbedError> {
        fill(&self.ask(Purpose::Document, &read(texts), FILE_WAIT)?, out)
    }
}

/// A reranker on a server.
pub(super) struct ServerReranker {
    reranking: Reranking,
    patient: Patient,
}

impl ServerReranker {
    pub(super) fn new(reranking: Reranking, patient: Patient) -> ServerReranker {
        ServerReranker { reranking, patient }
    }
}

impl Reranker for ServerReranker {
    fn id(&self) -> &str {
        self.reranking.id()
    }

    fn scores(&self, query: &str, texts: &[&str]) -> Result<Vec<f32>, RerankError> {
        let answer = self.patient.ask(self.reranking.scores(query, texts, self.patient.wait));
        answer.map_err(|failure| rerank_error(self.reranking.id(), failure))
    }
}

/// Texts as a model reads them.
pub(super) fn read(texts: &[Text<'_>]) -> Vec<String> {
    let read = |text: &Text<'_>| match text {
        Text::Query(text) => (*text).to_owned(),
        Text::Chunk { path, qualified, signature: _, doc, body } => {
            chunk_text(path, qualified, doc, body)
        }
    };
    texts.iter().map(read).collect()
}

/// The vector, of unit length.
pub(super) fn unit(vector: Vec<f32>) -> Result<Vec<f32>, EmbedError> {
    let mut unit = vec![0.0; vector.len()];
    fill(&[vector], &mut unit)?;
    Ok(unit)
}

/// Puts vectors one after the other, each of unit length.
pub(super) fn fill(vectors: &[Vec<f32>], out: &mut [f32]) -> Result<(), EmbedError> {
    let expected = vectors.iter().map(Vec::len).sum();
    if out.len() != expected {
        return Err(EmbedError::Length { expected, given: out.len() });
    }
    for (number, place) in vectors.iter().flatten().zip(out.iter_mut()) {
        *place = *number;
    }
    for row in out.chunks_exact_mut(vectors.first().map_or(1, Vec::len).max(1)) {
        // In 64 bits: the squares of large numbers are too large for 32.
        let norm = row.iter().map(|number| f64::from(*number).powi(2)).sum::<f64>().sqrt();
        if 0.0 < norm {
            row.iter_mut().for_each(|number| *number = (f64::from(*number) / norm) as f32);
        }
    }
    Ok(())
}

pub(super) fn embed_error(id: &str, Failure { reason, is_away }: Failure) -> EmbedError {
    let name = id.to_owned();
    match is_away {
        true => EmbedError::Away { name, reason },
        false => EmbedError::Refused { name, reason },
    }
}

pub(super) fn rerank_error(id: &str, Failure { reason, is_away }: Failure) -> RerankError {
    let name = id.to_owned();
    match is_away {
        true => RerankError::Away { name, reason },
        false => RerankError::Refused { name, reason },
    }
}
