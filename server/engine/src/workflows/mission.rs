//! A roadmap of items, each through plan, debate, building, proof, review and delivery, over what those before it have left in the
//! files. What cannot be done is put before a person, and the rest goes on.

use base::{Defect, DefectKind};

use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Event, ItemEnd, ItemState, Outcome, Stage, StageState};
use crate::replies::{Droppable, Item, Roadmap};
use crate::run::plural;
use crate::stages::baseline::baseline;
use crate::stages::escalate::{Escalated, escalate};
use crate::workflows::Workflow;
use crate::workflows::begin::begin;
use crate::workflows::planned::{Debates, Planned, planned};
use crate::workflows::task::Task;

pub(super) const MISSION: Workflow = Workflow {
    name: "mission",
    doc: "carry out a goal item by item, each planned, debated, built and proved",
    asks: true,
    refuses: |request| {
        let said = !request.text.trim().is_empty() || !request.roadmap.is_empty();
        (!said).then(|| "`mission` needs a goal in words, or a roadmap".into())
    },
    run: |cx| Box::pin(run(cx)),
};

async fn run(cx: &Cx) -> Result<Outcome, Error> {
    let items = roadmap(cx).await?;
    cx.step("roadmap-shown", &(), async {
        let titles = items.iter().map(|item| item.title.clone()).collect();
        cx.emit(Event::Roadmap { items: titles })
    })
    .await?;
    let mut ends = Vec::new();
    for (idx, item) in items.iter().enumerate() {
        let number = idx + 1;
        let mut round = 1;
        let end = loop {
            tell(cx, number, round, ItemState::Running, &item.title).await?;
            let within = cx.part(&format!("item {number} round {round}"));
            // As a whole: an item that is over is not looked at again.
            let input = (number, round, item);
            let defect = match cx.step("item", &input, Box::pin(one(&within, item))).await? {
                Ok(end) => break end,
                Err(defect) => defect,
            };
            tell(cx, number, round, ItemState::Failed, &defect.summary).await?;
            match escalate(cx, &format!("item {number}"), &defect, round).await? {
                Escalated::Again => round += 1,
                Escalated::LeftOut => break ItemEnd::left_out(&item.title, &defect.summary),
            }
        };
        let state = if end.is_done { ItemState::Done } else { ItemState::Failed };
        tell(cx, number, round, state, &end.note).await?;
        ends.push(end);
    }
    Ok(Outcome::Mission { items: ends })
}

/// What became of an item, or why nothing did.
async fn one(cx: &Cx, item: &Item) -> Result<Result<ItemEnd, Defect>, Error> {
    let mut before = cx.step("baseline", &(), baseline(cx)).await?;
    // What failed before is none of this item's business: it may go on failing.
    before.targets.clear();
    let task = async { Ok(Task::plan(cx.request(), &item.text(), &cx.snapshot())) };
    let task = cx.step("task", &(), task).await?;
    let debates = match item.drop.contains(&Droppable::Debate) {
        true => Debates::WhereItMatters,
        false => Debates::Always,
    };
    let given_up = |summary: &str| Err(Defect::new(DefectKind::Rejected, summary, "", ""));
    let Planned { outcome, left_out } = match Box::pin(planned(cx, &task, &before, debates)).await {
        Ok(planned) => planned,
        Err(Error::AttemptsExhausted { last, .. }) => return Ok(Err(*last)),
        Err(error) => return Err(error),
    };
    Ok(match outcome {
        Outcome::Delivered { files, commit, conflicts } => {
            let mut note = format!("changed {}", plural(files.len(), "file"));
            if !left_out.is_empty() {
                note.push_str(&format!("; left out: {}", left_out.join(", ")));
            }
            if !conflicts.is_empty() {
                note.push_str(&format!("; {}", plural(conflicts.len(), "conflict")));
            }
            let title = item.title.clone();
            let is_done = !files.is_empty() && conflicts.is_empty();
            Ok(ItemEnd { title, is_done, note, files, commit, left_out })
        }
        Outcome::PlanRejected { why: Some(why) } => {
            given_up(&format!("its plan was rejected: {why}"))
        }
        Outcome::PlanRejected { why: None } => {
            Ok(ItemEnd::left_out(&item.title, "its plan was turned down"))
        }
        Outcome::Rejected => Ok(ItemEnd::left_out(&item.title, "its change was turned down")),
        // Each of its tasks was put before a person already.
        Outcome::NothingToDo { why } => Ok(ItemEnd::left_out(&item.title, &why)),
        other => return Err(Error::Internal(format!("an item ended with {other:?}"))),
    })
}

/// The items as they were given, or as the orchestrator makes them.
async fn roadmap(cx: &Cx) -> Result<Vec<Item>, Error> {
    let given = &cx.request().roadmap;
    if !given.is_empty() {
        return Ok(given.iter().map(|text| Item::of(text)).collect());
    }
    let task = async { Ok(Task::roadmap(cx.request(), &cx.snapshot())) };
    let task = cx.step("goal", &(), task).await?;
    let begun = begin(cx, &task).await?;
    let asked = async {
        let begins = |model: &str| cx.stage(Stage::Plan, StageState::Running, 0, model.to_owned());
        let told = cx.ask_for::<Roadmap>(&begun.talk, begins).await;
        let (state, note) = match &told {
            Ok(told) => (StageState::Done, plural(told.value.items.len(), "item")),
            Err(error) => (StageState::Failed, error.to_string()),
        };
        cx.stage(Stage::Plan, state, 0, note)?;
        Ok(told?.value)
    };
    let Roadmap { items } = cx.step("roadmap", &begun.talk.messages, asked).await?;
    if items.is_empty() {
        return Err(Error::BadRequest("the roadmap has no items".into()));
    }
    Ok(items)
}

async fn tell(
    cx: &Cx,
    number: usize,
    round: u32,
    state: ItemState,
    note: &str,
) -> Result<(), Error> {
    let told =
        async { cx.emit(Event::Item { number: number as u64, state, note: note.to_owned() }) };
    cx.step("item-state", &(number, round, state, note), told).await
}
