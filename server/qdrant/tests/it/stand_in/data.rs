//! The stand-in's memory: collections with their points, and how points are found.
//! Scores are exact, and equal ones are in the order of ids.

use std::collections::{BTreeMap, HashMap};

use qdrant_client::qdrant::query::Variant;
use qdrant_client::qdrant::vector::Vector as Kinds;
use qdrant_client::qdrant::vectors_config::Config;
use qdrant_client::qdrant::{
    CreateCollection, Filter, PointStruct, PrefetchQuery, Query, QueryPoints, Value, VectorParams,
    vector_input, vectors,
};
use tonic::Status;

use super::filter::holds;

/// Everything, and what was asked for.
#[derive(Default)]
pub(crate) struct Data {
    pub(crate) collections: BTreeMap<String, Collection>,
    /// Questions that were answered.
    pub(crate) n_queries: usize,
    /// Of them, those that joined two lists.
    pub(crate) n_fused: usize,
    /// Points that were written, one that was written twice counted twice.
    pub(crate) n_written: usize,
    /// The most points in one request.
    pub(crate) most_points: usize,
    /// After so many more points, writing fails as on a server that is stopping.
    pub(crate) writes_left: Option<usize>,
}

/// A collection.
pub(crate) struct Collection {
    pub(crate) made: CreateCollection,
    /// Fields with an index, by their type.
    pub(crate) fields: BTreeMap<String, i32>,
    pub(crate) points: BTreeMap<String, Stored>,
}

/// A point.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) payload: HashMap<String, Value>,
    pub(crate) vectors: HashMap<String, Kinds>,
}

impl Data {
    /// Questions that were answered, and those of them that joined two lists.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.n_queries, self.n_fused)
    }

    /// Files that are there, whole or not.
    pub(crate) fn n_files(&self) -> usize {
        self.collections["workspace_files"].points.len()
    }

    /// Whether this stands in any payload.
    pub(crate) fn says(&self, text: &str) -> bool {
        let mut points = self.collections.values().flat_map(|all| all.points.values());
        points.any(|point| format!("{:?}", point.payload).contains(text))
    }

    pub(crate) fn collection(&mut self, name: &str) -> Result<&mut Collection, Status> {
        let missing =
            || Status::not_found(format!("Not found: Collection `{name}` doesn't exist!"));
        self.collections.get_mut(name).ok_or_else(missing)
    }

    pub(crate) fn write(&mut self, name: &str, points: Vec<PointStruct>) -> Result<(), Status> {
        self.most_points = self.most_points.max(points.len());
        for point in points {
            if self.writes_left == Some(0) {
                return Err(Status::unavailable("stopping"));
            }
            self.writes_left = self.writes_left.map(|left| left - 1);
            self.n_written += 1;
            self.collection(name)?.write(point)?;
        }
        Ok(())
    }

    pub(crate) fn query(&mut self, query: &QueryPoints) -> Result<Vec<(String, f32)>, Status> {
        self.n_queries += 1;
        let limit = query.limit.unwrap_or(10) as usize;
        let asked = query.query.as_ref().and_then(|query| query.variant.as_ref());
        let Some(Variant::Rrf(rrf)) = asked else {
            let collection = self.collection(&query.collection_name)?;
            let using = query.using.as_deref();
            return collection.nearest(query.query.as_ref(), using, query.filter.as_ref(), limit);
        };
        self.n_fused += 1;
        let collection = self.collection(&query.collection_name)?;
        let k = rrf.k.unwrap_or(2) as f32;
        let mut scores: BTreeMap<String, f32> = BTreeMap::new();
        for PrefetchQuery { query, using, filter, limit, .. } in &query.prefetch {
            let limit = limit.unwrap_or(10) as usize;
            let list =
                collection.nearest(query.as_ref(), using.as_deref(), filter.as_ref(), limit)?;
            // Places count from 0.
            for (place, (id, _)) in list.into_iter().enumerate() {
                *scores.entry(id).or_default() += 1.0 / (place as f32 + k);
            }
        }
        Ok(best(scores.into_iter().collect(), limit))
    }
}

