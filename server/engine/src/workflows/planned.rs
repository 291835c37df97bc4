//! The way of a request through a plan: the plan, what others have against it, its tasks, the proof of all of it together, a
//! person's decision, and the files.

use base::{Conflict, Defect, DefectKind, Patch, rebase};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::agents;
use crate::config::{Debating, When};
use crate::cx::Cx;
use crate::debate::{Rejection, Rules};
use crate::error::Error;
use crate::event::{Answer, Outcome};
use crate::plan::{AgreedPlan, Extent, Plan};
use crate::request::Review;
use crate::stages::baseline::Baseline;
use crate::stages::debate::{Debated, Motion, debate};
use crate::stages::deliver::{Accepted, deliver};
use crate::stages::escalate::{Escalated, escalate};
use crate::stages::plan::{Approved, approve, plan};
use crate::stages::review::review;
use crate::stages::verify::{Candidate, NewTests, Proposal, Scope, Verified, verify};
use crate::workflows::begin::{Begun, begin};
use crate::workflows::build::{Built, build, laid_over};
use crate::workflows::propose::{asked_for_changes, proved};
use crate::workflows::task::Task;

/// How it ended.
pub(super) struct Planned {
    pub(super) outcome: Outcome,
    /// Tasks that were left out or skipped.
    pub(super) left_out: Vec<String>,
}

/// `task`: what is asked for, put to the architect.
///
/// # Errors
/// Those of the stages.
pub(super) async fn planned(
    cx: &Cx,
    task: &Task,
    before: &Baseline,
    debates: Debates,
) -> Result<Planned, Error> {
    let agreed = match Box::pin(agree(cx, task, debates)).await? {
        Ok(agreed) => agreed,
        Err(why) => {
            let outcome = Outcome::PlanRejected { why };
            return Ok(Planned { outcome, left_out: Vec::new() });
        }
    };
    let Built { patch, ends } = Box::pin(build(cx, &agreed, before)).await?;
    let left_out: Vec<String> = ends
        .iter()
        .filter(|(_, end)| !matches!(end, super::build::End::Done(_)))
        .map(|(id, _)| id.clone())
        .collect();
    if !left_out.is_empty() && !patch.is_empty() {
        let said = async { cx.notice(format!("left out of the plan: {}", left_out.join(", "))) };
        cx.step("left-out", &left_out, said).await?;
    }
    let outcome = Box::pin(take(cx, &agreed, patch, &left_out, before)).await?;
    Ok(Planned { outcome, left_out })
}

/// A plan that may be built; or why none is.
async fn agree(
    cx: &Cx,
    task: &Task,
    debates: Debates,
) -> Result<Result<AgreedPlan, Option<Rejection>>, Error> {
    let Begun { mut talk, context } = begin(cx, task).await?;
    let asked = task.render(talk.prompt.front.context);
    let context = context.render();
    for round in 1.. {
        let (made, _) = plan(cx, &mut talk).await?;
        let motion = Motion { task: &asked, context: &context, round };
        let agreed = match rules(cx, &made, debates) {
            Some(rules) => match Box::pin(debate(cx, motion, made, rules, &mut talk)).await? {
                Debated::Approved(agreed) => *agreed,
                Debated::Rejected(why) => return Ok(Err(Some(why))),
            },
            None => made,
        };
        match approve(cx, agreed, round).await? {
            Approved::Taken(agreed) => return Ok(Ok(*agreed)),
            Approved::Refused => return Ok(Err(None)),
            Approved::Revise(feedback) => {
                let why = format!("The person wants it to be different: {feedback}");
                talk.tell(cx.prompt(agents::REPLAN)?, &json!({"why": why}))?;
            }
        }
    }
    Err(Error::Internal("a plan was talked about for ever".into()))
}

/// Whether a plan is debated, where the settings leave it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Debates {
    Always,
    /// Where it is more than a little work, or touches what much depends on.
    WhereItMatters,
}

