//! Files and units as points, in requests of bounded size, and what the server has of a workspace.
//! A file's point says whether its units are all there: it is written before them without, and after them with that.

use std::collections::HashMap;

use index::{FilePoint, FileThere, PointId, Sparse, UnitPoint};
use qdrant_client::qdrant::point_id::PointIdOptions;
use qdrant_client::qdrant::points_selector::PointsSelectorOneOf;
use qdrant_client::qdrant::value::Kind;
use qdrant_client::qdrant::vector::Vector as Kinds;
use qdrant_client::qdrant::vectors::VectorsOptions;
use qdrant_client::qdrant::with_payload_selector::SelectorOptions;
use qdrant_client::qdrant::{
    DeletePoints, DenseVector, Filter, ListValue, MultiDenseVector, NamedVectors,
    PayloadIncludeSelector, PointStruct, PointsSelector, ScrollPoints, SparseVector, UpsertPoints,
    Value, Vector, Vectors, WithPayloadSelector,
};
use qdrant_client::{Payload, Qdrant};

use crate::address::Address;
use crate::collections::{DENSE, SPARSE};
use crate::filter::{filter, in_files, is};
use crate::qdrant::Failed;

/// The fields of a payload.
pub(crate) mod field {
    /// Whose points: in each question.
    pub(crate) const WORKSPACE: &str = "workspace";
    /// The id of the file, in both collections.
    pub(crate) const FILE: &str = "file";
    pub(crate) const PATH: &str = "path";
    /// The path and all folders around it.
    pub(crate) const UNDER: &str = "under";
    /// The names that the path is made of.
    pub(crate) const NAMES: &str = "names";
    /// What the file's name ends with, from each of its dots on.
    pub(crate) const ENDS: &str = "ends";
    pub(crate) const LANGUAGE: &str = "language";
    pub(crate) const IS_TEST: &str = "is_test";
    /// Of a file: its units are all there.
    pub(crate) const IS_WHOLE: &str = "is_whole";
    /// Of a unit: its number in the file, its name, its lines.
    pub(crate) const UNIT: &str = "unit";
    pub(crate) const NAME: &str = "name";
    pub(crate) const FIRST_LINE: &str = "first_line";
    pub(crate) const LAST_LINE: &str = "last_line";
}

/// Points in one request: up to so many, and up to about so many bytes. A server takes 32 MiB at most.
const MAX_POINTS: usize = 256;
const MAX_BYTES: usize = 4 << 20;

/// Numbers in all vectors of one point together: what the server takes. Units of a file beyond that are found by their
/// own points alone.
///
/// Source: `MAX_MULTIVECTOR_FLATTENED_LEN` in the server.
const MAX_NUMBERS: usize = 1 << 20;

/// Files in one answer of the server.
const PAGE: u32 = 4_096;

/// The requests that bring `files` in, in their order.
pub(crate) fn put(
    address: &Address,
    workspace: &str,
    files: &[FilePoint],
) -> impl Iterator<Item = UpsertPoints> {
    // Without their vectors: nobody shall find them yet.
    let begun = files.iter().map(|file| (file_point(workspace, file, false), 256)).collect();
    let units = files.iter().flat_map(|file| {
        let unit = |unit| (unit_point(workspace, file, unit), unit_bytes(unit));
        file.units.iter().map(unit).collect::<Vec<_>>()
    });
    let whole = files.iter().map(|file| {
        let bytes = file.units.iter().map(unit_bytes).sum();
        (file_point(workspace, file, true), bytes)
    });
    let begun = batches(address.files(), begun);
    let units = batches(address.functions(), units.collect());
    let whole = batches(address.files(), whole.collect());
    begun.into_iter().chain(units).chain(whole)
}

/// The requests that remove files: their units first, so that what is left of an interrupted one is still known.
pub(crate) fn remove(
    address: &Address,
    workspace: &str,
    files: &[PointId],
) -> impl Iterator<Item = DeletePoints> {
    let must = vec![is(field::WORKSPACE, workspace), in_files(files)];
    let of_files = Filter { must, ..Filter::default() };
    [address.functions(), address.files()].into_iter().map(move |name| DeletePoints {
        collection_name: name,
        wait: Some(true),
        points: Some(PointsSelector {
            points_selector_one_of: Some(PointsSelectorOneOf::Filter(of_files.clone())),
        }),
        ..DeletePoints::default()
    })
}

/// Some of the files that the server has, and where the next ones begin.
pub(crate) async fn page(
    client: &Qdrant,
    address: &Address,
    workspace: &str,
    offset: Option<qdrant_client::qdrant::PointId>,
) -> Result<(Vec<FileThere>, Option<qdrant_client::qdrant::PointId>), Failed> {
    let request = ScrollPoints {
        collection_name: address.files(),
        filter: Some(filter(workspace, &index::Conditions::default())),
        offset,
        limit: Some(PAGE),
        with_payload: Some(with_fields(&[field::IS_WHOLE])),
        ..ScrollPoints::default()
    };
    let answer = client.scroll(request).await?;
    let file = |point: &qdrant_client::qdrant::RetrievedPoint| {
        let is_whole = point.payload.get(field::IS_WHOLE).and_then(Value::as_bool);
        Some(FileThere { id: id_of(point.id.as_ref()?)?, is_whole: is_whole == Some(true) })
    };
    Ok((answer.result.iter().filter_map(file).collect(), answer.next_page_offset))
}

