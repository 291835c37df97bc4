//! Writes tests of the code that a request selects or names. Changes nothing but tests.

use crate::cx::Cx;
use crate::error::Error;
use crate::event::Outcome;
use crate::stages::baseline::baseline;
use crate::workflows::Workflow;
use crate::workflows::propose::until_accepted;
use crate::workflows::task::Task;

pub(super) const TEST: Workflow = Workflow {
    name: "test",
    doc: "write tests of a selection or of what a request names",
    asks: true,
    refuses: |request| {
        let said = !request.text.trim().is_empty() || request.selection.is_some();
        (!said).then(|| "`test` needs a selection, or words that name what is to be tested".into())
    },
    run: |cx| Box::pin(run(cx)),
};

async fn run(cx: &Cx) -> Result<Outcome, Error> {
    let mut before = cx.step("baseline", &(), baseline(cx)).await?;
    // What failed before is none of this request's business: it may go on failing.
    before.targets.clear();
    // Recorded: made anew from a text that has changed, it would have the model asked again.
    let task = async { Ok(Task::test(cx.request(), &before, &cx.snapshot())) };
    let task = cx.step("task", &(), task).await?;
    until_accepted(cx, &task, &before).await
}
