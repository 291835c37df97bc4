//! One question, from its first model to its last step.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use futures::StreamExt;
use jiff::Timestamp;
use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    Ask, Candidate, Fit, Healths, Member, Shared, Step,
    call::{Open, Probe, loaded},
    candidates,
};
use crate::{
    Amount, Class, Delta, Done, Error, Finish, Message, ModelName, Money, Next, Phase, Planned,
    Residence, Site,
    budget::{Call, LEAST_ANSWER},
    json,
    reply::MOST_TOKENS,
    retry::max_attempts,
};

/// So long may a server take to say what it has in memory.
const LOOK: Duration = Duration::from_secs(2);

/// Where nothing is known of a model, its answers are taken to be no longer than this.
const USUAL_OUTPUT: u64 = 8_192;

/// For limits by the minute; few answers are longer, and nobody knows before.
const USUAL_ANSWER: u64 = 2_048;

/// Other vocabularies need some more tokens for the same text, and every message has a frame.
const MARGIN: f64 = 1.2;
const FRAME_TOKENS: u64 = 16;

/// A question and how far it has come.
pub(super) struct Course {
    shared: Arc<Shared>,
    ask: Ask,
    cancel: CancellationToken,
    /// Those that may still be asked.
    chain: Vec<Member>,
    /// Those of them that do not only stand in for others.
    wanted: Vec<ModelName>,
    queue: VecDeque<Step>,
    call: Option<Open>,
    /// How often models have failed at this question.
    failures: BTreeMap<ModelName, u32>,
    /// Why the last one did not answer.
    last: Option<Error>,
    /// Those that have said that the request is too long for them.
    too_small: Vec<Member>,
    is_shrunk: bool,
    /// What servers that load on demand have in memory, of those that were asked; absent for one that has not said.
    residences: BTreeMap<String, Option<Residence>>,
    /// How long to wait before anybody is asked.
    rest: Option<Rest>,
    waited: Duration,
    /// Who was said to be waited for.
    awaited: Option<(ModelName, Timestamp)>,
}

/// How long to wait, or until somebody's health changes.
struct Rest {
    pause: Duration,
    changes: watch::Receiver<()>,
}

impl Course {
    pub(super) fn new(
        shared: Arc<Shared>,
        ask: Ask,
        cancel: &CancellationToken,
    ) -> Result<Course, Error> {
        let (named, default) = (ask.named.as_ref(), shared.models.default_model());
        let chain = shared.tiers.chain(ask.tier, named, default);
        let wanted = shared.tiers.wanted(ask.tier, named, default).into_iter().cloned().collect();
        if chain.is_empty() {
            return Err(Error::NoModel);
        }
        let member = |name: ModelName| {
            let facts = shared.registry.facts(&name);
            Member { name, facts, input: 0 }
        };
        let mut course = Course {
            chain: chain.into_iter().map(member).collect(),
            wanted,
            shared,
            ask,
            cancel: cancel.clone(),
            queue: VecDeque::new(),
            call: None,
            failures: BTreeMap::new(),
            last: None,
            too_small: Vec::new(),
            is_shrunk: false,
            residences: BTreeMap::new(),
            rest: None,
            waited: Duration::ZERO,
            awaited: None,
        };
        course.measure();
        Ok(course)
    }

    /// The next step. It may be dropped at any point where it waits.
    pub(super) async fn next(&mut self) -> Result<Step, Error> {
        loop {
            if let Some(step) = self.queue.pop_front() {
                return Ok(step);
            }
            let Some(call) = &mut self.call else {
                self.begin().await?;
                continue;
            };
            match call.answer.next().await {
                Some(Ok(Delta::Done(done))) => self.end(done)?,
                Some(Ok(delta)) => {
                    call.say(&delta);
                    return Ok(Step::Delta(delta));
                }
                Some(Err(error)) => self.fail(error)?,
                None => {
                    let site = Arc::new(site(&call.planned.model));
                    let reason = "it ended without an end".to_owned();
                    self.fail(Error::Cut { site, reason })?;
                }
            }
        }
    }

