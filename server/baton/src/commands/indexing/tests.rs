//! Progress in words.

use std::time::Duration;

use engine::Indexing;
use expect_test::expect;

use super::line;

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
