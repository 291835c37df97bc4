//! What models were trained to see before a question and before a text: data.
//!
//! The settings `search.query_prefix` and `search.document_prefix` come before it.

/// What stands before a question and before a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prefixes {
    pub(crate) query: &'static str,
    pub(crate) document: &'static str,
}

const NONE: Prefixes = Prefixes { query: "", document: "" };

const FOR_SEARCHING: Prefixes =
    Prefixes { query: "Represent this sentence for searching relevant passages: ", document: "" };

/// By a part of the model's name, as their model cards say.
const ALL: &[(&str, Prefixes)] = &[
    ("bge-base-en", FOR_SEARCHING),
    ("bge-large-en", FOR_SEARCHING),
    ("bge-small-en", FOR_SEARCHING),
    (
        "coderankembed",
        Prefixes { query: "Represent this query for searching relevant code: ", document: "" },
    ),
    ("e5-base", Prefixes { query: "query: ", document: "passage: " }),
    ("e5-large", Prefixes { query: "query: ", document: "passage: " }),
    ("e5-small", Prefixes { query: "query: ", document: "passage: " }),
    (
        "embeddinggemma",
        Prefixes { query: "task: search result | query: ", document: "title: none | text: " },
    ),
    ("mxbai-embed-large", FOR_SEARCHING),
    ("nomic-embed-text", Prefixes { query: "search_query: ", document: "search_document: " }),
    ("snowflake-arctic-embed", FOR_SEARCHING),
];

/// What `model` expects, as far as its name tells.
pub(crate) fn of(model: &str) -> Prefixes {
    let model = model.to_lowercase();
    ALL.iter().find(|(part, _)| model.contains(part)).map_or(NONE, |(_, prefixes)| *prefixes)
}
