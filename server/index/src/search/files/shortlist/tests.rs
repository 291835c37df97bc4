//! Whatever is left out is not among the best.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fmt::Write as _;

use super::*;
use crate::testing::World;
use crate::{Index, Query};

#[test]
fn the_best_of_a_class_are_kept_and_of_equal_ones_the_first() {
    let mut best = Best::default();
    let score = |slot: Slot| ((slot * 7_919) % 1_000 / 4) as f32;
    for slot in 0..3_000 {
        if best.floor <= score(slot) {
            best.push(slot, score(slot), |a, b| a.cmp(&b));
        }
    }
    let mut all: Vec<Slot> = (0..3_000).collect();
    all.sort_by(|a, b| score(*b).total_cmp(&score(*a)).then(a.cmp(b)));
    for slot in &all[..weights::MAX_FILES] {
        assert!(best.items.contains(&(score(*slot), *slot)), "{slot}");
    }
    assert!(best.items.len() < 4 * weights::MAX_FILES);
}

#[test]
fn among_many_files_each_class_and_each_kind_of_evidence_counts() {
    let mut files = String::new();
    for idx in 0..600 {
        // The word is rarer in longer files.
        let other = "other\n".repeat(idx);
        write!(files, "//- /src/f{idx}.txt\napple\n{other}").unwrap();
    }
    files.push_str("//- /tests/many.txt\napple apple apple apple apple apple apple apple\n");
    files.push_str("//- /src/def.py\ndef apple_pie():\n    return 1\n");
    files.push_str("//- /apple.md\nnothing\n");
    let world = World::with(&files, Index::new());
    let all = Query { limit: 1_000, ..Query::new("apple_pie") };
    let paths: Vec<String> =
        world.index.search(&all).into_iter().map(|hit| hit.path.as_str().to_owned()).collect();
    assert_eq!(paths[0], "src/def.py");
    for path in ["apple.md", "tests/many.txt", "src/f0.txt", "src/f30.txt"] {
        assert!(paths.iter().any(|found| found == path), "{path} of {paths:?}");
    }
    assert!(paths.len() <= weights::MAX_FILES);

    let only = Query { paths: vec!["src/f5??.txt".to_owned()], ..Query::new("apple") };
    let hits = world.index.search(&only);
    assert_eq!(hits.len(), only.limit);
    assert!(hits.iter().all(|hit| hit.path.as_str().starts_with("src/f5")), "{hits:?}");
}
