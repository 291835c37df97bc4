//! The tools. Each checks its arguments, calls the engine, and returns structured content with its rendering; engine errors
//! come back as tool errors that a model can act on. Those that only look things up are in `search`
//! and `code`.

mod code;
mod search;

use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use base::RelPath;
use engine::{Error, QuestionId, Record, RunId, RunState, Workspace};
use futures::FutureExt;
use rmcp::handler::server::tool::{
    IntoCallToolResult, ToolCallContext, ToolRouter, schema_for_output,
};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler, tool, tool_handler, tool_router};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::input::{OfRun, Resolve, Start, Status, Verify};
use crate::output::{ProposalView, Resolved, RunView};
use crate::watch::watch;

/// Longest wait of a call: many clients give up after a minute.
const LONGEST_WAIT: Duration = Duration::from_secs(45);
/// Time for a run that was resumed to come back to its question: what it had done is recorded, so it is quick.
const ASKS_AGAIN: Duration = Duration::from_secs(15);

const INSTRUCTIONS: &str = "Baton searches this workspace and makes verified changes in it. \
Look for code with search_code, for a definition with find_symbol, and read what matters for a task with get_context. \
See where a name is used with references, and what language servers find wrong in files with diagnostics. \
Start a change with run_start, follow it with run_status, read the diff and its evidence with proposal_show, and decide with \
proposal_resolve. No file changes before a proposal is accepted. Prove a change of your own with verify_patch.";

/// One client's view of the workspace.
pub(crate) struct Server {
    workspace: Workspace,
    /// Cancelled when the client has gone.
    gone: CancellationToken,
    pub(crate) tools: ToolRouter<Server>,
}

/// A result, or a refusal for the model to read.
type Reply<T> = Result<Shown<T>, CallToolResult>;

/// Structured content, and the same in words for clients that show text alone.
pub(crate) struct Shown<T>(T);

impl<T: Serialize + Display> IntoCallToolResult for Shown<T> {
    fn into_call_tool_result(self) -> Result<CallToolResponse, ErrorData> {
        let value = serde_json::to_value(&self.0)
            .map_err(|e| ErrorData::internal_error(format!("the result: {e}"), None))?;
        let mut result = CallToolResult::structured(value);
        result.content = vec![ContentBlock::text(self.0.to_string())];
        Ok(result.into())
    }
}

impl Server {
    pub(crate) fn new(workspace: Workspace, gone: CancellationToken) -> Server {
        Server { workspace, gone, tools: Server::all_tools() }
    }

