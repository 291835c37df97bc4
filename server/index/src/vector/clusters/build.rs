//! Builds clusters: centres from a sample in two levels, each row to a centre nearby, and the probes that recall needs.
//! Its cost grows with the number of rows by little more than that number: no row is compared with all centres.

use crate::vector::clusters::MAGIC;
use crate::vector::quantized::Quantized;
use crate::vector::top::Top;
use crate::vector::{BLOCK, Rows, RowsBuf, layout, means};

/// Lists for each square root of the rows: with more, centres cost a query more than rows do.
const LISTS: f64 = 2.0;

/// Rows of the sample for each list.
const SAMPLE: usize = 48;

/// Groups of centres in which a row looks for its own.
const NEAR_GROUPS: usize = 6;

/// Queries that measure how many lists must be looked into.
const TRIALS: usize = 32;

/// Of the `NEAREST` rows of a trial so many are to be found, on average: some more than promised, as queries differ
/// from trials.
const RECALL: f64 = 0.97;

const NEAREST: usize = 50;

/// How far a trial lies from the row that it is made from, as a part of the row's length.
const NOISE: f32 = 1.5;

pub(super) fn build(rows: &Rows<'_>) -> Vec<u8> {
    let lit: Vec<u32> = (0..rows.len() as u32).filter(|row| !rows.is_zero(*row)).collect();
    let n_lists = (LISTS * (lit.len() as f64).sqrt()) as usize;
    let tree = Tree::new(rows, &sampled(&lit, n_lists * SAMPLE), n_lists);
    let lists = tree.assign(rows, &lit);
    let probes = probes(rows, &lit, &lists, &tree.centres.as_rows());

    let n_lists = tree.centres.as_rows().len();
    let mut ends = vec![0u32; n_lists];
    for list in &lists {
        ends[*list as usize] += 1;
    }
    let mut total = 0;
    for end in &mut ends {
        total += *end;
        *end = total;
    }
    let mut members = vec![0u32; lit.len()];
    let mut next = ends.clone();
    for (row, list) in lit.iter().zip(&lists).rev() {
        next[*list as usize] -= 1;
        members[next[*list as usize] as usize] = *row;
    }

    let mut out = Vec::new();
    layout::header(&mut out, MAGIC, &[n_lists, lit.len(), rows.len(), probes]);
    for part in [ends, members] {
        out.extend(part.into_iter().flat_map(u32::to_le_bytes));
        layout::pad(&mut out, 0);
    }
    tree.centres.to_bytes(&mut out);
    out
}

/// Every so many of `rows`, about `n`, so that all files are among them.
fn sampled(rows: &[u32], n: usize) -> Vec<u32> {
    let n = n.min(rows.len());
    (0..n).map(|at| rows[at * rows.len() / n]).collect()
}

/// Centres in groups.
struct Tree {
    groups: RowsBuf,
    /// The centres of group i are those from `starts[i]` to `starts[i + 1]`.
    starts: Vec<usize>,
    centres: RowsBuf,
}

impl Tree {
    /// About `n_lists` centres, each group as many as it has rows of the sample.
    fn new(rows: &Rows<'_>, sample: &[u32], n_lists: usize) -> Tree {
        let n_groups = (n_lists as f64).sqrt() as usize;
        let groups = means::centres(rows, &sampled(sample, n_groups * 4 * SAMPLE), n_groups);
        let mut parts = vec![Vec::new(); groups.as_rows().len()];
        let mut query = Quantized::new(&[]);
        for row in sample {
            rows.widen(*row, &mut query);
            let (group, _) = means::closest(&groups.as_rows(), 0, parts.len(), &query);
            parts[group as usize].push(*row);
        }
        let mut centres = RowsBuf::new(rows.dim());
        let mut starts = vec![0];
        for part in parts {
            let n = (part.len() * n_lists).div_ceil(sample.len().max(1));
            let found = means::centres(rows, &part, n);
            for centre in 0..found.as_rows().len() as u32 {
                centres.push_row(&found.as_rows(), centre);
            }
            starts.push(centres.as_rows().len());
        }
        Tree { groups, starts, centres }
    }

    /// For each of `members` the centre that is nearest, among those of the groups nearby.
    fn assign(&self, rows: &Rows<'_>, members: &[u32]) -> Vec<u32> {
        let (groups, centres) = (self.groups.as_rows(), self.centres.as_rows());
        let mut query = Quantized::new(&[]);
        let mut near = Vec::with_capacity(groups.len());
        let mut assigned = Vec::with_capacity(members.len());
        for member in members {
            rows.widen(*member, &mut query);
            near.clear();
            groups.scan(&query, 0, groups.len(), &mut |group, score| near.push((score, group)));
            if NEAR_GROUPS < near.len() {
                near.select_nth_unstable_by(NEAR_GROUPS, |a, b| {
                    b.0.total_cmp(&a.0).then(a.1.cmp(&b.1))
                });
                near.truncate(NEAR_GROUPS);
            }
            let mut best = (0, f32::NEG_INFINITY);
            for (_, group) in &near {
                let group = *group as usize;
                let (start, end) = (self.starts[group], self.starts[group + 1]);
                let found = means::closest(&centres, start, end, &query);
                if best.1 < found.1 || best.1 == found.1 && found.0 < best.0 {
                    best = found;
                }
            }
            assigned.push(best.0);
        }
        assigned
    }
}

/// How many lists must be looked into, so that `RECALL` of the nearest rows are found. `lists`: that of each of `lit`.
fn probes(rows: &Rows<'_>, lit: &[u32], lists: &[u32], centres: &Rows<'_>) -> usize {
    let trials: Vec<Quantized> = trials(rows, &sampled(lit, TRIALS));
    let mut tops: Vec<Top> = trials.iter().map(|_| Top::new(NEAREST)).collect();
    // Block by block, so that each is read from memory once for all trials.
    for start in (0..rows.len()).step_by(BLOCK) {
        for (trial, top) in trials.iter().zip(&mut tops) {
            rows.scan(trial, start, rows.len().min(start + BLOCK), &mut |row, score| {
                top.offer(row, score, &|row| !rows.is_zero(row));
            });
        }
    }
    // How many lists lie before the one that has the row, for each row to be found.
    let mut ranks = Vec::new();
    for (trial, top) in trials.iter().zip(tops) {
        let mut scores = vec![0.0; centres.len()];
        centres.scan(trial, 0, centres.len(), &mut |list, score| scores[list as usize] = score);
        for (row, _) in top.into_best() {
            let Ok(at) = lit.binary_search(&row) else { continue };
            let own = scores[lists[at] as usize];
            ranks.push(scores.iter().filter(|score| own < **score).count());
        }
    }
    ranks.sort_unstable();
    let last = (ranks.len() as f64 * RECALL).ceil() as usize;
    last.checked_sub(1).map_or(1, |last| ranks[last] + 1)
}

/// A query near each of `members`.
fn trials(rows: &Rows<'_>, members: &[u32]) -> Vec<Quantized> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    // A step of xorshift; the noise only has to point anywhere.
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    let width = NOISE * (3.0 / rows.dim() as f32).sqrt();
    let trial = |member: &u32| {
        let mut vector = rows.vector(*member);
        vector.iter_mut().for_each(|value| *value += width * noise());
        Quantized::new(&vector)
    };
    members.iter().map(trial).collect()
}
