//! One running server: reached, greeted, asked for its tools, called, and ended. Which server is asked when is in `pool`.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base::AbsPathBuf;
use rmcp::{
    RoleClient, ServiceError,
    model::{
        CallToolRequest, CallToolRequestParams, ClientRequest, ListToolsRequest,
        PaginatedRequestParams, PingRequest, ProtocolVersion, ServerResult,
    },
    service::{
        ClientInitializeError, ClientLifecycleMode, ClientServiceExt, Peer, PeerRequestOptions,
        RequestHandle, RunningService,
    },
    transport::async_rw::AsyncRwTransport,
};
use sandbox::Sandbox;
use serde_json::{Map, Value};
use tokio::sync::{OnceCell, broadcast::error::RecvError};
use tokio_util::sync::CancellationToken;

use crate::{
    answer::Answer,
    client::{Client, Progress},
    config::{ServerConfig, Via},
    error::Error,
    http,
    lines::{MAX_MESSAGE, Meter},
    stdio::Running,
    tool::{MAX_TOOLS, Tool},
    words::{Redactor, line},
};

/// So long a server may take until it has greeted: some load a lot.
const GREETING: Duration = Duration::from_secs(60);
/// A list of tools is asked for again after this, as not every server says when it changes.
const FRESH: Duration = Duration::from_secs(60);
/// One that does not answer this in time hangs.
const PING: Duration = Duration::from_secs(3);
/// So long closing may take.
const CLOSE: Duration = Duration::from_secs(2);
/// Pages of a list of tools beyond this are not asked for.
const MAX_PAGES: usize = 64;
const MAX_WORDS: usize = 500;
/// What it is asked, in messages.
const LIST: &str = "the list of its tools";

/// A running server. Its processes end with it.
#[derive(Debug)]
pub(crate) struct Connection {
    name: String,
    /// What it says it is, and which revision is spoken.
    pub(crate) about: String,
    timeout: Duration,
    output_bytes: usize,
    redactor: Redactor,
    peer: Peer<RoleClient>,
    client: Arc<Client>,
    meter: Arc<Meter>,
    /// Taken by `stop`.
    service: Mutex<Option<RunningService<RoleClient, Arc<Client>>>>,
    /// Taken by whoever asks first how it ended.
    program: Mutex<Option<Running>>,
    ended: OnceCell<String>,
    /// One at a time asks.
    list: tokio::sync::Mutex<Option<(Instant, Arc<Listing>)>>,
    used: Mutex<Instant>,
    pub(crate) greeted: Instant,
}

/// The tools of a server, as far as they are taken.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) tools: Vec<Tool>,
    /// What was left out.
    pub(crate) notes: Vec<String>,
}

/// What a tool said, and whether it says that it failed.
pub(crate) struct Said {
    pub(crate) answer: Answer,
    pub(crate) is_error: bool,
}

