//! Brings a run's events to the client: progress while it works, the proposal when it asks, a message when it ends.
//!
//! It reads the run's log by cursor and answers its question; nothing of the run depends on it.

use std::future::Future;
use std::pin::Pin;

use engine::{Answer, Event, Question, QuestionKind, Run, Stage, StageState};
use futures::FutureExt;
use futures::future::{Fuse, FusedFuture};
use tower_lsp::gen_lsp_types::MessageType;

use crate::outcome::{self, Ending};
use crate::progress::Progress;
use crate::session::{Opened, Session};
use crate::{preview, review};

#[cfg(test)]
mod tests;

/// The model's text is reported each time that so many more bytes have come.
const TEXT_STEP_BYTES: usize = 2_048;

/// What is being asked, until it is answered here or elsewhere.
type Dialogue<'a> = Fuse<Pin<Box<dyn Future<Output = (Question, Option<Answer>)> + Send + 'a>>>;

/// Follows `run` from event number `from` to its end.
pub(crate) async fn follow(session: &Session, opened: &Opened, run: &Run, from: u64) {
    let is_declared = session.features().progress;
    let mut progress = Progress::new(&session.client, is_declared, run.id(), title(run));
    progress.begin().await;
    let mut cursor = from;
    let mut written = Written::default();
    let mut dialogue: Dialogue<'_> = Fuse::terminated();
    let mut outcome = None;
    loop {
        let event = tokio::select! {
            event = run.next(&mut cursor) => event,
            (question, answer) = &mut dialogue, if !dialogue.is_terminated() => {
                match answer {
                    Some(answer) => give(run, &question, answer),
                    // Nothing goes on until somebody decides, which may be tomorrow.
                    None => progress.end("waits for your decision").await,
                }
                continue;
            }
        };
        let Some(event) = event else { break };
        match event {
            Event::Ask { question } => dialogue = ask(session, opened, run, question),
            Event::Answered { .. } => dialogue = Fuse::terminated(),
            Event::Applied { .. } => opened.editor.confirmed(run.id()),
            Event::Text { text } => {
                if let Some(message) = written.add(&text) {
                    progress.tick(&message).await;
                }
            }
            Event::Notice { message } => session.log(MessageType::Info, &message).await,
            // A resumed run goes on after the end of its first part.
            Event::Finished { outcome: how } => outcome = Some(how),
            event => {
                if let Event::Stage { stage: Stage::Generate, state: StageState::Running, .. } =
                    event
                {
                    written = Written::default();
                }
                if let Some(message) = message(&event) {
                    progress.report(&message).await;
                }
            }
        }
    }
    drop(dialogue);
    opened.editor.confirmed(run.id());
    preview::remove(opened, run).await;
    let Ending { short, message } = outcome::describe(outcome.as_ref(), run.proposal().as_ref());
    progress.end(&short).await;
    if let Some((kind, message)) = message {
        session.say(kind, &message).await;
    }
}

/// Lets the user decide: in the preview of the edit where the client has one, else in a dialogue.
fn ask<'a>(
    session: &'a Session,
    opened: &'a Opened,
    run: &'a Run,
    question: Question,
) -> Dialogue<'a> {
    // An old question of a log that is being replayed.
    let is_open = run.pending().is_some_and(|pending| pending.id == question.id);
    if is_open && question.kind == QuestionKind::Choice {
        let dialogue = async move {
            let answer = review::choose(session, run, &question).await;
            (question, answer)
        };
        return (Box::pin(dialogue) as Pin<Box<dyn Future<Output = _> + Send + 'a>>).fuse();
    }
    if is_open && question.kind == QuestionKind::Plan {
        let dialogue = async move {
            let answer = review::plan(session, run, &question).await;
            (question, answer)
        };
        return (Box::pin(dialogue) as Pin<Box<dyn Future<Output = _> + Send + 'a>>).fuse();
    }
    let (QuestionKind::Review, true, Some(proposal)) = (question.kind, is_open, run.proposal())
    else {
        return Fuse::terminated();
    };
    if opened.editor.can_confirm(proposal.patch()) {
        // What the user then does not take is not in the text that the client reports, and only that counts.
        opened.editor.confirm(run.id(), &proposal);
        give(run, &question, Answer::Confirm);
        return Fuse::terminated();
    }
    let dialogue = async move {
        let answer = review::ask(session, opened, run, &proposal).await;
        (question, answer)
    };
    (Box::pin(dialogue) as Pin<Box<dyn Future<Output = _> + Send + 'a>>).fuse()
}

fn give(run: &Run, question: &Question, answer: Answer) {
    // Somebody else was quicker: then theirs is the answer.
    if let Err(error) = run.answer(&question.id, answer) {
        tracing::info!(run = %run.id(), %error, "answer not taken");
    }
}

/// What the progress is called.
fn title(run: &Run) -> String {
    let request = run.request();
    let said = request.text.lines().next().unwrap_or_default().trim();
    let about = match &request.diagnostic {
        Some(diagnostic) if said.is_empty() => {
            diagnostic.message.lines().next().unwrap_or_default()
        }
        _ => said,
    };
    let about: String = about.chars().take(60).collect();
    if about.is_empty() {
        format!("Baton: {}", request.workflow)
    } else {
        format!("Baton: {}: {about}", request.workflow)
    }
}

/// An event in the words of a status line; `None` for what is too small or shown otherwise.
fn message(event: &Event) -> Option<String> {
    match event {
        Event::Resumed => Some("resumed".into()),
        Event::Stage { stage, state: StageState::Running, attempt, note } => {
            let attempt =
                if 1 < *attempt { format!(" (attempt {attempt})") } else { String::new() };
            let note = if note.is_empty() { String::new() } else { format!(": {note}") };
            Some(format!("{}{attempt}{note}", stage.as_str()))
        }
        Event::Stage { stage, state: StageState::Failed, note, .. } => {
            Some(format!("{} failed: {note}", stage.as_str()))
        }
        Event::Progress { done, total, message } => Some(match total {
            Some(total) => format!("{message} {done}/{total}"),
            None => message.clone(),
        }),
        Event::Item { number, note, .. } => Some(format!("item {number}: {note}")),
        Event::Task { id, state, note, .. } => {
            Some(format!("task {id} {}: {note}", format!("{state:?}").to_lowercase()))
        }
        Event::InTask { task, what } => Some(format!("[{task}] {}", message(what)?)),
        Event::Debate { turn } => Some(turn.to_string()),
        Event::Refused { attempt, defect } => {
            Some(format!("attempt {attempt} refused: {}", defect.summary))
        }
        Event::BestAttempt { attempt } => {
            let (number, why) = (attempt.number, &attempt.defect.summary);
            Some(format!("attempt {number} came furthest, and is not applied: {why}"))
        }
        _ => None,
    }
}

/// How much of its answer the model has written.
#[derive(Default)]
struct Written {
    n_bytes: usize,
    reported: usize,
}

impl Written {
    /// What to report, if enough has come since the last time.
    fn add(&mut self, text: &str) -> Option<String> {
        self.n_bytes += text.len();
        if self.n_bytes < self.reported + TEXT_STEP_BYTES {
            return None;
        }
        self.reported = self.n_bytes;
        Some(format!("writing, {} KiB", self.n_bytes / 1024))
    }
}
