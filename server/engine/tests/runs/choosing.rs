//! What little speaks for is asked about once, and never while nobody is there to answer.

use engine::{Answer, Error, QuestionKind, Request, Review};
use expect_test::expect;

use crate::check::{World, asked, finish, log};

const FILES: &str = "//- /Makefile\nall:\n\ncheck:\n\ttrue\n//- /a.c\nint a;\n";

fn choose(choice: &str) -> Answer {
    Answer::Choose { choice: choice.into() }
}

#[tokio::test]
async fn whether_a_target_runs_the_tests_is_asked_once() {
    let world = World::with_replies(FILES, Vec::new()).await;
    let workspace = world.open().await;
    let request = Request::new("fix", "", "test");
    let run = workspace.start(request.clone()).unwrap();
    let question = asked(&run).await;
    assert_eq!(question.kind, QuestionKind::Choice);
    assert_eq!(question.choices, ["Yes", "No"]);
    for wrong in [choose("Perhaps"), Answer::Reject { reason: None }] {
        let error = run.answer(&question.id, wrong).unwrap_err();
        assert!(matches!(error, Error::WrongAnswer { .. }), "{error}");
    }
    run.answer(&question.id, choose("No")).unwrap();
    finish(&run).await;
    expect![[r#"
        started fix
        baseline 0 Running: running the tests as they are
        ask: Does `make check` run the tests of this workspace? Little says that it does.
        answered: Choose { choice: "No" }
        baseline 0 Done: no tests were found; set `tests.command` in baton.toml to name the command
        finished NothingToDo { why: "there are no tests and the request names no problem" }
    "#]]
    .assert_eq(&log(&run.events(0)));
    let again = workspace.start(request).unwrap();
    finish(&again).await;
    expect![[r#"
        started fix
        baseline 0 Running: running the tests as they are
        baseline 0 Done: no tests were found; set `tests.command` in baton.toml to name the command
        finished NothingToDo { why: "there are no tests and the request names no problem" }
    "#]]
    .assert_eq(&log(&again.events(0)));
}

/// The tests themselves are not started: the limit is no time at all.
#[tokio::test]
async fn whoever_takes_everything_is_told_and_not_asked() {
    let world = World::with_replies(FILES, Vec::new()).await;
    let mut config = world.config(Some("scripted/model".parse().unwrap()));
    config.limits.wall_ms = 1;
    let request = Request { review: Review::AcceptAll, ..Request::new("fix", "", "test") };
    let run = world.open_as(config).await.start(request).unwrap();
    finish(&run).await;
    let said = log(&run.events(0));
    assert!(said.contains("notice: `make check` is taken for the tests"), "{said}");
}
