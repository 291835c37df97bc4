//! `baton review`: takes up a run that waits, of this or an earlier process, and has its proposal decided.

use engine::{Event, QuestionKind, RunState, Workspace};

use crate::commands::run::asker;
use crate::drive::{Asker, drive};
use crate::exit::{Exit, usage};
use crate::options::{Finish, Review};
use crate::render;
use crate::render::safe::{safe_line, shorten};
use crate::render::text::{Narrator, Shown};
use crate::session::Session;

/// Runs that are looked through for one that waits.
const LOOKED_THROUGH: usize = 500;

/// Asks about the proposal of the run, or of the one that waits.
///
/// # Errors
/// Those of the engine: no such run, another process works on it, it has ended.
pub(crate) async fn review(session: &mut Session, review: Review) -> anyhow::Result<Exit> {
    let workspace = session.open().await?;
    let id = match &review.run {
        Some(part) => workspace.find_run(part)?,
        None => match waiting(&workspace)? {
            Some(id) => id,
            None => {
                session.out.say("no run waits for review")?;
                return Ok(Exit::Failed);
            }
        },
    };
    let record = workspace.record(&id)?;
    if record.summary.state == RunState::Waiting
        && !is_about_plan(&record.events)
        && let Some(proposal) = record.proposal
    {
        let shown = if session.outside.stdin_is_terminal && !review.yes {
            Shown::Files
        } else {
            Shown::Whole
        };
        let event = Event::Proposed { proposal };
        render::event(&mut session.out, &mut Narrator::new(shown), &event)?;
    }
    let planned = record.events.iter().rev().find(|event| matches!(event, Event::Planned { .. }));
    if let (true, Some(event)) = (is_about_plan(&record.events), planned) {
        render::event(&mut session.out, &mut Narrator::new(Shown::Files), event)?;
    }
    let seen = record.events.len() as u64;
    let run = workspace.resume(&id)?;
    let finish = Finish { yes: review.yes, no_review: false, commit: review.commit };
    let asker: Asker = asker(session, finish);
    drive(&workspace, &run, seen, asker, &mut session.out).await
}

/// Whether the question that is open is about a plan.
fn is_about_plan(events: &[Event]) -> bool {
    let last = events.iter().rev().find_map(|event| match event {
        Event::Ask { question } => Some(question.kind),
        _ => None,
    });
    last == Some(QuestionKind::Plan)
}

/// The run that waits.
fn waiting(workspace: &Workspace) -> anyhow::Result<Option<engine::RunId>> {
    let mut runs = workspace.history(LOOKED_THROUGH)?;
    runs.retain(|run| run.state == RunState::Waiting);
    match runs.as_slice() {
        [] => Ok(None),
        [run] => Ok(Some(run.id.clone())),
        runs => {
            let line = |run: &engine::RunSummary| {
                format!(
                    "\n  baton review {}  {}",
                    run.id.short(),
                    shorten(&safe_line(&run.text), 60)
                )
            };
            let lines: String = runs.iter().map(line).collect();
            Err(usage(format!("{} runs wait for review; name one:{lines}", runs.len())))
        }
    }
}
