//! One call of a model: what is written down of it when it ends, however it ends, and what it finds out about the model.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{FutureExt, StreamExt, TryStreamExt, stream::BoxStream};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{Answer, Shared};
use crate::{
    Amount, Delta, Done, Error, ModelName, Money, Planned, Prices, Request, Settled, Standing,
    Ticket, Usage, gate::Pass,
};

/// The answer of a model that its server loads first; how long that takes is remembered.
pub(super) fn loaded(
    shared: Arc<Shared>,
    name: ModelName,
    request: Request,
    cancel: CancellationToken,
) -> BoxStream<'static, Result<Delta, Error>> {
    let opened = async move {
        let started = Instant::now();
        shared.models.prepare(&name, &request).await?;
        shared.loads().insert(name.clone(), started.elapsed());
        Ok::<_, Error>(shared.models.stream(&name, request, &cancel))
    };
    opened.into_stream().try_flatten().boxed()
}

/// A call under way. Dropped before its end, it is settled with what is known.
pub(super) struct Open {
    pub(super) answer: BoxStream<'static, Result<Delta, Error>>,
    pub(super) shared: Arc<Shared>,
    pub(super) planned: Planned,
    /// Absent once it is settled.
    pub(super) ticket: Option<Ticket>,
    pub(super) price: Option<Prices>,
    /// Nobody was asked who is paid for it.
    pub(super) is_free: bool,
    pub(super) input: u64,
    pub(super) probe: Probe,
    pub(super) _pass: Option<Pass>,
    pub(super) started: Instant,
    pub(super) first: Option<Duration>,
    pub(super) n_pieces: u64,
    pub(super) n_bytes: usize,
    /// What a refusal has taken.
    pub(super) refused: Option<Usage>,
}

impl Open {
    pub(super) fn say(&mut self, delta: &Delta) {
        if self.first.is_none() {
            self.first = Some(self.started.elapsed());
            // It answers, so the next request need not wait for the end; only the end is a success.
            self.probe.end();
        }
        self.n_pieces += 1;
        self.n_bytes += match delta {
            Delta::Text(text) | Delta::Thinking(text) => text.len(),
            Delta::Call(call) => call.arguments.len(),
            Delta::Done(_) => 0,
        };
    }

    pub(super) fn end(mut self, done: Done) -> (Answer, Vec<Standing>) {
        self.probe.end();
        self.is_free |= done.kept;
        // Of its server an answer that was kept from before says nothing.
        if !done.kept {
            self.shared.well(&self.planned.model, self.started);
        }
        let wall = self.started.elapsed();
        let answer = Answer {
            model: self.planned.model.clone(),
            money: self.money(&done.usage),
            first: self.first.unwrap_or(wall),
            wall,
            done,
        };
        let low = self.write("ok", answer.done.usage);
        (answer, low)
    }

    /// Ends it without an answer. `was_read`: the server may have read the request, and may have it paid for.
    pub(super) fn settle(mut self, outcome: &str, was_read: bool) -> Vec<Standing> {
        let usage = self.usage_so_far(was_read);
        self.write(outcome, usage)
    }

    fn usage_so_far(&self, was_read: bool) -> Usage {
        if let Some(refused) = self.refused {
            return refused;
        }
        // A piece is a token at least, and a token about four bytes.
        let (input, output) = (self.input, self.n_pieces.max(self.n_bytes.div_ceil(4) as u64));
        match was_read || self.first.is_some() {
            true => Usage { input, output, estimated: true, ..Usage::default() },
            false => Usage::default(),
        }
    }

    fn money(&self, usage: &Usage) -> Option<Money> {
        if self.is_free { Some(Money(0)) } else { self.price.map(|it| it.of(usage)) }
    }

    fn write(&mut self, outcome: &str, usage: Usage) -> Vec<Standing> {
        let Some(ticket) = self.ticket.take() else { return Vec::new() };
        let millis = |it: Duration| u64::try_from(it.as_millis()).unwrap_or(u64::MAX);
        let usage = if self.is_free { Usage::default() } else { usage };
        let money = self.money(&usage);
        let end = Settled {
            outcome: outcome.to_owned(),
            usage,
            money,
            first_ms: self.first.map(millis),
            wall_ms: millis(self.started.elapsed()),
        };
        let amount = Amount {
            tokens: usage.input.saturating_add(usage.output),
            money: money.unwrap_or_default(),
        };
        match self.shared.ledger.settle(ticket, &self.planned, &end) {
            Ok(spent) => self.shared.limits.warnings(&spent, amount),
            Err(error) => {
                // It stays written down with its worst case.
                tracing::warn!(error, "the end of a call cannot be written down");
                Vec::new()
            }
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let usage = self.usage_so_far(true);
        self.write("cancelled", usage);
    }
}

/// A request that finds out whether a model answers again. Dropped before it knows, it lets the next one find out.
pub(super) struct Probe {
    pub(super) shared: Arc<Shared>,
    pub(super) model: ModelName,
    /// The model is cooling for all others.
    pub(super) is_one: bool,
    pub(super) is_over: bool,
}

impl Probe {
    /// The next one may find out too.
    fn end(&mut self) {
        if self.is_one && !self.is_over {
            self.is_over = true;
            self.shared.probe_over(&self.model, Timestamp::now());
        }
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.end();
    }
}