/// Words in the paths of files that much depends on.
const SENSITIVE: &[&str] = &[
    ".github",
    "auth",
    "crypt",
    "deploy",
    "docker",
    "login",
    "migration",
    "password",
    "permission",
    "schema",
    "secret",
    "security",
    "session",
    "token",
];

fn rules(cx: &Cx, plan: &AgreedPlan, debates: Debates) -> Option<Rules> {
    let Debating { when, threshold, confidence, cycles, tokens } = cx.workspace.config().debate;
    let rules = Rules { threshold, confidence, cycles, tokens };
    let is_held = match (when, debates) {
        (When::Never, _) => false,
        (When::Always, _) | (When::Auto, Debates::Always) => true,
        (When::Auto, Debates::WhereItMatters) => matters(plan.plan()),
    };
    is_held.then_some(rules)
}

fn matters(plan: &Plan) -> bool {
    let files = plan.tasks.iter().flat_map(|task| &task.files);
    let mut paths = files.chain(plan.structure.files.keys()).map(|path| path.to_lowercase());
    plan.analysis.complexity != Extent::Simple
        || paths.any(|path| SENSITIVE.iter().any(|word| path.contains(word)))
}

/// Proves what was built as one, and has it taken. What is refused, or to be different, goes back to a coder who sees all of it.
async fn take(
    cx: &Cx,
    plan: &AgreedPlan,
    mut all: Patch,
    left_out: &[String],
    before: &Baseline,
) -> Result<Outcome, Error> {
    if all.is_empty() {
        return Ok(Outcome::NothingToDo { why: "no task of the plan could be built".into() });
    }
    let attempts = cx.workspace.config().attempts.max(1);
    let mut left = attempts;
    for attempt in 1.. {
        let Rebase { patch, lost } = rebased(cx, &all, &attempt.to_string()).await?;
        all = patch;
        let verdict = match lost {
            Some(lost) => Err(lost),
            None => prove(cx, plan, &all, left_out, before, attempt).await?,
        };
        let defect = match verdict {
            Err(defect) => {
                left -= 1;
                if left == 0 {
                    match escalate(cx, "the whole change", &defect, attempt).await? {
                        Escalated::Again => left = attempts,
                        // A person has turned it down; nobody has, where nobody was asked.
                        Escalated::LeftOut if cx.request().review == Review::Ask => {
                            return Ok(Outcome::Rejected);
                        }
                        Escalated::LeftOut => {
                            let last = Box::new(defect);
                            return Err(Error::AttemptsExhausted { attempts: attempt, last });
                        }
                    }
                }
                defect
            }
            Ok(proposal) => match review(cx, &proposal, attempt).await? {
                Answer::Accept { hunks, commit } => {
                    return deliver(cx, Accepted::new(&proposal, hunks, commit)).await;
                }
                Answer::Confirm => return deliver(cx, Accepted::in_editor(&proposal)).await,
                Answer::Reject { .. } => return Ok(Outcome::Rejected),
                Answer::Revise { feedback } => {
                    // What the person has seen, and says this of.
                    all = proposal.patch().clone();
                    left = attempts;
                    asked_for_changes(&feedback)
                }
                answer @ (Answer::Choose { .. } | Answer::Edit { .. }) => {
                    return Err(Error::Internal(format!("a review was answered with {answer:?}")));
                }
            },
        };
        // A person may have thought about it for hours, and changed the files meanwhile.
        let Rebase { patch, lost } = rebased(cx, &all, &format!("repair {attempt}")).await?;
        all = patch;
        let mut defect = defect;
        if let Some(lost) = lost {
            defect.detail.push_str(&format!("\n\n{}\n{}", lost.summary, lost.detail));
        }
        let of = serde_json::to_vec(&(&all, &defect));
        let of = of.map_err(|e| Error::Internal(format!("a repair: {e}")))?;
        let of = base::ContentHash::of(&of).short();
        let over = cx.over(all.clone()).part(&format!("repair {attempt} {of}"));
        let task = async { Ok(Task::mend(plan, &all, &defect, &over.snapshot())) };
        let task = over.step("task", &(), task).await?;
        // Its proof is of what it adds; that of the whole follows.
        match Box::pin(proved(&over, &task, before)).await {
            Ok(repaired) => {
                let work = async { laid_over(cx, &all, repaired.patch(), "the repair") };
                all = over.step("joined", &(), work).await?;
            }
            Err(Error::AttemptsExhausted { attempts, last }) => {
                match escalate(cx, "a repair of the whole change", &last, attempt).await? {
                    // What there is, is looked at again.
                    Escalated::Again => {}
                    Escalated::LeftOut if cx.request().review == Review::Ask => {
                        return Ok(Outcome::Rejected);
                    }
                    Escalated::LeftOut => return Err(Error::AttemptsExhausted { attempts, last }),
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(Error::Internal("a change was proved for ever".into()))
}

/// A change brought to the files as they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Rebase {
    patch: Patch,
    /// What of it has no place any more.
    lost: Option<Defect>,
}

/// Recorded: what is built over it is built over this, also where the files change again.
async fn rebased(cx: &Cx, all: &Patch, when: &str) -> Result<Rebase, Error> {
    let work = async {
        let snapshot = cx.snapshot();
        let rebased = rebase(all, &|path| snapshot.read(path).ok());
        let lost = (!rebased.conflicts.is_empty()).then(|| {
            let hunks = all.hunks();
            let of = |it: &Conflict| {
                let hunk = hunks.iter().find(|hunk| hunk.id == it.hunk);
                let lines = hunk.map_or_else(String::new, |hunk| hunk.hunk_diff(all));
                format!("{}: {}\n{lines}", it.path, it.reason)
            };
            let detail: Vec<String> = rebased.conflicts.iter().map(of).collect();
            let mut defect = Defect::new(
                DefectKind::AnchorMissing,
                "the files have changed where a part of this applies; that part is gone from it",
                &detail.join("\n"),
                "write that part anew, over the lines as they are now",
            );
            defect.paths = rebased.conflicts.iter().map(|it| it.path.clone()).collect();
            defect.paths.dedup();
            defect
        });
        Ok(Rebase { patch: rebased.patch, lost })
    };
    cx.step("rebased", &(all, when), work).await
}

async fn prove(
    cx: &Cx,
    plan: &AgreedPlan,
    patch: &Patch,
    left_out: &[String],
    before: &Baseline,
    attempt: u32,
) -> Result<Result<Proposal, Defect>, Error> {
    let message = message(plan, left_out);
    let candidate = Candidate {
        patch,
        message: Some(&message),
        tests: NewTests::Unasked,
        scope: &Scope::All,
        attempt,
        // Each task was looked at.
        asked: None,
    };
    let verified =
        cx.step("verify-all", &(patch, attempt), Box::pin(verify(cx, candidate, before))).await?;
    match verified {
        Verified::Passed(proposal) => Ok(Ok(proposal)),
        Verified::Refused { defect, .. } => {
            cx.step("refuse", &(attempt, &defect), async {
                cx.emit(crate::event::Event::Refused { attempt, defect: defect.clone() })
            })
            .await?;
            Ok(Err(defect))
        }
    }
}

/// A commit message by the architect's summary.
fn message(plan: &AgreedPlan, left_out: &[String]) -> String {
    const SUBJECT: usize = 60;
    let summary = plan.plan().analysis.summary.trim();
    let sentence = summary.split(['.', '\n']).next().unwrap_or_default().trim();
    let mut subject = String::new();
    for word in sentence.split_whitespace() {
        if SUBJECT < subject.chars().count() + word.chars().count() {
            break;
        }
        subject.push_str(if subject.is_empty() { "" } else { " " });
        subject.push_str(word);
    }
    let mut chars = subject.chars();
    let first = chars.next().map(|it| it.to_lowercase().to_string()).unwrap_or_default();
    let subject = format!("feat: {first}{}", chars.as_str());
    match left_out {
        [] => subject,
        left_out => format!("{subject}\n\nLeft out of the plan: {}", left_out.join(", ")),
    }
}
