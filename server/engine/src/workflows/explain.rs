//! Answers a question about the code. Changes no file.

use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Outcome, Stage, StageState};
use crate::workflows::Workflow;
use crate::workflows::begin::begin;
use crate::workflows::task::Task;

pub(super) const EXPLAIN: Workflow = Workflow {
    name: "explain",
    doc: "answer a question about the code",
    asks: true,
    refuses: |request| {
        let said = !request.text.trim().is_empty() || request.selection.is_some();
        (!said).then(|| "`explain` needs a question or a selection".into())
    },
    run: |cx| Box::pin(run(cx)),
};

async fn run(cx: &Cx) -> Result<Outcome, Error> {
    // Recorded: made anew from a text that has changed, it would have the model asked again.
    let task = async { Ok(Task::explain(cx.request(), &cx.snapshot())) };
    let task = cx.step("task", &(), task).await?;
    let begun = begin(cx, &task).await?;
    let asked = async {
        let begins =
            |model: &str| cx.stage(Stage::Generate, StageState::Running, 0, model.to_owned());
        let reply = cx.ask_model(&begun.talk, begins, |_| {}).await;
        let (state, note) = match &reply {
            Ok(_) => (StageState::Done, "answered".to_owned()),
            Err(error) => (StageState::Failed, error.to_string()),
        };
        cx.stage(Stage::Generate, state, 0, note)?;
        let reply = reply?;
        if let Some(n_tokens) = reply.cut_at {
            cx.notice(format!("the answer was cut off at its limit of {n_tokens} tokens"))?;
        }
        Ok(reply.text)
    };
    let text = cx.step("explain", &begun.talk.messages, asked).await?;
    Ok(Outcome::Explained { text })
}
