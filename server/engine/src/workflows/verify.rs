//! Says what a change is worth that somebody else has made. Asks no model and changes no file.

use crate::cx::Cx;
use crate::error::Error;
use crate::event::Outcome;
use crate::stages::baseline::baseline;
use crate::stages::verify::examine;
use crate::workflows::Workflow;

pub(super) const VERIFY: Workflow = Workflow {
    name: "verify",
    doc: "prove a change that somebody else has made",
    asks: false,
    refuses: |request| {
        request.change.is_none().then(|| "`verify` needs the change that is to be proved".into())
    },
    run: |cx| Box::pin(run(cx)),
};

async fn run(cx: &Cx) -> Result<Outcome, Error> {
    let Some(change) = cx.request().change.clone() else {
        return Err(Error::Internal("a change that was asked about is gone".into()));
    };
    let mut before = cx.step("baseline", &(), baseline(cx)).await?;
    // What failed before may go on failing: nobody has promised to repair it.
    before.targets.clear();
    let (evidence, defect) =
        cx.step("verify", &change.patch, examine(cx, &change.patch, &before)).await?;
    Ok(Outcome::Verified { evidence, defect })
}
