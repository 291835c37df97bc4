//! `workspace/executeCommand`: checks the arguments, does it, and answers at once. Long work is followed elsewhere.

mod arguments;
mod start;

use std::sync::Arc;
use std::time::Duration;

use engine::{Answer, Question, Run, Workspace};
use serde_json::json;
use tower_lsp::gen_lsp_types::{ExecuteCommandParams, LspAny};
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};

use crate::session::{Opened, Session};

use arguments::{Accept, Choose, OfRun, Reject, Revise};

/// Starts a run.
pub(crate) const START: &str = "baton.run.start";
const CANCEL: &str = "baton.run.cancel";
const RESUME: &str = "baton.run.resume";
const ACCEPT: &str = "baton.proposal.accept";
const REJECT: &str = "baton.proposal.reject";
/// Asks for changes of a proposal.
pub(crate) const REVISE: &str = "baton.proposal.revise";

/// Answers a question that has choices.
pub(crate) const CHOOSE: &str = "baton.question.answer";

/// Every command, sorted.
pub(crate) const ALL: &[&str] = &[ACCEPT, REJECT, REVISE, CHOOSE, CANCEL, RESUME, START];

/// How long a resumed run may take until it asks again what it had asked before.
const ASKS_AGAIN: Duration = Duration::from_secs(10);

/// LSP's `RequestFailed`: the request was right, and could still not be served.
const REQUEST_FAILED: i64 = -32803;

/// Executes a command; the answer names the run that it is about.
///
/// # Errors
/// `InvalidParams` for what the client got wrong, `ContentModified` for positions in a text of another version, else
/// `RequestFailed`; the message is the engine's, and `data.kind` its word for programs.
pub(crate) async fn execute(
    session: &Arc<Session>,
    params: ExecuteCommandParams,
) -> Result<LspAny> {
    let name = params.command.as_str();
    if !ALL.contains(&name) {
        let known = ALL.join(", ");
        return Err(Error::invalid_params(format!(
            "there is no command `{name}`; there are: {known}"
        )));
    }
    let arguments = params.arguments.unwrap_or_default();
    // Bad arguments are told at once, also while the workspace is being opened.
    match name {
        START => {
            let wanted = arguments::read(name, arguments)?;
            let opened = session.workspace().await.map_err(failed)?;
            let request = start::request(session, &opened, wanted).await?;
            let run = opened.workspace.start(request).map_err(|error| refused(&error))?;
            Ok(following(session, &opened, run, 0))
        }
        CANCEL => {
            let OfRun { run } = arguments::read(name, arguments)?;
            let opened = session.workspace().await.map_err(failed)?;
            let run = live(&opened.workspace, &run)?;
            run.cancel();
            Ok(json!({"run": run.id()}))
        }
        RESUME => {
            let OfRun { run } = arguments::read(name, arguments)?;
            let opened = session.workspace().await.map_err(failed)?;
            let run = live(&opened.workspace, &run)?;
            let from = latest_start(&run);
            Ok(following(session, &opened, run, from))
        }
        ACCEPT => {
            let Accept { run, hunks, commit } = arguments::read(name, arguments)?;
            answer(session, &run, Answer::Accept { hunks, commit }).await
        }
        REJECT => {
            let Reject { run, reason } = arguments::read(name, arguments)?;
            answer(session, &run, Answer::Reject { reason }).await
        }
        CHOOSE => {
            let Choose { run, choice } = arguments::read(name, arguments)?;
            answer(session, &run, Answer::Choose { choice }).await
        }
        _ => {
            let Revise { run, feedback } = arguments::read(name, arguments)?;
            if feedback.trim().is_empty() {
                return Err(Error::invalid_params("`feedback` is empty; say what should change"));
            }
            answer(session, &run, Answer::Revise { feedback }).await
        }
    }
}

/// Answers the question that a run waits on. A run that an earlier session left waiting is taken up again for that.
async fn answer(session: &Arc<Session>, part: &str, answer: Answer) -> Result<LspAny> {
    let opened = session.workspace().await.map_err(failed)?;
    let run = live(&opened.workspace, part)?;
    let question = question(&run).await.ok_or_else(|| {
        failed(format!(
            "run {} does not wait for an answer; `baton runs` lists what waits",
            run.id()
        ))
    })?;
    let from = run.events(0).len() as u64;
    // Until this handler has returned, no edit that the answer leads to is sent.
    let _answering = session.commands.read().await;
    run.answer(&question.id, answer).map_err(|error| refused(&error))?;
    Ok(following(session, &opened, run, from))
}

fn following(session: &Arc<Session>, opened: &Arc<Opened>, run: Arc<Run>, from: u64) -> LspAny {
    let answer = json!({"run": run.id()});
    session.follow(opened, run, from);
    answer
}

/// The run that `part` of an id names, going on with it if it is not live.
fn live(workspace: &Workspace, part: &str) -> Result<Arc<Run>> {
    let id = workspace.find_run(part).map_err(|error| refused(&error))?;
    match workspace.run(&id).filter(|run| run.is_live()) {
        Some(run) => Ok(run),
        None => workspace.resume(&id).map_err(|error| refused(&error)),
    }
}

/// What the run asks; `None` if it ends, or goes on to something else than a question.
async fn question(run: &Run) -> Option<Question> {
    let mut cursor = run.events(0).len() as u64;
    let asked = async {
        loop {
            if let Some(question) = run.pending() {
                return Some(question);
            }
            run.next(&mut cursor).await?;
        }
    };
    tokio::time::timeout(ASKS_AGAIN, asked).await.ok().flatten()
}

/// The number of the event with which the run was last taken up.
fn latest_start(run: &Run) -> u64 {
    let events = run.events(0);
    let resumed = events.iter().rposition(|event| matches!(event, engine::Event::Resumed));
    resumed.unwrap_or(0) as u64
}

/// An engine's refusal as a protocol error.
pub(crate) fn refused(error: &engine::Error) -> Error {
    let code = match error {
        engine::Error::UnknownWorkflow { .. }
        | engine::Error::BadRequest(_)
        | engine::Error::UnknownRun(_)
        | engine::Error::AmbiguousRun { .. }
        | engine::Error::UnknownHunk(_) => ErrorCode::InvalidParams,
        _ => ErrorCode::ServerError(REQUEST_FAILED),
    };
    let data = Some(json!({"kind": error.kind()}));
    Error { code, message: error.to_string().into(), data }
}

/// A failure that is nobody's mistake in the request.
pub(crate) fn failed(why: String) -> Error {
    Error { message: why.into(), ..Error::new(ErrorCode::ServerError(REQUEST_FAILED)) }
}
