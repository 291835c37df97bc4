//! What `bench speed` prints. It computes ratios and nothing else.

use super::goals::Goal;
use super::{Cost, Row};
use crate::bench::table::{bytes, table};

const TITLES: [&str; 9] = [
    "repository",
    "files",
    "lines",
    "index s (CPU s)",
    "semble's",
    "ratio (CPU)",
    "then saved, s",
    "query ms, semble's, ripgrep's",
    "peak",
];

pub(super) fn repositories(rows: &[Row]) -> String {
    let titles = TITLES.map(str::to_owned).to_vec();
    let lines = std::iter::once(titles).chain(rows.iter().map(line));
    let mut text = table(&lines.collect::<Vec<_>>());
    text.push_str("\nmedians, until questions can be asked; semble has an untrained model of its own's kind, saves nothing, ");
    text.push_str("and reads code only, where all text is indexed here; CPU time and peak have saving in them\n");
    text
}

pub(super) fn line(row: &Row) -> Vec<String> {
    let Row { name, files, lines, baton, semble, save_s, query_ms, peak_bytes } = row;
    let cost = |cost: &Cost| format!("{:.2} ({:.2})", cost.wall_s, cost.cpu_s);
    let [own, sembles, ripgreps] = query_ms;
    vec![
        name.clone(),
        files.to_string(),
        lines.to_string(),
        cost(baton),
        cost(semble),
        format!("{:.2} ({:.2})", baton.wall_s / semble.wall_s, baton.cpu_s / semble.cpu_s),
        format!("{save_s:.2}"),
        format!("{own:.2}, {sembles:.2}, {ripgreps:.0}"),
        peak_bytes.map_or_else(|| "-".to_owned(), bytes),
    ]
}

pub(super) fn goals(goals: &[Goal]) -> String {
    let mut rows = vec![["goal", "aim", "measured", "reached"].map(str::to_owned).to_vec()];
    for Goal { what, aim, measured, is_reached } in goals {
        let reached = if *is_reached { "yes" } else { "no" };
        rows.push(vec![what.clone(), aim.clone(), measured.clone(), reached.to_owned()]);
    }
    table(&rows)
}
