//! One question, from its first model to its last step.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use futures::StreamExt;
use jiff::Timestamp;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{
    Ask, Fit, Member, Shared, Step,
    call::{Open, Probe, loaded},
    candidates,
};
use crate::{
    Amount, Class, Delta, Done, Error, Finish, ModelName, Money, Next, Phase, Planned, Residence,
    Site, budget::Call, tokens::Ruler,
};

/// The same model is asked once more after an answer that broke off.
const RETRIES: u32 = 1;

/// Where nothing is known of a model, its answers are taken to be no longer than this.
const USUAL_OUTPUT: u64 = 8_192;

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
    queue: VecDeque<Step>,
    call: Option<Open>,
    /// How often a model's answer has broken off.
    retried: BTreeMap<ModelName, u32>,
    /// Why the last one did not answer.
    last: Option<Error>,
    /// Those that have said that the request is too long for them.
    too_small: Vec<Member>,
    is_shrunk: bool,
    /// What servers that load on demand have in memory; absent until they were asked.
    residences: Option<BTreeMap<String, Residence>>,
    /// How long to wait before anybody is asked.
    rest: Option<Duration>,
    n_waits: u32,
    waited: Duration,
}

impl Course {
    pub(super) fn new(
        shared: Arc<Shared>,
        ask: Ask,
        cancel: &CancellationToken,
    ) -> Result<Course, Error> {
        let chain = shared.tiers.chain(ask.tier, ask.named.as_ref(), shared.models.default_model());
        if chain.is_empty() {
            return Err(Error::NoModel);
        }
        let member = |name: ModelName| {
            let facts = shared.registry.facts(&name);
            Member { name, facts, input: 0 }
        };
        let mut course = Course {
            chain: chain.into_iter().map(member).collect(),
            shared,
            ask,
            cancel: cancel.clone(),
            queue: VecDeque::new(),
            call: None,
            retried: BTreeMap::new(),
            last: None,
            too_small: Vec::new(),
            is_shrunk: false,
            residences: None,
            rest: None,
            n_waits: 0,
            waited: Duration::ZERO,
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
                    call.say();
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
                let ruler = Ruler::named(member.facts.tokenizer.as_deref());
                let said =
                    request.messages.iter().map(|it| ruler.count(&it.content) + FRAME_TOKENS);
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
        if let Some(pause) = self.rest.take() {
            sleep(pause).await;
        }
        if self.residences.is_none() {
            self.arrange().await;
        }
        let now = Timestamp::now();
        let chosen = {
            let mut healths = self.shared.healths();
            let has_tools = !self.ask.request.tools.is_empty();
            let first = candidates(&self.chain, has_tools, &healths, now).into_iter().next();
            // Under the same lock, so that nobody else finds out about the same model.
            if let Some(found) = first.filter(|it| it.fit == Fit::Probe) {
                let name = &self.chain[found.at].name;
                for key in [name.to_string(), name.provider.clone()] {
                    if let Some(health) = healths.get_mut(&key) {
                        *health = health.probed(now, &self.shared.cooldown);
                    }
                }
            }
            first
        };
        let Some(chosen) = chosen else { return Err(self.last_error()) };
        match chosen.fit {
            Fit::Ready | Fit::Probe => self.ask(chosen.at, chosen.fit == Fit::Probe).await,
            Fit::Cooling { until, class } => self.wait(chosen.at, until, class, now),
            Fit::TooSmall(_) => self.shrink(),
            Fit::NoTools => Err(self.last_error()),
        }
    }

    /// Asks servers that load on demand what they have in memory, and puts before the others of a server the model that need
    /// not be loaded. A server that does not say is asked as it stands.
    async fn arrange(&mut self) {
        let mut all = BTreeMap::new();
        for (provider, host) in &self.shared.hosts {
            let places: Vec<usize> = (0..self.chain.len())
                .filter(|at| self.chain[*at].name.provider == *provider)
                .collect();
            let Some(first) = places.first() else { continue };
            let Ok(residents) = self.shared.models.residents(provider).await else { continue };
            let loads = self.shared.loads().clone();
            let residence = Residence { residents, loads, vram_bytes: host.vram_bytes };
            let wanted: Vec<&ModelName> = places.iter().map(|at| &self.chain[*at].name).collect();
            let chosen = places[residence.choose(&wanted, host.swap)];
            self.chain[*first..=chosen].rotate_right(1);
            all.insert(provider.clone(), residence);
        }
        self.residences = Some(all);
    }

    /// Whether the model's server has to load it first.
    fn must_load(&self, name: &ModelName) -> bool {
        let residence = self.residences.as_ref().and_then(|all| all.get(&name.provider));
        residence.is_some_and(|it| !it.has(&name.model))
    }

    async fn ask(&mut self, at: usize, is_probe: bool) -> Result<(), Error> {
        let Member { name, facts, input } = self.chain[at].clone();
        let shared = Arc::clone(&self.shared);
        let probe = Probe { shared, model: name.clone(), is_one: is_probe, is_over: false };
        let wanted = self.ask.request.max_tokens.map(u64::from).or(facts.output_tokens);
        let wanted = wanted.unwrap_or(USUAL_OUTPUT);
        let pass = match self.shared.gates.get(&name.provider) {
            Some(gate) => Some(gate.enter(input + wanted).await),
            None => None,
        };
        // While it waited for its turn, another request may have found out that the model does not answer.
        if !is_probe && self.is_cooling(at) {
            return Ok(());
        }
        let planned = Planned::now(self.ask.run.clone(), name.clone());
        let (limits, price) = (self.shared.limits, facts.price);
        let mut most = wanted;
        let call = Call { model: &name, input, output: wanted, price: price.as_ref() };
        let ticket = self
            .shared
            .ledger
            .reserve(&planned, &mut |spent| {
                most = limits.answer_within(spent, &call)?;
                let money = price.map_or(Money(0), |it| it.worst(input, most));
                Ok(Amount { tokens: input + most, money })
            })
            .map_err(|reason| Error::Ledger { reason })??;
        let mut request = self.ask.request.clone();
        if !limits.is_empty() {
            // What was reserved is kept to.
            request.max_tokens = Some(u32::try_from(most).unwrap_or(u32::MAX));
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
            input,
            probe,
            _pass: pass,
            started: Instant::now(),
            first: None,
            n_pieces: 0,
            refused: None,
        });
        Ok(())
    }

