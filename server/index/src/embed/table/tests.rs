//! What a text's vector is, and files that are wrong.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::{prop_assert, proptest};

use crate::embed::table::{BODY, PATH, QUALIFIED, SIGNATURE, StaticTable, Table, place};
use crate::embed::testing::table_bytes;
use crate::embed::{EmbedError, Embedder, Text};
use crate::vector::Damaged;

/// Each token points in a direction of its own; `heavy` counts thrice.
fn small() -> Vec<u8> {
    let strings = ["src", "http", "date", "parse", "heavy", "##s", "2"];
    let tokens: Vec<_> = strings
        .iter()
        .enumerate()
        .map(|(at, string)| {
            let mut row = vec![0; 32];
            row[at] = 100;
            (*string, if *string == "heavy" { 0.03 } else { 0.01 }, row)
        })
        .collect();
    table_bytes(32, &tokens)
}

fn embed(text: Text<'_>) -> Vec<f32> {
    let bytes = small();
    let mut out = vec![f32::NAN; 32];
    Table::parse(&bytes).unwrap().embed(text, &mut out);
    out.truncate(7);
    out
}

#[track_caller]
fn check(text: Text<'_>, weights: [f32; 7]) {
    let norm = weights.iter().map(|weight| weight * weight).sum::<f32>().sqrt();
    for (value, weight) in embed(text).iter().zip(weights) {
        assert!((value - weight / norm).abs() < 1e-6, "{value} {weight} {text:?}");
    }
}

