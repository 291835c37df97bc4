//! What goes on after an answer is given: vectors that take their time, and a server that is sent them. Who ends the program
//! before it is over, ends that too; here it is said how far it is, and waited for.

use std::time::{Duration, Instant};

use index::Standing;

use crate::error::Error;
use crate::workspace::Workspace;
use crate::workspace::indexing::{Indexing, blocking};

/// How often it is looked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// An embedder that has made nothing for so long is not waited for.
const LONGEST: Duration = Duration::from_secs(150);

/// What is still to be done for search by meaning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unsettled {
    /// Files whose vectors are still to be made.
    pub vectors: usize,
    /// The vector server has not all of them yet.
    pub is_behind: bool,
    /// The server gets nothing, for this reason.
    pub problem: Option<String>,
}

impl Unsettled {
    /// Nothing is left to do.
    pub fn is_over(&self) -> bool {
        *self == Unsettled::default()
    }
}

impl Workspace {
    /// How far it is. Says nothing of files that were not indexed yet.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn unsettled(&self) -> Result<Unsettled, Error> {
        let index = self.inner.index.clone();
        let look = move || {
            let standing = index.server();
            Unsettled {
                vectors: index.n_waiting(),
                is_behind: standing.is_some() && index.sync_is_due(),
                problem: match standing {
                    Some(Standing::Out(why)) => Some(why),
                    Some(Standing::Behind | Standing::InStep) | None => None,
                },
            }
        };
        blocking(look).await
    }

    /// Waits until nothing is left to do, or nothing goes on; returns what is left then. What is done meanwhile is shown as
    /// [`Workspace::indexing`].
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn settle(&self) -> Result<Unsettled, Error> {
        let started = Instant::now();
        let mut moved = started;
        let mut at = self.unsettled().await?;
        let total = at.vectors;
        while !at.is_over()
            && at.problem.is_none()
            && (at.vectors == 0 || moved.elapsed() < LONGEST)
        {
            let done = total.saturating_sub(at.vectors);
            self.inner.indexer.show(Some(Indexing { done, total, elapsed: started.elapsed() }));
            tokio::time::sleep(LOOK_EVERY).await;
            let now = self.unsettled().await?;
            if now != at {
                (at, moved) = (now, Instant::now());
            }
        }
        self.inner.indexer.show(None);
        Ok(at)
    }
}