    /// Counts the request by each model's ruler.
    fn measure(&mut self) {
        let mut known: BTreeMap<Option<String>, u64> = BTreeMap::new();
        let request = &self.ask.request;
        for member in &mut self.chain {
            let tokens = *known.entry(member.facts.tokenizer.clone()).or_insert_with(|| {
                let ruler = self.shared.ruler(member.facts.tokenizer.as_deref());
                let said = request.messages.iter().map(|it| {
                    let calls = it.calls.iter().map(|it| ruler.count(&it.arguments) + FRAME_TOKENS);
                    ruler.count(&it.content) + FRAME_TOKENS + calls.sum::<u64>()
                });
                let tools = request.tools.iter().map(|it| {
                    ruler.count(&it.description) + ruler.count(&it.parameters.to_string())
                });
                let schema = request.schema.iter().map(|it| ruler.count(&it.schema.to_string()));
                said.chain(tools).chain(schema).sum()
            });
            member.input = (tokens as f64 * MARGIN) as u64;
        }
    }

    /// Asks whoever can be asked, or says that it waits until somebody can.
    async fn begin(&mut self) -> Result<(), Error> {
        if let Some(mut rest) = self.rest.take() {
            let started = Instant::now();
            // Whichever is first; that nothing changes any more does not happen while somebody could ask.
            let _ = timeout(rest.pause, rest.changes.changed()).await;
            self.waited += started.elapsed();
        }
        let changes = self.shared.changed.subscribe();
        if let Some(provider) = self.unseen_host() {
            self.arrange(provider).await;
        }
        let now = Timestamp::now();
        let chosen = self.choose(now);
        let Some(chosen) = chosen else { return Err(self.last_error()) };
        match chosen.fit {
            Fit::Ready | Fit::Probe => self.ask(chosen.at, chosen.fit == Fit::Probe).await,
            Fit::Cooling { until, class, is_probed } => {
                let pause = Duration::try_from(until.duration_since(now)).unwrap_or_default();
                let model = self.chain[chosen.at].name.clone();
                let most = Duration::from_millis(self.shared.retry.max_wait_ms);
                let left = most.saturating_sub(self.waited);
                if left.is_zero() || (left < pause && !is_probed) {
                    let seconds = pause.as_secs() + 1;
                    return Err(self.waited_enough(Error::Cooling { model, seconds, why: class }));
                }
                self.wait(model, until, Rest { pause: pause.min(left), changes });
                Ok(())
            }
            Fit::TooSmall(_) => self.shrink(),
            Fit::NoTools => Err(self.last_error()),
        }
    }

    fn first(&self, healths: &Healths, now: Timestamp) -> Option<Candidate> {
        let has_tools = !self.ask.request.tools.is_empty();
        candidates(&self.chain, has_tools, healths, now).into_iter().next()
    }

    /// The first of all; if it is to be probed, by this question alone.
    fn choose(&self, now: Timestamp) -> Option<Candidate> {
        // Under one lock, so that nobody else finds out about the same model.
        let mut healths = self.shared.healths();
        let first = self.first(&healths, now);
        if let Some(found) = first.filter(|it| it.fit == Fit::Probe) {
            let name = &self.chain[found.at].name;
            for key in [name.to_string(), name.provider.clone()] {
                if let Some(health) = healths.get_mut(&key) {
                    *health = health.probed(now, &self.shared.cooldown);
                }
            }
        }
        first
    }

    /// The provider that would be asked now, if it loads models on demand and has not said yet what it has in memory.
    fn unseen_host(&self) -> Option<String> {
        let first = self.first(&self.shared.healths(), Timestamp::now())?;
        let provider = &self.chain[first.at].name.provider;
        let is_asked = matches!(first.fit, Fit::Ready | Fit::Probe);
        let is_new =
            self.shared.hosts.contains_key(provider) && !self.residences.contains_key(provider);
        (is_asked && is_new).then(|| provider.clone())
    }

    /// Asks a server that loads on demand what it has in memory, and puts before its others the model that need not be
    /// loaded. A server that does not say is asked as the chain stands.
    async fn arrange(&mut self, provider: String) {
        let Some(host) = self.shared.hosts.get(&provider) else { return };
        let residents = timeout(LOOK, self.shared.models.residents(&provider)).await;
        let residence = residents.ok().and_then(Result::ok).map(|residents| {
            let loads = self.shared.loads().clone();
            Residence { residents, loads, vram_bytes: host.vram_bytes }
        });
        if let Some(residence) = &residence {
            // One that only stands in does not go before one that was wanted.
            let is_wanted =
                |it: &Member| it.name.provider == provider && self.wanted.contains(&it.name);
            let places: Vec<usize> =
                (0..self.chain.len()).filter(|at| is_wanted(&self.chain[*at])).collect();
            let names: Vec<&ModelName> = places.iter().map(|at| &self.chain[*at].name).collect();
            if let Some(first) = places.first() {
                let chosen = places[residence.choose(&names, host.swap)];
                self.chain[*first..=chosen].rotate_right(1);
            }
        }
        self.residences.insert(provider, residence);
    }

