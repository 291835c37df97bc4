//! Follows a run to its end: prints its events, has its questions answered, and ends it when the user wants out.

use std::sync::Arc;

use engine::{Answer, Event, Outcome, Question, QuestionKind, Run, Workspace};

use crate::exit::Exit;
use crate::render;
use crate::render::out::Out;
use crate::render::text::{Narrator, Shown};
use crate::review::{self, Answers, Decision};
use crate::stop::{Asked, Stop};

/// Who answers the run's questions.
pub(crate) enum Asker {
    /// A person, or what is piped in their place.
    Person { answers: Answers, commit: Option<bool> },
    /// Whoever uses `baton review` later.
    Later,
    /// Nobody is asked: what was verified is taken.
    TakeAll { commit: Option<bool> },
}

/// Follows `run` from event number `cursor` on.
///
/// # Errors
/// Output that cannot be written; the run is parked then and can be resumed.
pub(crate) async fn drive(
    workspace: &Workspace,
    run: &Arc<Run>,
    cursor: u64,
    asker: Asker,
    out: &mut Out,
) -> anyhow::Result<Exit> {
    let exit = follow(workspace, run, cursor, asker, out).await;
    out.rest();
    if exit.is_err() {
        workspace.shutdown().await;
    }
    exit
}

async fn follow(
    workspace: &Workspace,
    run: &Arc<Run>,
    mut cursor: u64,
    mut asker: Asker,
    out: &mut Out,
) -> anyhow::Result<Exit> {
    let mut stop = Stop::listen()?;
    let mut cancelled = false;
    let mut narrator = Narrator::new(asker.shown());
    loop {
        let event = tokio::select! {
            event = run.next(&mut cursor) => event,
            asked = stop.asked() => {
                if let Some(exit) = on_stop(asked, &mut cancelled, workspace, run, out).await? {
                    return Ok(exit);
                }
                continue;
            }
        };
        let Some(event) = event else { break };
        render::event(out, &mut narrator, &event)?;
        let Event::Ask { question } = event else { continue };
        // A replayed log holds old questions too; only the open one wants an answer.
        if run.pending().is_none_or(|open| open.id != question.id) {
            continue;
        }
        let decision = tokio::select! {
            decision = asker.decide(run, &question, out) => Some(decision?),
            asked = stop.asked() => {
                out.say("")?;
                if let Some(exit) = on_stop(asked, &mut cancelled, workspace, run, out).await? {
                    return Ok(exit);
                }
                None
            }
        };
        match decision {
            Some(Decision::Answer(answer)) => match run.answer(&question.id, answer) {
                // The run has come to an end meanwhile, and says why.
                Ok(()) | Err(engine::Error::NotAsked { .. }) => {}
                Err(error) => return Err(error.into()),
            },
            Some(Decision::Later) => {
                workspace.shutdown().await;
                let id = run.id().short();
                let what = match question.kind {
                    QuestionKind::Review => "The proposal waits; decide",
                    QuestionKind::Plan => "The plan waits; decide",
                    QuestionKind::Choice => "The question waits; answer it",
                };
                out.say(&format!("{what} with `baton review {id}`."))?;
                return Ok(Exit::Waiting);
            }
            None => {}
        }
    }
    Ok(exit_of(run.finished().await))
}

/// The first Ctrl-C cancels the run and everything it started, the second leaves at once.
async fn on_stop(
    asked: Asked,
    cancelled: &mut bool,
    workspace: &Workspace,
    run: &Run,
    out: &mut Out,
) -> anyhow::Result<Option<Exit>> {
    match asked {
        Asked::Interrupt if *cancelled => {
            out.rest();
            Ok(Some(Exit::Cancelled))
        }
        Asked::Interrupt => {
            *cancelled = true;
            run.cancel();
            out.say("cancelling; press Ctrl-C again to leave at once")?;
            Ok(None)
        }
        Asked::Terminate => {
            out.rest();
            workspace.shutdown().await;
            Ok(Some(Exit::Parked))
        }
    }
}

impl Asker {
    /// Hunks that a person is asked about one by one are not shown before, unless the answers come from a pipe.
    fn shown(&self) -> Shown {
        match self {
            Asker::Person { answers, .. } if answers.typed => Shown::Files,
            _ => Shown::Whole,
        }
    }

    async fn decide(
        &mut self,
        run: &Run,
        question: &Question,
        out: &mut Out,
    ) -> anyhow::Result<Decision> {
        if question.kind == QuestionKind::Choice {
            return match self {
                Asker::Person { answers, .. } => review::choose(question, answers, out).await,
                Asker::Later => Ok(Decision::Later),
                // Whoever takes everything takes what most want.
                Asker::TakeAll { .. } => Ok(first(question)),
            };
        }
        if let (QuestionKind::Plan, Asker::Person { answers, .. }) = (question.kind, &mut *self) {
            return review::plan(question, answers, out).await;
        }
        match self {
            Asker::Later => Ok(Decision::Later),
            Asker::TakeAll { commit } => {
                Ok(Decision::Answer(Answer::Accept { hunks: None, commit: *commit }))
            }
            Asker::Person { answers, commit } => match run.proposal() {
                Some(proposal) => {
                    review::ask(&proposal, &question.text, *commit, answers, out).await
                }
                None => Ok(Decision::Later),
            },
        }
    }
}

/// What most want.
fn first(question: &Question) -> Decision {
    let choice = question.choices.first().cloned().unwrap_or_default();
    Decision::Answer(Answer::Choose { choice })
}

fn exit_of(outcome: Option<Outcome>) -> Exit {
    match outcome {
        Some(Outcome::Delivered { conflicts, .. }) if conflicts.is_empty() => Exit::Done,
        Some(Outcome::Verified { defect: Some(_), .. }) => Exit::Failed,
        Some(Outcome::Verified { evidence, defect: None }) => {
            if evidence.unanswered().next().is_some() { Exit::Unproved } else { Exit::Done }
        }
        // As `code diagnostics` ends where something is wrong.
        Some(Outcome::Reviewed { findings, dropped }) => {
            let is_error = |it: &base::Diagnostic| it.severity == base::Severity::Error;
            if findings.iter().any(is_error) {
                Exit::Failed
            } else if findings.is_empty() && 0 < dropped {
                // Something was said, and nobody knows of what.
                Exit::Unproved
            } else {
                Exit::Done
            }
        }
        Some(Outcome::Mission { items }) => {
            if items.iter().all(|item| item.is_done) {
                Exit::Done
            } else {
                Exit::Failed
            }
        }
        // A person's own word is no failure.
        Some(Outcome::PlanRejected { why }) => {
            if why.is_some() {
                Exit::Failed
            } else {
                Exit::Done
            }
        }
        Some(Outcome::Rejected | Outcome::Explained { .. }) => Exit::Done,
        Some(Outcome::Delivered { .. } | Outcome::NothingToDo { .. } | Outcome::Failed { .. }) => {
            Exit::Failed
        }
        Some(Outcome::Cancelled) => Exit::Cancelled,
        None => Exit::Parked,
    }
}
