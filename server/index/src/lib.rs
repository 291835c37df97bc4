//! Local code search: lexical and symbol retrieval, context packs.