    /// Whether the model's server has to load it first.
    fn must_load(&self, name: &ModelName) -> bool {
        let residence = self.residences.get(&name.provider).and_then(Option::as_ref);
        residence.is_some_and(|it| !it.has(&name.model))
    }

    async fn ask(&mut self, at: usize, is_probe: bool) -> Result<(), Error> {
        let Member { name, facts, input } = self.chain[at].clone();
        let shared = Arc::clone(&self.shared);
        let probe = Probe { shared, model: name.clone(), is_one: is_probe, is_over: false };
        let wanted = self.ask.request.max_tokens.map(u64::from).or(facts.output_tokens);
        // An answer has the room that the request leaves of the context.
        // The request was measured rather too long: where little seems to be left, the server decides.
        let room = facts
            .context_tokens
            .map_or(MOST_TOKENS, |it| it.saturating_sub(input).max(LEAST_ANSWER));
        let wanted = wanted.unwrap_or(USUAL_OUTPUT).min(room).min(MOST_TOKENS);
        let pass = match self.shared.gates.get(&name.provider) {
            Some(gate) => Some(gate.enter(input.saturating_add(wanted.min(USUAL_ANSWER))).await),
            None => None,
        };
        // While it waited for its turn, another request may have found out that the model does not answer.
        if !is_probe && self.is_cooling(at) {
            return Ok(());
        }
        let planned = Planned::now(self.ask.run.clone(), name.clone());
        let (limits, price) = (self.shared.limits, facts.price);
        let (mut most, is_free) = (wanted, self.shared.is_replay);
        let call = Call { model: &name, input, output: wanted, price: price.as_ref() };
        let reserved = self
            .shared
            .ledger
            .reserve(&planned, &mut |spent| {
                most = limits.answer_within(spent, &call)?;
                if is_free {
                    return Ok(Amount::default());
                }
                let money = price.map_or(Money(0), |it| it.worst(input, most));
                Ok(Amount { tokens: input.saturating_add(most), money })
            })
            .map_err(|reason| Error::Ledger { reason })?;
        let ticket = match reserved {
            Ok(ticket) => ticket,
            // Another may be cheaper, or have a price.
            Err(error) => return self.give_up_on(&name, Error::Budget(error)),
        };
        let mut request = self.ask.request.clone();
        if !limits.is_empty() {
            // What was reserved is kept to.
            request.cap = Some(u32::try_from(most).unwrap_or(u32::MAX));
        }
        if facts.schema == Some(false)
            && let Some(schema) = request.schema.take()
        {
            request.messages.push(Message::user(json::in_words(&schema)));
        }
        self.queue.push_back(Step::Asked { model: name.clone() });
        let answer = match self.must_load(&name) {
            true => {
                self.queue.push_back(Step::Loads { model: name.clone() });
                loaded(Arc::clone(&self.shared), name, request, self.cancel.clone())
            }
            false => self.shared.models.stream(&name, request, &self.cancel),
        };
        self.call = Some(Open {
            answer,
            shared: Arc::clone(&self.shared),
            planned,
            ticket: Some(ticket),
            price,
            is_free,
            input,
            probe,
            _pass: pass,
            started: Instant::now(),
            first: None,
            n_pieces: 0,
            n_bytes: 0,
            refused: None,
        });
        Ok(())
    }

    fn is_cooling(&self, at: usize) -> bool {
        let (healths, now) = (self.shared.healths(), Timestamp::now());
        let found = candidates(&self.chain[at..=at], false, &healths, now);
        found.first().is_some_and(|it| matches!(it.fit, Fit::Cooling { .. }))
    }

    /// Everybody cools down, and whoever asked has waited long enough.
    fn waited_enough(&mut self, cooling: Error) -> Error {
        match self.last.take() {
            Some(error) if self.chain.len() == 1 => error,
            _ => cooling,
        }
    }

    /// Everybody cools down: waits for the first one. Whoever listens hears of it before the pause, and once.
    fn wait(&mut self, model: ModelName, until: Timestamp, rest: Rest) {
        let awaited = Some((model.clone(), until));
        if self.awaited != awaited {
            self.queue.push_back(Step::Waits { model, pause: rest.pause });
            self.awaited = awaited;
        }
        self.rest = Some(rest);
    }

