//! The tools. Each checks its arguments, calls the engine, and returns structured content; engine errors come back as tool
//! errors that a model can act on.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use base::{ByteRange, Diagnostic, HunkId, RelPath, Severity};
use engine::{Answer, Error, Query, Record, Request, Review, Run, RunId, Selection, Workspace};
use futures::FutureExt;
use rmcp::handler::server::tool::{ToolCallContext, ToolRouter};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
    ServerCapabilities, ServerConfig,
};
use rmcp::schemars::JsonSchema;
use rmcp::service::RequestContext;
use rmcp::{ErrorData, Json, RoleServer, ServerHandler, tool, tool_handler, tool_router};
use tokio_util::sync::CancellationToken;

use crate::input::{Decision, OfRun, Resolve, Search, Start, Status};
use crate::output::{Found, ProposalView, Resolved, RunView, open_question};
use crate::watch::watch;

/// Longest wait of a call: many clients give up after a minute.
const LONGEST_WAIT: Duration = Duration::from_secs(45);

const INSTRUCTIONS: &str = "Baton searches this workspace and makes verified changes in it. \
Start a change with run_start, follow it with run_status, read the diff and its evidence with proposal_show, and decide with \
proposal_resolve. No file changes before a proposal is accepted.";

/// One client's view of the workspace.
pub(crate) struct Server {
    workspace: Workspace,
    /// Cancelled when the client has gone.
    gone: CancellationToken,
    tools: ToolRouter<Server>,
}

/// Success with structured content, or an error for the model to read.
type Reply<T> = Result<Json<T>, CallToolResult>;

impl Server {
    pub(crate) fn new(workspace: Workspace, gone: CancellationToken) -> Server {
        Server { workspace, gone, tools: Server::tool_router() }
    }
}

#[tool_router(vis = "pub(crate)")]
impl Server {
    /// Search the workspace's code, unsaved editor changes included: functions, classes and text by words, identifiers or an
    /// error message. Returns the code with its place and why it matched.
    #[tool(annotations(
        title = "Search code",
        read_only_hint = true,
        idempotent_hint = true,
        open_world_hint = false
    ))]
    async fn search_code(&self, Parameters(search): Parameters<Search>) -> Reply<Found> {
        if search.query.trim().is_empty() {
            return Err(refuse("`query` is empty; give words, an identifier or an error message"));
        }
        let query = Query {
            text: search.query,
            limit: search.limit.clamp(1, 50),
            paths: search.paths,
            boost: Vec::new(),
        };
        let result = self.workspace.search(query).await.map_err(explain)?;
        Ok(Json(Found::new(result)))
    }

    /// Start a change: `fix` repairs a diagnostic or failing tests, `implement` writes what is asked for. Returns at once with
    /// the run's name; follow it with run_status. The change is tested in a sandbox, and no file changes before it is accepted.
    #[tool(annotations(
        title = "Start a change",
        read_only_hint = false,
        destructive_hint = false,
        idempotent_hint = false,
        open_world_hint = true
    ))]
    async fn run_start(&self, Parameters(start): Parameters<Start>) -> Reply<RunView> {
        let request = self.request(start)?;
        let run = self.workspace.start(request).map_err(explain)?;
        Ok(Json(RunView::new(&self.record(run.id())?, 0)))
    }

    /// Follow a run. Waits until the run needs a decision or has ended, or for `wait_seconds`; then tells what happened since
    /// `cursor`. Cancelling this call does not cancel the run.
    #[tool(annotations(
        title = "Follow a change",
        read_only_hint = true,
        idempotent_hint = true,
        open_world_hint = false
    ))]
    async fn run_status(
        &self,
        Parameters(status): Parameters<Status>,
        context: RequestContext<RoleServer>,
    ) -> Reply<RunView> {
        let id = self.find(&status.run)?;
        if let Some(run) = self.workspace.run(&id) {
            let limit = Duration::from_secs(status.wait_seconds).min(LONGEST_WAIT);
            watch(&run, status.cursor, limit, &context, &self.gone).await;
        }
        Ok(Json(RunView::new(&self.record(&id)?, status.cursor)))
    }

    /// Read a run's newest proposal: the diff, its hunks with their ids, and the evidence of every check before and after.
    #[tool(annotations(
        title = "Read a proposal",
        read_only_hint = true,
        idempotent_hint = true,
        open_world_hint = false
    ))]
    async fn proposal_show(&self, Parameters(of): Parameters<OfRun>) -> Reply<ProposalView> {
        let id = self.find(&of.run)?;
        let record = self.record(&id)?;
        let Some(proposal) = &record.proposal else {
            let how = record.summary.state.as_str();
            return Err(refuse(&format!("run {id} has no proposal yet; it is {how}, see run_status")));
        };
        let question = open_question(&record.events);
        Ok(Json(ProposalView::new(&id.0, proposal, question)))
    }

    /// Decide about a proposal: `accept` applies it (or only some hunks) to the files, `reject` ends the run, `revise` has the
    /// model try again with your feedback. Only call this with a decision of the user.
    #[tool(annotations(
        title = "Decide about a proposal",
        read_only_hint = false,
        destructive_hint = true,
        idempotent_hint = false,
        open_world_hint = true
    ))]
    async fn proposal_resolve(
        &self,
        Parameters(resolve): Parameters<Resolve>,
        context: RequestContext<RoleServer>,
    ) -> Reply<Resolved> {
        let id = self.find(&resolve.run)?;
        let answer = answer(&resolve)?;
        let before = self.record(&id)?.events.len() as u64;
        let run = self.workspace.resume(&id).map_err(explain)?;
        self.await_question(&run, &context).await;
        let Some(question) = run.pending() else {
            return Err(refuse(&format!("run {id} waits for no decision now; see run_status")));
        };
        run.answer(&question.id, answer).map_err(explain)?;
        watch_after_answer(&run, before, &context, &self.gone).await;
        let record = self.record(&id)?;
        let conflicts = record.events.iter().rev().find_map(|event| match event {
            engine::Event::Applied { conflicts, .. } => Some(conflicts.clone()),
            _ => None,
        });
        Ok(Json(Resolved {
            run: RunView::new(&record, before),
            conflicts: conflicts.unwrap_or_default(),
        }))
    }

    /// Cancel a run and end every process that it started. Files that were not yet accepted stay as they are.
    #[tool(annotations(
        title = "Cancel a change",
        read_only_hint = false,
        destructive_hint = false,
        idempotent_hint = true,
        open_world_hint = false
    ))]
    async fn run_cancel(&self, Parameters(of): Parameters<OfRun>) -> Reply<RunView> {
        let id = self.find(&of.run)?;
        let run = self.workspace.resume(&id).map_err(explain)?;
        run.cancel();
        tokio::select! {
            _ = run.finished() => {}
            () = self.gone.cancelled() => {}
        }
        Ok(Json(RunView::new(&self.record(&id)?, 0)))
    }

    fn find(&self, part: &str) -> Result<RunId, CallToolResult> {
        if part.is_empty() {
            return Err(refuse("`run` is empty; give the name that run_start returned"));
        }
        self.workspace.find_run(part).map_err(explain)
    }

    fn record(&self, id: &RunId) -> Result<Record, CallToolResult> {
        self.workspace.record(id).map_err(explain)
    }

    /// A run that was resumed needs a moment until it asks again.
    async fn await_question(&self, run: &Arc<Run>, context: &RequestContext<RoleServer>) {
        watch(run, run.events(0).len() as u64, LONGEST_WAIT / 3, context, &self.gone).await;
    }

    fn request(&self, start: Start) -> Result<Request, CallToolResult> {
        let mut request = Request::new(start.workflow.name(), &start.request, "mcp");
        request.commit = start.commit;
        request.tests = start.tests;
        request.review = Review::Ask;
        if let Some(model) = start.model {
            let model = model.parse().map_err(|e| refuse(&format!("`model`: {e}")))?;
            request.model = Some(model);
        }
        let Some(file) = start.file else {
            if start.line.is_some() || start.diagnostic.is_some() {
                return Err(refuse("`line` and `diagnostic` need a `file`"));
            }
            return Ok(request);
        };
        let path = RelPath::parse(&file).map_err(|e| refuse(&format!("`file`: {e}")))?;
        let text = self.workspace.vfs().snapshot().read(&path);
        let text = text.map_err(|e| refuse(&format!("`file`: {e}")))?;
        let line = start.line.unwrap_or(1);
        let range = lines(&text, line, start.end_line.unwrap_or(line));
        match start.diagnostic {
            Some(message) => {
                request.diagnostic = Some(Diagnostic {
                    path,
                    range,
                    line,
                    severity: Severity::Error,
                    source: "the client".into(),
                    code: None,
                    message,
                });
            }
            None if start.line.is_some() => request.selection = Some(Selection { path, range }),
            None => {
                let range = ByteRange { start: 0, end: text.len() };
                request.selection = Some(Selection { path, range });
            }
        }
        Ok(request)
    }
}