    pub(crate) fn all_tools() -> ToolRouter<Server> {
        Server::search_router() + Server::code_router() + Server::tool_router()
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

    /// The text that the user sees: the open buffer, else the file.
    async fn read(&self, path: RelPath) -> Result<(RelPath, String), CallToolResult> {
        let vfs = self.workspace.vfs().clone();
        let read = tokio::task::spawn_blocking(move || {
            let text = match vfs.buffer(&path) {
                Some(buffer) => Some(buffer.text.to_string()),
                // Not through the list of files: a file that was written a moment ago may not be in it yet.
                None => vfs.read_disk(&path)?.map(|text| text.to_string()),
            };
            Ok::<_, Error>((path, text))
        });
        match read.await {
            Ok(Ok((path, Some(text)))) => Ok((path, text)),
            Ok(Ok((path, None))) => Err(refuse(&format!("`file`: there is no `{path}`"))),
            Ok(Err(e)) => Err(refuse(&format!("`file`: {e}"))),
            Err(e) => Err(refuse(&format!("`file`: {e}"))),
        }
    }
}

#[tool_router(vis = "pub(crate)")]
impl Server {
    /// Start a change: `fix` repairs a diagnostic or failing tests, `implement` writes what is asked for. Returns at once with
    /// the run's name; follow it with run_status. The change is tested in a sandbox, and no file changes before it is accepted.
    #[tool(
        output_schema = schema_for_output::<RunView>(),
        annotations(
            title = "Start a change",
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = true
        )
    )]
    async fn run_start(&self, Parameters(start): Parameters<Start>) -> Reply<RunView> {
        let place = match start.path().map_err(|e| refuse(&e))? {
            Some(path) => Some(self.read(path).await?),
            None => None,
        };
        let place = place.as_ref().map(|(path, text)| (path.clone(), text.as_str()));
        let request = start.request(place).map_err(|e| refuse(&e))?;
        let run = self.workspace.start(request).map_err(explain)?;
        Ok(Shown(RunView::new(&self.record(run.id())?, 0)))
    }

    /// Prove a change: parse, format and the tests before and after it, in a sandbox. With `diff`, a unified diff for the files as
    /// they are; without, what is not committed. No file changes and no model is asked. Waits for the end as run_status does.
    #[tool(
        output_schema = schema_for_output::<RunView>(),
        annotations(
            title = "Prove a change",
            read_only_hint = true,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn verify_patch(
        &self,
        Parameters(verify): Parameters<Verify>,
        context: RequestContext<RoleServer>,
    ) -> Reply<RunView> {
        let workspace = self.workspace.clone();
        let request = tokio::task::spawn_blocking(move || verify.request(&workspace));
        let request = request.await.map_err(|e| refuse(&e.to_string()))?.map_err(|e| refuse(&e))?;
        let run = self.workspace.start(request).map_err(explain)?;
        let record = watch(&self.workspace, run.id(), 0, LONGEST_WAIT, &context).await;
        Ok(Shown(RunView::new(&record.map_err(explain)?, 0)))
    }

    /// Follow a run. Waits until the run needs a decision or has ended, or for `wait_seconds`; then tells what happened since
    /// `cursor`. Cancelling this call does not cancel the run.
    #[tool(
        output_schema = schema_for_output::<RunView>(),
        annotations(
            title = "Follow a change",
            read_only_hint = true,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn run_status(
        &self,
        Parameters(status): Parameters<Status>,
        context: RequestContext<RoleServer>,
    ) -> Reply<RunView> {
        let id = self.find(&status.run)?;
        let limit = Duration::from_secs(status.wait_seconds).min(LONGEST_WAIT);
        let record = watch(&self.workspace, &id, status.cursor, limit, &context).await;
        Ok(Shown(RunView::new(&record.map_err(explain)?, status.cursor)))
    }

    /// Read a run's newest proposal: the diff, its hunks with their ids, and the evidence of every check before and after.
    #[tool(
        output_schema = schema_for_output::<ProposalView>(),
        annotations(
            title = "Read a proposal",
            read_only_hint = true,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn proposal_show(&self, Parameters(of): Parameters<OfRun>) -> Reply<ProposalView> {
        let id = self.find(&of.run)?;
        let record = self.record(&id)?;
        let Some(proposal) = &record.proposal else {
            let how = record.summary.state.as_str();
            return Err(refuse(&format!(
                "run {id} has no proposal yet; it is {how}, see run_status"
            )));
        };
        Ok(Shown(ProposalView::new(&record, proposal)))
    }

    /// Decide about a proposal: `accept` applies it (or only some hunks) to the files, `reject` ends the run, `revise` has the
    /// model try again with your feedback; `choose` answers a question that has choices. Only call this with a decision of the user.
    #[tool(
        output_schema = schema_for_output::<Resolved>(),
        annotations(
            title = "Decide about a proposal",
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = false,
            open_world_hint = true
        )
    )]
    async fn proposal_resolve(
        &self,
        Parameters(resolve): Parameters<Resolve>,
        context: RequestContext<RoleServer>,
    ) -> Reply<Resolved> {
        let id = self.find(&resolve.run)?;
        let answer = resolve.answer().map_err(|e| refuse(&e))?;
        if self.record(&id)?.summary.state != RunState::Waiting {
            return Err(refuse(&format!("run {id} waits for no decision now; see run_status")));
        }
        // A run that waits may have been left by a process that is gone: it asks again here.
        let run = self.workspace.resume(&id).map_err(explain)?;
        let cursor = run.events(0).len() as u64;
        let record = watch(&self.workspace, &id, cursor, ASKS_AGAIN, &context).await;
        let cursor = record.map_err(explain)?.events.len() as u64;
        run.answer(&QuestionId(resolve.question), answer).map_err(explain)?;
        let record = watch(&self.workspace, &id, cursor, LONGEST_WAIT - ASKS_AGAIN, &context).await;
        Ok(Shown(Resolved::new(&record.map_err(explain)?, cursor)))
    }

    /// Go on with a run that was interrupted, or that failed for an outside cause such as a model that could not be reached.
    /// What it had finished is not done again. Returns at once; follow it with run_status.
    #[tool(
        output_schema = schema_for_output::<RunView>(),
        annotations(
            title = "Go on with a change",
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn run_resume(&self, Parameters(of): Parameters<OfRun>) -> Reply<RunView> {
        let id = self.find(&of.run)?;
        let cursor = self.record(&id)?.events.len() as u64;
        self.workspace.resume(&id).map_err(explain)?;
        Ok(Shown(RunView::new(&self.record(&id)?, cursor)))
    }

    /// Cancel a run and end every process that it started. Files that were not yet accepted stay as they are.
    #[tool(
        output_schema = schema_for_output::<RunView>(),
        annotations(
            title = "Cancel a change",
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn run_cancel(&self, Parameters(of): Parameters<OfRun>) -> Reply<RunView> {
        let id = self.find(&of.run)?;
        let cursor = self.record(&id)?.events.len() as u64;
        if self.record(&id)?.summary.state != RunState::Cancelled {
            let run = self.workspace.resume(&id).map_err(explain)?;
            run.cancel();
            run.finished().await;
        }
        Ok(Shown(RunView::new(&self.record(&id)?, cursor)))
    }
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

    /// A panic in a tool ends that call alone; the library would leave the client waiting for ever. A call that is cancelled,
    /// or whose client has gone, ends at once: dropping it leaves the run alone.
    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let (name, cancelled) = (request.name.clone(), context.ct.clone());
        let call = self.tools.call(ToolCallContext::new(self, request, context));
        tokio::select! {
            biased;
            result = AssertUnwindSafe(call).catch_unwind() => result.unwrap_or_else(|_| {
                Ok(refuse(&format!("internal error in `{name}`; see Baton's log")).into())
            }),
            () = cancelled.cancelled() => Ok(refuse("cancelled").into()),
            () = self.gone.cancelled() => Ok(refuse("the client has gone").into()),
        }
    }
}
