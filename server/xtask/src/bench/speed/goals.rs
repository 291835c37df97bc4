//! What this project aims at in speed and memory, and how far it is. The figures are taken elsewhere.

use std::path::Path;

use anyhow::Result;

use super::{Row, median};
use crate::bench::figures::{Asked, Built, Edited, Figures, Opened};

/// Of semble's time to index a repository.
const INDEX_SHARE: f64 = 0.5;
const WARM_MS: f64 = 50.0;
const QUERY_P50_MS: f64 = 1.0;
const QUERY_P99_MS: f64 = 10.0;
const UPDATE_MS: f64 = 10.0;
const BYTES_A_LINE: f64 = 300.0;

/// How often the saved index is opened.
const OPENINGS: usize = 9;

/// A generated tree of a size that people call large.
pub(super) struct Large {
    built: Built,
    opened: Vec<Opened>,
    asked: Asked,
    edited: Edited,
}

/// A goal, and how far it is.
#[derive(Clone, Debug)]
pub(super) struct Goal {
    pub(super) what: String,
    pub(super) aim: String,
    pub(super) measured: String,
    pub(super) is_reached: bool,
}

impl Large {
    pub(super) fn measure(figures: &Figures, own: &Path, chunks: usize) -> Result<Large> {
        let (tree, saved) = (own.join("tree"), own.join("index"));
        let queries = own.join("questions");
        figures.generate(&tree, chunks, 0, &queries)?;
        let built = figures.built(&tree, &saved)?;
        let opened = (0..OPENINGS).map(|_| figures.opened(&tree, &saved)).collect::<Result<_>>()?;
        let asked = figures.asked(&tree, &saved, &queries)?;
        let edited = figures.edited(&tree, &saved)?;
        Ok(Large { built, opened, asked, edited })
    }
}

pub(super) fn reached(rows: &[Row], large: &Large) -> Vec<Goal> {
    let Large { built, opened, asked, edited } = large;
    let mut goals = Vec::new();
    if !rows.is_empty() {
        goals.push(index_goal("wall time", rows, |row| row.baton.wall_s / row.semble.wall_s));
        goals.push(index_goal("CPU time", rows, |row| row.baton.cpu_s / row.semble.cpu_s));
    }
    let warm = median(opened.iter().map(|one| one.warm_ms));
    let list = median(opened.iter().map(|one| one.list_ms));
    goals.push(Goal {
        what: format!("warm start, {} files", built.files),
        aim: format!("< {WARM_MS} ms"),
        measured: format!("{warm:.1} ms, after {list:.1} ms to list the files"),
        is_reached: warm < WARM_MS,
    });
    let queries = [
        ("query", asked.again),
        ("query, time of a core", asked.cpu),
        ("query, first time", asked.first),
    ];
    for (what, spread) in queries {
        goals.push(Goal {
            what: format!("{what}, {} chunks", asked.chunks),
            aim: format!("p50 < {QUERY_P50_MS} ms, p99 < {QUERY_P99_MS} ms"),
            measured: format!("p50 {:.2} ms, p99 {:.2} ms", spread.p50_ms, spread.p99_ms),
            is_reached: spread.p50_ms < QUERY_P50_MS && spread.p99_ms < QUERY_P99_MS,
        });
    }
    for (what, spread) in [("typed", edited.typed), ("on disk", edited.changed)] {
        goals.push(Goal {
            what: format!("update of one file, {what}"),
            aim: format!("< {UPDATE_MS} ms"),
            measured: format!("p50 {:.2} ms, p99 {:.2} ms", spread.p50_ms, spread.p99_ms),
            is_reached: spread.p99_ms < UPDATE_MS,
        });
    }
    if let Some(peak) = built.peak_bytes {
        let each = peak as f64 / built.lines.max(1) as f64;
        goals.push(Goal {
            what: format!("peak memory, {} lines", built.lines),
            aim: format!("< {BYTES_A_LINE} bytes a line"),
            measured: format!("{each:.0} bytes a line"),
            is_reached: each < BYTES_A_LINE,
        });
    }
    goals
}

pub(super) fn index_goal(of: &str, rows: &[Row], ratio: impl Fn(&Row) -> f64) -> Goal {
    let ratios: Vec<f64> = rows.iter().map(ratio).collect();
    let n_reached = ratios.iter().filter(|ratio| **ratio <= INDEX_SHARE).count();
    let most = ratios.iter().copied().fold(0.0, f64::max);
    let middle = median(ratios.iter().copied());
    Goal {
        what: format!("cold index, {of}"),
        aim: format!("<= {INDEX_SHARE} of semble's"),
        measured: format!(
            "{n_reached} of {} repositories; median {middle:.2}, most {most:.2}",
            rows.len()
        ),
        is_reached: n_reached == rows.len(),
    }
}
