//! Says what a change is worth that somebody else has made. Asks no model and changes no file.

use base::{Defect, DefectKind, FileChange, RelPath};

use crate::cx::Cx;
use crate::error::Error;
use crate::event::Outcome;
use crate::request::Change;
use crate::stages::baseline::{Baseline, baseline};
use crate::stages::verify::{examine, while_reading};
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

/// The files have the change already: where it takes the last tests away, there are none to be found.
fn without_tests(change: &Change, before: &Baseline) -> Option<Defect> {
    let is_gone = |it: &&FileChange| matches!(it, FileChange::Delete { .. });
    let gone = change.patch.changes().iter().filter(is_gone).map(FileChange::path);
    let paths: Vec<RelPath> =
        gone.filter(|path| tools::tests::is_test_file(path)).cloned().collect();
    let is_without = change.is_applied && before.runs.is_empty() && !paths.is_empty();
    is_without.then(|| Defect {
        kind: DefectKind::TestBroke,
        summary: "the change takes the last tests away".into(),
        detail: String::new(),
        paths,
        tests: Vec::new(),
        suggestion: String::new(),
    })
}

async fn run(cx: &Cx) -> Result<Outcome, Error> {
    let Some(change) = cx.request().change.clone() else {
        return Err(Error::Internal("a change that was asked about is gone".into()));
    };
    let old = |it: &FileChange| Some((it.path().clone(), it.old_text()?.into()));
    let texts: Vec<_> = change.patch.changes().iter().filter_map(old).collect();
    let before = cx.step("baseline", &(), baseline(cx));
    let mut before = while_reading(cx, || texts, before).await?;
    // What failed before may go on failing: nobody has promised to repair it.
    before.targets.clear();
    let (evidence, defect) =
        cx.step("verify", &change.patch, examine(cx, &change.patch, &before)).await?;
    let defect = defect.or_else(|| without_tests(&change, &before));
    Ok(Outcome::Verified { evidence, defect })
}
