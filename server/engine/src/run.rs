//! One execution of a workflow: an append-only event log read by cursor, questions answered by id, cancellation.
//!
//! The only place where a task is started: whoever starts a run can await, cancel or park it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use store::{RunLock, RunState, Store};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::event::{Answer, Event, ItemEnd, ItemState, Outcome, Question, QuestionId};
use crate::request::Request;
use crate::stages::verify::{Proposal, evidence_line};

/// Names a run; sorts by age. People type a part of it.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct RunId(pub String);

impl RunId {
    pub(crate) fn new() -> RunId {
        RunId(uuid::Uuid::now_v7().simple().to_string())
    }

    /// The last eight characters: unlike the first ones, they differ between runs of the same minute.
    pub fn short(&self) -> &str {
        &self.0[self.0.len().saturating_sub(8)..]
    }
}

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A live run of this process.
pub struct Run {
    id: RunId,
    request: Request,
    store: Store,
    /// Cancelled by a person; ends every process that the run started.
    cancel: CancellationToken,
    /// Cancelled when the process shuts down; the run stops where it is and can be resumed.
    park: CancellationToken,
    /// Guards the log and what waits on it; never held across an await.
    inner: Mutex<Inner>,
    /// One question is open at a time; several tasks may have one.
    asking: Semaphore,
    /// Number of events, for readers that wait; and whether the log is complete for this process.
    progress: watch::Sender<Progress>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    events: u64,
    /// The task has ended: finished or parked.
    closed: bool,
}

struct Inner {
    events: Vec<Event>,
    /// Present while a question is open; taken by the first answer.
    waiting: Option<(Question, oneshot::Sender<Answer>)>,
    outcome: Option<Outcome>,
    /// Released when the task ends, so that another process can go on.
    lock: Option<RunLock>,
}

impl Run {
    pub(crate) fn new(
        id: RunId,
        request: Request,
        store: Store,
        lock: RunLock,
        park: CancellationToken,
        past: Vec<Event>,
    ) -> Arc<Run> {
        let progress = Progress { events: past.len() as u64, closed: false };
        Arc::new(Run {
            id,
            request,
            store,
            cancel: CancellationToken::new(),
            park,
            inner: Mutex::new(Inner {
                events: past,
                waiting: None,
                outcome: None,
                lock: Some(lock),
            }),
            asking: Semaphore::new(1),
            progress: watch::channel(progress).0,
        })
    }

    /// Its name.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// What was asked.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The next event at or after `cursor`, which moves past it. `None` once the run has finished or was parked and all
    /// of the log was read. Cancel-safe: nothing is lost when the future is dropped.
    pub async fn next(&self, cursor: &mut u64) -> Option<Event> {
        let mut progress = self.progress.subscribe();
        loop {
            if let Some(event) = self.inner().events.get(usize::try_from(*cursor).ok()?) {
                let event = event.clone();
                *cursor += 1;
                return Some(event);
            }
            if progress.borrow_and_update().closed {
                // Closed is set after the last event: look once more before saying so.
                if self.inner().events.len() as u64 > *cursor {
                    continue;
                }
                return None;
            }
            progress.changed().await.ok()?;
        }
    }

