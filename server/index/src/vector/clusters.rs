//! Coarse clusters over rows, with sketches of them: a query looks only into the lists whose centres are nearest to it,
//! and of these compares in full only the rows that their sketches promise.
//! They hold no rows themselves, and they are never changed: other rows need other clusters.
//!
//! Bytes, little-endian, each part at a multiple of 64 bytes from the start: `BTNCLU1\0`; u32 width, lists, groups, rows,
//! probes; zeros up to 64. For each list a f32, how far along its centre its origin lies; for each a u32, the end of its
//! groups. For each place of a group, of which it has 32, the row, u32, ascending within a list, or all ones for none;
//! then what a sign of the row's sketch is worth, f32; then the sketches, `width` * 4 bytes a group. Last the centres, as
//! rows are written.

use crate::crew::Crew;
use crate::vector::clusters::pool::{Pool, estimate_of, key};
use crate::vector::clusters::sketch::{GROUP, Group, Sums};
use crate::vector::layout::Parts;
use crate::vector::quantized::Quantized;
use crate::vector::{BLOCK, Damaged, Rows, check_dim, dot};

mod build;
mod pool;
mod sketch;

const MAGIC: &[u8; 8] = b"BTNCLU1\0";
const WHAT: &str = "clusters of vectors";

/// The row of a place where there is none.
const NO_ROW: u32 = u32::MAX;

/// So many rows are compared in full, and so many more for each that is asked for, as sketches mistake some. Few are asked
/// for where all have much the same cosine: the more, the less each mistake matters.
const COMPARED: (usize, usize) = (800, 6);

/// So many lists are looked into in one go.
const LISTS: usize = 16;

/// From so many promising rows on it is asked anew what is good enough: a list may be long.
const FOUND: usize = 512;

/// So many rows are compared in one go.
const PART: usize = 4 * BLOCK;

/// How much longer a row takes that does not lie behind the one before it.
const SCATTERED: usize = 3;

/// Lists of rows around centres; borrowed from a mapped file or from what [`Clusters::build`] returned.
#[derive(Clone, Copy, Debug)]
pub struct Clusters<'a> {
    centres: Rows<'a>,
    /// As many as centres.
    origins: &'a [[u8; 4]],
    /// Invariant: ascending, as many as centres; the last is the number of groups.
    ends: &'a [[u8; 4]],
    /// Invariant: each is below `n_rows` or [`NO_ROW`]; as many as groups have places.
    members: &'a [[u8; 4]],
    /// As many as members.
    signs: &'a [[u8; 4]],
    /// As long as all groups.
    sketches: &'a [u8],
    n_rows: usize,
    probes: usize,
}

impl<'a> Clusters<'a> {
    /// Clusters of `rows`, as bytes that [`Clusters::parse`] reads. A query gains by them from about 20,000 rows on.
    /// CPU work: 1 to 2 µs a row of 256 numbers up to 50,000 rows, 5 to 7 µs beyond. They are about a sixth as large as
    /// the rows.
    pub fn build(rows: &Rows<'_>) -> Vec<u8> {
        build::build(rows, build::n_lists(rows.len()))
    }

