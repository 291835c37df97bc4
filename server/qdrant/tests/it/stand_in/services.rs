//! The gRPC services of the stand-in: requests in, its memory, answers out.
//! What no test needs is refused as unimplemented.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use qdrant_client::qdrant::points_selector::PointsSelectorOneOf;
use qdrant_client::qdrant::with_payload_selector::SelectorOptions;
use qdrant_client::qdrant::{
    ChangeAliases, ClearPayloadPoints, CollectionClusterInfoRequest, CollectionClusterInfoResponse,
    CollectionConfig, CollectionExistsRequest, CollectionExistsResponse, CollectionInfo,
    CollectionOperationResponse, CollectionParams, CountPoints, CountResponse, CreateCollection,
    CreateFieldIndexCollection, CreateShardKeyRequest, CreateShardKeyResponse,
    CreateVectorNameRequest, DeleteCollection, DeleteFieldIndexCollection, DeletePayloadPoints,
    DeletePointVectors, DeletePoints, DeleteShardKeyRequest, DeleteShardKeyResponse,
    DeleteVectorNameRequest, DiscoverBatchPoints, DiscoverBatchResponse, DiscoverPoints,
    DiscoverResponse, FacetCounts, FacetResponse, GetCollectionInfoRequest,
    GetCollectionInfoResponse, GetPoints, GetResponse, ListAliasesRequest, ListAliasesResponse,
    ListCollectionAliasesRequest, ListCollectionsRequest, ListCollectionsResponse,
    ListShardKeysRequest, ListShardKeysResponse, PayloadSchemaInfo, PointId,
    PointsOperationResponse, QueryBatchPoints, QueryBatchResponse, QueryGroupsResponse,
    QueryPointGroups, QueryPoints, QueryResponse, RecommendBatchPoints, RecommendBatchResponse,
    RecommendGroupsResponse, RecommendPointGroups, RecommendPoints, RecommendResponse,
    RetrievedPoint, ScoredPoint, ScrollPoints, ScrollResponse, SearchBatchPoints,
    SearchBatchResponse, SearchGroupsResponse, SearchMatrixOffsetsResponse,
    SearchMatrixPairsResponse, SearchMatrixPoints, SearchPointGroups, SearchPoints, SearchResponse,
    SetPayloadPoints, UpdateBatchPoints, UpdateBatchResponse, UpdateCollection,
    UpdateCollectionClusterSetupRequest, UpdateCollectionClusterSetupResponse, UpdatePointVectors,
    UpdateResult, UpdateStatus, UpsertPoints, Value, WithPayloadSelector, collections_server,
    point_id, points_server,
};
use tonic::{Request, Response, Status};

use super::data::{Collection, Data, Stored};
use super::filter::holds;

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<Response<T>, Status>> + Send + 'a>>;

/// Points of all collections.
pub(crate) struct Points(pub(crate) Arc<Mutex<Data>>);

/// The collections themselves.
pub(crate) struct Collections(pub(crate) Arc<Mutex<Data>>);

/// A method of a service that answers at once.
macro_rules! methods {
    ($($name:ident($request:ty) -> $response:ty = $answer:expr;)*) => {$(
        fn $name<'a, 'b>(&'a self, request: Request<$request>) -> Answer<'b, $response>
        where
            'a: 'b,
            Self: 'b,
        {
            let answer: fn(&mut Data, $request) -> Result<$response, Status> = $answer;
            let answer = answer(&mut lock(&self.0), request.into_inner());
            Box::pin(async move { answer.map(Response::new) })
        }
    )*};
}

fn lock(data: &Mutex<Data>) -> MutexGuard<'_, Data> {
    data.lock().unwrap_or_else(PoisonError::into_inner)
}

fn refuse<T, R>(_: &mut Data, _: T) -> Result<R, Status> {
    Err(Status::unimplemented("the stand-in does not have this"))
}

fn done() -> PointsOperationResponse {
    let status = UpdateStatus::Completed.into();
    let result = Some(UpdateResult { status, ..UpdateResult::default() });
    PointsOperationResponse { result, ..PointsOperationResponse::default() }
}

