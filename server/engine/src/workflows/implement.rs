//! Writes what a request asks for, about a selection where there is one.

use crate::cx::Cx;
use crate::error::Error;
use crate::event::Outcome;
use crate::stages::baseline::baseline;
use crate::stages::verify::NewTests;
use crate::workflows::Workflow;
use crate::workflows::planned::{Debates, planned};
use crate::workflows::propose::until_accepted;
use crate::workflows::task::Task;

pub(super) const IMPLEMENT: Workflow = Workflow {
    name: "implement",
    doc: "write what a request asks for",
    asks: true,
    refuses: |request| {
        let said = !request.text.trim().is_empty() || request.selection.is_some();
        (!said).then(|| "`implement` needs a request in words or a selection".into())
    },
    run: |cx| Box::pin(run(cx)),
};

async fn run(cx: &Cx) -> Result<Outcome, Error> {
    let mut before = cx.step("baseline", &(), baseline(cx)).await?;
    // What failed before is none of this request's business: it may go on failing.
    before.targets.clear();
    if cx.request().with_plan || cx.request().approve_plan {
        let task = async { Ok(Task::plan(cx.request(), &cx.request().text, &cx.snapshot())) };
        let task = cx.step("task", &(), task).await?;
        return Ok(planned(cx, &task, &before, Debates::WhereItMatters).await?.outcome);
    }
    // Recorded: made anew from a text that has changed, it would have the model asked again.
    let task = async {
        let snapshot = cx.snapshot();
        let plain = Task::implement(cx.request(), &snapshot);
        if !cx.wants_tests() {
            return Ok(plain);
        }
        Ok(plain.with_tests(NewTests::OfCode, &before, &snapshot))
    };
    let task = cx.step("task", &(), task).await?;
    until_accepted(cx, &task, &before).await
}
