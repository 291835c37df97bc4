//! Asks the first model of a chain that can answer, and the next when it does not: nothing said twice, nothing spent that a
//! budget forbids, nobody asked who cools down.
//!
//! Who can be asked is decided in `choose`, what a failure means in `health`, what may be spent in `budget`.

mod call;
mod choose;
mod course;
mod shaped;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::course::Course;
pub use self::{
    choose::{Candidate, Fit, Healths, Member, candidates},
    shaped::Shaped,
};
use crate::{
    BudgetLimits, Cassette, Config, Cooldown, Delta, Done, Error, Health, Kind, Ledger, ModelName,
    Models, Money, Registry, Request, Residence, Retry, Standing, Tier, Tiers, config::Resolved,
    gate::Gate, tokens::Ruler,
};

/// So long may it take to load another model in place of the one in memory.
const USUAL_SWAP: Duration = Duration::from_secs(2);

/// Shortens a request that is too long: called with it and with the tokens that the largest model holds.
pub type Shrink = Arc<dyn Fn(&Request, u64) -> Option<Request> + Send + Sync>;

/// What is to be asked, and on whose account.
#[derive(Clone)]
pub struct Ask {
    /// The question.
    pub request: Request,
    /// For which class of models.
    pub tier: Tier,
    /// The model that the user wants, whatever the tier.
    pub named: Option<ModelName>,
    /// The run that pays.
    pub run: Option<String>,
    /// What to do with a request that no model has room for.
    pub shrink: Option<Shrink>,
}

impl Ask {
    /// A question on nobody's account.
    pub fn of(request: Request, tier: Tier) -> Ask {
        Ask { request, tier, named: None, run: None, shrink: None }
    }
}

/// What happens while a question is answered. The last step is `Done`; otherwise the stream ends with an error.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// This model is asked. Deltas that came before are void.
    Asked {
        /// Which.
        model: ModelName,
    },
    /// More of its answer; never [`Delta::Done`].
    Delta(Delta),
    /// Its server has to load it first.
    Loads {
        /// Which.
        model: ModelName,
    },
    /// It has not answered, and the question is not given up.
    Failed {
        /// Which.
        model: ModelName,
        /// Why.
        error: Error,
    },
    /// All that could answer cool down.
    Waits {
        /// Who is free first.
        model: ModelName,
        /// In how long.
        pause: Duration,
    },
    /// The request was too long for all models, and was shortened.
    Shrunk,
    /// Little is left of a limit.
    Low(Standing),
    /// The end.
    Done(Answer),
}

/// A whole answer, but its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Who gave it.
    pub model: ModelName,
    /// How it ended and what it took.
    pub done: Done,
    /// What it has cost, where that is known.
    pub money: Option<Money>,
    /// From the question to the model until its first token.
    pub first: Duration,
    /// From the question to the model until the end.
    pub wall: Duration,
}

impl Answer {
    /// Tokens of the answer in a second, from the first one on.
    pub fn tokens_per_second(&self) -> f64 {
        let seconds = (self.wall - self.first).as_secs_f64();
        self.done.usage.output as f64 / seconds.max(1e-3)
    }
}

/// All models, and what is known of how they do. Cheap to clone.
#[derive(Clone)]
pub struct Router {
    shared: Arc<Shared>,
}

struct Shared {
    models: Models,
    registry: Registry,
    tiers: Tiers,
    limits: BudgetLimits,
    cooldown: Cooldown,
    retry: Retry,
    gates: BTreeMap<String, Gate>,
    /// Providers that load models on demand.
    hosts: BTreeMap<String, Host>,
    /// Guards whole values: how long models took to load.
    loads: Mutex<BTreeMap<ModelName, Duration>>,
    ledger: Arc<dyn Ledger>,
    /// Guards whole values: a panic elsewhere leaves a map behind.
    healths: Mutex<Healths>,
    /// Guards whole values: when each model and provider has failed last, in this process.
    failed_at: Mutex<HashMap<String, Instant>>,
    /// Guards whole values: what counts tokens, as a file of a vocabulary takes long to read.
    rulers: Mutex<HashMap<String, Arc<Ruler>>>,
    /// Answers come from a tape: nothing is spent, and nothing is learned of servers.
    is_replay: bool,
    /// Tells those who wait that a health has changed.
    changed: watch::Sender<()>,
}

