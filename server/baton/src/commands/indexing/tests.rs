//! Progress in words.

use std::time::Duration;

use engine::{Indexing, Unsettled};
use expect_test::expect;

use super::{line, unsettled_note};

#[test]
fn the_time_left_follows_from_the_pace() {
    let at = |done, elapsed_s| {
        line(&Indexing { done, total: 1_000, elapsed: Duration::from_secs(elapsed_s) })
    };
    let lines = [at(0, 3), at(500, 10), at(100, 60), at(10, 60), at(1_000, 60)];
    expect![[r#"
        files indexed
        files indexed, about 10 s left
        files indexed, about 9 min left
        files indexed, about 99 min left
        files indexed, about 0 s left"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn what_ends_with_the_program_is_said() {
    let note = |vectors, is_behind, problem: Option<&str>| {
        let problem = problem.map(str::to_owned);
        unsettled_note(&Unsettled { vectors, is_behind, problem }).unwrap_or_default()
    };
    let notes = [
        note(0, false, None),
        note(7, false, None),
        note(0, true, None),
        note(0, true, Some("it is away")),
    ];
    expect![[r#"

        7 files have no vectors yet and are found by their words; `baton index --wait` goes on until that is done
        the vector server is not in step yet, so this machine's own index answers; `baton index --wait` goes on until that is done
        the vector server gets nothing: it is away"#]]
    .assert_eq(&notes.join("\n"));
}
