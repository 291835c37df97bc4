//! Brings a vector server up to the index: what is new is sent, what is gone is removed.
//! Nothing that only a buffer had is sent. It runs beside updates and searches, and needs no lock of theirs.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use crate::hash::Fast;
use crate::parallel::in_parallel;
use crate::reader::Reader;
use crate::remote::points::point;
use crate::remote::server::{FilePoint, FileThere, PointId, ServerError};
use crate::remote::view::{Known, Scope};
use crate::remote::{Remote, Standing};
use crate::segment::WITHOUT_VECTORS;
use crate::segment::bytes::Damaged;

/// Files that are prepared and sent together: up to so many, and up to about so many bytes of vectors.
const BATCH_FILES: usize = 64;
const BATCH_BYTES: usize = 8 << 20;

/// Files that are removed together.
const BATCH_REMOVED: usize = 256;

/// How far a [`Index::sync`](crate::Index::sync) came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    /// Files that were sent.
    pub sent: usize,
    /// Files that were removed.
    pub removed: usize,
    /// The server has all that it should have.
    pub is_complete: bool,
    /// Why not, in words.
    pub problem: Option<String>,
}

/// What a pass works with.
pub(crate) struct Sync<'a> {
    pub(crate) reader: &'a Arc<Reader>,
    /// Only one process removes: another one may not know yet of a file that is new.
    pub(crate) may_remove: bool,
    pub(crate) dim: usize,
    pub(crate) is_cancelled: &'a (dyn Fn() -> bool + std::marker::Sync),
}

/// Files that a server has.
#[derive(Default)]
struct There {
    whole: HashSet<PointId, Fast>,
    /// Those that somebody was interrupted at.
    halves: Vec<PointId>,
}

/// Why a pass ended early.
enum Ended {
    Server(ServerError),
    Damaged(Damaged),
}

impl From<ServerError> for Ended {
    fn from(error: ServerError) -> Ended {
        Ended::Server(error)
    }
}

impl From<Damaged> for Ended {
    fn from(damaged: Damaged) -> Ended {
        Ended::Damaged(damaged)
    }
}

impl Remote {
    /// Sends and removes what has to be. `scope`: the same in each call, until the index is begun anew.
    ///
    /// # Errors
    /// A segment of the index is damaged; repair it and call again.
    pub(crate) fn sync(&self, cx: &Sync<'_>, scope: Scope) -> Result<Synced, Damaged> {
        let _syncing = self.syncing.lock().unwrap_or_else(PoisonError::into_inner);
        let scope = Arc::new(scope);
        *self.scope() = Some(Arc::clone(&scope));
        let scope = &*scope;
        let mut synced = Synced::default();
        let mut result = self.pass(cx, scope, &mut synced);
        if let Err(Ended::Server(error @ ServerError::Lost { .. })) = &result {
            // Somebody removed the collections: everything is made anew, once.
            self.failed(error);
            result = self.pass(cx, scope, &mut synced);
        }
        match result {
            Ok(is_complete) => synced.is_complete = is_complete,
            Err(Ended::Damaged(damaged)) => return Err(damaged),
            Err(Ended::Server(error)) => {
                self.failed(&error);
                synced.problem = Some(error.to_string());
            }
        }
        Ok(synced)
    }

    /// The server cannot be used for a reason that is not its own.
    pub(crate) fn out(&self, why: &str) -> Synced {
        let reason = why.to_owned();
        let address = self.server.address().to_owned();
        let error = ServerError::Refused { address, reason };
        self.failed(&error);
        Synced { problem: Some(error.to_string()), ..Synced::default() }
    }

