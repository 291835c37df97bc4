//! The units whose vectors are nearest to the query's, by one of two engines: the one in the index itself, and a vector
//! server (`remote`). They make no vectors, and without one they find nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::hash::Fast;
use crate::reader::{Reader, Slot};
use crate::search::Looking;
use crate::search::terms::Term;
use crate::segment::bytes::Damaged;
use crate::vector::Rows;
use crate::weights;

/// Finds by meaning. Two engines find the same in the same content, as far as each of them is exact.
pub(crate) trait Engine: Sync {
    /// The units whose vectors are nearest to the query's.
    fn near<'a>(&self, looking: &Looking<'a>) -> Result<Near<'a>, Damaged>;

    /// The files that can be among the best by words and meaning together; `None` where the engine does not choose, and
    /// all are looked at.
    fn files(
        &self,
        looking: &Looking<'_>,
        terms: &[Term<'_>],
        near: &Near<'_>,
    ) -> Option<Vec<Slot>>;
}

/// What is near to the query.
pub(crate) struct Near<'a> {
    /// Units by cosine with the query, best first; equal ones by path, then position.
    pub(crate) units: Vec<(Slot, u32, f32)>,
    /// The vectors of each part; empty without a query vector.
    rows: Vec<Option<Rows<'a>>>,
}

impl<'a> Near<'a> {
    /// No units yet.
    pub(crate) fn of_nothing(reader: &'a Reader) -> Result<Near<'a>, Damaged> {
        let rows = reader.parts().iter().map(|part| part.segment.rows());
        Ok(Near { units: Vec::new(), rows: rows.collect::<Result<_, Damaged>>()? })
    }

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

/// The vectors in the segments.
pub(crate) struct Embedded;

impl Engine for Embedded {
    fn near<'a>(&self, looking: &Looking<'a>) -> Result<Near<'a>, Damaged> {
        let Some(query) = looking.vector else {
            return Ok(Near { units: Vec::new(), rows: Vec::new() });
        };
        let reader = looking.reader;
        let mut near = Near::of_nothing(reader)?;
        for (idx, part) in reader.parts().iter().enumerate() {
            let Some(rows) = near.rows(idx) else { continue };
            // Each file is matched with the patterns once, however many of its units are near.
            let allowed: Mutex<HashMap<u32, bool, Fast>> = Mutex::default();
            let keeps_all = part.is_whole() && looking.filter.is_open();
            let keep = |row: u32| {
                if keeps_all {
                    return true;
                }
                if !part.is_unit_alive(row) {
                    return false;
                }
                if looking.filter.is_open() {
                    return true;
                }
                let doc = part.segment.doc_of(row);
                let allows = || looking.filter.allows(part.segment.path(doc));
                let mut allowed = allowed.lock().unwrap_or_else(PoisonError::into_inner);
                *allowed.entry(doc).or_insert_with(allows)
            };
            let found = match part.segment.clusters()? {
                Some(clusters) => {
                    let (crew, n_probe) = (looking.crew, clusters.probes());
                    clusters.nearest_with(crew, rows, query, weights::MAX_NEAR, n_probe, &keep)
                }
                None => rows.nearest(query, weights::MAX_NEAR, &keep),
            };
            for (row, cosine) in found {
                let (slot, unit) = reader.unit_place(idx, row);
                near.units.push((slot, unit, cosine));
            }
        }
        best_first(reader, &mut near.units);
        Ok(near)
    }

    fn files(
        &self,
        _looking: &Looking<'_>,
        _terms: &[Term<'_>],
        _near: &Near<'_>,
    ) -> Option<Vec<Slot>> {
        None
    }
}

/// The nearest units as a search wants them.
pub(crate) fn best_first(reader: &Reader, units: &mut Vec<(Slot, u32, f32)>) {
    units.sort_by(|a, b| {
        b.2.total_cmp(&a.2).then_with(|| reader.path(a.0).cmp(reader.path(b.0))).then(a.1.cmp(&b.1))
    });
    units.truncate(weights::MAX_NEAR);
}
