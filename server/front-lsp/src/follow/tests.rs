//! Events as progress. The rest needs a connection: see `tests/lsp`.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use base::{Defect, DefectKind};

use super::*;

fn stage(state: StageState, attempt: u32, note: &str) -> Event {
    Event::Stage { stage: Stage::Generate, state, attempt, note: note.into() }
}

#[test]
fn events_become_lines_for_the_status_bar() {
    let line = |event: Event| message(&event).unwrap_or_default();
    assert_eq!(line(stage(StageState::Running, 1, "asking m")), "generate: asking m");
    assert_eq!(line(stage(StageState::Running, 2, "")), "generate (attempt 2)");
    assert_eq!(line(stage(StageState::Failed, 1, "no")), "generate failed: no");
    assert_eq!(line(stage(StageState::Done, 1, "ok")), "");
    let progress = |total| Event::Progress { done: 2, total, message: "indexing".into() };
    assert_eq!(line(progress(Some(9))), "indexing 2/9");
    assert_eq!(line(progress(None)), "indexing");
    let defect = Defect::new(DefectKind::Syntax, "does not parse", "", "");
    assert_eq!(line(Event::Refused { attempt: 1, defect }), "attempt 1 refused: does not parse");
}

#[test]
fn text_is_reported_in_steps() {
    let mut written = Written::default();
    assert_eq!(written.add(&"x".repeat(2_047)), None);
    assert_eq!(written.add("x").as_deref(), Some("writing, 2 KiB"));
    assert_eq!(written.add("x"), None);
    assert_eq!(written.add(&"x".repeat(5_000)).as_deref(), Some("writing, 6 KiB"));
}
