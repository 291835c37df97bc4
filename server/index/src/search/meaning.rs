//! The units whose vectors are nearest to the query's.
//! It makes no vectors, and without one it finds nothing.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::hash::Fast;
use crate::reader::Slot;
use crate::search::Looking;
use crate::segment::bytes::Damaged;
use crate::vector::Rows;
use crate::weights;

/// What is near to the query.
pub(crate) struct Near<'a> {
    /// Units by cosine with the query, best first; equal ones by path, then position.
    pub(crate) units: Vec<(Slot, u32, f32)>,
    /// The vectors of each part; empty without a query vector.
    rows: Vec<Option<Rows<'a>>>,
}

impl<'a> Near<'a> {
    /// The vectors of a part's units.
    pub(crate) fn rows(&self, part: usize) -> Option<&Rows<'a>> {
        self.rows.get(part)?.as_ref()
    }

    /// The best cosine of each file that is among them.
    pub(crate) fn by_file(&self) -> HashMap<Slot, f32, Fast> {
        let mut best: HashMap<Slot, f32, Fast> = HashMap::default();
        for (slot, _, cosine) in &self.units {
            let here = best.entry(*slot).or_insert(*cosine);
            *here = here.max(*cosine);
        }
        best
    }
}

pub(crate) fn nearest<'a>(looking: &Looking<'a>) -> Result<Near<'a>, Damaged> {
    let (mut units, mut all_rows) = (Vec::new(), Vec::new());
    let Some(query) = looking.vector else { return Ok(Near { units, rows: all_rows }) };
    let reader = looking.reader;
    for (idx, part) in reader.parts().iter().enumerate() {
        let rows = part.segment.rows()?;
        all_rows.push(rows);
        let Some(rows) = rows else { continue };
        // Each file is matched with the patterns once, however many of its units are near.
        let allowed: RefCell<HashMap<u32, bool, Fast>> = RefCell::default();
        let keep = |row: u32| {
            let doc = part.segment.doc_of(row);
            let allows = || looking.filter.allows(part.segment.path(doc));
            part.is_alive(doc) && *allowed.borrow_mut().entry(doc).or_insert_with(allows)
        };
        let found = match part.segment.clusters()? {
            Some(clusters) => {
                clusters.nearest(&rows, query, weights::MAX_NEAR, clusters.probes(), &keep)
            }
            None => rows.nearest(query, weights::MAX_NEAR, &keep),
        };
        for (row, cosine) in found {
            let (slot, unit) = reader.unit_place(idx, row);
            units.push((slot, unit, cosine));
        }
    }
    units.sort_by(|a, b| {
        b.2.total_cmp(&a.2).then_with(|| reader.path(a.0).cmp(reader.path(b.0))).then(a.1.cmp(&b.1))
    });
    units.truncate(weights::MAX_NEAR);
    Ok(Near { units, rows: all_rows })
}
