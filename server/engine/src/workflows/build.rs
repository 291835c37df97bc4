//! Builds a plan: tasks that wait for nothing are built beside each other, each over what it waits for and over nothing else. So
//! what comes of it does not depend on who was quicker.

use std::collections::BTreeMap;

use base::{Conflict, Defect, Patch, rebase};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Event, TaskState};
use crate::plan::{AgreedPlan, Task as PlanTask, TaskRole};
use crate::stages::baseline::{Baseline, baseline};
use crate::stages::escalate::{Escalated, escalate};
use crate::stages::verify::Proposal;
use crate::workflows::commands;
use crate::workflows::propose::proved;
use crate::workflows::task::Task;

/// Tasks that are worked on at one time. More wait for each other's tests on most machines.
const AT_ONCE: usize = 2;

/// What became of a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum End {
    /// It is built over what it waits for.
    Done(Box<Proposal>),
    /// Every attempt was refused, and a person has left it out.
    LeftOut(Box<Defect>),
    /// It waits for one that is not there.
    Skipped { waits_for: String },
}

/// What became of a plan.
pub(super) struct Built {
    /// All that is done as one patch.
    pub(super) patch: Patch,
    /// By the names of tasks.
    pub(super) ends: BTreeMap<String, End>,
}

/// Builds all that can be.
///
/// # Errors
/// [`Error::Cancelled`], also where a person has ended the run over a task; those of the stages, but for a task that is given up.
pub(super) async fn build(cx: &Cx, plan: &AgreedPlan, before: &Baseline) -> Result<Built, Error> {
    let mut ends: BTreeMap<String, End> = BTreeMap::new();
    let mut waiting: Vec<&PlanTask> = plan.in_order().collect();
    let places = Semaphore::new(AT_ONCE);
    let places = &places;
    let mut working = FuturesUnordered::new();
    loop {
        let mut later = Vec::new();
        for task in std::mem::take(&mut waiting) {
            match ready(plan, task, &ends) {
                Ready::Never { waits_for } => {
                    tell(cx, task, 0, TaskState::Skipped, &format!("it waits for {waits_for}"))
                        .await?;
                    ends.insert(task.id.clone(), End::Skipped { waits_for });
                }
                Ready::Now => {
                    let under: Vec<&PlanTask> = plan.before(task).collect();
                    let draft = merged(cx, &format!("under {}", task.id), &under, &ends).await?;
                    working.push(async move {
                        let end = one(cx, places, plan, task, draft, before).await?;
                        Ok::<_, Error>((task.id.clone(), end))
                    });
                }
                Ready::Later => later.push(task),
            }
        }
        waiting = later;
        // Where one fails for a cause outside of it, the others end with it; what they have done is recorded.
        match working.next().await {
            Some(ended) => {
                let (id, end) = ended?;
                ends.insert(id, end);
            }
            None if waiting.is_empty() => break,
            // Something was skipped, which may skip more.
            None => {}
        }
    }
    let all: Vec<&PlanTask> = plan.in_order().collect();
    Ok(Built { patch: merged(cx, "all", &all, &ends).await?, ends })
}

enum Ready {
    Now,
    Later,
    Never { waits_for: String },
}

fn ready(plan: &AgreedPlan, task: &PlanTask, ends: &BTreeMap<String, End>) -> Ready {
    let mut is_later = false;
    for before in plan.before(task) {
        match ends.get(&before.id) {
            Some(End::Done(_)) => {}
            Some(End::LeftOut(_) | End::Skipped { .. }) => {
                return Ready::Never { waits_for: before.id.clone() };
            }
            None => is_later = true,
        }
    }
    if is_later { Ready::Later } else { Ready::Now }
}

/// What these tasks have built as one patch over the files, in their order. Recorded: made anew once a part of it is in the files, it
/// would be the rest alone.
async fn merged(
    cx: &Cx,
    what: &str,
    tasks: &[&PlanTask],
    ends: &BTreeMap<String, End>,
) -> Result<Patch, Error> {
    let built = |task: &&PlanTask| match ends.get(&task.id) {
        Some(End::Done(proposal)) => Some((task.id.clone(), proposal.id().to_owned())),
        _ => None,
    };
    let input: Vec<(String, String)> = tasks.iter().filter_map(built).collect();
    cx.step("merged", &(what, &input), async { merge(cx, tasks, ends) }).await
}

