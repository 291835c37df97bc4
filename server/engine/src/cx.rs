//! What a workflow works with: the workspace, its run, durable steps and models. It decides nothing.

mod asking;
mod shaped;

use std::future::Future;
use std::sync::Arc;

use base::ContentHash;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::event::{Event, Stage, StageState};
use crate::request::Request;
use crate::run::Run;
use crate::workspace::Workspace;

pub(crate) use asking::{Asking, Reply};

/// The context of one run.
pub(crate) struct Cx {
    pub(crate) workspace: Workspace,
    pub(crate) run: Arc<Run>,
}

impl Cx {
    pub(crate) fn request(&self) -> &Request {
        self.run.request()
    }

    /// Whether a change comes with a test of its own.
    pub(crate) fn wants_tests(&self) -> bool {
        self.request().with_tests.unwrap_or(self.workspace.config().generate_tests)
    }

    pub(crate) fn cancel(&self) -> &CancellationToken {
        self.run.cancel_token()
    }

    pub(crate) fn emit(&self, event: Event) -> Result<(), Error> {
        self.run.emit(event)
    }

    pub(crate) fn notice(&self, message: impl Into<String>) -> Result<(), Error> {
        self.emit(Event::Notice { message: message.into() })
    }

    pub(crate) fn stage(
        &self,
        stage: Stage,
        state: StageState,
        attempt: u32,
        note: impl Into<String>,
    ) -> Result<(), Error> {
        self.emit(Event::Stage { stage, state, attempt, note: note.into() })
    }

    /// Fails if the run is to stop.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.run.cancel_token().is_cancelled() {
            return Err(Error::Cancelled);
        }
        if self.run.park_token().is_cancelled() {
            return Err(Error::Parked);
        }
        Ok(())
    }

    /// Does `work` once: its output is recorded under the name and the hash of the input, and a resumed run gets the
    /// record instead. A future does nothing until it is awaited, so `work` costs nothing when it is not needed.
    ///
    /// # Errors
    /// Those of `work`; [`Error::Cancelled`] and [`Error::Parked`] before and after it.
    pub(crate) async fn step<I, O>(
        &self,
        name: &str,
        input: &I,
        work: impl Future<Output = Result<O, Error>>,
    ) -> Result<O, Error>
    where
        I: Serialize + ?Sized,
        O: Serialize + DeserializeOwned,
    {
        self.step_if(name, input, work, |_| true).await
    }

    /// [`Cx::step`], but an output that `keep` refuses is not recorded: a resumed run does the work again.
    ///
    /// # Errors
    /// As [`Cx::step`].
    pub(crate) async fn step_if<I, O>(
        &self,
        name: &str,
        input: &I,
        work: impl Future<Output = Result<O, Error>>,
        keep: impl FnOnce(&O) -> bool,
    ) -> Result<O, Error>
    where
        I: Serialize + ?Sized,
        O: Serialize + DeserializeOwned,
    {
        self.check()?;
        let internal = |e: serde_json::Error| Error::Internal(format!("step `{name}`: {e}"));
        let key = ContentHash::of(&serde_json::to_vec(input).map_err(internal)?).hex();
        let id = &self.run.id().0;
        if let Some(output) = self.run.store().step(id, name, &key)? {
            return serde_json::from_value(output).map_err(internal);
        }
        // Parking drops the work in the middle: what it started ends with it, what it found is found again.
        let output = tokio::select! {
            output = work => output?,
            () = self.run.park_token().cancelled() => return Err(Error::Parked),
        };
        self.check()?;
        if keep(&output) {
            let value = serde_json::to_value(&output).map_err(internal)?;
            self.run.store().put_step(id, name, &key, &value)?;
        }
        Ok(output)
    }
}
