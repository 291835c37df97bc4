//! Which requests to the client are still unanswered.
//!
//! It holds ids only; who waits for an answer is known to the service's `Client`.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tower_lsp::jsonrpc::Id;

/// Ids of requests that were sent and not answered.
#[derive(Default)]
pub(super) struct Questions {
    /// Filled by the pump, emptied by the reader.
    unanswered: Mutex<HashSet<Id>>,
}

impl Questions {
    /// A request with this id is about to be sent.
    pub(super) fn asked(&self, id: Id) {
        self.lock().insert(id);
    }

    /// An answer came; says whether it had been asked for.
    pub(super) fn answered(&self, id: &Id) -> bool {
        self.lock().remove(id)
    }

    /// All that is unanswered; leaves none.
    pub(super) fn take(&self) -> HashSet<Id> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<Id>> {
        // A set of ids is whole whatever happened to its last user.
        self.unanswered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
