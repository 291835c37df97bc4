//! Reads the harness's report and puts the figures beside the baselines. It rounds nothing.

use super::super::harness::{Scope, Track};
use super::baselines;

/// What the harness says of one run, as it writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) n_repos: String,
    pub(super) n_questions: String,
    /// With its 95 % interval.
    pub(super) ndcg: String,
    pub(super) recall: String,
    pub(super) hit1: String,
    /// Mean over the repositories.
    pub(super) index_s: String,
    pub(super) query_ms: String,
    /// Repositories without an answer; their questions count 0.
    pub(super) n_failed: String,
}

/// The figures in a report with one system; `None` if a column is not there.
pub(super) fn figures(report: &str) -> Option<Figures> {
    let mut rows = report.lines().filter(|line| line.starts_with('|')).map(cells);
    let (head, values) = (rows.next()?, rows.nth(1)?);
    let value = |name: &str| {
        let column = head.iter().position(|title| title.starts_with(name))?;
        values.get(column).cloned()
    };
    // `a / b` is mean and greatest, or p50 and p95.
    let first = |name: &str| Some(value(name)?.split('/').next()?.trim().to_owned());
    Some(Figures {
        n_repos: value("repos")?,
        n_questions: value("queries")?,
        ndcg: value("NDCG@10")?,
        recall: value("R@10")?,
        hit1: value("Hit@1")?,
        index_s: first("index s")?,
        query_ms: first("query ms")?,
        n_failed: value("failed")?,
    })
}

fn cells(line: &str) -> Vec<String> {
    line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// `is_part`: not all repositories were measured, so that baselines cannot be compared with closely.
pub(super) fn table(measured: &[((Track, Scope), Figures)], is_part: bool) -> String {
    let titles =
        ["questions", "system", "NDCG@10 (95 %)", "R@10", "Hit@1", "index s", "query ms p50"];
    let mut rows: Vec<[String; 7]> = vec![titles.map(str::to_owned)];
    let mut notes = Vec::new();
    for (of, figures) in measured {
        let questions = format!("{}, {}", of.0.name(), of.1.name());
        let Figures { ndcg, recall, hit1, index_s, query_ms, .. } = figures.clone();
        rows.push([questions.clone(), "baton".into(), ndcg, recall, hit1, index_s, query_ms]);
        for line in baselines::ALL.iter().filter(|line| line.of == *of) {
            let values = [line.ndcg, line.recall, line.hit1, line.index_s, line.query_ms];
            let [ndcg, recall, hit1, index_s, query_ms] = values.map(str::to_owned);
            rows.push([String::new(), line.system.into(), ndcg, recall, hit1, index_s, query_ms]);
        }
        let (n_questions, n_repos) = (&figures.n_questions, &figures.n_repos);
        notes.push(format!("{questions}: {n_questions} questions, {n_repos} repositories"));
        if figures.n_failed != "0" {
            let failed = &figures.n_failed;
            notes.push(format!("{questions}: {failed} folders gave no answer and count 0"));
        }
    }
    notes.push("other systems: measured with the same harness on all its repositories".into());
    if is_part {
        notes.push("only some repositories were measured now: the lines are not comparable".into());
    }
    let rows: Vec<Vec<String>> = rows.into_iter().map(Vec::from).collect();
    let mut text = super::super::table::table(&rows);
    for note in notes {
        text.push_str(&format!("\n{note}"));
    }
    text
}