    /// The clusters in `bytes`, without a copy.
    ///
    /// # Errors
    /// [`Damaged`]: a length or a number cannot be right. That rows are in the wrong list is not noticed.
    pub fn parse(bytes: &'a [u8]) -> Result<Clusters<'a>, Damaged> {
        let clusters = Clusters::known(bytes)?;
        let Clusters { ends, members, n_rows, .. } = clusters;
        let is_row = |row: &[u8; 4]| number(*row) < n_rows || u32::from_le_bytes(*row) == NO_ROW;
        let is_right = ends.is_sorted_by_key(|end| number(*end)) && members.iter().all(is_row);
        is_right.then_some(clusters).ok_or(Damaged(WHAT))
    }

    /// The same clusters again, of bytes that [`Clusters::parse`] took before: it does not look at every number.
    ///
    /// # Errors
    /// [`Damaged`]: a length cannot be right.
    pub(crate) fn known(bytes: &'a [u8]) -> Result<Clusters<'a>, Damaged> {
        let damaged = Damaged(WHAT);
        let mut parts = Parts::new(bytes, MAGIC, WHAT)?;
        let (dim, n_lists, n_groups) = (parts.number()?, parts.number()?, parts.number()?);
        let (n_rows, probes) = (parts.number()?, parts.number()?);
        parts.end_of_header()?;
        check_dim(dim)?;
        let n_places = n_groups.checked_mul(GROUP).ok_or(damaged)?;
        let (origins, ends) = (parts.words(n_lists)?, parts.words(n_lists)?);
        let (members, signs) = (parts.words(n_places)?, parts.words(n_places)?);
        let n_bytes = n_groups.checked_mul(sketch::group_len(dim)).ok_or(damaged)?;
        let sketches = parts.bytes(n_bytes)?;
        let centres = Rows::parse(parts.rest()?)?;
        let is_right = centres.len() == n_lists
            && centres.dim() == dim
            && ends.last().map_or(0, |end| number(*end)) == n_groups;
        if !is_right {
            return Err(damaged);
        }
        Ok(Clusters { centres, origins, ends, members, signs, sketches, n_rows, probes })
    }

    /// How many lists to look into for 95 of 100 of the 50 nearest rows, as measured on the rows themselves.
    pub fn probes(&self) -> usize {
        self.probes
    }

    /// How many lists there are.
    pub fn len(&self) -> usize {
        self.centres.len()
    }

    /// There are no lists: all rows are zero, or there are none.
    pub fn is_empty(&self) -> bool {
        self.centres.is_empty()
    }

    /// As [`Rows::nearest`], but only among the rows of the `n_probe` lists nearest to the query, usually
    /// [`Clusters::probes`]. Further lists follow, as long as fewer than `k` rows were found.
    ///
    /// `keep` is asked about rows whose estimate is good enough, before they are compared.
    ///
    /// `rows`: those that the clusters were built from. Others, if their number or width tells, are searched one by one.
    pub fn nearest(
        &self,
        rows: &Rows<'_>,
        query: &Quantized,
        k: usize,
        n_probe: usize,
        keep: &(dyn Fn(u32) -> bool + Sync),
    ) -> Vec<(u32, f32)> {
        self.nearest_with(&Crew::of(0), rows, query, k, n_probe, keep)
    }

    /// The same with helpers.
    pub(crate) fn nearest_with(
        &self,
        crew: &Crew,
        rows: &Rows<'_>,
        query: &Quantized,
        k: usize,
        n_probe: usize,
        keep: &(dyn Fn(u32) -> bool + Sync),
    ) -> Vec<(u32, f32)> {
        let are_other = rows.len() != self.n_rows || rows.dim() != self.centres.dim();
        let is_slow = !sketch::is_fast() && self.len() < n_probe.saturating_mul(SCATTERED);
        if are_other || is_slow || rows.len() <= 2 * compared(k) {
            return rows.nearest(query, k, keep);
        }
        if query.dim() != rows.dim() || query.scale() == 0.0 {
            return Vec::new();
        }
        let mut lists = Vec::with_capacity(self.len());
        self.centres.scan(query, 0, self.len(), &mut |list, score| lists.push((score, list)));
        let nearer = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        let n_probe = n_probe.min(lists.len());
        if n_probe < lists.len() {
            lists.select_nth_unstable_by(n_probe, nearer);
        }
        let sums = Sums::new(query);
        let pool = Pool::new(compared(k));
        let (probed, others) = lists.split_at_mut(n_probe);
        // The nearest first, so that soon little is good enough.
        probed.sort_unstable_by(nearer);
        let parts: Vec<&[(f32, u32)]> = probed.chunks(LISTS).collect();
        crew.map(parts.len(), |part| self.look_into(parts[part], &sums, &pool, keep));
        if pool.len() < k {
            others.sort_unstable_by(nearer);
        }
        for one in others.chunks(1) {
            if k <= pool.len() {
                break;
            }
            self.look_into(one, &sums, &pool, keep);
        }
        compare(crew, rows, query, &pool.into_rows(), k)
    }

    /// Adds the promising rows of some lists to `pool`. `lists`: with the cosines of the query and their centres.
    fn look_into(
        &self,
        lists: &[(f32, u32)],
        sums: &Sums,
        pool: &Pool,
        keep: &(dyn Fn(u32) -> bool + Sync),
    ) {
        let group_len = sketch::group_len(self.centres.dim());
        let (signs, _) = self.signs.as_chunks::<GROUP>();
        let (members, _) = self.members.as_chunks::<GROUP>();
        let mut found = Vec::with_capacity(FOUND + GROUP);
        let mut cosines = [0.0; GROUP];
        for (at, (score, list)) in lists.iter().enumerate() {
            if let Some((_, next)) = lists.get(at + 1) {
                self.ask_for(*next as usize);
            }
            let mut last = pool.last();
            let origin = score * f32::from_le_bytes(self.origins[*list as usize]);
            for group_idx in self.groups(*list as usize) {
                let codes = &self.sketches[group_idx * group_len..][..group_len];
                sums.estimate(&Group { origin, signs: &signs[group_idx], codes }, &mut cosines);
                let mut promising = sketch::at_least(&cosines, estimate_of(last));
                while promising != 0 {
                    let place = promising.trailing_zeros() as usize;
                    promising &= promising - 1;
                    let row = u32::from_le_bytes(members[group_idx][place]);
                    let key = key(cosines[place], row);
                    if key < last && row != NO_ROW && keep(row) {
                        found.push(key);
                    }
                }
                if FOUND <= found.len() {
                    pool.take(&mut found);
                    last = pool.last();
                }
            }
            pool.take(&mut found);
        }
    }

    /// Has the beginning of a list brought from memory, where it would be waited for: what follows it comes by itself.
    fn ask_for(&self, list: usize) {
        let groups = self.groups(list);
        let len = sketch::group_len(self.centres.dim());
        let end = groups.end.min(groups.start + 2);
        sketch::ask_for(&self.sketches[groups.start * len..end * len]);
        sketch::ask_for(self.signs[groups.start * GROUP..end * GROUP].as_flattened());
    }

    fn groups(&self, list: usize) -> std::ops::Range<usize> {
        let start = list.checked_sub(1).map_or(0, |before| number(self.ends[before]));
        start..number(self.ends[list])
    }
}

/// How many rows are compared in full for `k` of them.
fn compared(k: usize) -> usize {
    COMPARED.0.saturating_add(k.saturating_mul(COMPARED.1))
}

/// The `k` nearest of `candidates`, best first; equal ones by row.
fn compare(
    crew: &Crew,
    rows: &Rows<'_>,
    query: &Quantized,
    candidates: &[u32],
    k: usize,
) -> Vec<(u32, f32)> {
    let parts: Vec<&[u32]> = candidates.chunks(PART).collect();
    let compared = crew.map(parts.len(), |part| {
        // In the order in which they lie, memory is quicker.
        let mut candidates = parts[part].to_vec();
        candidates.sort_unstable();
        let mut keys = Vec::with_capacity(PART);
        let mut products = [0; BLOCK];
        for block in candidates.chunks(BLOCK) {
            let products = &mut products[..block.len()];
            dot::scattered(query.codes(), rows.codes, block, products);
            for (row, product) in block.iter().zip(products) {
                if !rows.is_zero(*row) {
                    keys.push(key(*product as f32 * rows.scale(*row) * query.scale(), *row));
                }
            }
        }
        keys
    });
    let mut keys = compared.concat();
    if k < keys.len() {
        keys.select_nth_unstable(k);
        keys.truncate(k);
    }
    keys.sort_unstable();
    keys.into_iter().map(|key| (key as u32, estimate_of(key))).collect()
}

fn number(bytes: [u8; 4]) -> usize {
    u32::from_le_bytes(bytes) as usize
}

#[cfg(test)]
mod tests;
