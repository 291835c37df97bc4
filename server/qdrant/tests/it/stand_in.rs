//! A stand-in for a Qdrant server, not Qdrant: its gRPC services from the client's own generated types, exact and kept in
//! memory. It has what the tests ask for (upsert, delete, scroll, query with prefetch and rank fusion, collections) and
//! refuses the rest; it has no graph, no disk, no cluster.

mod data;
mod filter;
mod services;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use qdrant_client::qdrant::collections_server::CollectionsServer;
use qdrant_client::qdrant::points_server::PointsServer;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tonic::service::InterceptorLayer;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Status};

pub(crate) use data::Data;

/// A server that runs until it is killed or dropped.
pub(crate) struct StandIn {
    pub(crate) address: SocketAddr,
    /// Outlives the server: what was written is there when it comes back.
    data: Arc<Mutex<Data>>,
    key: Option<&'static str>,
    runtime: Option<Runtime>,
}

impl StandIn {
    pub(crate) fn start() -> StandIn {
        StandIn::with_key(None)
    }

    /// One that answers only those who have the key.
    pub(crate) fn with_key(key: Option<&'static str>) -> StandIn {
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = StandIn { address, data: Arc::default(), key, runtime: None };
        server.come_back();
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends at once, with all connections.
    pub(crate) fn kill(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    /// Starts again at the same address, with the data that it had.
    pub(crate) fn come_back(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let address = self.address;
        let listener = runtime.block_on(async move {
            // Where the one before has not let go yet, the next try is a moment later.
            loop {
                match TcpListener::bind(address).await {
                    Ok(listener) => return listener,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        });
        self.address = listener.local_addr().unwrap();
        let points = PointsServer::new(services::Points(self.data.clone()));
        let points = points.max_decoding_message_size(32 << 20);
        let collections = CollectionsServer::new(services::Collections(self.data.clone()));
        let key = self.key;
        let check = move |request: Request<()>| {
            let given = request.metadata().get("api-key").and_then(|value| value.to_str().ok());
            match key.is_none_or(|key| given == Some(key)) {
                true => Ok(request),
                // As the real one says it, and what must not come through: the key itself.
                false => {
                    Err(Status::unauthenticated(format!("Invalid API key {}", given.unwrap_or(""))))
                }
            }
        };
        runtime.spawn(async move {
            let server = Server::builder().layer(InterceptorLayer::new(check));
            let server = { server }.add_service(points).add_service(collections);
            server.serve_with_incoming(TcpIncoming::from(listener)).await
        });
        self.runtime = Some(runtime);
    }

    pub(crate) fn data(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.kill();
    }
}
