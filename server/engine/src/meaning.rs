//! The index with what it finds meaning by: an embedder and a reranker as the settings choose them, joined to the models
//! here, because neither crate knows the other.
//!
//! How vectors are compared is `index`'s part, how a server is asked is `models`'.

mod choice;
mod filler;
mod folder;
mod health;
mod server;

use std::sync::Arc;

use base::AbsPathBuf;
use index::embed::Embedder;
use index::embed::table::StaticTable;
use index::rerank::Reranker;
use index::{Index, Server};
use models::{Embedding, EmbeddingConfig, Reranking};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::error::Error;
use crate::meaning::folder::{FolderEmbedder, FolderReranker};
use crate::meaning::health::{Health, Patient};
use crate::meaning::server::{ServerEmbedder, ServerReranker};

pub use choice::{EmbedderChoice, RerankerChoice, SearchConfig, parse_fusion};
pub(crate) use filler::Filler;

/// The index that was saved in the data directory, in memory if that cannot be, and what makes its vectors beside it.
///
/// `server`: what finds the nearest vectors in place of the index itself.
///
/// Connects nothing and reads no weights: that is done when they are first needed.
///
/// # Errors
/// [`Error::Model`] for settings that name no provider, or one that cannot do this.
pub(crate) fn open(
    config: &Config,
    server: Option<Arc<dyn Server>>,
) -> Result<(Arc<Index>, Filler), Error> {
    let stop = CancellationToken::new();
    // Who makes people wait so long shall do it seldom.
    let rest = config.search.wait * 2;
    let patient = |kind| Patient {
        runtime: Handle::current(),
        wait: config.search.wait,
        stop: stop.clone(),
        health: Health::new(kind, rest),
    };
    let embedder = embedder(config, patient("embedder"))?;
    let is_slow = embedder.as_ref().is_some_and(|embedder| embedder.is_slow());
    let mut index = match AbsPathBuf::try_from(config.data_dir.join("index")) {
        Ok(folder) => Index::open(&folder, embedder),
        Err(error) => {
            tracing::warn!("the search index stays in memory: {error}");
            embedder.map_or_else(Index::new, Index::with_embedder)
        }
    };
    if let Some(fusion) = config.search.fusion {
        index = index.with_fusion(fusion);
    }
    if let Some(reranker) = reranker(config, patient("reranker"))? {
        index = index.with_reranker(reranker, config.search.rerank_hits);
    }
    if let Some(server) = server {
        index = index.with_server(server);
    }
    let index = Arc::new(index);
    let filler = match is_slow {
        true => Filler::start(Arc::clone(&index), stop, rest),
        false => Filler::none(Arc::clone(&index), stop),
    };
    Ok((index, filler))
}

fn embedder(config: &Config, patient: Patient) -> Result<Option<Arc<dyn Embedder>>, Error> {
    let search = &config.search;
    Ok(match &search.embedder {
        EmbedderChoice::None => None,
        EmbedderChoice::Static => Some(Arc::new(StaticTable::shipped())),
        EmbedderChoice::Folder(folder) => {
            let (query, document) = (search.query_prefix.clone(), search.document_prefix.clone());
            Some(Arc::new(FolderEmbedder::new(folder.clone(), query, document, patient)))
        }
        EmbedderChoice::Model(model) => {
            let settings = EmbeddingConfig {
                model: model.clone(),
                query_prefix: search.query_prefix.clone(),
                document_prefix: search.document_prefix.clone(),
                dimensions: search.dimensions,
            };
            let embedding = Embedding::new(&config.models, &settings)?;
            Some(Arc::new(ServerEmbedder::new(embedding, patient)))
        }
    })
}

fn reranker(config: &Config, patient: Patient) -> Result<Option<Arc<dyn Reranker>>, Error> {
    Ok(match &config.search.reranker {
        RerankerChoice::None => None,
        RerankerChoice::Folder(folder) => {
            Some(Arc::new(FolderReranker::new(folder.clone(), patient)))
        }
        RerankerChoice::Model(model) => {
            let reranking = Reranking::new(&config.models, model)?;
            Some(Arc::new(ServerReranker::new(reranking, patient)))
        }
    })
}

/// A chunk as a transformer reads it: what surrounds it comes first, because the end may be cut off.
fn chunk_text(path: &str, qualified: &str, doc: &str, body: &str) -> String {
    let parts = [path, qualified, doc, body];
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("\n")
}
