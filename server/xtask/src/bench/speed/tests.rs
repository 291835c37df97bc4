//! What is computed and printed, from made-up figures.

use expect_test::expect;

use super::goals::Goal;
use super::*;

fn row(name: &str, baton_s: f64, peak_bytes: Option<u64>) -> Row {
    Row {
        name: name.to_owned(),
        files: 80,
        lines: 18_000,
        baton: Cost { wall_s: baton_s, cpu_s: baton_s * 1.5 },
        semble: Cost { wall_s: 1.0, cpu_s: 1.0 },
        save_s: 0.012,
        query_ms: [0.512, 2.04, 66.6],
        peak_bytes,
    }
}

#[test]
fn a_repository_stands_beside_its_peers() {
    let rows = [row("flask", 0.25, Some(48 << 20)), row("bat", 0.5, None)];
    expect![[r#"
        | repository | files | lines | index s (CPU s) | semble's    | ratio (CPU) | then saved, s | query ms, semble's, ripgrep's | peak   |
        |---|---|---|---|---|---|---|---|---|
        | flask      | 80    | 18000 | 0.25 (0.38)     | 1.00 (1.00) | 0.25 (0.38) | 0.01          | 0.51, 2.04, 67                | 48 MiB |
        | bat        | 80    | 18000 | 0.50 (0.75)     | 1.00 (1.00) | 0.50 (0.75) | 0.01          | 0.51, 2.04, 67                | -      |

        medians, until questions can be asked; semble has an untrained model of its own's kind, saves nothing, and reads code only, where all text is indexed here; CPU time and peak have saving in them
    "#]]
    .assert_eq(&table::repositories(&rows));
}

#[test]
fn a_goal_of_every_repository_is_reached_by_every_repository() {
    let line = |rows: &[Row]| {
        let goal = goals::index_goal("wall time", rows, |row| row.baton.wall_s / row.semble.wall_s);
        let Goal { what, aim, measured, is_reached } = goal;
        format!("{what}: {aim}: {measured}: {is_reached}")
    };
    expect!["cold index, wall time: <= 0.5 of semble's: 2 of 2 repositories; median 0.50, most 0.50: true"]
        .assert_eq(&line(&[row("a", 0.25, None), row("b", 0.5, None)]));
    expect!["cold index, wall time: <= 0.5 of semble's: 1 of 2 repositories; median 0.75, most 0.75: false"]
        .assert_eq(&line(&[row("a", 0.25, None), row("b", 0.75, None)]));
}

#[test]
fn a_median_is_one_of_the_figures() {
    assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
    assert_eq!(median([].into_iter()), 0.0);
}
