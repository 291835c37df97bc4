//! The vector server as the engine of one search.
//! It ranks nothing: cosines are those of the vectors here, so that the same units have the same place as ever.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::fusion::Fusion;
use crate::reader::{Reader, Slot};
use crate::remote::Remote;
use crate::remote::filter::conditions;
use crate::remote::points::{sparse, word_number};
use crate::remote::server::{Conditions, FoundUnit, Fused, Question};
use crate::remote::view::{Scope, View};
use crate::search::Looking;
use crate::search::meaning::{Embedded, Engine, Near, best_first};
use crate::search::terms::Term;
use crate::segment::bytes::Damaged;
use crate::vector::quantized::Quantized;
use crate::weights;

/// Asked for beyond what is needed: the server adds numbers up in another order, so that at the end of its list two
/// units may have changed places.
const SPARE: usize = 16;

/// Files that have a rank when the server joins words and meaning, and that are looked at here: later ones could not come
/// among the best. What each is worth is computed here once more, because files that are equally good have one rank here
/// and follow each other there.
const MAX_FUSED: usize = 1_000;

/// See the module.
pub(crate) struct Asked<'a> {
    pub(super) remote: &'a Remote,
    pub(super) scope: Arc<Scope>,
    pub(super) view: Arc<View>,
}

impl Engine for Asked<'_> {
    fn near<'r>(&self, looking: &Looking<'r>) -> Result<Near<'r>, Damaged> {
        let Some((query, conditions)) = self.question(looking) else {
            return Embedded.near(looking);
        };
        let vector = query.vector();
        let limit = weights::MAX_NEAR + SPARE;
        let workspace = &self.scope.workspace;
        let question = Question { workspace, vector: &vector, conditions, limit };
        let found = match self.remote.server.nearest(&question) {
            Ok(found) => found,
            Err(error) => {
                self.remote.failed(&error);
                return Embedded.near(looking);
            }
        };
        let reader = looking.reader;
        let mut near = Near::of_nothing(reader)?;
        let mut places: BTreeSet<(usize, u32)> = BTreeSet::new();
        for FoundUnit { file, unit, .. } in found {
            let Some((part, doc)) = self.view.find(reader, file) else { continue };
            let units = reader.parts()[part].segment.units(doc);
            if unit < units.len() as u32 {
                places.insert((part, units.start + unit));
            }
        }
        for (part, docs) in self.view.local.iter().enumerate() {
            for doc in docs {
                places.extend(reader.parts()[part].segment.units(*doc).map(|unit| (part, unit)));
            }
        }
        for (part, row) in places {
            let segment = &reader.parts()[part].segment;
            let Some(rows) = near.rows(part) else { continue };
            if looking.filter.allows(segment.path(segment.doc_of(row))) && !rows.is_zero(row) {
                let cosine = rows.dot(row, query);
                let (slot, unit) = reader.unit_place(part, row);
                near.units.push((slot, unit, cosine));
            }
        }
        best_first(reader, &mut near.units);
        Ok(near)
    }

    fn files(
        &self,
        looking: &Looking<'_>,
        terms: &[Term<'_>],
        near: &Near<'_>,
    ) -> Option<Vec<Slot>> {
        let Fusion::Ranks { k } = looking.fusion else { return None };
        // Ranks count only among all files, and the server knows whole numbers alone.
        let is_all = self.view.n_local == 0 && looking.paths.is_empty();
        if !is_all || k < 0.0 || k.fract() != 0.0 || f32::from(u16::MAX) < k {
            return None;
        }
        let (query, conditions) = self.question(looking)?;
        let vector = query.vector();
        let workspace = &self.scope.workspace;
        let question = Question { workspace, vector: &vector, conditions, limit: MAX_FUSED };
        let words = terms.iter().map(|term| (word_number(&term.text), term.file_weight));
        let words = sparse(words);
        let n_dense = near.by_file().len();
        let by = Fused { words: &words, k: k as u32, n_dense, n_sparse: MAX_FUSED };
        match self.remote.server.fused(&question, &by) {
            Ok(found) => {
                let here =
                    found.into_iter().filter_map(|file| self.view.find(looking.reader, file));
                Some(here.map(|place| self.slot(looking.reader, place)).collect())
            }
            Err(error) => {
                self.remote.failed(&error);
                None
            }
        }
    }
}

impl Asked<'_> {
    /// The query's vector and its conditions, where the server can be asked for them.
    fn question<'r>(&self, looking: &Looking<'r>) -> Option<(&'r Quantized, Conditions)> {
        let query = looking.vector.filter(|query| query.scale() != 0.0)?;
        let not_in = self.view.stale.clone();
        Some((query, Conditions { not_in, ..conditions(looking.paths)? }))
    }

    fn slot(&self, reader: &Reader, (part, doc): (usize, u32)) -> Slot {
        reader.unit_place(part, reader.parts()[part].segment.units(doc).start).0
    }
}