impl Collection {
    fn write(&mut self, point: PointStruct) -> Result<(), Status> {
        let id = point.id.and_then(|id| id.point_id_options).map(|id| match id {
            qdrant_client::qdrant::point_id::PointIdOptions::Uuid(id) => id,
            qdrant_client::qdrant::point_id::PointIdOptions::Num(id) => id.to_string(),
        });
        let id = id.ok_or_else(|| Status::invalid_argument("a point without id"))?;
        let vectors = match point.vectors.and_then(|vectors| vectors.vectors_options) {
            Some(vectors::VectorsOptions::Vectors(named)) => named.vectors,
            _ => return Err(Status::invalid_argument("Not existing vector name error: ")),
        };
        let mut kept = HashMap::new();
        for (name, vector) in vectors {
            let Some(vector) = vector.vector else { continue };
            self.check(&name, &vector)?;
            kept.insert(name, vector);
        }
        self.points.insert(id, Stored { payload: point.payload, vectors: kept });
        Ok(())
    }

    fn params(&self, name: &str) -> Option<&VectorParams> {
        match self.made.vectors_config.as_ref()?.config.as_ref()? {
            Config::ParamsMap(all) => all.map.get(name),
            Config::Params(_) => None,
        }
    }

    fn check(&self, name: &str, vector: &Kinds) -> Result<(), Status> {
        let wrong = |what: &str| Err(Status::invalid_argument(format!("Wrong input: {what}")));
        let right_len = |data: &Vec<f32>| {
            self.params(name).is_some_and(|params| params.size as usize == data.len())
        };
        let is_many = self.params(name).is_some_and(|params| params.multivector_config.is_some());
        match vector {
            Kinds::Dense(one) if !is_many && right_len(&one.data) => Ok(()),
            Kinds::MultiDense(many) if is_many => {
                let all =
                    !many.vectors.is_empty() && many.vectors.iter().all(|one| right_len(&one.data));
                if all { Ok(()) } else { wrong("Vector dimension error") }
            }
            Kinds::Sparse(words) => {
                let is_sorted = words.indices.windows(2).all(|two| two[0] < two[1]);
                match is_sorted && words.indices.len() == words.values.len() {
                    true => Ok(()),
                    false => wrong("must be unique"),
                }
            }
            _ => wrong("Vector dimension error"),
        }
    }

    fn nearest(
        &self,
        query: Option<&Query>,
        using: Option<&str>,
        filter: Option<&Filter>,
        limit: usize,
    ) -> Result<Vec<(String, f32)>, Status> {
        let asked = match query.and_then(|query| query.variant.as_ref()) {
            Some(Variant::Nearest(input)) => input.variant.as_ref(),
            _ => None,
        };
        let asked = asked.ok_or_else(|| Status::unimplemented("another kind of query"))?;
        let name = using.unwrap_or_default();
        if let vector_input::Variant::Dense(one) = asked
            && self.params(name).is_none_or(|params| params.size as usize != one.data.len())
        {
            return Err(Status::invalid_argument("Wrong input: Vector dimension error"));
        }
        let found = self.points.iter().filter(|(id, point)| holds(filter, id, point));
        let score = |point: &Stored| score(asked, point.vectors.get(name)?);
        let found = found.filter_map(|(id, point)| Some((id.clone(), score(point)?)));
        Ok(best(found.collect(), limit))
    }
}

fn best(mut found: Vec<(String, f32)>, limit: usize) -> Vec<(String, f32)> {
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.truncate(limit);
    found
}

/// `None` if the point is not found at all: a sparse vector without any common word.
fn score(asked: &vector_input::Variant, vector: &Kinds) -> Option<f32> {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    match (asked, vector) {
        (vector_input::Variant::Dense(a), Kinds::Dense(b)) => Some(dot(&a.data, &b.data)),
        (vector_input::Variant::Dense(a), Kinds::MultiDense(all)) => {
            all.vectors.iter().map(|b| dot(&a.data, &b.data)).reduce(f32::max)
        }
        (vector_input::Variant::Sparse(a), Kinds::Sparse(b)) => {
            let values: BTreeMap<u32, f32> =
                b.indices.iter().copied().zip(b.values.iter().copied()).collect();
            let common = a.indices.iter().zip(&a.values);
            let products = common.filter_map(|(word, value)| Some(values.get(word)? * value));
            products.reduce(|sum, product| sum + product)
        }
        _ => None,
    }
}
