//! The best hits in the reranker's order, and as they were when it fails.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use super::{MAX_TEXT_BYTES, RerankError, Reranker};
use crate::index::Index;
use crate::query::Query;
use crate::testing::World;

/// Rates texts by a function.
struct By(fn(&str) -> f32);

impl Reranker for By {
    fn id(&self) -> &str {
        "by"
    }

    fn scores(&self, _: &str, texts: &[&str]) -> Result<Vec<f32>, RerankError> {
        assert!(texts.iter().all(|text| text.len() <= MAX_TEXT_BYTES));
        Ok(texts.iter().map(|text| (self.0)(text)).collect())
    }
}

/// Gives as many numbers as it likes, or none.
struct Broken(Option<Vec<f32>>);

impl Reranker for Broken {
    fn id(&self) -> &str {
        "broken"
    }

    fn scores(&self, _: &str, _: &[&str]) -> Result<Vec<f32>, RerankError> {
        self.0.clone().ok_or_else(|| RerankError::Away {
            name: "broken".into(),
            reason: "nobody listens at 127.0.0.1:1".into(),
        })
    }
}

fn files() -> String {
    (0..6)
        .map(|idx| {
            let body = "    x = 'é socket'\n".repeat(if idx == 5 { 400 } else { 1 });
            format!("//- /m{idx}.py\ndef socket_{idx}():\n{body}\n")
        })
        .collect()
}

fn names(index: &Index, limit: usize) -> Vec<String> {
    let query = Query { limit, ..Query::new("socket") };
    index.search(&query).iter().map(|hit| hit.chunk.name.clone()).collect()
}

#[test]
fn the_best_are_put_in_order_and_say_so() {
    let files = files();
    let plain = names(&World::new(&files).index, 6);
    let last_first = By(|text| if text.contains("socket_4") { 2.0 } else { 1.0 });
    let world = World::with(&files, Index::new().with_reranker(Arc::new(last_first), 6));
    let answer = world.index.answer(&Query { limit: 2, ..Query::new("socket") });
    // What was behind comes first; the rest stays in its order.
    let others: Vec<&String> = plain.iter().filter(|name| *name != "socket_4").collect();
    let found: Vec<&str> = answer.hits.iter().map(|hit| hit.chunk.name.as_str()).collect();
    assert_eq!(found, ["socket_4", others[0].as_str()]);
    assert!(answer.hits[0].reason.ends_with("; reranked 2.00"), "{}", answer.hits[0].reason);
    assert!(answer.hits[1].score <= answer.hits[0].score);
    assert_eq!(answer.notes, [] as [String; 0]);
}

#[test]
fn only_so_many_are_rated() {
    let files = files();
    let plain = names(&World::new(&files).index, 6);
    let reversed = By(|text| text.as_bytes()[1] as f32);
    let world = World::with(&files, Index::new().with_reranker(Arc::new(reversed), 2));
    let query = Query { limit: 6, ..Query::new("socket") };
    let hits = world.index.search(&query);
    let mut first: Vec<&str> = plain[..2].iter().map(String::as_str).collect();
    first.sort_unstable_by(|a, b| b.cmp(a));
    let found: Vec<&str> = hits.iter().map(|hit| hit.chunk.name.as_str()).collect();
    assert_eq!(
        (&found[..2], &found[2..]),
        (&first[..], &plain[2..].iter().map(String::as_str).collect::<Vec<_>>()[..])
    );
    assert_eq!(hits.iter().filter(|hit| hit.reason.contains("reranked")).count(), 2);
    assert!(hits.windows(2).all(|pair| pair[1].score <= pair[0].score));
    assert_eq!(world.index.search(&Query { limit: 0, ..query }), []);
}

#[test]
fn a_reranker_that_fails_changes_nothing_and_is_told_of() {
    let files = files();
    let plain = World::new(&files).index.answer(&Query::new("socket"));
    for (broken, note) in [
        (
            None,
            "the best hits are in the order of the search: reranker `broken` is away: nobody listens at 127.0.0.1:1",
        ),
        (
            Some(vec![1.0]),
            "the best hits are in the order of the search: reranker `broken` refused: it gave 1 numbers for 6 texts",
        ),
        (
            Some(vec![f32::NAN; 6]),
            "the best hits are in the order of the search: reranker `broken` refused: it gave the number NaN",
        ),
    ] {
        let world = World::with(&files, Index::new().with_reranker(Arc::new(Broken(broken)), 30));
        let answer = world.index.answer(&Query::new("socket"));
        assert_eq!((answer.hits, answer.notes), (plain.hits.clone(), vec![note.to_owned()]));
    }
}