fn upsert(data: &mut Data, request: UpsertPoints) -> Result<PointsOperationResponse, Status> {
    data.write(&request.collection_name, request.points)?;
    Ok(done())
}

fn delete(data: &mut Data, request: DeletePoints) -> Result<PointsOperationResponse, Status> {
    let collection = data.collection(&request.collection_name)?;
    match request.points.and_then(|points| points.points_selector_one_of) {
        Some(PointsSelectorOneOf::Filter(filter)) => {
            collection.points.retain(|id, point| !holds(Some(&filter), id, point));
        }
        other => panic!("selector {other:?}"),
    }
    Ok(done())
}

fn create_field_index(
    data: &mut Data,
    request: CreateFieldIndexCollection,
) -> Result<PointsOperationResponse, Status> {
    let collection = data.collection(&request.collection_name)?;
    collection.fields.insert(request.field_name, request.field_type.unwrap_or_default());
    Ok(done())
}

fn scroll(data: &mut Data, request: ScrollPoints) -> Result<ScrollResponse, Status> {
    let collection = data.collection(&request.collection_name)?;
    let from = request.offset.map(|id| id_text(&id)).unwrap_or_default();
    // Small pages, so that going on is tested.
    let limit = request.limit.unwrap_or(10).min(7) as usize;
    let fits = |(id, point): &(&String, &Stored)| holds(request.filter.as_ref(), id, point);
    let mut found = collection.points.range(from..).filter(fits);
    let point = |(id, point): (&String, &Stored)| RetrievedPoint {
        id: Some(id.as_str().into()),
        payload: payload(request.with_payload.as_ref(), point),
        ..RetrievedPoint::default()
    };
    let result = found.by_ref().take(limit).map(point).collect();
    let next_page_offset = found.next().map(|(id, _)| id.as_str().into());
    Ok(ScrollResponse { next_page_offset, result, ..ScrollResponse::default() })
}

fn query(data: &mut Data, request: QueryPoints) -> Result<QueryResponse, Status> {
    let found = data.query(&request)?;
    let collection = data.collection(&request.collection_name)?;
    let point = |(id, score): (String, f32)| ScoredPoint {
        payload: payload(request.with_payload.as_ref(), &collection.points[&id]),
        id: Some(id.into()),
        score,
        ..ScoredPoint::default()
    };
    let result = found.into_iter().map(point).collect();
    Ok(QueryResponse { result, ..QueryResponse::default() })
}

fn create(data: &mut Data, made: CreateCollection) -> Result<CollectionOperationResponse, Status> {
    let name = made.collection_name.clone();
    if data.collections.contains_key(&name) {
        return Err(Status::already_exists(format!("Collection `{name}` already exists!")));
    }
    let (fields, points) = Default::default();
    data.collections.insert(name, Collection { made, fields, points });
    Ok(CollectionOperationResponse { result: true, ..Default::default() })
}

fn info(
    data: &mut Data,
    request: GetCollectionInfoRequest,
) -> Result<GetCollectionInfoResponse, Status> {
    let collection = data.collection(&request.collection_name)?;
    let made = &collection.made;
    let params = CollectionParams {
        vectors_config: made.vectors_config.clone(),
        sparse_vectors_config: made.sparse_vectors_config.clone(),
        ..CollectionParams::default()
    };
    let config = CollectionConfig { params: Some(params), ..CollectionConfig::default() };
    let schema = |(name, data_type): (&String, &i32)| {
        (name.clone(), PayloadSchemaInfo { data_type: *data_type, ..Default::default() })
    };
    let result = CollectionInfo {
        config: Some(config),
        payload_schema: collection.fields.iter().map(schema).collect(),
        ..CollectionInfo::default()
    };
    Ok(GetCollectionInfoResponse { result: Some(result), ..Default::default() })
}

fn id_text(id: &PointId) -> String {
    match id.point_id_options.as_ref().expect("an id") {
        point_id::PointIdOptions::Uuid(text) => text.clone(),
        point_id::PointIdOptions::Num(number) => number.to_string(),
    }
}