    /// Nobody has room for the request: once, whoever asks may shorten it.
    fn shrink(&mut self) -> Result<(), Error> {
        let most = self.chain.iter().filter_map(|it| it.facts.context_tokens).max().unwrap_or(0);
        let shorter = match &self.ask.shrink {
            Some(shrink) if !self.is_shrunk => shrink(&self.ask.request, most),
            _ => None,
        };
        let Some(request) = shorter else { return Err(self.last_error()) };
        self.is_shrunk = true;
        self.ask.request = request;
        self.chain.append(&mut self.too_small);
        self.measure();
        self.queue.push_back(Step::Shrunk);
        Ok(())
    }

    fn last_error(&mut self) -> Error {
        if let Some(error) = self.last.take() {
            return error;
        }
        let Some(member) = self.chain.first() else { return Error::NoModel };
        let site = Arc::new(site(&member.name));
        match member.facts.context_tokens {
            Some(context) if context <= member.input => {
                let input = member.input;
                let reason = format!("about {input} tokens, and its context has {context}");
                Error::ContextOverflow { site, reason }
            }
            _ => {
                let reason = "it calls no tools".to_owned();
                let hint = "choose a model that does".to_owned();
                Error::BadRequest { site, status: 0, reason, hint }
            }
        }
    }

    /// A model that this question is not put to any more.
    fn give_up_on(&mut self, model: &ModelName, error: Error) -> Result<(), Error> {
        self.chain.retain(|it| it.name != *model);
        if self.chain.is_empty() && self.too_small.is_empty() {
            return Err(error);
        }
        self.last = Some(error.clone());
        self.queue.push_back(Step::Failed { model: model.clone(), error });
        if self.chain.is_empty() { self.shrink() } else { Ok(()) }
    }

    /// The model that was asked has not answered.
    fn fail(&mut self, error: Error) -> Result<(), Error> {
        let Some(call) = self.call.take() else { return Err(error) };
        let class = Class::of(&error);
        let (model, started) = (call.planned.model.clone(), call.started);
        // A server that refuses has read nothing that it asks money for.
        let is_late = matches!(error, Error::Timeout { phase: Phase::FirstByte | Phase::Idle, .. });
        let low =
            call.settle(error.kind(), is_late || matches!(class, Class::Cut | Class::Malformed));
        self.queue.extend(low.into_iter().map(Step::Low));
        let failures = self.failures.entry(model.clone()).or_default();
        *failures += 1;
        let is_spent = max_attempts(&error, &self.shared.retry) <= *failures;
        match class.next() {
            // Of a call that was tried again elsewhere, a tape has the answer only.
            Next::Stop if matches!(error, Error::Replay { .. }) && self.shared.is_replay => {}
            Next::Stop => return Err(error),
            Next::Retry if *failures == 1 && !is_spent => {}
            Next::Retry | Next::FailOver => self.shared.failed(&model, &error, started),
            Next::PassOn => {}
            Next::Shrink => {
                // What is known of its context is wrong, or the ruler is.
                let small = self.chain.extract_if(.., |it| it.name == model);
                self.too_small.extend(small);
            }
        }
        tracing::debug!(%model, kind = error.kind(), %error, "the model has not answered");
        if is_spent {
            return self.give_up_on(&model, error);
        }
        self.last = Some(error.clone());
        self.queue.push_back(Step::Failed { model, error });
        if self.chain.is_empty() { self.shrink() } else { Ok(()) }
    }

    /// The model that was asked has answered.
    fn end(&mut self, done: Done) -> Result<(), Error> {
        let refused = self.call.as_mut().filter(|_| done.finish == Finish::Refused);
        if let Some(call) = refused {
            call.refused = Some(done.usage);
            call.is_free |= done.kept;
            let site = Arc::new(site(&call.planned.model));
            return self.fail(Error::Refused { site });
        }
        let Some(call) = self.call.take() else { return Ok(()) };
        let (answer, low) = call.end(done);
        self.queue.extend(low.into_iter().map(Step::Low));
        self.queue.push_back(Step::Done(answer));
        Ok(())
    }
}

fn site(model: &ModelName) -> Site {
    let ModelName { provider, model } = model.clone();
    Site { provider, model, url: String::new() }
}
