//! What of a state of the index a vector server has, and what it does not.
//! It asks nobody: what the server has is known from `sync`.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::hash::Fast;
use crate::reader::Reader;
use crate::remote::server::PointId;
use crate::segment::{Recipe, Segment};

/// The files that a server has.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) ids: HashSet<PointId, Fast>,
    /// Greater with each change.
    pub(crate) generation: u64,
}

/// Whose files, and how they are cut: both are in each id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) workspace: String,
    pub(crate) recipe: Recipe,
}

impl Scope {
    /// The id of a document.
    pub(crate) fn id(&self, segment: &Segment, doc: u32) -> PointId {
        let Recipe { cut, embedder } = self.recipe;
        PointId::of(&[
            self.workspace.as_bytes(),
            &cut.to_le_bytes(),
            &embedder.to_le_bytes(),
            segment.path(doc).as_bytes(),
            segment.hash(doc),
        ])
    }
}

/// The ids of a segment's documents.
pub(crate) struct Ids {
    pub(crate) by_doc: Vec<PointId>,
    docs: HashMap<PointId, u32, Fast>,
}

/// A state of the index beside what a server has.
pub(crate) struct View {
    /// For each part.
    ids: Vec<Arc<Ids>>,
    /// For each part the documents that are alive and not at the server.
    pub(crate) local: Vec<Vec<u32>>,
    pub(crate) n_local: usize,
    /// Files at the server that are not alive here.
    pub(crate) stale: Vec<PointId>,
}

impl View {
    /// The part and the document with this id, if it is alive.
    pub(crate) fn find(&self, reader: &Reader, id: PointId) -> Option<(usize, u32)> {
        self.ids.iter().enumerate().find_map(|(part, ids)| {
            let doc = *ids.docs.get(&id)?;
            reader.parts()[part].is_alive(doc).then_some((part, doc))
        })
    }
}

/// Views in the making: what was found out about a segment holds as long as the segment.
#[derive(Default)]
pub(crate) struct Views {
    /// Guards the two below; held while a view is made.
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    segments: Vec<Cached>,
    last: Option<(Weak<Reader>, u64, Arc<View>)>,
}

struct Cached {
    segment: Weak<Segment>,
    ids: Arc<Ids>,
    /// For each document whether the server had it at that generation.
    known: Option<(u64, Arc<[bool]>)>,
}

impl Views {
    /// The ids of a segment's documents. `scope`: the same in each call.
    pub(crate) fn ids(&self, segment: &Arc<Segment>, scope: &Scope) -> Arc<Ids> {
        Arc::clone(&self.cache().at(segment, scope).ids)
    }

    pub(crate) fn view(&self, reader: &Arc<Reader>, known: &Known, scope: &Scope) -> Arc<View> {
        let mut cache = self.cache();
        let here = Arc::downgrade(reader);
        if let Some((of, generation, view)) = &cache.last
            && of.ptr_eq(&here)
            && *generation == known.generation
        {
            return Arc::clone(view);
        }
        cache.segments.retain(|cached| 0 < cached.segment.strong_count());
        let view = Arc::new(cache.make(reader, known, scope));
        cache.last = Some((here, known.generation, Arc::clone(&view)));
        view
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        // A panic leaves whole entries: each is put there in a single step.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache {
    fn make(&mut self, reader: &Reader, known: &Known, scope: &Scope) -> View {
        let mut view = View { ids: Vec::new(), local: Vec::new(), n_local: 0, stale: Vec::new() };
        let mut n_there = 0;
        let mut dead = Vec::new();
        for part in reader.parts() {
            let cached = self.at(&part.segment, scope);
            let is_known = cached.known(known);
            let mut local = Vec::new();
            for (doc, (state, is_known)) in (0..).zip(part.docs().zip(is_known.iter())) {
                match (state.is_alive, is_known) {
                    (true, true) => n_there += 1,
                    (true, false) => local.push(doc),
                    (false, true) => dead.push(cached.ids.by_doc[doc as usize]),
                    (false, false) => {}
                }
            }
            view.ids.push(Arc::clone(&cached.ids));
            view.n_local += local.len();
            view.local.push(local);
        }
        if n_there < known.ids.len() {
            dead.sort_unstable();
            dead.dedup();
            dead.retain(|id| view.find(reader, *id).is_none());
            if n_there + dead.len() < known.ids.len() {
                // The server has files that no part remembers.
                let all = known.ids.iter().copied();
                dead = all.filter(|id| view.find(reader, *id).is_none()).collect();
                dead.sort_unstable();
            }
            view.stale = dead;
        }
        view
    }

    fn at(&mut self, segment: &Arc<Segment>, scope: &Scope) -> &mut Cached {
        let here = Arc::downgrade(segment);
        let place = self.segments.iter().position(|cached| cached.segment.ptr_eq(&here));
        let place = place.unwrap_or_else(|| {
            let by_doc: Vec<PointId> =
                (0..segment.n_docs()).map(|doc| scope.id(segment, doc)).collect();
            let docs = by_doc.iter().copied().zip(0..).collect();
            let ids = Arc::new(Ids { by_doc, docs });
            self.segments.push(Cached { segment: here, ids, known: None });
            self.segments.len() - 1
        });
        &mut self.segments[place]
    }
}

impl Cached {
    fn known(&mut self, known: &Known) -> Arc<[bool]> {
        if let Some((generation, flags)) = &self.known
            && *generation == known.generation
        {
            return Arc::clone(flags);
        }
        let flags: Arc<[bool]> = self.ids.by_doc.iter().map(|id| known.ids.contains(id)).collect();
        self.known = Some((known.generation, Arc::clone(&flags)));
        flags
    }
}
