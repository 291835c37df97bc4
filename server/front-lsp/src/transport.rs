//! Serves one client: reads messages, starts a handler for each, writes what they answer.
//!
//! It routes nothing itself (that is the service's part) and knows no document (see `order`). Its laws:
//! - a handler is a task of its own and there may be any number, so none can hold up reading, a cancellation, or the
//!   answer to a question that another handler asked the client;
//! - nothing waits for the client to read: what is sent is queued without a bound (see `outlet`);
//! - a response comes after everything its handler sent before it;
//! - a message that cannot be understood is answered, and only a lost frame boundary ends the connection;
//! - when the client is gone, everything started for it is cancelled at once.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt::Display;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt, Sink, SinkExt};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tower::{Service, ServiceExt};
use tower_lsp::ClientSocket;
use tower_lsp::jsonrpc::{Error, ErrorCode, Id, Request, Response};
use tracing::Instrument;

use lsp::wire::{self, FrameError, FrameReader};

use message::Message;
use outlet::Outlet;
use questions::Questions;

mod message;
mod outlet;
mod questions;
#[cfg(test)]
mod tests;

/// How long cancelled handlers, and then the last bytes, may take at the end.
const GRACE: Duration = Duration::from_millis(500);

/// How long `exit` waits for the `shutdown` before it to be answered.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);

/// Queued bytes above which progress reports are left out.
const HIGH_WATER_BYTES: usize = 8 << 20;

/// What requests to the client fail with once it has left.
pub(crate) const CLIENT_GONE: &str = "the client is gone";

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `exit` after `shutdown`.
    Exit,
    /// `exit` without `shutdown`.
    ExitEarly,
    /// The input ended.
    Eof,
    /// The input or output failed, or where the next message starts is unknown.
    Broken,
}

impl End {
    /// The process's exit code, as LSP demands it: 0 after an orderly end, else 1.
    pub fn code(self) -> i32 {
        match self {
            End::Exit => 0,
            End::ExitEarly | End::Eof | End::Broken => 1,
        }
    }
}

/// Serves the client at `input` and `output` until it leaves.
///
/// `service` is called in the order of the wire; `socket` is the other half of what `LspService::build` returned.
/// Dropping the future ends everything that was started for this client.
pub async fn serve<S, R, W>(service: S, socket: ClientSocket, input: R, output: W) -> End
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
    S::Error: Display + Send + 'static,
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (requests, client) = socket.split();
    let (replies, queue) = mpsc::unbounded_channel();
    let outlet = Arc::new(Outlet::new(HIGH_WATER_BYTES));
    let questions = Arc::new(Questions::default());
    let mut outward = JoinSet::new();
    outward.spawn(outlet::pump(requests, queue, Arc::clone(&questions), Arc::clone(&outlet)));
    outward.spawn(outlet::write(outlet, output));

    let mut connection = Connection {
        service,
        client,
        questions,
        replies,
        handlers: JoinSet::new(),
        held: VecDeque::new(),
        initialized: false,
        shutdown: None,
    };
    let end = tokio::select! {
        end = connection.read(FrameReader::new(input)) => end,
        // Both tasks outlive the connection, unless the output fails.
        _ = outward.join_next() => End::Broken,
    };
    tracing::debug!(?end, "connection ends");
    connection.close().await;
    // Dropping the set aborts a writer whose client does not read.
    let flush = async { while outward.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(GRACE, flush).await;
    end
}

/// What is read, and what was started for it.
struct Connection<S, C> {
    service: S,
    /// Where the client's answers to our questions go.
    client: C,
    questions: Arc<Questions>,
    /// Encoded responses, to the pump.
    replies: mpsc::UnboundedSender<Vec<u8>>,
    /// Running handlers; finished ones are taken out while reading.
    handlers: JoinSet<()>,
    /// Read while `initialize` was being handled, not yet looked at.
    held: VecDeque<Result<Value, FrameError>>,
    /// Set when `initialize` was answered with success.
    initialized: bool,
    /// Set by `shutdown`; closed when that has been answered.
    shutdown: Option<oneshot::Receiver<Infallible>>,
}