    /// Returns whether all was done.
    fn pass(&self, cx: &Sync<'_>, scope: &Scope, synced: &mut Synced) -> Result<bool, Ended> {
        let before = {
            let state = self.state();
            (state.standing == Standing::InStep).then(|| Arc::clone(&state.known))
        };
        let There { whole: mut there, halves } = match before {
            Some(known) => There { whole: known.ids.clone(), halves: Vec::new() },
            None => self.compare(cx, scope)?,
        };
        let wanted = self.wanted(cx, scope)?;
        let mut gone: Vec<PointId> =
            there.iter().filter(|id| !wanted.contains_key(*id)).copied().collect();
        if cx.may_remove {
            gone.extend(halves.into_iter().filter(|id| !wanted.contains_key(id)));
            gone.sort_unstable();
            for batch in gone.chunks(BATCH_REMOVED) {
                if (cx.is_cancelled)() {
                    break;
                }
                // First it counts as gone, then it is: a search in between leaves it out.
                batch.iter().for_each(|id| _ = there.remove(id));
                self.publish_removed(batch);
                self.server.remove(&scope.workspace, batch)?;
                synced.removed += batch.len();
            }
        }
        let mut missing: Vec<((usize, u32), PointId)> = wanted
            .into_iter()
            .filter(|(id, _)| !there.contains(id))
            .map(|(id, place)| (place, id))
            .collect();
        missing.sort_unstable();
        let is_sent = self.send(cx, scope, &missing, &mut there, synced)?;
        let mut state = self.state();
        let generation = state.known.generation + 1;
        state.known = Arc::new(Known { ids: there, generation });
        state.standing = Standing::InStep;
        (state.n_failures, state.next_try) = (0, None);
        if is_sent {
            state.sent = Arc::downgrade(cx.reader);
        }
        Ok(is_sent)
    }

    /// What the server has of the workspace.
    fn compare(&self, cx: &Sync<'_>, scope: &Scope) -> Result<There, Ended> {
        self.server.prepare(cx.dim)?;
        let mut there = There::default();
        for FileThere { id, is_whole } in self.server.files(&scope.workspace)? {
            if is_whole {
                there.whole.insert(id);
            } else {
                there.halves.push(id);
            }
        }
        Ok(there)
    }

    /// The documents that the server should have.
    fn wanted(
        &self,
        cx: &Sync<'_>,
        scope: &Scope,
    ) -> Result<HashMap<PointId, (usize, u32), Fast>, Damaged> {
        let mut wanted = HashMap::default();
        for (idx, part) in cx.reader.parts().iter().enumerate() {
            // Their vectors are still to be made, or to be made again.
            if part.segment.rows()?.is_none_or(|rows| rows.dim() != cx.dim) {
                continue;
            }
            let ids = self.views.ids(&part.segment, scope);
            for doc in part.alive() {
                let is_unsaved = part.state(doc).is_unsaved;
                let has_vectors = part.segment.flags(doc) & WITHOUT_VECTORS == 0;
                if !is_unsaved && has_vectors {
                    wanted.insert(ids.by_doc[doc as usize], (idx, doc));
                }
            }
        }
        Ok(wanted)
    }

    /// Returns whether all of `missing` was sent, apart from what is out of date by now.
    fn send(
        &self,
        cx: &Sync<'_>,
        scope: &Scope,
        missing: &[((usize, u32), PointId)],
        there: &mut HashSet<PointId, Fast>,
        synced: &mut Synced,
    ) -> Result<bool, Ended> {
        let mut rest = missing;
        while !rest.is_empty() {
            if (cx.is_cancelled)() {
                return Ok(false);
            }
            let batch;
            (batch, rest) = rest.split_at(batch_len(cx, rest));
            let points = in_parallel(batch.len(), |idx| {
                let (place, id) = batch[idx];
                point(cx.reader, place, id)
            });
            let points: Result<Vec<Option<FilePoint>>, Damaged> = points.into_iter().collect();
            let points: Vec<FilePoint> = points?.into_iter().flatten().collect();
            self.server.put(&scope.workspace, &points)?;
            there.extend(points.iter().map(|point| point.id));
            synced.sent += points.len();
        }
        Ok(true)
    }

    fn publish_removed(&self, gone: &[PointId]) {
        let mut state = self.state();
        let mut ids = state.known.ids.clone();
        let before = ids.len();
        gone.iter().for_each(|id| _ = ids.remove(id));
        if ids.len() < before {
            let generation = state.known.generation + 1;
            state.known = Arc::new(Known { ids, generation });
        }
    }
}

/// At least one.
fn batch_len(cx: &Sync<'_>, missing: &[((usize, u32), PointId)]) -> usize {
    let mut bytes = 0;
    let fits = |((part, doc), _): &&((usize, u32), PointId)| {
        let n_units = cx.reader.parts()[*part].segment.units(*doc).len();
        bytes += n_units * cx.dim * size_of::<f32>();
        bytes <= BATCH_BYTES
    };
    missing.iter().take(BATCH_FILES).take_while(fits).count().max(1)
}
