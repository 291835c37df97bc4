//! The two collections: made where they are not there, compared with what is needed where they are.
//! A collection that does not fit is left as it is: it may be somebody else's.

use std::collections::HashMap;

use qdrant_client::qdrant::vectors_config::Config;
use qdrant_client::qdrant::{
    CollectionInfo, CreateCollection, CreateFieldIndexCollection, Distance, FieldType,
    KeywordIndexParams, Memory, MultiVectorComparator, MultiVectorConfig, PayloadIndexParams,
    SparseVectorConfig, SparseVectorParams, VectorParams, VectorParamsMap, VectorsConfig,
    payload_index_params,
};
use qdrant_client::{Qdrant, QdrantError};
use tonic::Code;

use crate::address::Address;
use crate::points::field;
use crate::qdrant::Failed;

/// The name of the vectors that stand for meaning, and of those that stand for words.
pub(crate) const DENSE: &str = "dense";
pub(crate) const SPARSE: &str = "sparse";

/// Fields that are looked up, with their types.
const FIELDS: &[(&str, FieldType)] = &[
    (field::WORKSPACE, FieldType::Keyword),
    (field::FILE, FieldType::Keyword),
    (field::UNDER, FieldType::Keyword),
    (field::NAMES, FieldType::Keyword),
    (field::ENDS, FieldType::Keyword),
    (field::LANGUAGE, FieldType::Keyword),
    (field::IS_TEST, FieldType::Bool),
];

/// Whether a point has one vector for meaning, or one for each of its units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    One,
    Many,
}

/// Makes and checks both, for vectors of `dim` numbers.
pub(crate) async fn prepare(client: &Qdrant, address: &Address, dim: u64) -> Result<(), Failed> {
    for (name, shape) in [(address.files(), Shape::Many), (address.functions(), Shape::One)] {
        let mut info = info(client, &name).await?;
        if info.is_none() {
            match client.create_collection(create(&name, shape, dim)).await {
                Ok(_) => {}
                // Somebody else was quicker.
                Err(QdrantError::ResponseError { status })
                    if status.code() == Code::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
            info = self::info(client, &name).await?;
        }
        let info = info.ok_or_else(|| Failed::Wrong(format!("it did not make `{name}`")))?;
        check(&name, &info, shape, dim)?;
        for (name_of_field, kind) in FIELDS {
            if !info.payload_schema.contains_key(*name_of_field) {
                client.create_field_index(index(&name, name_of_field, *kind)).await?;
            }
        }
    }
    Ok(())
}

async fn info(client: &Qdrant, name: &str) -> Result<Option<CollectionInfo>, Failed> {
    match client.collection_info(name.to_owned()).await {
        Ok(info) => Ok(info.result),
        Err(QdrantError::ResponseError { status }) if status.code() == Code::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn create(name: &str, shape: Shape, dim: u64) -> CreateCollection {
    let multivector_config = (shape == Shape::Many)
        .then(|| MultiVectorConfig { comparator: MultiVectorComparator::MaxSim.into() });
    let dense = VectorParams {
        size: dim,
        // Vectors come with unit length but for their rounding, and the server must not round them once more.
        distance: Distance::Dot.into(),
        // These are asked for their few best alone, and are as many as those of the units once more.
        memory: (shape == Shape::Many).then(|| Memory::Cold.into()),
        multivector_config,
        ..VectorParams::default()
    };
    let map = HashMap::from([(DENSE.to_owned(), dense)]);
    let config = Some(Config::ParamsMap(VectorParamsMap { map }));
    let map = HashMap::from([(SPARSE.to_owned(), SparseVectorParams::default())]);
    CreateCollection {
        collection_name: name.to_owned(),
        vectors_config: Some(VectorsConfig { config }),
        sparse_vectors_config: Some(SparseVectorConfig { map }),
        ..CreateCollection::default()
    }
}

fn index(collection: &str, name: &str, kind: FieldType) -> CreateFieldIndexCollection {
    // Each question is about one workspace: its points are kept side by side.
    let params = KeywordIndexParams { is_tenant: Some(true), ..KeywordIndexParams::default() };
    let index_params = Some(payload_index_params::IndexParams::KeywordIndexParams(params));
    CreateFieldIndexCollection {
        collection_name: collection.to_owned(),
        wait: Some(true),
        field_name: name.to_owned(),
        field_type: Some(kind.into()),
        field_index_params: (name == field::WORKSPACE)
            .then_some(PayloadIndexParams { index_params }),
        ..CreateFieldIndexCollection::default()
    }
}

/// Whether a collection can hold our points.
fn check(name: &str, info: &CollectionInfo, shape: Shape, dim: u64) -> Result<(), Failed> {
    let wrong = |what: String| {
        Err(Failed::Wrong(format!(
            "its collection `{name}` {what}; set another `search.qdrant.prefix`, or delete that collection"
        )))
    };
    let params = info.config.as_ref().and_then(|config| config.params.as_ref());
    let vectors = params.and_then(|params| params.vectors_config.as_ref());
    let dense = match vectors.and_then(|vectors| vectors.config.as_ref()) {
        Some(Config::ParamsMap(VectorParamsMap { map })) => map.get(DENSE),
        _ => None,
    };
    let sparse = params.and_then(|params| params.sparse_vectors_config.as_ref());
    let Some(dense) = dense else { return wrong(format!("has no vectors named `{DENSE}`")) };
    if !sparse.is_some_and(|sparse| sparse.map.contains_key(SPARSE)) {
        return wrong(format!("has no sparse vectors named `{SPARSE}`"));
    }
    if dense.size != dim {
        let size = dense.size;
        return wrong(format!(
            "was made for vectors of {size} numbers, and this embedder's have {dim}"
        ));
    }
    if dense.distance() != Distance::Dot {
        return wrong("does not compare by dot product".to_owned());
    }
    let is_many = dense.multivector_config.is_some();
    if is_many != (shape == Shape::Many) {
        let what = if is_many { "many vectors" } else { "one vector" };
        return wrong(format!("has {what} for a point"));
    }
    Ok(())
}