/// After an answer the run is followed to its end or its next question: the old one is gone at once.
async fn watch_after_answer(
    run: &Arc<Run>,
    cursor: u64,
    context: &RequestContext<RoleServer>,
    gone: &CancellationToken,
) {
    watch(run, cursor, LONGEST_WAIT, context, gone).await;
}

/// Bytes of lines `first` to `last`, counted from 1, clamped to the text.
fn lines(text: &str, first: u32, last: u32) -> ByteRange {
    let text = base::Text::new(text);
    let start = text.line_start(first.saturating_sub(1));
    let end = text.line_start(last.max(first));
    ByteRange { start, end: end.max(start) }
}

fn answer(resolve: &Resolve) -> Result<Answer, CallToolResult> {
    Ok(match resolve.decision {
        Decision::Accept => Answer::Accept {
            hunks: resolve.hunks.as_ref().map(|ids| ids.iter().map(HunkId::from).collect()),
            commit: resolve.commit,
        },
        Decision::Reject => Answer::Reject { reason: resolve.feedback.clone() },
        Decision::Revise => match resolve.feedback.as_deref().map(str::trim) {
            Some(feedback) if !feedback.is_empty() => {
                Answer::Revise { feedback: feedback.to_owned() }
            }
            _ => return Err(refuse("`revise` needs `feedback`: what should be different?")),
        },
    })
}

fn explain(error: Error) -> CallToolResult {
    refuse(&error.to_string())
}

fn refuse(message: &str) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(message)])
}

#[tool_handler(router = self.tools)]
impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("baton", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    /// A panic in a tool ends that call alone; the library would leave the client waiting for ever.
    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let name = request.name.clone();
        let call = self.tools.call(ToolCallContext::new(self, request, context));
        match AssertUnwindSafe(call).catch_unwind().await {
            Ok(result) => result,
            Err(_) => Ok(refuse(&format!("internal error in `{name}`; see Baton's log")).into()),
        }
    }
}
