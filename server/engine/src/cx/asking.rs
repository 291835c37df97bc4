//! Asks models on a run's account: the steps of the router become events, text comes in pieces that a person can follow.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use models::{Answer, Ask, Delta, Finish, Money, Step};
use tokio::time::{Instant, sleep_until};

use crate::agents::conversation::{self, Conversation};
use crate::agents::prompt::Prompt;
use crate::cx::Cx;
use crate::error::Error;
use crate::event::Event;

/// Streamed text is shown in pieces of so many tokens, or after so long, whichever is first: fewer flood the log, more
/// look stuck.
const TOKENS_PER_EVENT: u32 = 5;
const PAUSE: Duration = Duration::from_millis(100);

/// The longest reply that is taken, its thinking included.
const MAX_REPLY_BYTES: usize = 4 * 1024 * 1024;

/// A whole reply.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) text: String,
    /// It ended at a limit of tokens, after so many, and not by itself.
    pub(crate) cut_at: Option<u64>,
}

impl Cx {
    /// Asks a model and gives the whole reply. `restart`: what was said is void, another model begins anew; `each`: a piece of
    /// the reply.
    ///
    /// # Errors
    /// [`Error::Model`], [`Error::Cancelled`].
    pub(crate) async fn ask_model(
        &self,
        talk: &Conversation,
        mut restart: impl FnMut(&str) -> Result<(), Error> + Send,
        mut each: impl FnMut(&str) + Send,
    ) -> Result<Reply, Error> {
        let mut steps = self.workspace.router().stream(self.ask_of(talk), self.cancel());
        let (mut reply, mut n_bytes, mut outlet) = (Reply::default(), 0, Outlet::default());
        loop {
            let step = tokio::select! {
                step = steps.next() => step,
                () = until(outlet.due) => {
                    outlet.flush(self)?;
                    continue;
                }
            };
            let Some(step) = step else { break };
            match step {
                Ok(Step::Asked { model }) => {
                    outlet.flush(self)?;
                    reply = Reply::default();
                    n_bytes = 0;
                    restart(&model.to_string())?;
                }
                Ok(Step::Delta(Delta::Text(text) | Delta::Thinking(text)))
                    if MAX_REPLY_BYTES < n_bytes + text.len() =>
                {
                    return Err(Error::ReplyTooLong { limit: MAX_REPLY_BYTES });
                }
                Ok(Step::Delta(Delta::Text(text))) => {
                    n_bytes += text.len();
                    reply.text.push_str(&text);
                    each(&text);
                    outlet.add(self, Kind::Text, &text)?;
                }
                Ok(Step::Delta(Delta::Thinking(text))) => {
                    n_bytes += text.len();
                    outlet.add(self, Kind::Thinking, &text)?;
                }
                Ok(Step::Delta(Delta::Call(_) | Delta::Done(_))) => {}
                Ok(Step::Done(answer)) => {
                    outlet.flush(self)?;
                    let done = &answer.done;
                    reply.cut_at = (done.finish == Finish::Length).then_some(done.usage.output);
                    self.emit(reply_event(&talk.prompt, &answer))?;
                }
                Ok(step) => self.tell(&step)?,
                Err(models::Error::Cancelled) => return Err(Error::Cancelled),
                Err(error) => {
                    outlet.flush(self)?;
                    self.emit_usage()?;
                    return Err(error.into());
                }
            }
        }
        self.emit_usage()?;
        Ok(reply)
    }

    pub(super) fn ask_of(&self, talk: &Conversation) -> Ask {
        let messages = conversation::compact(&talk.messages);
        Ask {
            named: self.request().model.clone(),
            run: Some(self.run.id().0.clone()),
            shrink: Some(Arc::new(conversation::shrink)),
            ..Ask::of(models::Request::of(messages), talk.tier)
        }
    }

    /// What a person should know of the way to the answer.
    pub(super) fn tell(&self, step: &Step) -> Result<(), Error> {
        match step {
            Step::Loads { model } => {
                self.notice(format!("`{model}` is being loaded by its server"))
            }
            Step::Failed { model, error } => {
                self.notice(format!("`{model}` has not answered: {error}"))
            }
            Step::Waits { model, pause } => {
                let seconds = pause.as_secs_f64();
                self.notice(format!("waiting {seconds:.1} s for `{model}`"))
            }
            Step::Shrunk => self.notice(
                "the conversation was too long for every model; what was said before is shortened",
            ),
            Step::Low(standing) => {
                let how = if standing.limit <= standing.spent { "nothing" } else { "little" };
                let key = standing.key();
                self.notice(format!("{how} is left of a budget: {standing} are spent (`{key}`)"))
            }
            Step::Asked { .. } | Step::Delta(_) | Step::Done(_) => Ok(()),
        }
    }

    /// Has the model loaded that will be asked, while something else is going on. Where that fails, asking it will say why.
    pub(crate) async fn preload(&self) {
        let named = self.request().model.clone();
        if let Err(error) = self.workspace.router().preload(named.as_ref()).await {
            tracing::debug!(%error, "the model is not loaded ahead");
        }
    }

    /// Says what the models of this run have cost so far.
    pub(crate) fn emit_usage(&self) -> Result<(), Error> {
        let rows = self.workspace.calls().costs_of_run(&self.run.id().0)?;
        let sum = |of: fn(&store::CostRow) -> u64| rows.iter().map(of).sum::<u64>();
        let unpriced = sum(|it| it.unpriced);
        self.emit(Event::Usage {
            tokens_in: sum(|it| it.tokens_in),
            tokens_out: sum(|it| it.tokens_out),
            calls: sum(|it| it.calls),
            usd: (unpriced == 0).then(|| dollars(Money(sum(|it| it.micro_usd)))),
        })
    }
}

pub(super) fn reply_event(prompt: &Prompt, answer: &Answer) -> Event {
    let usage = answer.done.usage;
    Event::Reply {
        agent: prompt.name.to_owned(),
        prompt: prompt.hash.short(),
        model: answer.model.to_string(),
        tokens_in: usage.input,
        cached: usage.cached,
        tokens_out: usage.output,
        first_token_seconds: answer.first.as_secs_f64(),
        seconds: answer.wall.as_secs_f64(),
        tokens_per_second: answer.tokens_per_second(),
        usd: answer.money.map(dollars),
    }
}

pub(super) fn dollars(money: Money) -> f64 {
    money.0 as f64 / 1e6
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => pending().await,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Thinking,
}

/// Collects small pieces into larger ones.
#[derive(Default)]
struct Outlet {
    kind: Option<Kind>,
    text: String,
    n_tokens: u32,
    /// When what is there must be shown.
    due: Option<Instant>,
}

impl Outlet {
    fn add(&mut self, cx: &Cx, kind: Kind, piece: &str) -> Result<(), Error> {
        if self.kind.is_some_and(|it| it != kind) {
            self.flush(cx)?;
        }
        self.kind = Some(kind);
        self.text.push_str(piece);
        self.n_tokens += 1;
        self.due.get_or_insert_with(|| Instant::now() + PAUSE);
        if self.n_tokens < TOKENS_PER_EVENT { Ok(()) } else { self.flush(cx) }
    }

    fn flush(&mut self, cx: &Cx) -> Result<(), Error> {
        let Outlet { kind, text, .. } = std::mem::take(self);
        match kind {
            Some(Kind::Text) => cx.emit(Event::Text { text }),
            Some(Kind::Thinking) => cx.emit(Event::Thinking { text }),
            None => Ok(()),
        }
    }
}