impl Connection {
    /// Starts or reaches a server, and greets it.
    ///
    /// # Errors
    /// [`Error::Start`], [`Error::Gone`], [`Error::Late`], [`Error::Refused`].
    pub(crate) async fn start(
        server: &ServerConfig,
        sandbox: &Sandbox,
        root: &AbsPathBuf,
    ) -> Result<Connection, Error> {
        let redactor = server.redactor();
        let name = server.name.clone();
        let cannot = |why: String| Error::Start {
            server: server.name.clone(),
            why: redactor.line(&why, MAX_WORDS),
        };
        let meter = Arc::<Meter>::default();
        let client = Arc::new(Client::new(root_uri(root)));
        let mode = ClientLifecycleMode::Auto {
            preferred_versions: vec![ProtocolVersion::LATEST],
            legacy_version: Some(ProtocolVersion::LATEST_WITH_INITIALIZE),
        };
        let patience = GREETING.max(server.timeout);
        let mut program = None;
        let ours = Arc::clone(&client);
        let greeting = match &server.via {
            Via::Program(wanted) => {
                let started =
                    Running::start(wanted, sandbox, root, Arc::clone(&meter), redactor.clone());
                let (running, (output, input)) = started.await.map_err(cannot)?;
                program = Some(running);
                let transport =
                    AsyncRwTransport::new_client(output, input).with_max_line_length(MAX_MESSAGE);
                tokio::time::timeout(patience, ours.serve_with_lifecycle(transport, mode)).await
            }
            Via::Http(http) => {
                let transport = http::transport(http).map_err(cannot)?;
                tokio::time::timeout(patience, ours.serve_with_lifecycle(transport, mode)).await
            }
        };
        let service = match greeting {
            Ok(Ok(service)) => service,
            Ok(Err(error)) => {
                let ended = ended(program, &redactor).await;
                return Err(not_greeted(name, &error, ended, &redactor));
            }
            Err(_) => {
                drop(ended(program, &redactor).await);
                return Err(Error::Late {
                    server: name,
                    what: "our greeting".to_owned(),
                    timeout_ms: patience.as_millis() as u64,
                });
            }
        };
        let about = about(&service, &redactor);
        tracing::debug!(server = name, about, "a server of tools");
        Ok(Connection {
            name,
            about,
            timeout: server.timeout,
            output_bytes: server.output_bytes,
            redactor,
            peer: service.peer().clone(),
            client,
            meter,
            service: Mutex::new(Some(service)),
            program: Mutex::new(program),
            ended: OnceCell::new(),
            list: tokio::sync::Mutex::default(),
            used: Mutex::new(Instant::now()),
            greeted: Instant::now(),
        })
    }

    /// Whether nobody speaks to it any more, or it to us.
    pub(crate) fn is_gone(&self) -> bool {
        self.peer.is_transport_closed()
    }

    pub(crate) fn unused_since(&self) -> Instant {
        *lock(&self.used)
    }

    /// Its tools, as it last said.
    ///
    /// # Errors
    /// [`Error::Gone`], [`Error::Late`], [`Error::Refused`], [`Error::Unusable`].
    pub(crate) async fn tools(&self) -> Result<Arc<Listing>, Error> {
        let mut list = self.list.lock().await;
        *lock(&self.used) = Instant::now();
        let is_changed = self.client.is_changed.swap(false, Relaxed);
        if let Some((since, listing)) = &*list
            && !is_changed
            && since.elapsed() < FRESH
        {
            return Ok(Arc::clone(listing));
        }
        *list = None;
        let asked = tokio::time::timeout(self.timeout, self.ask_for_tools()).await;
        let listing = match asked {
            Ok(listing) => Arc::new(listing?),
            Err(_) => return Err(self.late(LIST)),
        };
        *list = Some((Instant::now(), Arc::clone(&listing)));
        Ok(listing)
    }

    async fn ask_for_tools(&self) -> Result<Listing, Error> {
        let mut listing = Listing { tools: Vec::new(), notes: Vec::new() };
        let (mut cursor, mut n_unnamed, mut n_surplus) = (None, 0, 0);
        for page in 1.. {
            let params = PaginatedRequestParams::default().with_cursor(cursor.take());
            let request = ListToolsRequest { params: Some(params), ..ListToolsRequest::default() };
            let handle = self.send(ClientRequest::ListToolsRequest(request), LIST).await?;
            let result = match handle.await_response().await {
                Ok(ServerResult::ListToolsResult(result)) => result,
                Ok(_) => return Err(self.unusable(LIST, "it answered something else")),
                Err(error) => return Err(self.failed(error, LIST).await),
            };
            for tool in result.tools {
                if listing.tools.len() == MAX_TOOLS {
                    n_surplus += 1;
                    continue;
                }
                match Tool::from_proto(&self.name, tool, &self.redactor) {
                    Some((tool, _)) if listing.tools.iter().any(|it| it.name == tool.name) => {
                        listing
                            .notes
                            .push(format!("`{}` is offered twice; the first counts", tool.name));
                    }
                    Some((tool, note)) => {
                        listing.tools.push(tool);
                        listing.notes.extend(note);
                    }
                    None => n_unnamed += 1,
                }
            }
            cursor = result.next_cursor;
            if cursor.is_none() {
                break;
            }
            if listing.tools.len() == MAX_TOOLS || page == MAX_PAGES {
                listing.notes.push("its list goes on, and is not read to its end".to_owned());
                break;
            }
        }
        if 0 < n_surplus {
            listing
                .notes
                .push(format!("{n_surplus} tools beyond the first {MAX_TOOLS} are left out"));
        }
        if 0 < n_unnamed {
            listing
                .notes
                .push(format!("{n_unnamed} tools are left out: their names cannot be used"));
        }
        // Some repeat one thing for ever.
        listing.notes.truncate(MAX_TOOLS);
        Ok(listing)
    }