/// A server that loads models on demand.
struct Host {
    /// Bytes on its graphics cards, if known.
    vram_bytes: Option<u64>,
    /// Another model is asked before one that takes longer to load.
    swap: Duration,
}

impl Host {
    fn of(settings: &Resolved) -> Option<(String, Host)> {
        let host = Host {
            vram_bytes: settings.vram_mb.map(|it| it.saturating_mul(1 << 20)),
            swap: settings.swap_ms.map_or(USUAL_SWAP, Duration::from_millis),
        };
        (settings.kind == Kind::Ollama).then(|| (settings.name.clone(), host))
    }
}

impl Router {
    /// Nothing is connected. What `ledger` knows of models that have failed before is read.
    ///
    /// # Errors
    /// [`Error::Config`]: a table is malformed. [`Error::Ledger`]: what was written down cannot be read.
    pub fn new(config: &Config, ledger: Arc<dyn Ledger>) -> Result<Router, Error> {
        let providers = Resolved::all(config)?;
        let gate = |it: &Resolved| (it.name.clone(), Gate::new(it));
        let is_replay = matches!(config.cassette, Some(Cassette::Replay(_)));
        let asked = if is_replay { &[][..] } else { &providers[..] };
        let written = ledger.healths().map_err(|reason| Error::Ledger { reason })?;
        let now = Timestamp::now();
        let remembered =
            |(name, it): (String, Health)| Some((name, it.remembered(now, &config.cooldown)?));
        let shared = Shared {
            models: Models::from_config(config)?,
            registry: Registry::new(&config.models, &providers)?,
            tiers: config.tiers.clone(),
            limits: if is_replay { BudgetLimits::default() } else { config.budget },
            cooldown: config.cooldown.clone(),
            retry: config.retry.clone(),
            gates: asked.iter().map(gate).collect(),
            hosts: asked.iter().filter_map(Host::of).collect(),
            loads: Mutex::default(),
            ledger,
            healths: Mutex::new(match is_replay {
                true => Healths::new(),
                false => written.into_iter().filter_map(remembered).collect(),
            }),
            failed_at: Mutex::default(),
            rulers: Mutex::default(),
            is_replay,
            changed: watch::Sender::new(()),
        };
        Ok(Router { shared: Arc::new(shared) })
    }

    /// The models by name, without any of this.
    pub fn models(&self) -> &Models {
        &self.shared.models
    }

    /// What is known of models.
    pub fn registry(&self) -> &Registry {
        &self.shared.registry
    }

    /// The models that are asked, in order. `named`: the one that the user wants, whatever the tier.
    ///
    /// # Errors
    /// [`Error::NoModel`]: nobody has chosen any.
    pub fn chain(&self, tier: Tier, named: Option<&ModelName>) -> Result<Vec<ModelName>, Error> {
        let chain = self.shared.tiers.chain(tier, named, self.shared.models.default_model());
        if chain.is_empty() { Err(Error::NoModel) } else { Ok(chain) }
    }

    /// How models and providers do that have failed lately.
    pub fn healths(&self) -> Healths {
        self.shared.healths().clone()
    }

    /// Has the model loaded that would be asked first, where it is known which and where its server loads on demand.
    ///
    /// # Errors
    /// Those of a call.
    pub async fn preload(&self, named: Option<&ModelName>) -> Result<(), Error> {
        let is_known = named.is_some() || self.shared.tiers.is_empty();
        let chain = self.chain(Tier::Quality, named)?;
        let Some(first) = chain.first().filter(|_| is_known) else { return Ok(()) };
        if !self.shared.hosts.contains_key(&first.provider) {
            return Ok(());
        }
        let residents = self.models().residents(&first.provider).await?;
        let residence = Residence { residents, ..Residence::default() };
        if residence.has(&first.model) {
            return Ok(());
        }
        let started = Instant::now();
        self.models().prepare(first, &Request::default()).await?;
        self.shared.loads().insert(first.clone(), started.elapsed());
        Ok(())
    }

