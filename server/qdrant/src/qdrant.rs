//! A Qdrant server as `index` wants one: each call waits for its answer, and no longer than it should.
//! Calls come from threads that may wait; none of them is a task of somebody's runtime.

use std::time::Duration;

use index::{FilePoint, FileThere, FoundUnit, Fused, PointId, Question, Server, ServerError};
use qdrant_client::QdrantError;
use tokio::runtime::{Builder, Runtime};

use crate::address::Address;
use crate::error::{AddressError, server_error, too_slow};
use crate::{collections, points, query};

/// Waits for a connection.
const CONNECT_S: u64 = 2;
/// Waits for an answer that a person waits for: after it the index answers by itself.
const QUERY_S: u64 = 3;
/// Waits for each request that sends or removes.
const WRITE_S: u64 = 60;

/// A server. Its connection is made with the first call, and made again when it broke.
pub struct Qdrant {
    address: Address,
    name: String,
    client: qdrant_client::Qdrant,
    /// Its one thread drives the connection. `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl Qdrant {
    /// Contacts nobody yet.
    ///
    /// # Errors
    /// [`AddressError::Client`] if the system has no thread for it.
    pub fn new(address: Address) -> Result<Qdrant, AddressError> {
        let name = address.to_string();
        let failed = |reason: String| AddressError::Client { address: name.clone(), reason };
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("qdrant")
            .enable_all()
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let mut config = qdrant_client::Qdrant::from_url(&name)
            // The probe would wait for the server, and print to standard output.
            .skip_compatibility_check()
            .connect_timeout(Duration::from_secs(CONNECT_S))
            .timeout(Duration::from_secs(WRITE_S));
        config.api_key = address.key().map(str::to_owned);
        // One connection carries many requests at a time.
        config.set_pool_size(1);
        let client = config
            .build()
            .map_err(|error| failed(server_error(&name, address.key(), &error).to_string()))?;
        Ok(Qdrant { address, name, client, runtime: Some(runtime) })
    }

    /// Waits for `work`, for so many seconds at most.
    fn wait<T>(
        &self,
        seconds: u64,
        work: impl Future<Output = Result<T, Failed>>,
    ) -> Result<T, ServerError> {
        let Some(runtime) = &self.runtime else { return Err(too_slow(&self.name, 0)) };
        let deadline = Duration::from_secs(seconds);
        match runtime.block_on(async { tokio::time::timeout(deadline, work).await }) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(Failed::Client(error))) => {
                Err(server_error(&self.name, self.address.key(), &error))
            }
            Ok(Err(Failed::Wrong(reason))) => {
                Err(ServerError::Refused { address: self.name.clone(), reason })
            }
            Err(_) => Err(too_slow(&self.name, seconds)),
        }
    }
}

/// A runtime must not be waited for where tasks run, and an index may be dropped there.
impl Drop for Qdrant {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Why a call did not work.
pub(crate) enum Failed {
    Client(QdrantError),
    /// What is there is not what was expected, in words.
    Wrong(String),
}

impl From<QdrantError> for Failed {
    fn from(error: QdrantError) -> Failed {
        Failed::Client(error)
    }
}

impl Server for Qdrant {
    fn address(&self) -> &str {
        &self.name
    }

    fn prepare(&self, dim: usize) -> Result<(), ServerError> {
        self.wait(WRITE_S, collections::prepare(&self.client, &self.address, dim as u64))
    }

    fn files(&self, workspace: &str) -> Result<Vec<FileThere>, ServerError> {
        let mut all = Vec::new();
        let mut next = None;
        loop {
            let page = points::page(&self.client, &self.address, workspace, next);
            let (files, offset) = self.wait(WRITE_S, page)?;
            all.extend(files);
            next = offset;
            if next.is_none() {
                return Ok(all);
            }
        }
    }

    fn put(&self, workspace: &str, files: &[FilePoint]) -> Result<(), ServerError> {
        for request in points::put(&self.address, workspace, files) {
            self.wait(WRITE_S, async { Ok(self.client.upsert_points(request).await?) })?;
        }
        Ok(())
    }

    fn remove(&self, workspace: &str, files: &[PointId]) -> Result<(), ServerError> {
        for request in points::remove(&self.address, workspace, files) {
            self.wait(WRITE_S, async { Ok(self.client.delete_points(request).await?) })?;
        }
        Ok(())
    }

    fn nearest(&self, question: &Question<'_>) -> Result<Vec<FoundUnit>, ServerError> {
        let request = query::nearest(&self.address, question);
        let found = self.wait(QUERY_S, async { Ok(self.client.query(request).await?) })?;
        Ok(found.result.iter().filter_map(query::unit).collect())
    }

    fn fused(&self, question: &Question<'_>, by: &Fused<'_>) -> Result<Vec<PointId>, ServerError> {
        let request = query::fused(&self.address, question, by);
        let found = self.wait(QUERY_S, async { Ok(self.client.query(request).await?) })?;
        Ok(found.result.iter().filter_map(query::file).collect())
    }
}