    /// Calls a tool. `tell`: gets the progress.
    ///
    /// # Errors
    /// [`Error::Gone`], [`Error::Late`], [`Error::Refused`], [`Error::Unusable`], [`Error::Cancelled`].
    pub(crate) async fn call(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
        cancel: &CancellationToken,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Said, Error> {
        let what = format!("the call of `{tool}`");
        *lock(&self.used) = Instant::now();
        // Before it can be there.
        let mut progress = self.client.progress.subscribe();
        let params = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(params));
        let deadline = tokio::time::Instant::now() + self.timeout;
        let mut handle = tokio::select! {
            handle = self.send(request, &what) => handle?,
            () = tokio::time::sleep_until(deadline) => return Err(self.late(&what)),
        };
        let answered = loop {
            tokio::select! {
                biased;
                answered = &mut handle.rx => break answered,
                () = cancel.cancelled() => {
                    self.take_back(handle, "nobody wants the answer any more").await;
                    return Err(Error::Cancelled { tool: format!("{}/{tool}", self.name) });
                }
                () = tokio::time::sleep_until(deadline) => {
                    self.take_back(handle, "it took too long").await;
                    return Err(self.late(&what));
                }
                told = progress.recv() => match told {
                    Ok((token, told)) if token == handle.progress_token => {
                        // Cut after the keys are out: the beginning of one is no key any more.
                        let message = self.redactor.line(&told.message, MAX_WORDS);
                        tell(Progress { message, ..told });
                    }
                    // Another's, or more than one wants to know.
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return Err(self.gone().await),
                },
            }
        };
        *lock(&self.used) = Instant::now();
        match answered.unwrap_or(Err(ServiceError::TransportClosed)) {
            Ok(ServerResult::CallToolResult(result)) => Ok(Said {
                answer: Answer::from_proto(&result, &self.redactor, self.output_bytes),
                is_error: result.is_error == Some(true),
            }),
            Ok(ServerResult::InputRequiredResult(_)) => Err(self.unusable(
                &what,
                "it wants to ask somebody first, and there is nobody to be asked",
            )),
            Ok(_) => Err(self.unusable(&what, "it answered something else")),
            Err(error) => Err(self.failed(error, &what).await),
        }
    }

    /// Whether it answers anything at all.
    pub(crate) async fn is_responsive(&self) -> bool {
        let ping = async {
            let request = ClientRequest::PingRequest(PingRequest::default());
            let handle = self.send(request, "a ping").await.ok()?;
            // A refusal is an answer.
            match handle.await_response().await {
                Ok(_) | Err(ServiceError::McpError(_) | ServiceError::UnexpectedResponse) => {
                    Some(())
                }
                Err(_) => None,
            }
        };
        let is_reliable = lock(&self.program).is_some();
        is_reliable && matches!(tokio::time::timeout(PING, ping).await, Ok(Some(())))
    }

    async fn send(
        &self,
        request: ClientRequest,
        what: &str,
    ) -> Result<RequestHandle<RoleClient>, Error> {
        self.meter.reset();
        match self.peer.send_cancellable_request(request, PeerRequestOptions::no_options()).await {
            Ok(handle) => Ok(handle),
            Err(error) => Err(self.failed(error, what).await),
        }
    }

