//! Repairs a diagnostic or failing tests.

use crate::cx::Cx;
use crate::error::Error;
use crate::event::Outcome;
use crate::run::plural;
use crate::stages::baseline::{Baseline, baseline};
use crate::stages::verify::NewTests;
use crate::workflows::Workflow;
use crate::workflows::propose::until_accepted;
use crate::workflows::task::Task;

pub(super) const FIX: Workflow = Workflow {
    name: "fix",
    doc: "repair a diagnostic or failing tests",
    asks: true,
    refuses: |_| None,
    run: |cx| Box::pin(run(cx)),
};

async fn run(cx: &Cx) -> Result<Outcome, Error> {
    let before = cx.step("baseline", &(), baseline(cx)).await?;
    let request = cx.request();
    if before.targets.is_empty() && request.diagnostic.is_none() {
        if let Some(why) = nothing_to_fix(&before, request) {
            return Ok(Outcome::NothingToDo { why });
        }
        cx.notice(
            "No test fails that this request names, so no test can show that it is fixed; \
             the existing tests show that nothing breaks.",
        )?;
    }
    // Recorded: made anew from a text that has changed, it would have the model asked again.
    let task = async {
        let snapshot = cx.snapshot();
        let plain = Task::fix(request, &before, &snapshot);
        if !cx.wants_tests() {
            return Ok(plain);
        }
        Ok(plain.with_tests(NewTests::OfRepair, &before, &snapshot))
    };
    let task = cx.step("task", &(), task).await?;
    until_accepted(cx, &task, &before).await
}

/// Why there is nothing to do, where neither the request nor the tests say what is broken.
fn nothing_to_fix(before: &Baseline, request: &crate::request::Request) -> Option<String> {
    if !request.tests.is_empty() {
        let wanted = request.tests.join(", ");
        return Some(match before.no_answer() {
            Some(why) => {
                format!("whether {wanted} fails is not known: the tests gave no answer ({why})")
            }
            None => format!("no failing test matches {wanted}"),
        });
    }
    if !request.text.trim().is_empty() {
        return None;
    }
    let passed = before.passed();
    Some(match before.no_answer() {
        Some(why) => format!("the tests gave no answer ({why}) and the request names no problem"),
        None if passed == 0 => "there are no tests and the request names no problem".into(),
        None => format!("{} pass and the request names no problem", plural(passed, "test")),
    })
}