    fn is_cooling(&self, at: usize) -> bool {
        let (healths, now) = (self.shared.healths(), Timestamp::now());
        let found = candidates(&self.chain[at..=at], false, &healths, now);
        found.first().is_some_and(|it| matches!(it.fit, Fit::Cooling { .. }))
    }

    /// Everybody cools down: waits for the first one, if that is not for too long.
    fn wait(
        &mut self,
        at: usize,
        until: Timestamp,
        class: Class,
        now: Timestamp,
    ) -> Result<(), Error> {
        let pause = Duration::try_from(until.duration_since(now)).unwrap_or_default();
        let model = self.chain[at].name.clone();
        let most = Duration::from_millis(self.shared.retry.max_wait_ms);
        self.n_waits += 1;
        if self.shared.retry.attempts <= self.n_waits || most < self.waited + pause {
            return Err(match self.last.take() {
                Some(error) if self.chain.len() == 1 => error,
                _ => Error::Cooling { model, seconds: pause.as_secs() + 1, why: class },
            });
        }
        self.waited += pause;
        self.rest = Some(pause);
        // Whoever listens hears of it before the pause.
        self.queue.push_back(Step::Waits { model, pause });
        Ok(())
    }

    /// Nobody has room for the request: once, whoever asks may shorten it.
    fn shrink(&mut self) -> Result<(), Error> {
        let most = self.chain.iter().filter_map(|it| it.facts.context_tokens).max().unwrap_or(0);
        let shorter = match &mut self.ask.shrink {
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

    /// The model that was asked has not answered.
    fn fail(&mut self, error: Error) -> Result<(), Error> {
        let Some(call) = self.call.take() else { return Err(error) };
        let class = Class::of(&error);
        let model = call.planned.model.clone();
        // A server that refuses has read nothing that it asks money for.
        let is_late = matches!(error, Error::Timeout { phase: Phase::FirstByte | Phase::Idle, .. });
        call.settle(error.kind(), is_late || matches!(class, Class::Cut | Class::Malformed));
        let retries = self.retried.entry(model.clone()).or_default();
        let next = match class.next() {
            Next::Retry if *retries < RETRIES => {
                *retries += 1;
                Next::Retry
            }
            Next::Retry => Next::FailOver,
            next => next,
        };
        match next {
            Next::Stop => return Err(error),
            Next::Retry => {}
            Next::FailOver => self.shared.failed(&model, &error, Timestamp::now()),
            Next::PassOn => self.chain.retain(|it| it.name != model),
            Next::Shrink => {
                // What is known of its context is wrong, or the ruler is.
                let small = self.chain.extract_if(.., |it| it.name == model);
                self.too_small.extend(small);
            }
        }
        self.last = Some(error.clone());
        if self.chain.is_empty() && next != Next::Shrink {
            return Err(error);
        }
        tracing::warn!(%model, kind = error.kind(), %error, ?next, "the model has not answered");
        self.queue.push_back(Step::Failed { model, error });
        if self.chain.is_empty() { self.shrink() } else { Ok(()) }
    }

    /// The model that was asked has answered.
    fn end(&mut self, done: Done) -> Result<(), Error> {
        let is_alone = self.chain.len() == 1;
        let refused = self.call.as_mut().filter(|_| done.finish == Finish::Refused && !is_alone);
        if let Some(call) = refused {
            call.refused = Some(done.usage);
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
