//! Writes what is said about code: comments, docstrings, pages. That the code stays as it is, is proved and not believed.

use crate::cx::Cx;
use crate::error::Error;
use crate::event::Outcome;
use crate::stages::baseline::baseline;
use crate::workflows::Workflow;
use crate::workflows::propose::until_accepted;
use crate::workflows::task::Task;

pub(super) const DOCUMENT: Workflow = Workflow {
    name: "document",
    doc: "write comments, docstrings and pages; the code stays as it is",
    asks: true,
    refuses: |request| {
        let said = !request.text.trim().is_empty() || request.selection.is_some();
        (!said).then(|| "`document` needs a selection, or words that name what to describe".into())
    },
    run: |cx| Box::pin(run(cx)),
};

async fn run(cx: &Cx) -> Result<Outcome, Error> {
    // Some tests read documentation: examples in it, or a page that lists what there is.
    let mut before = cx.step("baseline", &(), baseline(cx)).await?;
    before.targets.clear();
    // Recorded: made anew from a text that has changed, it would have the model asked again.
    let task = async { Ok(Task::document(cx.request(), &cx.snapshot())) };
    let task = cx.step("task", &(), task).await?;
    until_accepted(cx, &task, &before).await
}