    /// Asks. Nothing is sent before the first poll. Dropping the stream, or cancelling `cancel` while it is polled, closes
    /// the connection at once; after the latter comes [`Error::Cancelled`].
    pub fn stream(
        &self,
        ask: Ask,
        cancel: &CancellationToken,
    ) -> BoxStream<'static, Result<Step, Error>> {
        let course = match Course::new(Arc::clone(&self.shared), ask, cancel) {
            Ok(course) => course,
            Err(error) => return stream::once(async { Err(error) }).boxed(),
        };
        stream::unfold(Some((course, cancel.clone())), |state| async move {
            let (mut course, cancel) = state?;
            let step = tokio::select! {
                biased;
                () = cancel.cancelled() => Err(Error::Cancelled),
                step = course.next() => step,
            };
            let goes_on = matches!(&step, Ok(it) if !matches!(it, Step::Done(_)));
            Some((step, goes_on.then_some((course, cancel))))
        })
        .boxed()
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").field("models", &self.shared.models).finish_non_exhaustive()
    }
}

impl Shared {
    fn healths(&self) -> MutexGuard<'_, Healths> {
        self.healths.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is known of a model or a provider, and writes it down.
    fn set_health(&self, name: &str, change: impl FnOnce(Option<Health>) -> Option<Health>) {
        if self.is_replay {
            return;
        }
        let mut healths = self.healths();
        let before = healths.get(name).copied();
        let after = change(before);
        if before == after {
            return;
        }
        match after {
            Some(health) => healths.insert(name.to_owned(), health),
            None => healths.remove(name),
        };
        self.changed.send_replace(());
        // Under the lock, so that what is written last is what was so last.
        if let Err(error) = self.ledger.set_health(name, after.as_ref()) {
            tracing::warn!(name, error, "how a model does cannot be written down");
        }
    }

    fn loads(&self) -> MutexGuard<'_, BTreeMap<ModelName, Duration>> {
        self.loads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ruler(&self, name: Option<&str>) -> Arc<Ruler> {
        let mut rulers = self.rulers.lock().unwrap_or_else(PoisonError::into_inner);
        let ruler = rulers.entry(name.unwrap_or_default().to_owned());
        Arc::clone(ruler.or_insert_with(|| Arc::new(Ruler::named(name))))
    }

    /// It has answered, and so has its provider; if one has failed since the call began, that is the newer word.
    fn well(&self, model: &ModelName, began: Instant) {
        for name in [model.to_string(), model.provider.clone()] {
            if !self.has_failed_since(&name, began) {
                self.set_health(&name, |_| None);
            }
        }
    }

    fn has_failed_since(&self, name: &str, began: Instant) -> bool {
        let failed = self.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get(name).is_some_and(|it| began <= *it)
    }

    /// It has failed; what lies with the provider counts for all its models.
    fn failed(&self, model: &ModelName, error: &Error, began: Instant) {
        let now = Timestamp::now();
        let class = crate::Class::of(error);
        let name = match error.is_about_provider() {
            true => model.provider.clone(),
            false => model.to_string(),
        };
        let wait = error.retry_after();
        // Calls that were under way together fail together: that is one failure.
        let is_same = self.has_failed_since(&name, began);
        self.set_health(&name, |before| {
            let before = before.map(|it| if is_same { it.without_last() } else { it });
            let after = Health::after(before, class, wait, now, &self.cooldown);
            let waited_for = before.filter(|it| !it.is_probed).map_or(now, |it| it.until);
            Some(Health { until: after.until.max(waited_for), ..after })
        });
        self.failed_at.lock().unwrap_or_else(PoisonError::into_inner).insert(name, Instant::now());
        self.probe_over(model, now);
    }

    /// Whoever found out whether it answers again has found out, or has given up.
    fn probe_over(&self, model: &ModelName, now: Timestamp) {
        for name in [model.to_string(), model.provider.clone()] {
            self.set_health(&name, |it| it.map(|it| it.probe_over(now)));
        }
    }
}

#[cfg(test)]
mod tests;
