//! What a workflow works with: the workspace, its run, durable steps and models. It decides nothing.

mod asking;
mod shaped;

use std::future::Future;
use std::sync::Arc;

use base::{ContentHash, FileChange, Patch, rebase};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;
use vfs::Snapshot;

use crate::error::Error;
use crate::event::{Event, Stage, StageState};
use crate::request::Request;
use crate::run::Run;
use crate::workspace::Workspace;

pub(crate) use shaped::Told;

/// The context of one run, or of a part of it.
#[derive(Clone)]
pub(crate) struct Cx {
    pub(crate) workspace: Workspace,
    pub(crate) run: Arc<Run>,
    part: Part,
}

/// Which part of a run.
#[derive(Clone, Default)]
struct Part {
    /// Stands in front of the names of steps, so that two parts never take each other's.
    path: String,
    /// The task of a plan; its events are told as such.
    task: Option<String>,
    /// The part whose plan the task is of.
    plan: String,
    /// What is built and not yet in the files: everything that looks at the text sees it there.
    draft: Arc<Patch>,
}

impl Cx {
    pub(crate) fn new(workspace: Workspace, run: Arc<Run>) -> Cx {
        Cx { workspace, run, part: Part::default() }
    }

    /// A part whose steps are its own.
    pub(crate) fn part(&self, name: &str) -> Cx {
        let path = format!("{}{name}/", self.part.path);
        Cx { part: Part { path, ..self.part.clone() }, ..self.clone() }
    }

    /// Tells apart questions of this part and of others; empty for the run itself.
    pub(crate) fn mark(&self) -> String {
        match self.part.path.as_str() {
            "" => String::new(),
            path => format!("{}-", ContentHash::of(path.as_bytes()).short()),
        }
    }

    /// A task of a plan, over what is built already.
    pub(crate) fn task(&self, id: &str, draft: Patch) -> Cx {
        let Cx { part, .. } = self.part(&format!("task {id}"));
        let (task, draft) = (Some(id.to_owned()), Arc::new(draft));
        let plan = self.part.path.clone();
        Cx { part: Part { task, plan, draft, ..part }, ..self.clone() }
    }

    /// The task of a plan that this is; empty for the run itself.
    pub(crate) fn task_id(&self) -> &str {
        self.part.task.as_deref().unwrap_or_default()
    }

    /// What belongs together: the part whose plan this is a task of, else the part itself.
    pub(crate) fn plan_part(&self) -> &str {
        if self.is_task() { &self.part.plan } else { &self.part.path }
    }

    /// Whether this is a task of a plan.
    pub(crate) fn is_task(&self) -> bool {
        self.part.task.is_some()
    }

    /// The same over what is built already.
    pub(crate) fn over(&self, draft: Patch) -> Cx {
        Cx { part: Part { draft: Arc::new(draft), ..self.part.clone() }, ..self.clone() }
    }

    /// What is built and not yet in the files.
    pub(crate) fn draft(&self) -> &Patch {
        &self.part.draft
    }

    /// The text as it is now: files, unsaved buffers over them, and what is built over that. Where the user has changed the same
    /// lines since, theirs stand.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let snap = self.workspace.vfs().snapshot();
        if self.part.draft.is_empty() {
            return snap;
        }
        let draft = rebase(&self.part.draft, &|path| snap.read(path).ok()).patch;
        let changes = || draft.changes().iter();
        let gone = changes().flat_map(|change| change.touched().cloned().collect::<Vec<_>>());
        let text = |change: &FileChange| Some((change.path().clone(), change.new_text()?.into()));
        snap.without(gone).over(changes().filter_map(text))
    }

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
        match &self.part.task {
            Some(task) => {
                self.run.emit(Event::InTask { task: task.clone(), what: Box::new(event) })
            }
            None => self.run.emit(event),
        }
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

    /// Records that something begins whose end cannot be recorded with it, and gives when it was begun before by processes that
    /// were killed before [`Cx::has_failed`] or the end.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) fn begins(
        &self,
        name: &str,
        input: &(impl Serialize + ?Sized),
    ) -> Result<Vec<Timestamp>, Error> {
        let internal = |e: serde_json::Error| Error::Internal(format!("intent `{name}`: {e}"));
        let key = ContentHash::of(&serde_json::to_vec(input).map_err(internal)?).hex();
        let (id, name) = (&self.run.id().0, format!("{}{name} begins", self.part.path));
        let before = self.run.store().step(id, &name, &key)?;
        let before: Option<Vec<Timestamp>> =
            before.map(serde_json::from_value).transpose().map_err(internal)?;
        let before = before.unwrap_or_default();
        let all: Vec<Timestamp> = before.iter().copied().chain([Timestamp::now()]).collect();
        let all = serde_json::to_value(all).map_err(internal)?;
        self.run.store().put_step(id, &name, &key, &all)?;
        Ok(before)
    }

    /// What had begun came to an end without a result: nothing of it is left behind.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) fn has_failed(
        &self,
        name: &str,
        input: &(impl Serialize + ?Sized),
    ) -> Result<(), Error> {
        let internal = |e: serde_json::Error| Error::Internal(format!("intent `{name}`: {e}"));
        let key = ContentHash::of(&serde_json::to_vec(input).map_err(internal)?).hex();
        let name = format!("{}{name} begins", self.part.path);
        self.run.store().put_step(&self.run.id().0, &name, &key, &serde_json::json!([]))?;
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
        let name = &format!("{}{name}", self.part.path);
        if let Some(output) = self.run.store().step(id, name, &key)? {
            return serde_json::from_value(output).map_err(internal);
        }
        // On the heap: stages lie in stages, and a thread's stack is small.
        let work = Box::pin(work);
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
