//! What the settings choose for search, read from words.
//!
//! Whether such a server or folder exists is seen when it is used.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use index::Fusion;
use models::ModelName;

use crate::vectors::EngineChoice;

/// Settings of search. The user's own: they decide where code is sent.
#[derive(Debug, Clone)]
pub struct SearchConfig {
    /// What turns code into vectors.
    pub embedder: EmbedderChoice,
    /// What stands before a question; what the model is known to expect if absent.
    pub query_prefix: Option<String>,
    /// What stands before code; as above.
    pub document_prefix: Option<String>,
    /// How many numbers a server shall give for a text, if it can be asked.
    pub dimensions: Option<u32>,
    /// What puts the best hits in order.
    pub reranker: RerankerChoice,
    /// How many hits are put in order.
    pub rerank_hits: usize,
    /// How words and meaning are joined; what measured best if absent.
    pub fusion: Option<Fusion>,
    /// What finds the nearest vectors.
    pub engine: EngineChoice,
    /// How long a search waits for the embedder, and once more for the reranker. Without an answer it goes on without.
    pub wait: Duration,
}

impl SearchConfig {
    /// The embedder of the binary, no reranker, 30 hits, two seconds.
    pub fn usual() -> SearchConfig {
        SearchConfig {
            embedder: EmbedderChoice::Static,
            query_prefix: None,
            document_prefix: None,
            dimensions: None,
            reranker: RerankerChoice::None,
            rerank_hits: 30,
            fusion: None,
            engine: EngineChoice::Embedded,
            wait: Duration::from_secs(2),
        }
    }
}

/// What turns code into vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmbedderChoice {
    /// Nothing: words and names alone find code.
    None,
    /// The table in the binary.
    Static,
    /// A model of a provider.
    Model(ModelName),
    /// A transformer in a folder.
    Folder(PathBuf),
}

/// What puts the best hits in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RerankerChoice {
    /// Nothing.
    None,
    /// A model of a provider.
    Model(ModelName),
    /// A cross-encoder in a folder.
    Folder(PathBuf),
}

impl FromStr for EmbedderChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<EmbedderChoice, String> {
        match text {
            "none" => Ok(EmbedderChoice::None),
            "static" => Ok(EmbedderChoice::Static),
            _ => match place(text) {
                Some(Place::Folder(folder)) => Ok(EmbedderChoice::Folder(folder)),
                Some(Place::Model(model)) => Ok(EmbedderChoice::Model(model)),
                None => Err(format!(
                    "`{text}` is no embedder; write `static`, `none`, provider/model such as \
                     `ollama/nomic-embed-text`, or `dir:` and the absolute path of a model's folder"
                )),
            },
        }
    }
}

impl FromStr for RerankerChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<RerankerChoice, String> {
        match text {
            "none" => Ok(RerankerChoice::None),
            _ => match place(text) {
                Some(Place::Folder(folder)) => Ok(RerankerChoice::Folder(folder)),
                Some(Place::Model(model)) => Ok(RerankerChoice::Model(model)),
                None => Err(format!(
                    "`{text}` is no reranker; write `none`, provider/model such as `tei/bge-reranker-base`, or `dir:` and \
                     the absolute path of a model's folder"
                )),
            },
        }
    }
}

enum Place {
    Model(ModelName),
    Folder(PathBuf),
}

fn place(text: &str) -> Option<Place> {
    match text.strip_prefix("dir:") {
        Some(folder) => {
            Some(PathBuf::from(folder)).filter(|folder| folder.is_absolute()).map(Place::Folder)
        }
        None => text.parse().ok().map(Place::Model),
    }
}

/// How words and meaning are joined: `lexical`, `weighted:0.3` (the share of meaning), `rrf` or `rrf:60`.
///
/// # Errors
/// In words, for anything else.
pub fn parse_fusion(text: &str) -> Result<Fusion, String> {
    let (kind, number) = match text.split_once(':') {
        Some((kind, number)) => (kind, number.trim().parse::<f32>().ok()),
        None => (text, Some(60.0)),
    };
    match (kind, number) {
        ("lexical", _) if kind == text => Ok(Fusion::Lexical),
        ("weighted", Some(dense)) if kind != text && (0.0..=1.0).contains(&dense) => {
            Ok(Fusion::Weighted { dense })
        }
        ("rrf", Some(k)) if (0.0..=10_000.0).contains(&k) => Ok(Fusion::Ranks { k }),
        _ => Err(format!(
            "`{text}` is no fusion; write `lexical`, `weighted:0.3` with the share of meaning from 0 to 1, `rrf` or `rrf:60`"
        )),
    }
}

#[cfg(test)]
mod tests;