    /// The events so far, from number `from` on.
    pub fn events(&self, from: u64) -> Vec<Event> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        self.inner().events.get(from..).unwrap_or_default().to_vec()
    }

    /// The question that the run waits on, if any.
    pub fn pending(&self) -> Option<Question> {
        self.inner().waiting.as_ref().map(|(question, _)| question.clone())
    }

    /// The newest proposal, if there is one.
    pub fn proposal(&self) -> Option<Proposal> {
        last_proposal(&self.inner().events)
    }

    /// Answers an open question.
    ///
    /// # Errors
    /// [`Error::NotAsked`] if it is not open, [`Error::WrongAnswer`] if it asks for something else, [`Error::UnknownHunk`] if the answer names a hunk that is not proposed.
    pub fn answer(&self, id: &QuestionId, answer: Answer) -> Result<(), Error> {
        let mut inner = self.inner();
        let not_asked = || Error::NotAsked { run: self.id.clone(), question: id.0.clone() };
        let Some((question, _)) = inner.waiting.as_ref().filter(|(it, _)| it.id == *id) else {
            return Err(not_asked());
        };
        question.admits(&answer)?;
        if let Answer::Accept { hunks: Some(wanted), .. } = &answer {
            let known = last_proposal(&inner.events).map(|proposal| proposal.patch().hunks());
            let known = known.unwrap_or_default();
            if let Some(stray) = wanted.iter().find(|id| known.iter().all(|hunk| hunk.id != **id)) {
                return Err(Error::UnknownHunk(stray.as_str().to_owned()));
            }
        }
        let (_, sender) = inner.waiting.take().ok_or_else(not_asked)?;
        drop(inner);
        // The event is written by the run itself once it has taken the answer.
        sender.send(answer).map_err(|_| not_asked())
    }

    /// Ends the run and every process that it started. Nothing that was not yet accepted is applied; a run whose change is
    /// in the files by then ends as delivered.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Whether the run's task still works or waits.
    pub fn is_live(&self) -> bool {
        !self.progress.borrow().closed
    }

    /// Waits until the run has ended. `None`: it was parked and can be resumed.
    pub async fn finished(&self) -> Option<Outcome> {
        let mut progress = self.progress.subscribe();
        // An error means that the sender is gone, which cannot be while `self` is borrowed.
        let _ = progress.wait_for(|progress| progress.closed).await;
        self.inner().outcome.clone()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn cancel_token(&self) -> &CancellationToken {
        &self.cancel
    }

    pub(crate) fn park_token(&self) -> &CancellationToken {
        &self.park
    }

    /// Appends to the log: first durably, then for the readers of this process.
    pub(crate) fn emit(&self, event: Event) -> Result<(), Error> {
        self.append(event, |seq, body| self.store.append_event(&self.id.0, seq, body))
    }

    /// As [`Run::emit`], for an event that changes how the run stands: a killed process leaves both or neither.
    pub(crate) fn turn(
        &self,
        event: Event,
        state: RunState,
        summary: Option<&str>,
    ) -> Result<(), Error> {
        let at = jiff::Timestamp::now();
        self.append(event, |seq, body| {
            self.store.append_turn(&self.id.0, seq, body, state, summary, at)
        })
    }

    fn append(
        &self,
        event: Event,
        write: impl FnOnce(u64, &serde_json::Value) -> Result<(), store::Error>,
    ) -> Result<(), Error> {
        let body = serde_json::to_value(&event).map_err(|e| Error::Internal(e.to_string()))?;
        let mut inner = self.inner();
        write(inner.events.len() as u64, &body)?;
        inner.events.push(event);
        let events = inner.events.len() as u64;
        drop(inner);
        self.progress.send_modify(|progress| progress.events = events);
        Ok(())
    }

    /// Opens a question and waits for its answer, however long that takes.
    pub(crate) async fn ask(&self, question: Question) -> Result<Answer, Error> {
        let turn = tokio::select! {
            turn = self.asking.acquire() => turn,
            () = self.cancel.cancelled() => return Err(Error::Cancelled),
            () = self.park.cancelled() => return Err(Error::Parked),
        };
        // It is never closed.
        let _turn = turn.map_err(|_| Error::Parked)?;
        let (sender, receiver) = oneshot::channel();
        // Also where whoever asks is dropped: nobody waits for an answer then.
        let _open = Open(self);
        let id = question.id.clone();
        self.inner().waiting = Some((question.clone(), sender));
        self.turn(Event::Ask { question }, RunState::Waiting, None)?;
        let answer = tokio::select! {
            answer = receiver => answer.map_err(|_| Error::Cancelled),
            () = self.cancel.cancelled() => Err(Error::Cancelled),
            () = self.park.cancelled() => Err(Error::Parked),
        };
        let answer = answer?;
        self.turn(Event::Answered { id, answer: answer.clone() }, RunState::Running, None)?;
        Ok(answer)
    }

    /// Starts the run's task. A panic in it ends this run alone.
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that starts tasks: the run owns it"
    )]
    pub(crate) fn spawn<F>(self: &Arc<Run>, work: F)
    where
        F: Future<Output = Result<Outcome, Error>> + Send + 'static,
    {
        let run = self.clone();
        let work = tokio::spawn(work);
        tokio::spawn(async move {
            let result = work.await.unwrap_or_else(|e| {
                if e.is_panic() {
                    Err(Error::Internal(format!("a stage panicked: {}", panic_text(e))))
                } else {
                    Err(Error::Parked)
                }
            });
            run.close(result);
        });
    }

    fn close(&self, result: Result<Outcome, Error>) {
        let outcome = match result {
            Ok(outcome) => Some(outcome),
            Err(Error::Parked) => None,
            Err(Error::Cancelled) => {
                let events = &self.inner().events;
                let so_far = mission(events).or_else(|| delivered(events));
                Some(so_far.unwrap_or(Outcome::Cancelled))
            }
            Err(error) => Some(Outcome::Failed {
                failure: crate::event::Failure {
                    kind: error.kind(),
                    message: error.to_string(),
                    resumable: error.is_resumable(),
                },
            }),
        };
        if let Some(outcome) = &outcome {
            let (state, summary) = summarise(outcome);
            // The readers must learn of the end even where the disk is full: the store's word is best effort here.
            let finished = Event::Finished { outcome: outcome.clone() };
            if let Err(e) = self.turn(finished.clone(), state, Some(&summary)) {
                tracing::error!(run = %self.id, "could not record the end of the run: {e}");
                self.inner().events.push(finished);
            }
        }
        let mut inner = self.inner();
        inner.outcome = outcome;
        inner.lock = None;
        drop(inner);
        self.progress.send_modify(|progress| progress.closed = true);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes the question that is open when it is dropped.
struct Open<'a>(&'a Run);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.inner().waiting = None;
    }
}

