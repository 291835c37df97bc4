//! Coarse clusters over rows: a query looks only into those lists of rows whose centres are nearest to it.
//! They hold no rows themselves, and they are never changed: other rows need other clusters.
//!
//! Bytes, little-endian, each part at a multiple of 64 bytes from the start: `BTNCLU1\0`, u32 lists, u32 members,
//! u32 rows, u32 probes, zeros up to 64; the end of each list, u32; the rows of each list, u32 ascending; the centres,
//! as rows are written.

use crate::vector::layout::Parts;
use crate::vector::quantized::Quantized;
use crate::vector::top::Top;
use crate::vector::{BLOCK, Damaged, Rows, dot};

mod build;

const MAGIC: &[u8; 8] = b"BTNCLU1\0";

/// How much longer a row takes that does not lie behind the one before it.
const SCATTERED: usize = 3;

/// Lists of rows around centres; borrowed from a mapped file or from what [`Clusters::build`] returned.
#[derive(Clone, Copy, Debug)]
pub struct Clusters<'a> {
    centres: Rows<'a>,
    /// Invariant: ascending, as many as centres; the last is the number of members.
    ends: &'a [[u8; 4]],
    /// Invariant: each is below `n_rows`.
    members: &'a [[u8; 4]],
    n_rows: usize,
    probes: usize,
}

impl<'a> Clusters<'a> {
    /// Clusters of `rows`, as bytes that [`Clusters::parse`] reads. CPU work: about 2 µs a row of 256 numbers.
    pub fn build(rows: &Rows<'_>) -> Vec<u8> {
        build::build(rows)
    }

    /// The clusters in `bytes`, without a copy.
    ///
    /// # Errors
    /// [`Damaged`]: a length or a number cannot be right. That rows are in the wrong list is not noticed.
    pub fn parse(bytes: &'a [u8]) -> Result<Clusters<'a>, Damaged> {
        const WHAT: &str = "clusters of vectors";
        let mut parts = Parts::new(bytes, MAGIC, WHAT)?;
        let (n_lists, n_members) = (parts.number()?, parts.number()?);
        let (n_rows, probes) = (parts.number()?, parts.number()?);
        parts.end_of_header()?;
        let (ends, members) = (parts.words(n_lists)?, parts.words(n_members)?);
        let centres = Rows::parse(parts.rest()?)?;
        let ends_at = ends.last().map_or(0, |end| number(*end));
        let is_right = centres.len() == n_lists
            && ends_at == n_members
            && ends.is_sorted_by_key(|end| number(*end))
            && members.iter().all(|row| number(*row) < n_rows);
        if !is_right {
            return Err(Damaged(WHAT));
        }
        Ok(Clusters { centres, ends, members, n_rows, probes })
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
    /// If so many lists are asked for that it would take longer than to look at all rows in their order, that is done.
    ///
    /// `rows`: those that the clusters were built from. Others, if their number or width tells, are searched one by one.
    pub fn nearest(
        &self,
        rows: &Rows<'_>,
        query: &Quantized,
        k: usize,
        n_probe: usize,
        keep: &dyn Fn(u32) -> bool,
    ) -> Vec<(u32, f32)> {
        let are_other = rows.len() != self.n_rows || rows.dim() != self.centres.dim();
        if are_other || self.len() < n_probe.saturating_mul(SCATTERED) {
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
        let mut top = Top::new(k);
        // The order among the probed ones is of no matter.
        for (_, list) in &lists[..n_probe] {
            self.look_into(*list, rows, query, &mut |row, score| top.offer(row, score, keep));
        }
        if !top.is_full() {
            lists[n_probe..].sort_unstable_by(nearer);
        }
        for (_, list) in &lists[n_probe..] {
            if top.is_full() {
                break;
            }
            self.look_into(*list, rows, query, &mut |row, score| top.offer(row, score, keep));
        }
        top.into_best()
    }

    /// Calls `each` with the rows of a list and their cosines.
    fn look_into(
        &self,
        list: u32,
        rows: &Rows<'_>,
        query: &Quantized,
        each: &mut impl FnMut(u32, f32),
    ) {
        let (mut ids, mut products) = ([0; BLOCK], [0; BLOCK]);
        for block in self.list(list as usize).chunks(BLOCK) {
            let (ids, products) = (&mut ids[..block.len()], &mut products[..block.len()]);
            for (id, bytes) in ids.iter_mut().zip(block) {
                *id = u32::from_le_bytes(*bytes);
            }
            dot::scattered(query.codes(), rows.codes, ids, products);
            for (row, product) in ids.iter().zip(products) {
                each(*row, *product as f32 * rows.scale(*row) * query.scale());
            }
        }
    }

    fn list(&self, list: usize) -> &'a [[u8; 4]] {
        let start = list.checked_sub(1).map_or(0, |before| number(self.ends[before]));
        &self.members[start..number(self.ends[list])]
    }
}

fn number(bytes: [u8; 4]) -> usize {
    u32::from_le_bytes(bytes) as usize
}

#[cfg(test)]
mod tests;