#[test]
fn a_query_is_the_sum_of_its_tokens() {
    check(Text::Query("parse"), [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
    check(Text::Query("parseDate"), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
    check(Text::Query("heavy dates"), [0.0, 0.0, 1.0, 0.0, 3.0, 1.0, 0.0]);
    let thrice = 1.0 + 3f32.ln();
    check(Text::Query("date DATE date parse"), [0.0, 0.0, thrice, 1.0, 0.0, 0.0, 0.0]);
}

#[test]
fn a_chunk_is_the_sum_of_its_fields() {
    let text = Text::Chunk {
        path: "src/http/date.2.parse",
        qualified: "Date",
        signature: "heavy",
        doc: "",
        body: "date",
    };
    let damped = |count: f32| 1.0 + count.ln();
    let path = damped(PATH);
    let date = damped(PATH + QUALIFIED + BODY);
    check(text, [0.0, path, date, 0.0, 3.0 * damped(SIGNATURE), 0.0, path]);
}

#[test]
fn nothing_known_is_zero() {
    for text in ["", "%&/", "zebra", "\u{0}"] {
        assert_eq!(embed(Text::Query(text)), [0.0; 7], "{text}");
    }
    let nothing = Text::Chunk { path: "", qualified: "", signature: "", doc: "", body: "" };
    assert_eq!(embed(nothing), [0.0; 7]);
}

#[test]
fn places() {
    let table = [
        ("src/http/date.rs", ("http", "date")),
        ("date.rs", ("", "date")),
        ("a/.gitignore", ("a", ".gitignore")),
        ("a/b/c.test.ts", ("b", "c.test")),
        ("a/b/Makefile", ("b", "Makefile")),
        ("a/b/", ("b", "")),
        ("", ("", "")),
    ];
    for (path, expected) in table {
        assert_eq!(place(path), expected, "{path}");
    }
}

#[test]
fn the_static_table_is_an_embedder() {
    let table = StaticTable::new(Box::leak(small().into_boxed_slice())).unwrap();
    let table: &dyn Embedder = &table;
    assert_eq!(table.id(), "static-32-7465737473746d70");
    assert_eq!(table.dim(), 32);
    let mut both = [0.0; 64];
    table.embed_all(&[Text::Query("date"), Text::Query("parse")], &mut both).unwrap();
    let mut one = [0.0; 32];
    table.embed(Text::Query("parse"), &mut one).unwrap();
    assert_eq!(both[32..], one);
    let error = table.embed(Text::Query(""), &mut [0.0; 31]).unwrap_err();
    assert!(matches!(error, EmbedError::Length { expected: 32, given: 31 }));
    assert_eq!(error.to_string(), "room for 31 numbers was given where vectors have 32");
    assert!(table.embed_all(&[Text::Query("")], &mut [0.0; 64]).is_err());
}

#[test]
fn the_shipped_table_knows_what_code_means() {
    let table = StaticTable::shipped();
    let vector = |text: Text<'_>| {
        let mut out = vec![0.0; table.dim()];
        table.embed(text, &mut out).unwrap();
        out
    };
    let function = |qualified, signature, body| {
        vector(Text::Chunk { path: "src/util.py", qualified, signature, doc: "", body })
    };
    let remove = function("unlink", "def unlink(path)", "os.remove(path)");
    let read = function("slurp", "def slurp(path)", "with open(path) as f: return f.read()");
    let wait = function("nap", "def nap(seconds)", "time.sleep(seconds)");
    let questions =
        [("delete a file", &remove), ("load the contents of a file", &read), ("pause", &wait)];
    for (question, right) in questions {
        let question_vector = vector(Text::Query(question));
        let cosine = |vector: &[f32]| -> f32 {
            vector.iter().zip(&question_vector).map(|(a, b)| a * b).sum()
        };
        for other in [&remove, &read, &wait].into_iter().filter(|other| *other != right) {
            assert!(cosine(other) < cosine(right), "{question}");
        }
    }
}

#[test]
fn all_strings_are_found_in_a_large_table() {
    let strings: Vec<String> = (0..3_000).map(|number| format!("{:x}", number * 7919)).collect();
    let tokens: Vec<_> = strings.iter().map(|string| (string.as_str(), 1.0, vec![1; 32])).collect();
    let bytes = table_bytes(32, &tokens);
    let table = Table::parse(&bytes).unwrap();
    let hash = |text: &str| {
        text.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    for string in &strings {
        let token = table.find(hash(string), &[], string.as_bytes()).unwrap();
        assert_eq!(table.string(token), string.as_bytes());
        assert!(table.find(hash(&format!("{string}.")), string.as_bytes(), b".").is_none());
    }
    assert_eq!(table.string(3_000), b"");
}

#[test]
fn what_comes_after_the_limits_is_not_read() {
    for filler in ["date ".repeat(2_000), "%".repeat(70_000), "a".repeat(70_000)] {
        let with_more = embed(Text::Query(&format!("date {filler} parse")));
        assert_eq!(with_more, embed(Text::Query(&format!("date {filler}"))));
    }
    let body = "date ".repeat(256);
    check(
        Text::Chunk { path: "", qualified: "", signature: "", doc: "", body: &(body + "parse") },
        [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
    );
}

#[test]
fn a_cut_file_is_damaged() {
    let bytes = small();
    for len in 0..bytes.len() {
        assert!(Table::parse(&bytes[..len]).is_err(), "{len}");
    }
    assert!(Table::parse(&[bytes.as_slice(), &[0]].concat()).is_err());
}

#[test]
fn wrong_numbers_are_damaged() {
    let right = small();
    let check = |at: usize, value: u32| {
        let mut bytes = right.clone();
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        let error = Table::parse(&bytes).unwrap_err();
        assert_eq!(error, Damaged("table of the static embedding"), "{at}");
    };
    for (at, value) in [(0, 0), (8, 8), (8, u32::MAX), (12, 0), (12, 33), (12, u32::MAX), (16, 1)] {
        check(at, value);
    }
    for value in [0, 15, 32, u32::MAX] {
        check(20, value);
    }
    check(24, 1 << 30);
    // The first string ends behind the second; the last one behind all.
    check(128, 90);
    check(128 + 24, 90);
    let scales = right.len() - 7 * 32 - 64;
    check(scales, f32::NAN.to_bits());
    check(scales, f32::INFINITY.to_bits());
}

#[test]
fn wild_scales_give_finite_vectors() {
    let bytes = table_bytes(32, &[("a", f32::MAX, vec![127; 32]), ("b", 1e-30, vec![1; 32])]);
    let table = Table::parse(&bytes).unwrap();
    for text in ["a", "b", "a a a b"] {
        let mut out = [0.0; 32];
        table.embed(Text::Query(text), &mut out);
        assert!(out.iter().all(|value| value.is_finite()), "{text}");
    }
}

proptest! {
    #[test]
    fn a_flipped_bit_is_refused_or_harmless(flip in any::<usize>(), text in "[a-z2]{0,30}") {
        let mut bytes = small();
        let n_bits = bytes.len() * 8;
        bytes[flip % n_bits / 8] ^= 1 << (flip % 8);
        if let Ok(table) = Table::parse(&bytes) {
            let mut out = vec![0.0; table.dim];
            table.embed(Text::Query(&format!("{text} date")), &mut out);
            prop_assert!(out.iter().all(|value| value.is_finite()));
        }
    }

    #[test]
    fn slots_of_any_content_are_harmless(slots in vec(any::<u8>(), 64), text in "[a-z2]{0,30}") {
        let mut bytes = small();
        bytes[64..128].copy_from_slice(&slots);
        let table = Table::parse(&bytes).unwrap();
        table.embed(Text::Query(&text), &mut [0.0; 32]);
    }
}