/// An answer with these fields of the payload alone.
pub(crate) fn with_fields(names: &[&str]) -> WithPayloadSelector {
    let fields = names.iter().map(|&name| name.to_owned()).collect();
    let include = SelectorOptions::Include(PayloadIncludeSelector { fields });
    WithPayloadSelector { selector_options: Some(include) }
}

/// Our name of a point; `None` for one that is not ours.
pub(crate) fn id_of(id: &qdrant_client::qdrant::PointId) -> Option<PointId> {
    match id.point_id_options.as_ref()? {
        PointIdOptions::Uuid(text) => PointId::parse(text),
        PointIdOptions::Num(_) => None,
    }
}

/// Words as the server takes them.
pub(crate) fn sparse(words: &Sparse) -> SparseVector {
    SparseVector { values: words.values.clone(), indices: words.words.clone() }
}

fn batches(name: String, points: Vec<(PointStruct, usize)>) -> Vec<UpsertPoints> {
    let mut all: Vec<UpsertPoints> = Vec::new();
    let mut bytes_here = 0;
    for (point, bytes) in points {
        let is_full =
            |last: &UpsertPoints| last.points.len() == MAX_POINTS || MAX_BYTES < bytes_here + bytes;
        if all.last().is_none_or(is_full) {
            let (collection_name, points) = (name.clone(), Vec::new());
            let wait = Some(true);
            all.push(UpsertPoints { collection_name, wait, points, ..UpsertPoints::default() });
            bytes_here = 0;
        }
        bytes_here += bytes;
        if let Some(last) = all.last_mut() {
            last.points.push(point);
        }
    }
    all
}

fn unit_bytes(unit: &UnitPoint) -> usize {
    512 + 4 * unit.vector.as_ref().map_or(0, Vec::len) + 8 * unit.words.words.len()
}

fn file_point(workspace: &str, file: &FilePoint, is_whole: bool) -> PointStruct {
    let mut payload = place(workspace, file, file.is_test);
    payload.insert(field::IS_WHOLE, is_whole);
    let mut vectors = HashMap::new();
    if is_whole {
        let mut numbers = 0;
        let fits = |vector: &&Vec<f32>| {
            numbers += vector.len();
            numbers <= MAX_NUMBERS
        };
        let units = file.units.iter().filter_map(|unit| unit.vector.as_ref());
        let units = units.take_while(fits).map(|data| DenseVector { data: data.clone() });
        let units: Vec<DenseVector> = units.collect();
        if !units.is_empty() {
            vectors.insert(DENSE, Kinds::MultiDense(MultiDenseVector { vectors: units }));
        }
        insert_words(&mut vectors, &file.words);
    }
    point(file.id, payload, vectors)
}

fn unit_point(workspace: &str, file: &FilePoint, unit: &UnitPoint) -> PointStruct {
    let mut payload = place(workspace, file, unit.is_test);
    payload.insert(field::UNIT, i64::from(unit.unit));
    payload.insert(field::NAME, unit.name.as_str());
    payload.insert(field::FIRST_LINE, i64::from(unit.lines.0));
    payload.insert(field::LAST_LINE, i64::from(unit.lines.1));
    let mut vectors = HashMap::new();
    if let Some(data) = &unit.vector {
        vectors.insert(DENSE, Kinds::Dense(DenseVector { data: data.clone() }));
    }
    insert_words(&mut vectors, &unit.words);
    point(unit.id, payload, vectors)
}

/// An empty vector is none.
fn insert_words(vectors: &mut HashMap<&'static str, Kinds>, words: &Sparse) {
    if !words.words.is_empty() {
        vectors.insert(SPARSE, Kinds::Sparse(sparse(words)));
    }
}

fn point(id: PointId, payload: Payload, vectors: HashMap<&'static str, Kinds>) -> PointStruct {
    let named = vectors.into_iter().map(|(name, vector)| {
        (name.to_owned(), Vector { vector: Some(vector), ..Vector::default() })
    });
    let named = NamedVectors { vectors: named.collect() };
    PointStruct {
        id: Some(id.to_string().into()),
        payload: payload.into(),
        vectors: Some(Vectors { vectors_options: Some(VectorsOptions::Vectors(named)) }),
    }
}

/// What can be asked of a point's place.
fn place(workspace: &str, file: &FilePoint, is_test: bool) -> Payload {
    let path = file.path.as_str();
    let mut payload = Payload::new();
    payload.insert(field::WORKSPACE, workspace);
    payload.insert(field::FILE, file.id.to_string());
    payload.insert(field::PATH, path);
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    payload.insert(field::UNDER, list(ends.map(|end| &path[..end])));
    payload.insert(field::NAMES, list(path.split('/')));
    let name = path.rsplit('/').next().unwrap_or(path);
    payload.insert(field::ENDS, list(name.match_indices('.').map(|(at, _)| &name[at + 1..])));
    if let Some(language) = &file.language {
        payload.insert(field::LANGUAGE, language.as_str());
    }
    payload.insert(field::IS_TEST, is_test);
    payload
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    let values = texts.map(Value::from).collect();
    Value { kind: Some(Kind::ListValue(ListValue { values })) }
}