fn payload(asked: Option<&WithPayloadSelector>, point: &Stored) -> HashMap<String, Value> {
    match asked.and_then(|asked| asked.selector_options.as_ref()) {
        None | Some(SelectorOptions::Enable(false)) => HashMap::new(),
        Some(SelectorOptions::Include(include)) => {
            let field = |name: &String| Some((name.clone(), point.payload.get(name)?.clone()));
            include.fields.iter().filter_map(field).collect()
        }
        Some(other) => panic!("payload {other:?}"),
    }
}

impl points_server::Points for Points {
    methods! {
        upsert(UpsertPoints) -> PointsOperationResponse = upsert;
        delete(DeletePoints) -> PointsOperationResponse = delete;
        create_field_index(CreateFieldIndexCollection) -> PointsOperationResponse = create_field_index;
        scroll(ScrollPoints) -> ScrollResponse = scroll;
        query(QueryPoints) -> QueryResponse = query;
        get(GetPoints) -> GetResponse = refuse;
        update_vectors(UpdatePointVectors) -> PointsOperationResponse = refuse;
        delete_vectors(DeletePointVectors) -> PointsOperationResponse = refuse;
        set_payload(SetPayloadPoints) -> PointsOperationResponse = refuse;
        overwrite_payload(SetPayloadPoints) -> PointsOperationResponse = refuse;
        delete_payload(DeletePayloadPoints) -> PointsOperationResponse = refuse;
        clear_payload(ClearPayloadPoints) -> PointsOperationResponse = refuse;
        delete_field_index(DeleteFieldIndexCollection) -> PointsOperationResponse = refuse;
        search(SearchPoints) -> SearchResponse = refuse;
        search_batch(SearchBatchPoints) -> SearchBatchResponse = refuse;
        search_groups(SearchPointGroups) -> SearchGroupsResponse = refuse;
        recommend(RecommendPoints) -> RecommendResponse = refuse;
        recommend_batch(RecommendBatchPoints) -> RecommendBatchResponse = refuse;
        recommend_groups(RecommendPointGroups) -> RecommendGroupsResponse = refuse;
        discover(DiscoverPoints) -> DiscoverResponse = refuse;
        discover_batch(DiscoverBatchPoints) -> DiscoverBatchResponse = refuse;
        count(CountPoints) -> CountResponse = refuse;
        update_batch(UpdateBatchPoints) -> UpdateBatchResponse = refuse;
        query_batch(QueryBatchPoints) -> QueryBatchResponse = refuse;
        query_groups(QueryPointGroups) -> QueryGroupsResponse = refuse;
        facet(FacetCounts) -> FacetResponse = refuse;
        create_vector_name(CreateVectorNameRequest) -> PointsOperationResponse = refuse;
        delete_vector_name(DeleteVectorNameRequest) -> PointsOperationResponse = refuse;
        search_matrix_pairs(SearchMatrixPoints) -> SearchMatrixPairsResponse = refuse;
        search_matrix_offsets(SearchMatrixPoints) -> SearchMatrixOffsetsResponse = refuse;
    }
}

impl collections_server::Collections for Collections {
    methods! {
        get(GetCollectionInfoRequest) -> GetCollectionInfoResponse = info;
        create(CreateCollection) -> CollectionOperationResponse = create;
        list(ListCollectionsRequest) -> ListCollectionsResponse = refuse;
        update(UpdateCollection) -> CollectionOperationResponse = refuse;
        delete(DeleteCollection) -> CollectionOperationResponse = refuse;
        update_aliases(ChangeAliases) -> CollectionOperationResponse = refuse;
        list_collection_aliases(ListCollectionAliasesRequest) -> ListAliasesResponse = refuse;
        list_aliases(ListAliasesRequest) -> ListAliasesResponse = refuse;
        collection_cluster_info(CollectionClusterInfoRequest) -> CollectionClusterInfoResponse = refuse;
        collection_exists(CollectionExistsRequest) -> CollectionExistsResponse = refuse;
        update_collection_cluster_setup(UpdateCollectionClusterSetupRequest) -> UpdateCollectionClusterSetupResponse = refuse;
        create_shard_key(CreateShardKeyRequest) -> CreateShardKeyResponse = refuse;
        delete_shard_key(DeleteShardKeyRequest) -> DeleteShardKeyResponse = refuse;
        list_shard_keys(ListShardKeysRequest) -> ListShardKeysResponse = refuse;
    }
}
