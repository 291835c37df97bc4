//! Transformers in folders as the index sees them: read when they are first needed, and kept.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use index::embed::{EmbedError, Embedder, Text};
use index::rerank::{RerankError, Reranker};
use models::{Error, LocalEmbedding, LocalReranking, Purpose};

use crate::meaning::health::{Failure, Patient};
use crate::meaning::server::{embed_error, fill, read, rerank_error};

/// For the chunks of one file, which nobody waits for.
const FILE_WAIT: Duration = Duration::from_secs(600);

/// A model that is read once; after a failure it is tried again when its rest is over.
struct Loaded<T>(Mutex<Option<Arc<T>>>);

impl<T> Loaded<T> {
    fn new() -> Loaded<T> {
        Loaded(Mutex::new(None))
    }

    fn get(&self) -> Option<Arc<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Others wait while it is read.
    fn or_read(
        &self,
        patient: &Patient,
        read: impl FnOnce() -> Result<T, Error>,
    ) -> Result<Arc<T>, Failure> {
        let mut model = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = &*model {
            return Ok(Arc::clone(model));
        }
        let new = Arc::new(patient.work(read)?);
        *model = Some(Arc::clone(&new));
        Ok(new)
    }
}

/// A sentence embedder in a folder.
pub(super) struct FolderEmbedder {
    folder: PathBuf,
    query_prefix: Option<String>,
    document_prefix: Option<String>,
    id: String,
    model: Loaded<LocalEmbedding>,
    patient: Patient,
}

impl FolderEmbedder {
    pub(super) fn new(
        folder: PathBuf,
        query_prefix: Option<String>,
        document_prefix: Option<String>,
        patient: Patient,
    ) -> FolderEmbedder {
        let id = LocalEmbedding::id(&folder, query_prefix.as_deref(), document_prefix.as_deref());
        let model = Loaded::new();
        FolderEmbedder { folder, query_prefix, document_prefix, id, model, patient }
    }

    fn model(&self) -> Result<Arc<LocalEmbedding>, EmbedError> {
        let (query, document) = (self.query_prefix.as_deref(), self.document_prefix.as_deref());
        let read = || LocalEmbedding::open(&self.folder, query, document);
        self.model.or_read(&self.patient, read).map_err(|failure| embed_error(&self.id, failure))
    }

    fn run(
        &self,
        purpose: Purpose,
        texts: &[Text<'_>],
        wait: Duration,
        out: &mut [f32],
    ) -> Result<(), EmbedError> {
        let model = self.model()?;
        let goes_on = goes_on(&self.patient, wait);
        let work = || model.embed(purpose, &read(texts), &goes_on);
        fill(&self.patient.work(work).map_err(|failure| embed_error(&self.id, failure))?, out)
    }
}

impl Embedder for FolderEmbedder {
    fn id(&self) -> &str {
        &self.id
    }

    fn dim(&self) -> usize {
        self.model.get().map_or(0, |model| model.dim())
    }

    fn is_slow(&self) -> bool {
        true
    }

    fn ready(&self) -> Result<(), EmbedError> {
        self.model().map(drop)
    }

    fn embed(&self, text: Text<'_>, out: &mut [f32]) -> Result<(), EmbedError> {
        match text {
            Text::Query(_) => self.run(Purpose::Query, &[text], self.patient.wait, out),
            Text::Chunk { .. } => self.embed_all(&[text], out),
        }
    }

    /// The first question reads the model.
    fn query(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let mut vector = vec![0.0; self.model()?.dim()];
        self.embed(Text::Query(text), &mut vector)?;
        Ok(vector)
    }

    fn embed_all(&self, texts: &[Text<'_>], out: &mut [f32]) -> Result<(), EmbedError> {
        self.run(Purpose::Document, texts, FILE_WAIT, out)
    }
}

/// A cross-encoder in a folder.
pub(super) struct FolderReranker {
    folder: PathBuf,
    id: String,
    model: Loaded<LocalReranking>,
    patient: Patient,
}

impl FolderReranker {
    pub(super) fn new(folder: PathBuf, patient: Patient) -> FolderReranker {
        let id = folder.display().to_string();
        FolderReranker { folder, id, model: Loaded::new(), patient }
    }
}

impl Reranker for FolderReranker {
    fn id(&self) -> &str {
        &self.id
    }

    fn scores(&self, query: &str, texts: &[&str]) -> Result<Vec<f32>, RerankError> {
        let model = self.model.or_read(&self.patient, || LocalReranking::open(&self.folder));
        let scores = model.and_then(|model| {
            let goes_on = goes_on(&self.patient, self.patient.wait);
            self.patient.work(|| model.scores(query, texts, &goes_on))
        });
        scores.map_err(|failure| rerank_error(&self.id, failure))
    }
}

fn goes_on(patient: &Patient, wait: Duration) -> impl Fn() -> bool + '_ {
    let started = Instant::now();
    move || !patient.stop.is_cancelled() && started.elapsed() < wait
}
