//! Changes how code is written and not what it does: every test that passed goes on passing.

use crate::cx::Cx;
use crate::error::Error;
use crate::event::Outcome;
use crate::stages::baseline::baseline;
use crate::workflows::Workflow;
use crate::workflows::propose::until_accepted;
use crate::workflows::task::Task;

pub(super) const REFACTOR: Workflow = Workflow {
    name: "refactor",
    doc: "change how code is written and not what it does",
    asks: true,
    refuses: |request| {
        let said = !request.text.trim().is_empty() || request.selection.is_some();
        (!said).then(|| "`refactor` needs a request in words or a selection".into())
    },
    run: |cx| Box::pin(run(cx)),
};

async fn run(cx: &Cx) -> Result<Outcome, Error> {
    let mut before = cx.step("baseline", &(), baseline(cx)).await?;
    // What failed before is none of this request's business: it may go on failing.
    before.targets.clear();
    if before.passed() == 0 {
        let told = async {
            cx.notice(
                "No test passes here, so nothing but reading can show that the code does what it did.",
            )
        };
        cx.step("no-tests", &(), told).await?;
    }
    // Recorded: made anew from a text that has changed, it would have the model asked again.
    let task = async { Ok(Task::refactor(cx.request(), &cx.snapshot())) };
    let task = cx.step("task", &(), task).await?;
    until_accepted(cx, &task, &before).await
}
