//! `baton tools`: what the configured servers offer, and calling it. What they say is a stranger's word, and is shown as such.

use std::io::Read;

use engine::{
    Consent, Decision, NoToolAnswer, OfferedTool, ServerTools, ToolCall, ToolOutcome, Workspace,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::exit::{Exit, usage};
use crate::options::{CallTool, Tools, ToolsAction};
use crate::render::out::Out;
use crate::render::safe::{safe_line, safe_text, shorten};
use crate::render::{style, table};
use crate::review::Answers;
use crate::session::Session;
use crate::stop::{Asked, Stop};

/// Longer arguments are not read.
const MAX_ARGUMENTS: u64 = 1 << 20;

/// Lists or calls.
///
/// # Errors
/// Arguments that cannot be read; those of the engine; output that cannot be written.
pub(crate) async fn tools(session: &mut Session, tools: Tools) -> anyhow::Result<Exit> {
    match tools.action {
        None | Some(ToolsAction::List) => list(session).await,
        Some(ToolsAction::Call(call_tool)) => call(session, call_tool).await,
    }
}

async fn list(session: &mut Session) -> anyhow::Result<Exit> {
    let workspace = session.open().await?;
    session.out.busy("asking the servers of tools");
    let mut stop = Stop::listen()?;
    let listed = tokio::select! {
        listed = workspace.offered_tools() => Ok(listed),
        asked = stop.asked() => Err(asked),
    };
    workspace.shutdown().await;
    session.out.rest();
    let servers = match listed {
        Ok(servers) => servers,
        Err(asked) => return Ok(exit_of(asked)),
    };
    for server in &servers {
        session.out.object(&as_data(server))?;
        print(server, &mut session.out)?;
    }
    if servers.is_empty() {
        session.out.progress(
            "no server of tools is configured: write a [[mcp]] table into your own configuration file (docs/configuration.md)",
        )?;
    }
    let all_answered = servers.iter().all(|server| server.tools.is_ok());
    Ok(if all_answered { Exit::Done } else { Exit::Unproved })
}

fn as_data(server: &ServerTools) -> Value {
    match &server.tools {
        Ok(tools) => {
            let tool = |offered: &OfferedTool| {
                let mut value = json!(offered);
                value["full_name"] = json!(offered.tool.full_name());
                value["safe_name"] =
                    json!(mcp::safe_name(&offered.tool.server, &offered.tool.name));
                value
            };
            let all: Vec<Value> = tools.tools.iter().map(tool).collect();
            json!({"server": server.server, "about": tools.about, "tools": all, "notes": tools.notes})
        }
        Err(error) => json!({"server": server.server, "no_answer": no_answer(error)}),
    }
}

fn no_answer(error: &NoToolAnswer) -> Value {
    json!({"kind": error.kind(), "message": error.to_string()})
}

fn print(server: &ServerTools, out: &mut Out) -> std::io::Result<()> {
    let name = style::head(safe_line(&server.server));
    let tools = match &server.tools {
        Ok(tools) => tools,
        Err(error) => {
            let why = safe_line(&error.to_string());
            return out.result(&format!("{name}  {}", style::bad(format!("no answer: {why}"))));
        }
    };
    out.result(&format!("{name}  {}", style::dim(safe_line(&tools.about))))?;
    let row = |offered: &OfferedTool| {
        let decision = match offered.policy.decision {
            Decision::Allow => "allow",
            Decision::Ask => "ask",
            Decision::Deny => "deny",
        };
        let tool = &offered.tool;
        let first = tool.description.lines().next().or(tool.title.as_deref()).unwrap_or_default();
        let about = shorten(&safe_line(first), 90);
        vec!["".to_owned(), decision.to_owned(), safe_line(&tool.full_name()), about]
    };
    let rows: Vec<Vec<String>> = tools.tools.iter().map(row).collect();
    for line in table::columns(&rows, &[table::plain, table::plain, table::place, table::dim]) {
        out.result(&line)?;
    }
    for note in &tools.notes {
        out.result(&format!("  {}", style::doubt(safe_line(note))))?;
    }
    Ok(())
}

async fn call(session: &mut Session, call: CallTool) -> anyhow::Result<Exit> {
    let arguments = arguments(call.args.as_deref())?;
    let workspace = session.open().await?;
    let mut stop = Stop::listen()?;
    let cancel = CancellationToken::new();
    let calling = ask_and_call(session, &workspace, call, arguments, &cancel);
    let mut calling = Box::pin(calling);
    let mut asked_to = None;
    let outcome = loop {
        tokio::select! {
            outcome = &mut calling => break outcome,
            asked = stop.asked(), if asked_to.is_none() => {
                cancel.cancel();
                asked_to = Some(asked);
            }
        }
    };
    drop(calling);
    workspace.shutdown().await;
    session.out.rest();
    let (tool, outcome) = outcome?;
    let exit = tell(&tool, &outcome, &mut session.out)?;
    Ok(asked_to.map_or(exit, exit_of))
}

async fn ask_and_call(
    session: &mut Session,
    workspace: &Workspace,
    call: CallTool,
    arguments: Value,
    cancel: &CancellationToken,
) -> anyhow::Result<(String, ToolOutcome)> {
    let CallTool { tool, yes, .. } = call;
    session.out.busy(&format!("asking for {}", safe_line(&tool)));
    let consent = if yes {
        Consent::Given
    } else {
        let offered = tokio::select! {
            offered = workspace.offered_tool(&tool) => offered,
            () = cancel.cancelled() => Err(NoToolAnswer::Cancelled { tool: tool.clone() }),
        };
        match offered {
            Ok(offered) if offered.policy.decision == Decision::Ask => {
                let agreed = tokio::select! {
                    agreed = ask(session, &offered, &arguments) => agreed?,
                    () = cancel.cancelled() => Err(NoToolAnswer::Cancelled { tool: tool.clone() }),
                };
                if let Err(error) = agreed {
                    return Ok((tool, ToolOutcome::NoAnswer(error)));
                }
                Consent::Given
            }
            Ok(_) => Consent::None,
            Err(error) => return Ok((tool, ToolOutcome::NoAnswer(error))),
        }
    };
    session.out.busy(&format!("calling {}", safe_line(&tool)));
    let out = &mut session.out;
    let call = ToolCall { tool: tool.clone(), arguments, consent };
    let mut tell = |progress: engine::ToolProgress| {
        let text = format!("{}: {}", safe_line(&tool), safe_line(&progress.message));
        let total = progress.total.map(|total| total as u64);
        out.busy_at(progress.done as u64, total, &text);
    };
    let outcome = workspace.call_tool(call, cancel, &mut tell).await;
    Ok((tool, outcome))
}

/// Has a person agree to a call; only one at a terminal is one.
async fn ask(
    session: &mut Session,
    offered: &OfferedTool,
    arguments: &Value,
) -> anyhow::Result<Result<(), NoToolAnswer>> {
    let tool = offered.tool.full_name();
    let refused = |reason: String| NoToolAnswer::NotAllowed { tool: tool.clone(), reason };
    let mut answers = Answers::new(&session.outside);
    if !answers.typed {
        let why =
            format!("{}, and nobody is there to be asked; `--yes` agrees", offered.policy.reason);
        return Ok(Err(refused(why)));
    }
    let shown = safe_text(&serde_json::to_string_pretty(arguments)?).into_owned();
    session.out.rest();
    session.out.say(&format!(
        "{}  {}",
        style::head(safe_line(&tool)),
        style::dim(safe_line(&offered.policy.reason))
    ))?;
    session.out.say(&shown)?;
    let answer = answers.line("Call it with these arguments [y,N]? ", &mut session.out).await?;
    let agreed = answer.is_some_and(|it| matches!(it.trim(), "y" | "Y" | "yes"));
    Ok(if agreed { Ok(()) } else { Err(refused("you did not agree".to_owned())) })
}

/// Prints what came of a call.
fn tell(tool: &str, outcome: &ToolOutcome, out: &mut Out) -> anyhow::Result<Exit> {
    let answered = |word: &str, answer: &engine::ToolAnswer| json!({"tool": tool, "outcome": word, "text": answer.text, "is_truncated": answer.is_truncated});
    match outcome {
        ToolOutcome::Answer(answer) => {
            out.object(&answered("answer", answer))?;
            out.result(&safe_text(&answer.text))?;
            Ok(Exit::Done)
        }
        ToolOutcome::ToolError(answer) => {
            out.object(&answered("tool_error", answer))?;
            out.result(&safe_text(&answer.text))?;
            if !out.json {
                out.say(&style::bad(format!("{} says that it failed", safe_line(tool))))?;
            }
            Ok(Exit::Failed)
        }
        ToolOutcome::NoAnswer(error) => {
            out.object(
                &json!({"tool": tool, "outcome": "no_answer", "no_answer": no_answer(error)}),
            )?;
            if !out.json {
                out.say(&style::bad(format!("no answer: {}", safe_line(&error.to_string()))))?;
            }
            Ok(match error {
                NoToolAnswer::NoServer { .. }
                | NoToolAnswer::NoTool { .. }
                | NoToolAnswer::NotAllowed { .. }
                | NoToolAnswer::Arguments { .. } => Exit::Usage,
                NoToolAnswer::Cancelled { .. } => Exit::Cancelled,
                _ => Exit::Unproved,
            })
        }
    }
}

fn arguments(given: Option<&str>) -> anyhow::Result<Value> {
    let text = match given {
        None => return Ok(json!({})),
        Some("-") => {
            let mut text = String::new();
            std::io::stdin().take(MAX_ARGUMENTS).read_to_string(&mut text)?;
            text
        }
        Some(text) => text.to_owned(),
    };
    serde_json::from_str(&text).map_err(|error| usage(format!("`--args` is no JSON: {error}")))
}

fn exit_of(asked: Asked) -> Exit {
    match asked {
        Asked::Interrupt => Exit::Cancelled,
        Asked::Terminate => Exit::Parked,
    }
}