fn merge(cx: &Cx, tasks: &[&PlanTask], ends: &BTreeMap<String, End>) -> Result<Patch, Error> {
    let mut all = Patch::default();
    for task in tasks {
        let Some(End::Done(proposal)) = ends.get(&task.id) else { continue };
        all = laid_over(cx, &all, proposal.patch(), &format!("task {}", task.id))?;
    }
    Ok(all)
}

/// Both as one over the files: `next` was made over what `all` left then, and is brought to what it leaves now. `what`: names `next`
/// to people.
pub(super) fn laid_over(cx: &Cx, all: &Patch, next: &Patch, what: &str) -> Result<Patch, Error> {
    let snapshot = cx.over(all.clone()).snapshot();
    let rebased = rebase(next, &|path| snapshot.read(path).ok());
    for Conflict { path, reason, .. } in &rebased.conflicts {
        cx.notice(format!("a part of {what} in `{path}` is left out: {reason}"))?;
    }
    Ok(if all.is_empty() { rebased.patch } else { all.then(&rebased.patch) })
}

/// One task, recorded as a whole: it is over for a run that goes on.
async fn one(
    cx: &Cx,
    places: &Semaphore,
    plan: &AgreedPlan,
    task: &PlanTask,
    draft: Patch,
    before: &Baseline,
) -> Result<End, Error> {
    let over = cx.task(&task.id, draft);
    let input = (task, over.draft());
    let built = Box::pin(relay(cx, places, &over, plan, task, before));
    over.step("built", &input, built).await
}

/// `outer`: where questions are asked and the task's own state is told.
async fn relay(
    outer: &Cx,
    places: &Semaphore,
    cx: &Cx,
    plan: &AgreedPlan,
    task: &PlanTask,
    before: &Baseline,
) -> Result<End, Error> {
    let mut place = Some(entered(places).await?);
    tell(outer, task, 1, TaskState::Running, &task.instruction).await?;
    let before = match cx.draft().is_empty() {
        true => before.clone(),
        false => {
            let mut before = cx.step("baseline", &(), baseline(cx)).await?;
            before.targets.clear();
            before
        }
    };
    let work = async { Ok(Task::of_plan(plan, task, &before, &cx.snapshot())) };
    let work = cx.step("task", &(), work).await?;
    for round in 1.. {
        if place.is_none() {
            place = Some(entered(places).await?);
        }
        if 1 < round {
            tell(outer, task, round, TaskState::Running, &task.instruction).await?;
        }
        let part = cx.part(&format!("round {round}"));
        let proved = match task.role {
            TaskRole::Cli => Box::pin(commands::proved(&part, &work, &task.paths(), &before)).await,
            TaskRole::Coder | TaskRole::Tester => Box::pin(proved(&part, &work, &before)).await,
        };
        let last = match proved {
            Ok(proposal) => {
                tell(outer, task, round, TaskState::Done, &proposal.evidence_line()).await?;
                return Ok(End::Done(Box::new(proposal)));
            }
            Err(Error::AttemptsExhausted { last, .. }) => last,
            Err(error) => return Err(error),
        };
        tell(outer, task, round, TaskState::Failed, &last.summary).await?;
        // Whoever waits for a person keeps nobody from working.
        drop(place.take());
        match escalate(outer, &task.id, &last, round).await? {
            Escalated::Again => {}
            Escalated::LeftOut => return Ok(End::LeftOut(last)),
        }
    }
    Err(Error::Internal("a task went on for ever".into()))
}

async fn entered(places: &Semaphore) -> Result<SemaphorePermit<'_>, Error> {
    places.acquire().await.map_err(|e| Error::Internal(format!("places for tasks: {e}")))
}

async fn tell(
    cx: &Cx,
    task: &PlanTask,
    round: u32,
    state: TaskState,
    note: &str,
) -> Result<(), Error> {
    let (id, role) = (task.id.clone(), task.role);
    let told = async { cx.emit(Event::Task { id, role, state, note: note.to_owned() }) };
    cx.step("task-state", &(&task.id, round, state, note), told).await
}
