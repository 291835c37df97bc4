//! What the picture and the table say, from made-up figures.

use expect_test::expect;

use super::plot::{Line, Panel, draw};
use super::*;
use crate::bench::figures::Spread;

fn row(is_generated: bool, chunks: usize) -> Row {
    let built = Built {
        files: chunks / 10,
        chunks,
        lines: chunks * 10,
        wall_s: chunks as f64 / 20_000.0,
        save_s: 0.0,
        cpu_s: Some(chunks as f64 / 11_000.0),
        peak_bytes: Some(chunks as u64 * 2_000),
        disk_bytes: chunks as u64 * 700,
        notes: Vec::new(),
    };
    let again = Spread { p50_ms: 0.5, p99_ms: 2.25 };
    let asked = Asked { chunks, first: again, again, cpu: again };
    Row { is_generated, built, asked }
}

#[test]
fn a_line_for_each_tree() {
    expect![[r#"
        | tree         | chunks | files | lines  | build s | CPU s | query ms p50 / p99 | CPU ms p50 / p99 | peak memory | a line | disk    |
        |---|---|---|---|---|---|---|---|---|---|---|
        | repositories | 50000  | 5000  | 500000 | 2.5     | 4.5   | 0.50 / 2.25        | 0.50 / 2.25      | 95 MiB      | 200 B  | 33 MiB  |
        | generated    | 10000  | 1000  | 100000 | 0.5     | 0.9   | 0.50 / 2.25        | 0.50 / 2.25      | 19 MiB      | 200 B  | 6.7 MiB |
    "#]]
    .assert_eq(&lines(&[row(false, 50_000), row(true, 10_000)]));
}

#[test]
fn generated_trees_are_lines_and_others_rings() {
    let panels = plot::panels(&[row(false, 50_000), row(true, 10_000), row(true, 100_000)]);
    let said = |panel: &Panel| {
        let line = |line: &Line| format!("{} {:?} {:?}; ", line.name, line.points, line.real);
        format!("{}: {}\n", panel.title, panel.lines.iter().map(line).collect::<String>())
    };
    expect![[r#"
        Building and saving, seconds: CPU [(10000.0, 0.9090909090909091), (100000.0, 9.090909090909092)] [(50000.0, 4.545454545454546)]; wall [(10000.0, 0.5), (100000.0, 5.0)] [(50000.0, 2.5)]; 
        Query, milliseconds of a core: p50 [(10000.0, 0.5), (100000.0, 0.5)] [(50000.0, 0.5)]; p99 [(10000.0, 2.25), (100000.0, 2.25)] [(50000.0, 2.25)]; 
        Peak memory of building, MiB:  [(10000.0, 19.073486328125), (100000.0, 190.73486328125)] [(50000.0, 95.367431640625)]; 
        On disk, MiB:  [(10000.0, 6.67572021484375), (100000.0, 66.7572021484375)] [(50000.0, 33.37860107421875)]; 
    "#]]
    .assert_eq(&panels.iter().map(said).collect::<String>());

    let drawn = draw(&panels);
    assert_eq!(drawn.matches("<polyline").count(), 6);
    // Two generated trees and one other in each line.
    assert_eq!(drawn.matches("<circle").count(), 18);
    assert_eq!(drawn.matches("fill=\"#fff\" stroke").count(), 6);
    assert!(drawn.starts_with("<svg ") && drawn.ends_with("</svg>\n"));
    assert!(!drawn.contains("NaN") && !drawn.contains("inf"));
}

#[test]
fn of_nothing_nothing_is_drawn() {
    let drawn = draw(&plot::panels(&[]));
    assert_eq!(drawn.matches("<circle").count(), 0);
    assert!(drawn.ends_with("</svg>\n"));
}