    /// Tells the server that the answer is not wanted. It may not listen.
    async fn take_back(&self, handle: RequestHandle<RoleClient>, why: &str) {
        let told = handle.cancel(Some(why.to_owned()));
        if !matches!(tokio::time::timeout(CLOSE, told).await, Ok(Ok(()))) {
            tracing::debug!(server = self.name, "it was not told that a call is taken back");
        }
    }

    async fn failed(&self, error: ServiceError, what: &str) -> Error {
        match error {
            ServiceError::McpError(error) => Error::Refused {
                server: self.name.clone(),
                what: what.to_owned(),
                message: self.redactor.line(&error.message, MAX_WORDS),
            },
            ServiceError::TransportClosed => self.gone().await,
            ServiceError::TransportSend(error) => {
                let why = http::innermost(error.error.as_ref());
                let is_program = lock(&self.program).is_some();
                match is_program {
                    true => self.gone().await,
                    false => Error::Gone {
                        server: self.name.clone(),
                        why: self.redactor.line(&why, MAX_WORDS),
                    },
                }
            }
            error => self.unusable(what, &error.to_string()),
        }
    }

    fn unusable(&self, what: &str, why: &str) -> Error {
        Error::Unusable {
            server: self.name.clone(),
            what: what.to_owned(),
            why: self.redactor.line(why, MAX_WORDS),
        }
    }

    fn late(&self, what: &str) -> Error {
        let timeout_ms = self.timeout.as_millis() as u64;
        Error::Late { server: self.name.clone(), what: what.to_owned(), timeout_ms }
    }

    /// How it ended; finding that out ends it.
    pub(crate) async fn gone(&self) -> Error {
        let why = self.ended.get_or_init(async || {
            let program = lock(&self.program).take();
            match ended(program, &self.redactor).await {
                Some(why) => why,
                None => "the connection was closed".to_owned(),
            }
        });
        Error::Gone { server: self.name.clone(), why: why.await.clone() }
    }

    /// Closes the connection, and ends its processes. None is left then.
    pub(crate) async fn stop(&self) {
        let service = lock(&self.service).take();
        if let Some(mut service) = service {
            // The end of its input is a program's good-bye.
            let _ = service.close_with_timeout(CLOSE).await;
        }
        let _ = self.gone().await;
    }
}

async fn ended(program: Option<Running>, redactor: &Redactor) -> Option<String> {
    Some(redactor.line(&program?.stop().await, 2 * MAX_WORDS))
}

fn not_greeted(
    server: String,
    error: &ClientInitializeError,
    ended: Option<String>,
    redactor: &Redactor,
) -> Error {
    match (error, ended) {
        (ClientInitializeError::JsonRpcError(error), _) => Error::Refused {
            server,
            what: "our greeting".to_owned(),
            message: redactor.line(&error.message, MAX_WORDS),
        },
        (ClientInitializeError::LegacyFallbackFailed { fallback, .. }, ended) => {
            not_greeted(server, fallback, ended, redactor)
        }
        (
            ClientInitializeError::ConnectionClosed(_)
            | ClientInitializeError::TransportError { .. },
            Some(why),
        ) => Error::Gone { server, why },
        (error, _) => Error::Start { server, why: redactor.line(&http::explain(error), MAX_WORDS) },
    }
}

fn about(service: &RunningService<RoleClient, Arc<Client>>, redactor: &Redactor) -> String {
    let Some(info) = service.peer().peer_info() else { return String::new() };
    let spoken = format!("MCP {}", line(info.protocol_version.as_str(), 40));
    match &info.server_info {
        Some(it) => {
            format!("{}, {spoken}", redactor.line(&format!("{} {}", it.name, it.version), 100))
        }
        None => spoken,
    }
}

fn root_uri(root: &AbsPathBuf) -> String {
    // An absolute path always is one.
    reqwest::Url::from_file_path(root.as_std_path()).map_or_else(|()| String::new(), String::from)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
