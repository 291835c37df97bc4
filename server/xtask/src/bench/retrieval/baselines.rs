//! Figures of other systems, measured with the same harness on all its development repositories, and what Baton aims at.
//! They are for comparison; times are of the machine that they were taken on.

use super::super::harness::{Scope, Track};

/// One line of the table.
pub(super) struct Baseline {
    pub(super) of: (Track, Scope),
    pub(super) system: &'static str,
    pub(super) ndcg: &'static str,
    pub(super) recall: &'static str,
    pub(super) hit1: &'static str,
    pub(super) index_s: &'static str,
    pub(super) query_ms: &'static str,
}

const ROOT: (Track, Scope) = (Track::Nav, Scope::Root);
const FULL: (Track, Scope) = (Track::Nav, Scope::Full);
const ISSUE: (Track, Scope) = (Track::Issue, Scope::Full);

const RIPGREP: &str = "ripgrep, keywords";
const BM25: &str = "BM25, chunks and paths";
const RULES: &str = "semble's BM25 and rules";
const GOAL: &str = "(goal)";

/// All of them, in the table's order.
pub(super) const ALL: &[Baseline] = &[
    of(ROOT, RIPGREP, "0.690", ["0.912", "0.478", "-", "67"]),
    of(ROOT, BM25, "0.705", ["0.92", "0.50", "0.6", "0.1"]),
    of(ROOT, RULES, "0.843", ["0.962", "0.723", "0.9", "1.9"]),
    of(ROOT, GOAL, "0.90", ["", "", "", ""]),
    of(FULL, RIPGREP, "0.575", ["-", "-", "-", "-"]),
    of(FULL, BM25, "0.575", ["-", "-", "-", "-"]),
    of(FULL, RULES, "0.808", ["-", "-", "-", "-"]),
    of(FULL, GOAL, "0.87", ["", "", "", ""]),
    of(ISSUE, RIPGREP, "0.451", ["0.80", "0.17", "-", "-"]),
    of(ISSUE, BM25, "0.610", ["0.80", "0.44", "-", "-"]),
    of(ISSUE, RULES, "0.681", ["0.84", "0.55", "-", "-"]),
    of(ISSUE, GOAL, "0.75", ["", "", "", ""]),
];

const fn of(
    of: (Track, Scope),
    system: &'static str,
    ndcg: &'static str,
    [recall, hit1, index_s, query_ms]: [&'static str; 4],
) -> Baseline {
    Baseline { of, system, ndcg, recall, hit1, index_s, query_ms }
}