impl<S, C> Connection<S, C>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
    S::Error: Display + Send + 'static,
    C: Sink<Response> + Unpin,
{
    /// Reads until the client leaves.
    async fn read<R: AsyncRead + Unpin>(&mut self, mut frames: FrameReader<R>) -> End {
        loop {
            let frame = match self.held.pop_front() {
                Some(frame) => frame,
                None => tokio::select! {
                    frame = frames.next() => match frame.transpose() {
                        Some(frame) => frame,
                        None => return End::Eof,
                    },
                    Some(_) = self.handlers.join_next() => continue,
                },
            };
            let step = match frame {
                Ok(value) => self.handle(value, &mut frames).await,
                Err(error) => self.bad_frame(&error),
            };
            if let ControlFlow::Break(end) = step {
                return end;
            }
        }
    }

    async fn handle<R: AsyncRead + Unpin>(
        &mut self,
        value: Value,
        frames: &mut FrameReader<R>,
    ) -> ControlFlow<End> {
        match message::classify(value) {
            Message::Refused { id, reason } => self.refuse(id, ErrorCode::InvalidRequest, reason),
            Message::Response(response) if self.questions.answered(response.id()) => {
                // Fails only once the service has exited, and then nobody waits.
                let _ = self.client.send(response).await;
            }
            Message::Response(response) => {
                tracing::warn!(id = %response.id(), "the client answers what was not asked");
            }
            Message::Request(request) => match request.method() {
                "exit" => return ControlFlow::Break(self.exit().await),
                "initialize" => return self.initialize(request, frames).await,
                // The protocol wants these dropped; requests get their error from the service.
                method if !self.initialized && request.id().is_none() => {
                    tracing::warn!(method, "notification before initialize");
                }
                _ => self.start(request).await,
            },
        }
        ControlFlow::Continue(())
    }

    fn bad_frame(&mut self, error: &FrameError) -> ControlFlow<End> {
        tracing::warn!(%error, "bad frame");
        if matches!(error, FrameError::Truncated | FrameError::Io(_)) {
            return ControlFlow::Break(End::Broken);
        }
        self.refuse(Id::Null, ErrorCode::ParseError, error.to_string());
        if error.is_recoverable() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(End::Broken)
        }
    }

    /// Starts the handler of `request` as a task.
    async fn start(&mut self, request: Request) {
        // Held by the task until it has answered.
        let mut answered = None;
        if request.method() == "shutdown" {
            let (sender, receiver) = oneshot::channel::<Infallible>();
            answered = Some(sender);
            self.shutdown = Some(receiver);
        }
        let replies = self.replies.clone();
        let handler = self.call(request).await;
        self.handlers.spawn(async move {
            if let Some(response) = handler.await {
                // Fails only when the connection is being closed.
                let _ = replies.send(wire::encode(&response));
            }
            drop(answered);
        });
    }

    /// Handles `request` before anything that comes after it, watching out only for the client's leaving.
    async fn initialize<R: AsyncRead + Unpin>(
        &mut self,
        request: Request,
        frames: &mut FrameReader<R>,
    ) -> ControlFlow<End> {
        let mut handler = pin!(self.call(request).await);
        let response = loop {
            tokio::select! {
                biased;
                response = &mut handler => break response,
                frame = frames.next() => match frame.transpose() {
                    None => return ControlFlow::Break(End::Eof),
                    Some(Ok(value)) if message::is_exit(&value) => return ControlFlow::Break(End::ExitEarly),
                    Some(frame) => self.held.push_back(frame),
                },
            }
        };
        if let Some(response) = response {
            self.initialized |= response.is_ok();
            let _ = self.replies.send(wire::encode(&response));
        }
        ControlFlow::Continue(())
    }

    /// Calls the service, now; the future runs the handler and gives what is to be sent back.
    ///
    /// A panic, of the service or of the handler, is answered with an internal error.
    async fn call(&mut self, request: Request) -> BoxFuture<'static, Option<Response>> {
        let method = request.method().to_owned();
        let id = request.id().cloned();
        let span =
            tracing::debug_span!("request", method, id = id.as_ref().map(tracing::field::display));
        let call = match self.service.ready().await {
            Ok(service) => {
                span.in_scope(|| catch_unwind(AssertUnwindSafe(|| service.call(request))))
            }
            Err(error) => return std::future::ready(id.map(|id| exited(id, &error))).boxed(),
        };
        let handler = async move {
            let outcome = match call {
                Ok(call) => AssertUnwindSafe(call).catch_unwind().await,
                Err(panic) => Err(panic),
            };
            match outcome {
                Ok(Ok(Some(response))) => Some(response),
                // The router stays silent on unknown methods that start with `$/`, requests included.
                Ok(Ok(None)) => Some(Response::from_error(id?, Error::method_not_found())),
                Ok(Err(error)) => Some(exited(id?, &error)),
                Err(_) => {
                    tracing::error!(method, "handler panicked");
                    let message = format!("the handler of {method} panicked").into();
                    Some(Response::from_error(id?, Error { message, ..Error::internal_error() }))
                }
            }
        };
        handler.instrument(span).boxed()
    }

    /// Tells the client why a message was not handled.
    fn refuse(&self, id: Id, code: ErrorCode, reason: String) {
        let error = Error { message: reason.into(), ..Error::new(code) };
        let _ = self.replies.send(wire::encode(&Response::from_error(id, error)));
    }

    /// Lets a `shutdown` that came before finish, so that its answer is sent also to a client that did not wait for it.
    async fn exit(&mut self) -> End {
        match self.shutdown.take() {
            Some(answered) => {
                let _ = tokio::time::timeout(SHUTDOWN_GRACE, answered).await;
                End::Exit
            }
            None => End::ExitEarly,
        }
    }

    /// Cancels all that was started, and frees whoever still waits for this client.
    async fn close(mut self) {
        self.handlers.abort_all();
        let ended = async { while self.handlers.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            tracing::warn!("a handler does not let itself be cancelled");
        }
        for id in self.questions.take() {
            let gone = Error { message: CLIENT_GONE.into(), ..Error::internal_error() };
            let _ = self.client.send(Response::from_error(id, gone)).await;
        }
        // From here on the service's `Client` refuses to send instead of waiting.
        drop(self.call(Request::build("exit").finish()).await);
    }
}

/// The answer to a request that the service took no more.
fn exited(id: Id, error: &impl Display) -> Response {
    let message = error.to_string().into();
    Response::from_error(id, Error { message, ..Error::invalid_request() })
}
