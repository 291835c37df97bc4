//! The one way out: everything for the client, in one order, without making anybody wait.
//!
//! It neither reads nor decides what is said. Memory is bounded by what the client asked for: it may stop reading for as
//! long as it likes, and only progress reports, which nobody can have been promised, are left out meanwhile.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::{FutureExt, Stream, StreamExt};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::{Notify, mpsc};
use tower_lsp::jsonrpc::Request;

use super::questions::Questions;
use lsp::wire;

#[cfg(test)]
mod tests;

/// Frames are joined to writes of about this many bytes.
const WRITE_BYTES: usize = 64 << 10;

/// Frames that wait to be written.
pub(super) struct Outlet {
    /// Filled by the pump, emptied by the writer.
    queue: Mutex<Queue>,
    /// Wakes the writer.
    filled: Notify,
    high_water_bytes: usize,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Frame>,
    n_bytes: usize,
    n_reports: usize,
    closed: bool,
}

struct Frame {
    bytes: Vec<u8>,
    /// A progress report: the next one says all that it says.
    is_report: bool,
}

impl Outlet {
    /// An empty queue that drops progress reports while it holds more than `high_water_bytes`.
    pub(super) fn new(high_water_bytes: usize) -> Self {
        Self { queue: Mutex::default(), filled: Notify::new(), high_water_bytes }
    }

    /// Appends a response, encoded.
    fn push_response(&self, bytes: Vec<u8>) {
        self.push(Frame { bytes, is_report: false });
    }

    /// Appends a request or notification.
    fn push_request(&self, request: &Request) {
        self.push(Frame { bytes: wire::encode(request), is_report: is_report(request) });
    }

    fn push(&self, frame: Frame) {
        let mut queue = self.lock();
        queue.n_bytes += frame.bytes.len();
        queue.n_reports += usize::from(frame.is_report);
        queue.frames.push_back(frame);
        if self.high_water_bytes < queue.n_bytes && 0 < queue.n_reports {
            queue.drop_reports();
        }
        drop(queue);
        self.filled.notify_one();
    }

    /// Nothing more will come.
    fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_one();
    }

    /// Waits for frames and takes some, oldest first, as bytes to write; `None` when closed and empty.
    async fn take(&self) -> Option<Vec<u8>> {
        loop {
            {
                let mut queue = self.lock();
                if let Some(bytes) = queue.take() {
                    return Some(bytes);
                }
                if queue.closed {
                    return None;
                }
            }
            // One writer, and a push in between leaves its permit, so no wake-up is lost.
            self.filled.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Each section leaves the queue usable at every point.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn take(&mut self) -> Option<Vec<u8>> {
        let mut batch = self.pop()?;
        while batch.len() < WRITE_BYTES {
            let Some(bytes) = self.pop() else { break };
            batch.extend_from_slice(&bytes);
        }
        Some(batch)
    }

    fn pop(&mut self) -> Option<Vec<u8>> {
        let frame = self.frames.pop_front()?;
        self.n_bytes -= frame.bytes.len();
        self.n_reports -= usize::from(frame.is_report);
        Some(frame.bytes)
    }

    fn drop_reports(&mut self) {
        tracing::debug!(
            n_reports = self.n_reports,
            n_bytes = self.n_bytes,
            "the client does not read: reports dropped"
        );
        self.frames.retain(|frame| !frame.is_report);
        self.n_bytes = self.frames.iter().map(|frame| frame.bytes.len()).sum();
        self.n_reports = 0;
    }
}

/// Whether `request` is a work-done progress report. Partial results share the method but are promised to the client.
fn is_report(request: &Request) -> bool {
    let kind = || request.params()?.get("value")?.get("kind")?.as_str();
    request.method() == "$/progress" && kind() == Some("report")
}

/// Brings what handlers send (`requests`) and what they answer (`replies`) into one order, until `replies` ends.
///
/// Law: a reply comes after everything that its handler sent before it returned.
pub(super) async fn pump(
    mut requests: impl Stream<Item = Request> + Unpin,
    mut replies: mpsc::UnboundedReceiver<Vec<u8>>,
    questions: Arc<Questions>,
    outlet: Arc<Outlet>,
) {
    let send = |request: Request| {
        if let Some(id) = request.id() {
            questions.asked(id.clone());
        }
        outlet.push_request(&request);
    };
    loop {
        tokio::select! {
            biased;
            Some(request) = requests.next() => send(request),
            reply = replies.recv() => {
                // `requests` was found empty a moment before the reply was taken; what came in between goes first.
                while let Some(Some(request)) = requests.next().now_or_never() {
                    send(request);
                }
                match reply {
                    Some(reply) => outlet.push_response(reply),
                    None => break,
                }
            }
        }
    }
    outlet.close();
}

/// Writes what is queued, until the outlet is closed and empty or `output` fails.
pub(super) async fn write(outlet: Arc<Outlet>, mut output: impl AsyncWrite + Unpin) {
    while let Some(bytes) = outlet.take().await {
        let res = async {
            output.write_all(&bytes).await?;
            output.flush().await
        };
        if let Err(error) = res.await {
            tracing::debug!(%error, "cannot write to the client");
            return;
        }
    }
}