pub(crate) fn last_proposal(events: &[Event]) -> Option<Proposal> {
    events.iter().rev().find_map(|event| match event {
        Event::Proposed { proposal } => Some(proposal.clone()),
        _ => None,
    })
}

/// What a run that is cancelled after its change had reached the files has delivered; `None` if nothing had.
fn delivered(events: &[Event]) -> Option<Outcome> {
    let (mut files, mut conflicts) = (Vec::new(), Vec::new());
    for event in events {
        if let Event::Applied { files: more, conflicts: others, .. } = event {
            files.extend(more.iter().cloned());
            conflicts.extend(others.iter().cloned());
        }
    }
    files.sort_unstable();
    files.dedup();
    let commit = events.iter().rev().find_map(|event| match event {
        Event::Committed { id, .. } => Some(id.clone()),
        _ => None,
    });
    (!files.is_empty()).then_some(Outcome::Delivered { files, commit, conflicts })
}

/// What a mission that is cancelled has done of its items; `None` where that is nothing, and for other runs.
fn mission(events: &[Event]) -> Option<Outcome> {
    let titles = events.iter().find_map(|event| match event {
        Event::Roadmap { items } => Some(items),
        _ => None,
    })?;
    let mut items: Vec<ItemEnd> =
        titles.iter().map(|title| ItemEnd::left_out(title, "cancelled")).collect();
    let mut files = Vec::new();
    let mut commit = None;
    for event in events {
        match event {
            Event::Item { state: ItemState::Running, .. } => {
                files.clear();
                commit = None;
            }
            Event::Applied { files: more, .. } => files.extend(more.iter().cloned()),
            Event::Committed { id, .. } => commit = Some(id.clone()),
            Event::Item { number, state, note } => {
                let idx = usize::try_from(number.saturating_sub(1)).ok();
                let Some(item) = idx.and_then(|idx| items.get_mut(idx)) else { continue };
                item.note.clone_from(note);
                item.is_done = *state == ItemState::Done;
                if item.is_done {
                    item.files = std::mem::take(&mut files);
                    item.commit = commit.take();
                }
            }
            _ => {}
        }
    }
    items.iter().any(|item| item.is_done).then_some(Outcome::Mission { items })
}

fn summarise(outcome: &Outcome) -> (RunState, String) {
    match outcome {
        Outcome::Delivered { files, commit, conflicts } => {
            let mut summary = format!("changed {}", plural(files.len(), "file"));
            if let Some(commit) = commit {
                summary.push_str(&format!(", commit {}", &commit[..commit.len().min(10)]));
            }
            if !conflicts.is_empty() {
                summary.push_str(&format!(", {}", plural(conflicts.len(), "conflict")));
            }
            (RunState::Succeeded, summary)
        }
        Outcome::Verified { evidence, defect } => {
            let how = match defect {
                Some(defect) => format!("refused: {}", defect.summary),
                None => evidence_line(evidence),
            };
            (RunState::Succeeded, how)
        }
        Outcome::Explained { .. } => (RunState::Succeeded, "answered".into()),
        Outcome::Reviewed { findings, .. } => {
            (RunState::Succeeded, plural(findings.len(), "finding"))
        }
        Outcome::Mission { items } => {
            let n_done = items.iter().filter(|item| item.is_done).count();
            let state = if n_done == 0 { RunState::Failed } else { RunState::Succeeded };
            (state, format!("{n_done} of {}", plural(items.len(), "item")))
        }
        Outcome::PlanRejected { why } => {
            let why = why.as_ref().map_or("by a person".to_owned(), ToString::to_string);
            (RunState::Rejected, format!("the plan was rejected: {why}"))
        }
        Outcome::NothingToDo { why } => (RunState::Succeeded, why.clone()),
        Outcome::Rejected => (RunState::Rejected, "rejected".into()),
        Outcome::Cancelled => (RunState::Cancelled, "cancelled".into()),
        Outcome::Failed { failure } => (RunState::Failed, failure.message.clone()),
    }
}

pub(crate) fn plural(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

fn panic_text(error: tokio::task::JoinError) -> String {
    let payload = error.into_panic();
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into())
}
