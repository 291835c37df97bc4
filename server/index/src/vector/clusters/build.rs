//! Builds clusters: centres from a sample in two levels, each row to a centre nearby, and the probes that recall needs.
//! Its cost grows with the number of rows by little more than that number: no row is compared with all centres.

use crate::vector::clusters::sketch::{self, GROUP};
use crate::vector::clusters::{MAGIC, NO_ROW};
use crate::vector::quantized::Quantized;
use crate::vector::top::Top;
use crate::vector::{BLOCK, Rows, RowsBuf, layout, means};

/// Fewer rows have one list.
const ONE_LIST: usize = 50_000;

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

/// How far a trial lies from the row that it is made from, in lengths of the row: as a short question from an answer,
/// which has a cosine of about a quarter.
const NOISE: f32 = 4.0;

/// How many lists so many rows are to have. Few rows have one: looking at all their sketches takes little.
pub(super) fn n_lists(n_rows: usize) -> usize {
    if n_rows < ONE_LIST { 1 } else { (LISTS * (n_rows as f64).sqrt()) as usize }
}

/// `n_lists`: about so many lists.
pub(super) fn build(rows: &Rows<'_>, n_lists: usize) -> Vec<u8> {
    let lit: Vec<u32> = (0..rows.len() as u32).filter(|row| !rows.is_zero(*row)).collect();
    let tree = Tree::new(rows, &sampled(&lit, n_lists.max(20) * SAMPLE), n_lists);
    let lists = tree.assign(rows, &lit);
    let centres = tree.centres.as_rows();
    let probes = probes(rows, &lit, &lists, &centres);

    let mut members = vec![Vec::new(); centres.len()];
    for (row, list) in lit.iter().zip(&lists) {
        members[*list as usize].push(*row);
    }
    let mut parts = Lists::default();
    for (list, members) in members.iter().enumerate() {
        parts.push(rows, members, &centres.vector(list as u32));
    }
    let n_groups = parts.members.len() / GROUP;
    let mut out = Vec::new();
    let numbers = [rows.dim(), centres.len(), n_groups, rows.len(), probes];
    layout::header(&mut out, MAGIC, &numbers);
    let Lists { origins, ends, members, signs, sketches } = parts;
    for part in [
        origins.into_iter().flat_map(f32::to_le_bytes).collect(),
        ends.into_iter().flat_map(u32::to_le_bytes).collect(),
        members.into_iter().flat_map(u32::to_le_bytes).collect(),
        signs.into_iter().flat_map(f32::to_le_bytes).collect(),
        sketches,
    ] {
        out.extend::<Vec<u8>>(part);
        layout::pad(&mut out, 0);
    }
    tree.centres.to_bytes(&mut out);
    out
}

/// The parts of the file that grow list by list.
#[derive(Default)]
struct Lists {
    origins: Vec<f32>,
    ends: Vec<u32>,
    members: Vec<u32>,
    signs: Vec<f32>,
    sketches: Vec<u8>,
}

impl Lists {
    fn push(&mut self, rows: &Rows<'_>, members: &[u32], centre: &[f32]) {
        // The origin is where the rows are on average, as far as that lies towards the centre.
        let mut vector = vec![0.0; centre.len()];
        members.iter().for_each(|row| rows.add_to(*row, &mut vector));
        let sum: f32 = vector.iter().zip(centre).map(|(a, b)| a * b).sum();
        let origin = sum / members.len().max(1) as f32;
        for group in members.chunks(GROUP) {
            let start = self.sketches.len();
            self.sketches.resize(start + sketch::group_len(rows.dim()), 0);
            for (place, row) in group.iter().enumerate() {
                vector.fill(0.0);
                rows.add_to(*row, &mut vector);
                for (value, centre) in vector.iter_mut().zip(centre) {
                    *value -= origin * centre;
                }
                self.signs.push(sketch::draw(&vector, place, &mut self.sketches[start..]));
                self.members.push(*row);
            }
            self.members.resize(self.members.len().next_multiple_of(GROUP), NO_ROW);
            self.signs.resize(self.members.len(), 0.0);
        }
        self.origins.push(origin);
        self.ends.push((self.members.len() / GROUP) as u32);
    }
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
    if centres.len() < 2 {
        return 1;
    }
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
