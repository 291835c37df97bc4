//! What can be written in the settings, and what is said of the rest.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;

use index::Fusion;

use super::{EmbedderChoice, RerankerChoice, parse_fusion};

#[test]
fn embedders_and_rerankers() {
    let model = "tei/a/b".parse().unwrap();
    assert_eq!("none".parse(), Ok(EmbedderChoice::None));
    assert_eq!("static".parse(), Ok(EmbedderChoice::Static));
    assert_eq!("tei/a/b".parse(), Ok(EmbedderChoice::Model(model)));
    assert_eq!("dir:/a b".parse(), Ok(EmbedderChoice::Folder(PathBuf::from("/a b"))));
    assert_eq!("none".parse(), Ok(RerankerChoice::None));
    assert_eq!("dir:/a".parse(), Ok(RerankerChoice::Folder(PathBuf::from("/a"))));
    for text in ["", "ollama", "ollama/", "/x", "dir:", "dir:models/x"] {
        let error = text.parse::<EmbedderChoice>().unwrap_err();
        assert!(error.starts_with(&format!("`{text}` is no embedder; write ")), "{error}");
        assert!(text.parse::<RerankerChoice>().is_err(), "{text}");
    }
    assert!("static".parse::<RerankerChoice>().is_err());
}

#[test]
fn fusions() {
    assert_eq!(parse_fusion("lexical"), Ok(Fusion::Lexical));
    assert_eq!(parse_fusion("weighted:0.7"), Ok(Fusion::Weighted { dense: 0.7 }));
    assert_eq!(parse_fusion("rrf"), Ok(Fusion::Ranks { k: 60.0 }));
    assert_eq!(parse_fusion("rrf:10"), Ok(Fusion::Ranks { k: 10.0 }));
    for text in ["", "weighted", "weighted:2", "weighted:NaN", "rrf:-1", "rrf:x", "lexical:1"] {
        assert!(parse_fusion(text).is_err(), "{text}");
    }
}
