//! Answers whose best hits a reranker put in order.
//! How it is asked, and what becomes of its numbers, is `rerank`'s part.

use std::sync::Arc;

use crate::index::{Answer, Index};
use crate::query::Query;
use crate::rerank::{Reranker, rerank};

/// A reranker, and how much it is given.
pub(super) struct Reranking {
    reranker: Arc<dyn Reranker>,
    n_hits: usize,
}

impl Index {
    /// The same index with a reranker for the best `n_hits` of each answer. If it fails, the answer is as it would be
    /// without, and says so.
    #[must_use]
    pub fn with_reranker(mut self, reranker: Arc<dyn Reranker>, n_hits: usize) -> Index {
        self.reranker = (0 < n_hits).then_some(Reranking { reranker, n_hits });
        self
    }

    pub(super) fn reranked(&self, query: &Query, reranking: &Reranking) -> Answer {
        let Reranking { reranker, n_hits } = reranking;
        // It may raise what would not be among the first otherwise.
        let limit = query.limit.max(*n_hits);
        let mut answer = self.answer_plainly(&Query { limit, ..query.clone() });
        if let Err(error) = rerank(reranker.as_ref(), &query.text, &mut answer.hits, *n_hits) {
            answer.notes.push(format!("the best hits are in the order of the search: {error}"));
        }
        answer.hits.truncate(query.limit);
        answer
    }
}
