//! A vector server beside the embedded vector engine, for workspaces that outgrow one machine.
//! The index stays what is true: answers of the server are mapped to it, what the server lacks (unsaved text, and what
//! was not sent yet) is searched here and laid over them, and while the server is away everything is searched here. It
//! opens no socket: [`Server`] is another crate's part.

mod asked;
mod filter;
mod points;
pub(crate) mod server;
pub(crate) mod sync;
pub(crate) mod view;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::reader::Reader;
use crate::remote::asked::Asked;
use crate::remote::server::{Server, ServerError};
use crate::remote::view::{Known, Scope, Views};

/// Files at the server that are not in the index, and have to be left out of each question: with more of them the
/// embedded engine answers until they are removed.
const MAX_STALE: usize = 256;

/// How long a server that is away is left alone: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How a vector server stands to the index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Not compared yet, so it is not asked.
    #[default]
    Behind,
    /// It is asked; what it lacks is searched here.
    InStep,
    /// It is not asked, for this reason, in words.
    Out(String),
}

/// See the module.
pub(crate) struct Remote {
    server: Arc<dyn Server>,
    /// Set by the first `sync` that knows it; guarded for moments.
    scope: Mutex<Option<Arc<Scope>>>,
    views: Views,
    /// Guards how the server stands; held for moments.
    state: Mutex<State>,
    /// Held during a `sync`.
    syncing: Mutex<()>,
}

#[derive(Default)]
struct State {
    standing: Standing,
    /// What the server has, as far as it is in step.
    known: Arc<Known>,
    /// Failures since it last worked.
    n_failures: u32,
    /// Before, it is left alone.
    next_try: Option<Instant>,
    /// The state of the index that was sent last.
    sent: Weak<Reader>,
}

impl Remote {
    pub(crate) fn new(server: Arc<dyn Server>) -> Remote {
        Remote {
            server,
            scope: Mutex::default(),
            views: Views::default(),
            state: Mutex::default(),
            syncing: Mutex::default(),
        }
    }

    pub(crate) fn standing(&self) -> Standing {
        self.state().standing.clone()
    }

    /// What the user has to know: nothing while all is well.
    pub(crate) fn note(&self) -> Option<String> {
        match &self.state().standing {
            Standing::Out(why) => {
                Some(format!("{why}; until then this machine's own index answers"))
            }
            Standing::Behind | Standing::InStep => None,
        }
    }

    /// Whether it is time to send what is new in `reader`, or to see whether the server is back.
    pub(crate) fn is_due(&self, reader: &Arc<Reader>) -> bool {
        let state = self.state();
        match state.standing {
            Standing::Behind => true,
            Standing::InStep => !state.sent.ptr_eq(&Arc::downgrade(reader)),
            Standing::Out(_) => state.next_try.is_none_or(|next| next <= Instant::now()),
        }
    }

    /// The server as the engine of one search; `None` where it can only be answered here.
    pub(crate) fn asked<'a>(&'a self, reader: &Arc<Reader>) -> Option<Asked<'a>> {
        let known = {
            let state = self.state();
            (state.standing == Standing::InStep).then(|| Arc::clone(&state.known))?
        };
        let scope = self.scope().clone()?;
        let view = self.views.view(reader, &known, &scope);
        // Where the server lacks more than it has, asking it would save nothing.
        let is_worth = view.n_local * 2 <= reader.n_files() && view.stale.len() <= MAX_STALE;
        is_worth.then_some(Asked { remote: self, scope, view })
    }

    /// The index is begun anew, with other vectors: what the server has is none of it, so it is asked for nothing until
    /// all is sent.
    pub(crate) fn forget(&self) {
        *self.scope() = None;
        self.state().standing = Standing::Behind;
    }

    fn scope(&self) -> MutexGuard<'_, Option<Arc<Scope>>> {
        self.scope.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server did not do what it was asked.
    fn failed(&self, error: &ServerError) {
        let mut state = self.state();
        let pause = match error {
            ServerError::Away { .. } => {
                let doubled = FIRST_PAUSE.saturating_mul(1 << state.n_failures.min(16));
                doubled.min(LONGEST_PAUSE)
            }
            ServerError::Refused { .. } => LONGEST_PAUSE,
            ServerError::Lost { .. } => Duration::ZERO,
        };
        state.n_failures = state.n_failures.saturating_add(1);
        state.next_try = Some(Instant::now() + pause);
        state.standing = Standing::Out(error.to_string());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic leaves a whole state: each field is set in a single step, and none depends on another.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
