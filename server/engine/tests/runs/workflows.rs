//! The way of a request through the stages.

use engine::{Request, Review};
use expect_test::expect;

use crate::check::check_run;

fn accepted(workflow: &str, text: &str) -> Request {
    Request { review: Review::AcceptAll, ..Request::new(workflow, text, "test") }
}

#[tokio::test]
async fn implement_adds_a_function() {
    check_run(
        r#"
//- /shapes.py
def area(width, height):
    return width * height
//- reply coder
Here it is.

shapes.py
<<<<<<< SEARCH
    return width * height
=======
    return width * height


def perimeter(width, height):
    return 2 * (width + height)
>>>>>>> REPLACE

COMMIT: feat(shapes): add perimeter
"#,
        accepted("implement", "add a perimeter function beside area"),
        expect![[r#"
            started implement
            baseline 0 Running: running the tests as they are
            baseline 0 Done: no tests were found; set `tests.command` in baton.toml to name the command
            retrieve 0 Running: searching the workspace
            hits shapes.py
            retrieve 0 Done: 1 part, 25 tokens
            generate 1 Running: scripted/model
            generate 1 Done: edits 1 file
            verify 1 Running: checking the edit
            check probes: Clean
            check parse: Clean
            check format: no answer
            check tests: no answer
            verify 1 Done: probes clean, parse clean, format: no answer, tests: no answer
            proposed shapes.py -0 +4 "feat(shapes): add perimeter"
            review 0 Running: waiting for a decision
            review 0 Done: accepted
            deliver 0 Running: applying
            applied 1 files, 1 hunks, 0 conflicts
            deliver 0 Done: 1 file
            finished Delivered { files: [RelPath("shapes.py")], commit: None, conflicts: [] }
        "#]],
    )
    .await;
}

#[tokio::test]
async fn an_edit_that_does_not_parse_goes_back_with_its_place() {
    check_run(
        r#"
//- /shapes.py
def area(width, height):
    return width * height
//- reply coder
shapes.py
<<<<<<< SEARCH
    return width * height
=======
    return (width * height
>>>>>>> REPLACE
//- reply coder
shapes.py
<<<<<<< SEARCH
    return width * height
=======
    return abs(width * height)
>>>>>>> REPLACE
"#,
        accepted("implement", "area is never negative"),
        expect![[r#"
            started implement
            baseline 0 Running: running the tests as they are
            baseline 0 Done: no tests were found; set `tests.command` in baton.toml to name the command
            retrieve 0 Running: searching the workspace
            hits shapes.py
            retrieve 0 Done: 1 part, 25 tokens
            generate 1 Running: scripted/model
            generate 1 Done: edits 1 file
            verify 1 Running: checking the edit
            check probes: Clean
            check parse: Findings(["shapes.py:2: syntax error at `return (width * height`"])
            verify 1 Failed: the result does not parse: shapes.py:2: syntax error at `return (width * height`
            refused 1 Syntax: the result does not parse: shapes.py:2: syntax error at `return (width * height`
            retrieve 0 Running: searching the workspace
            hits shapes.py
            retrieve 0 Done: 1 part, 25 tokens
            generate 2 Running: scripted/model
            generate 2 Done: edits 1 file
            verify 2 Running: checking the edit
            check probes: Clean
            check parse: Clean
            check format: no answer
            check tests: no answer
            verify 2 Done: probes clean, parse clean, format: no answer, tests: no answer
            proposed shapes.py -1 +1 "fix: change shapes.py

            - shapes.py: +1 -1"
            review 0 Running: waiting for a decision
            review 0 Done: accepted
            deliver 0 Running: applying
            applied 1 files, 1 hunks, 0 conflicts
            deliver 0 Done: 1 file
            finished Delivered { files: [RelPath("shapes.py")], commit: None, conflicts: [] }
        "#]],
    )
    .await;
}

#[tokio::test]
async fn two_bad_replies_end_the_run_and_change_nothing() {
    check_run(
        r#"
//- /shapes.py
def area(width, height):
    return width * height
//- reply coder
I have fixed it. All tests pass.
//- reply coder
../outside.py
<<<<<<< FILE
print("hello")
>>>>>>> FILE
"#,
        accepted("implement", "make it better"),
        expect![[r#"
            started implement
            baseline 0 Running: running the tests as they are
            baseline 0 Done: no tests were found; set `tests.command` in baton.toml to name the command
            retrieve 0 Running: searching the workspace
            hits 
            retrieve 0 Done: 0 parts, 0 tokens
            generate 1 Running: scripted/model
            generate 1 Done: the reply holds no edit block
            refused 1 MalformedReply: the reply holds no edit block
            retrieve 0 Running: searching the workspace
            hits 
            retrieve 0 Done: 0 parts, 0 tokens
            generate 2 Running: scripted/model
            generate 2 Done: `../outside.py` is not a path in the workspace: the path `../outside.py` contains `..`; write it from the workspace's root
            refused 2 BadPath: `../outside.py` is not a path in the workspace: the path `../outside.py` contains `..`; write it from the workspace's root
            finished Failed { failure: Failure { kind: "attempts_exhausted", message: "gave up after 2 attempts; the last was refused: `../outside.py` is not a path in the workspace: the path `../outside.py` contains `..`; write it from the workspace's root", resumable: false } }
        "#]],
    )
    .await;
}

#[tokio::test]
async fn fix_without_tests_or_a_request_has_nothing_to_do() {
    check_run(
        "//- /a.py\nx = 1\n",
        accepted("fix", ""),
        expect![[r#"
        started fix
        baseline 0 Running: running the tests as they are
        baseline 0 Done: no tests were found; set `tests.command` in baton.toml to name the command
        finished NothingToDo { why: "there are no tests and the request names no problem" }
    "#]],
    )
    .await;
}

#[tokio::test]
async fn documenting_code_leaves_it_as_it_is() {
    check_run(
        r#"
//- /shapes.py
def area(width, height):
    return width * height
//- reply coder
shapes.py
<<<<<<< SEARCH
    return width * height
=======
    """In square metres."""
    return abs(width * height)
>>>>>>> REPLACE
//- reply coder
shapes.py
<<<<<<< SEARCH
    return width * height
=======
    """In square metres."""
    return width * height
>>>>>>> REPLACE
"#,
        accepted("document", "say the unit of area"),
        expect![[r#"
            started document
            baseline 0 Running: running the tests as they are
            baseline 0 Done: no tests were found; set `tests.command` in baton.toml to name the command
            retrieve 0 Running: searching the workspace
            hits shapes.py
            retrieve 0 Done: 1 part, 25 tokens
            generate 1 Running: scripted/model
            generate 1 Done: edits 1 file
            verify 1 Running: checking the edit
            check probes: Clean
            check parse: Clean
            check code unchanged: Findings(["shapes.py: the code is another at `return abs(width * height)`"])
            verify 1 Failed: the edit changes code, and was to document it: shapes.py: the code is another at `return abs(width * height)`
            refused 1 OutOfScope: the edit changes code, and was to document it: shapes.py: the code is another at `return abs(width * height)`
            retrieve 0 Running: searching the workspace
            hits shapes.py
            retrieve 0 Done: 1 part, 25 tokens
            generate 2 Running: scripted/model
            generate 2 Done: edits 1 file
            verify 2 Running: checking the edit
            check probes: Clean
            check parse: Clean
            check code unchanged: Clean
            check tests: no answer
            verify 2 Done: probes clean, parse clean, code unchanged clean, tests: no answer
            proposed shapes.py -0 +1 "fix: change shapes.py

            - shapes.py: +1 -0"
            review 0 Running: waiting for a decision
            review 0 Done: accepted
            deliver 0 Running: applying
            applied 1 files, 1 hunks, 0 conflicts
            deliver 0 Done: 1 file
            finished Delivered { files: [RelPath("shapes.py")], commit: None, conflicts: [] }
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_refactoring_without_tests_says_so() {
    check_run(
        r#"
//- /shapes.py
def area(w, h):
    return w * h
//- reply coder
shapes.py
<<<<<<< FILE
def area(width, height):
    return width * height
>>>>>>> FILE
"#,
        accepted("refactor", "spell the names in area out"),
        expect![[r#"
            started refactor
            baseline 0 Running: running the tests as they are
            baseline 0 Done: no tests were found; set `tests.command` in baton.toml to name the command
            notice: No test passes here, so nothing but reading can show that the code does what it did.
            retrieve 0 Running: searching the workspace
            hits shapes.py
            retrieve 0 Done: 1 part, 25 tokens
            generate 1 Running: scripted/model
            generate 1 Done: edits 1 file
            verify 1 Running: checking the edit
            check probes: Clean
            check parse: Clean
            check format: no answer
            check tests: no answer
            verify 1 Done: probes clean, parse clean, format: no answer, tests: no answer
            proposed shapes.py -2 +2 "fix: change shapes.py

            - shapes.py: +2 -2"
            review 0 Running: waiting for a decision
            review 0 Done: accepted
            deliver 0 Running: applying
            applied 1 files, 1 hunks, 0 conflicts
            deliver 0 Done: 1 file
            finished Delivered { files: [RelPath("shapes.py")], commit: None, conflicts: [] }
        "#]],
    )
    .await;
}

/// The settings decide what later changes are judged by: nobody takes that unseen.
#[tokio::test]
async fn settings_are_not_changed_unseen() {
    let world = crate::check::World::new(
        r#"
//- /a.py
one = 1
//- reply coder
baton.toml
<<<<<<< FILE
attempts = 9
>>>>>>> FILE
//- reply coder
a.py
<<<<<<< FILE
one = 11
>>>>>>> FILE
"#,
    )
    .await;
    let run = world.open().await.start(accepted("implement", "make one eleven")).unwrap();
    crate::check::finish(&run).await;
    let said = crate::check::log(&run.events(0));
    let refused =
        "refused 1 OutOfScope: the edit changes baton.toml, which a person has to look at";
    assert!(said.contains(refused), "{said}");
    assert!(world.files.read("baton.toml").is_err(), "{said}");
    assert_eq!(world.files.read("a.py").unwrap(), "one = 11\n");
}
