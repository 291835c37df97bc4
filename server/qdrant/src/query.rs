//! Questions to the server and what it found.
//! Words and meaning are joined by the server, with the ranks that the index would give.

use index::{FoundUnit, Fused, PointId, Question};
use qdrant_client::qdrant::query::Variant;
use qdrant_client::qdrant::{
    DenseVector, PrefetchQuery, Query, QueryPoints, Rrf, ScoredPoint, SearchParams, Value,
    VectorInput, vector_input,
};

use crate::address::Address;
use crate::collections::{DENSE, SPARSE};
use crate::filter::filter;
use crate::points::{field, id_of, sparse, with_fields};

/// Candidates of the server's graph: more than are asked for, so that it is about exact.
const EF_FACTOR: u64 = 3;

/// The units nearest to a vector.
pub(crate) fn nearest(address: &Address, question: &Question<'_>) -> QueryPoints {
    let limit = question.limit as u64;
    QueryPoints {
        collection_name: address.functions(),
        query: Some(near(vector_input::Variant::Dense(dense(question.vector)))),
        using: Some(DENSE.to_owned()),
        filter: Some(filter(question.workspace, &question.conditions)),
        params: Some(params(limit)),
        limit: Some(limit),
        with_payload: Some(with_fields(&[field::FILE, field::UNIT])),
        ..QueryPoints::default()
    }
}

/// The files by both of their vectors.
pub(crate) fn fused(address: &Address, question: &Question<'_>, by: &Fused<'_>) -> QueryPoints {
    let filter = filter(question.workspace, &question.conditions);
    let list = |query: Query, using: &str, limit: usize| PrefetchQuery {
        query: Some(query),
        using: Some(using.to_owned()),
        filter: Some(filter.clone()),
        params: (using == DENSE).then(|| params(limit as u64)),
        limit: Some(limit as u64),
        ..PrefetchQuery::default()
    };
    let mut prefetch = Vec::new();
    if 0 < by.n_dense {
        let query = near(vector_input::Variant::Dense(dense(question.vector)));
        prefetch.push(list(query, DENSE, by.n_dense));
    }
    if !by.words.words.is_empty() {
        let query = near(vector_input::Variant::Sparse(sparse(by.words)));
        prefetch.push(list(query, SPARSE, by.n_sparse));
    }
    // The server counts places from 0 where we count ranks from 1.
    let rrf = Rrf { k: Some(by.k.saturating_add(1)), weights: Vec::new() };
    QueryPoints {
        collection_name: address.files(),
        prefetch,
        query: Some(Query { variant: Some(Variant::Rrf(rrf)) }),
        limit: Some(question.limit as u64),
        with_payload: Some(false.into()),
        ..QueryPoints::default()
    }
}

/// A unit that was found; `None` for a point that is not ours.
pub(crate) fn unit(point: &ScoredPoint) -> Option<FoundUnit> {
    let file = PointId::parse(point.payload.get(field::FILE)?.as_str()?)?;
    let unit = point.payload.get(field::UNIT).and_then(Value::as_integer)?;
    Some(FoundUnit { file, unit: u32::try_from(unit).ok()?, score: point.score })
}

/// A file that was found; `None` for a point that is not ours.
pub(crate) fn file(point: &ScoredPoint) -> Option<PointId> {
    id_of(point.id.as_ref()?)
}

fn near(variant: vector_input::Variant) -> Query {
    Query { variant: Some(Variant::Nearest(VectorInput { variant: Some(variant) })) }
}

fn dense(vector: &[f32]) -> DenseVector {
    DenseVector { data: vector.to_vec() }
}

fn params(limit: u64) -> SearchParams {
    SearchParams { hnsw_ef: Some(limit * EF_FACTOR), ..SearchParams::default() }
}
