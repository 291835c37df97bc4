//! What routing costs and what memory a long answer takes, as lines of JSON, for `cargo xtask bench router`:
//! `cargo run --release -p models --example router -- <what>` with
//!
//! - `chain <requests>`: asks a chain of three models, of which the first fails 30 % of the time: 429, 500, or it hangs;
//! - `cancel`: how long it takes until the server sees the connection close;
//! - `decide`: how long it takes to decide who is asked;
//! - `memory <megabytes>`: the memory that an answer of that length takes while it is streamed and thrown away.
//!
//! The servers run in this process, on sockets of their own; for `memory` in another one.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a program for other programs")]

use std::{
    collections::HashMap,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use fixture::{Random, Scripted, ScriptedModel};
use futures::StreamExt;
use jiff::Timestamp;
use models::{
    Ask, Class, Config, Delta, Fit, Health, Healths, Ledger, Member, MemoryLedger, Message,
    ModelFacts, ModelName, ProviderConfig, Request, Router, Step, Tier, candidates,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Asked at one time.
const AT_ONCE: usize = 8;

/// How long a good answer takes.
const ANSWER_MS: u64 = 5;

/// A server that hangs is given up after this.
const FIRST_BYTE_MS: u64 = 250;

#[tokio::main]
async fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let figures = match args.as_slice() {
        ["chain", requests] => chain(requests.parse()?).await?,
        ["cancel"] => cancel().await?,
        ["decide"] => decide()?,
        ["memory", megabytes] => memory(megabytes.parse::<usize>()? << 20).await?,
        ["serve", bytes] => return serve(bytes.parse()?).await,
        _ => return Err("usage: router chain <requests> | decide | memory <megabytes>".into()),
    };
    println!("{figures}");
    Ok(())
}

/// When each request reached the first model, and whether it was failed.
type Seen = Arc<Mutex<Vec<(Timestamp, bool)>>>;

async fn chain(n_requests: usize) -> Outcome<Value> {
    let seen = Seen::default();
    let (record, mut random) = (Arc::clone(&seen), Random::new(11));
    let first = ScriptedModel::start_with(Box::new(move |_| {
        let fails = random.below(100) < 30;
        if let Ok(mut seen) = record.lock() {
            seen.push((Timestamp::now(), fails));
        }
        match (fails, random.below(3)) {
            (false, _) => good(),
            (true, 0) => Scripted::refusal(429, "slow down"),
            (true, 1) => Scripted::refusal(500, "oops"),
            (true, _) => Scripted::Stall,
        }
    }))
    .await;
    let others = [
        ScriptedModel::start_with(Box::new(|_| good())).await,
        ScriptedModel::start_with(Box::new(|_| good())).await,
    ];
    let mut config = Config::new(|_| None);
    config.keyring = false;
    config.timeouts.first_byte_ms = FIRST_BYTE_MS;
    config.cooldown.first_ms = 20;
    config.cooldown.probe_ms = 10_000;
    for (name, server) in [("first", &first), ("second", &others[0]), ("third", &others[1])] {
        config.providers.push(ProviderConfig::open_ai(name, &server.base_url()));
        config.tiers.balanced.push(format!("{name}/m").parse()?);
    }
    let ledger = Arc::new(Watched::default());
    let router = Router::new(&config, Arc::clone(&ledger) as Arc<dyn Ledger>)?;
    let (n_begun, added) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let failed = AtomicUsize::new(0);
    let worker = async || {
        while n_begun.fetch_add(1, Ordering::Relaxed) < n_requests {
            let started = Instant::now();
            match ask(&router).await {
                Some(own) => {
                    if let Ok(mut added) = added.lock() {
                        added.push((started.elapsed().saturating_sub(own)).as_secs_f64() * 1e3);
                    }
                }
                None => {
                    failed.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    };
    let started = Instant::now();
    futures::future::join_all((0..AT_ONCE).map(|_| worker())).await;
    let wall = started.elapsed();
    let mut added = added.into_inner().unwrap_or_default();
    added.sort_by(f64::total_cmp);
    let seen = seen.lock().map(|it| it.clone()).unwrap_or_default();
    Ok(json!({
        "requests": n_requests, "failed": failed.into_inner(), "first_asked": seen.len(),
        "first_failed": seen.iter().filter(|(_, fails)| *fails).count(),
        "others_asked": others.iter().map(|it| it.calls().len()).sum::<usize>(),
        "sent_to_cooling": ledger.sent_to_cooling.load(Ordering::Relaxed),
        "added_p50_ms": at(&added, 0.5), "added_p99_ms": at(&added, 0.99), "added_most_ms": at(&added, 1.0),
        "wall_s": wall.as_secs_f64(),
    }))
}

fn good() -> Scripted {
    Scripted::SlowStart { text: "the answer".to_owned(), delay_ms: ANSWER_MS }
}

/// How long the model that answered took by itself; none if nobody did.
async fn ask(router: &Router) -> Option<Duration> {
    let ask = Ask::of(Request::of(vec![Message::user("a question")]), Tier::Balanced);
    let mut steps = router.stream(ask, &CancellationToken::new());
    let mut text = String::new();
    let mut own = None;
    while let Some(step) = steps.next().await {
        match step {
            Ok(Step::Asked { .. }) => text.clear(),
            Ok(Step::Delta(Delta::Text(piece))) => text.push_str(&piece),
            Ok(Step::Done(answer)) => own = Some(answer.wall),
            Ok(_) => {}
            Err(_) => return None,
        }
    }
    own.filter(|_| text == "the answer")
}

/// Answers without an end, cancelled after some pieces: 25 for each wire format.
async fn cancel() -> Outcome<Value> {
    let mut millis = Vec::new();
    for idx in 0..100 {
        let server = ScriptedModel::start_with(Box::new(|_| Scripted::Endless)).await;
        let provider = match idx % 4 {
            0 => ProviderConfig::anthropic("p", &server.ollama_url()),
            1 => ProviderConfig::gemini("p", &server.gemini_url()),
            2 => ProviderConfig::ollama("p", &server.ollama_url()),
            _ => ProviderConfig::open_ai("p", &server.base_url()),
        };
        let mut config = Config::new(|_| None);
        config.keyring = false;
        config.default = Some("p/m".parse()?);
        config.providers = vec![provider];
        let router = Router::new(&config, Arc::<MemoryLedger>::default())?;
        let (cancel, question) = (CancellationToken::new(), Message::user("a question"));
        let ask = Ask::of(Request::of(vec![question]), Tier::Balanced);
        let mut steps = router.stream(ask, &cancel);
        for _ in 0..50 {
            steps.next().await.ok_or("it ended")??;
        }
        let started = Instant::now();
        cancel.cancel();
        while steps.next().await.is_some() {}
        // With the router go connections that wait for the next question.
        drop((steps, router));
        server.all_closed().await;
        millis.push(started.elapsed().as_secs_f64() * 1e3);
    }
    millis.sort_by(f64::total_cmp);
    Ok(json!({"p50_ms": at(&millis, 0.5), "most_ms": at(&millis, 1.0)}))
}

/// A record that looks, at each call, whether its model was to be left alone. It draws its own conclusions: a model is well
/// again when a call has ended well that began after the one that failed, whatever the router thinks.
#[derive(Default)]
struct Watched {
    inner: MemoryLedger,
    /// Guards whole values, by model and by provider.
    failed: Mutex<HashMap<String, Failed>>,
    sent_to_cooling: AtomicUsize,
}

/// The last failure.
struct Failed {
    /// When the call began.
    began: Timestamp,
    /// Before this moment nobody is to be sent there.
    until: Timestamp,
}

impl Watched {
    fn failed(&self) -> MutexGuard<'_, HashMap<String, Failed>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn names(model: &ModelName) -> [String; 2] {
    [model.to_string(), model.provider.clone()]
}

impl Ledger for Watched {
    fn reserve(
        &self,
        call: &models::Planned,
        decide: models::Decide<'_>,
    ) -> Result<Result<models::Ticket, models::BudgetError>, String> {
        let is_cooling =
            |name: &String| self.failed().get(name).is_some_and(|it| call.at < it.until);
        if names(&call.model).iter().any(is_cooling) {
            self.sent_to_cooling.fetch_add(1, Ordering::Relaxed);
        }
        self.inner.reserve(call, decide)
    }

    fn settle(
        &self,
        ticket: models::Ticket,
        call: &models::Planned,
        end: &models::Settled,
    ) -> Result<models::Spent, String> {
        for name in names(&call.model) {
            let mut failed = self.failed();
            match end.outcome.as_str() {
                "ok" if failed.get(&name).is_some_and(|it| it.began <= call.at) => {
                    failed.remove(&name);
                }
                "ok" => {}
                // Until when it is left alone is said next.
                _ => {
                    let until = failed.get(&name).map_or(call.at, |it| it.until);
                    failed.insert(name, Failed { began: call.at, until });
                }
            }
        }
        self.inner.settle(ticket, call, end)
    }

    fn healths(&self) -> Result<Vec<(String, Health)>, String> {
        self.inner.healths()
    }

    fn set_health(&self, name: &str, health: Option<&Health>) -> Result<(), String> {
        if let (Some(health), Some(failed)) = (health, self.failed().get_mut(name)) {
            failed.until = failed.until.max(health.until);
        }
        self.inner.set_health(name, health)
    }
}

/// Ten models, of which half cool down; the best case would be an empty map.
fn decide() -> Outcome<Value> {
    let now = Timestamp::now();
    let mut chain = Vec::new();
    let mut healths = Healths::new();
    for idx in 0..10 {
        let name: ModelName = format!("provider{idx}/some-model-{idx}").parse()?;
        if idx % 2 == 0 {
            let until = now + jiff::SignedDuration::from_secs(60 + idx);
            let health = Health { failures: 3, class: Class::RateLimit, until, is_probed: false };
            healths.insert(name.to_string(), health);
        }
        let facts = ModelFacts { context_tokens: Some(128_000), ..ModelFacts::default() };
        chain.push(Member { name, facts, input: 4_000 });
    }
    let mut micros = Vec::with_capacity(100_000);
    for _ in 0..100_000 {
        let started = Instant::now();
        let order = candidates(std::hint::black_box(&chain), false, &healths, now);
        micros.push(started.elapsed().as_secs_f64() * 1e6);
        if order.first().map(|it| it.fit) != Some(Fit::Ready) {
            return Err("nobody is ready".into());
        }
    }
    micros.sort_by(f64::total_cmp);
    Ok(json!({
        "models": chain.len(), "decisions": micros.len(), "p50_us": at(&micros, 0.5), "p99_us": at(&micros, 0.99),
    }))
}

/// A server in a process of its own, whose memory is not counted here. Ends with its standard input.
async fn serve(bytes: usize) -> Outcome<()> {
    let server = ScriptedModel::start_with(Box::new(move |_| Scripted::Long { bytes })).await;
    println!("{}", server.base_url());
    let mut line = String::new();
    tokio::task::spawn_blocking(move || std::io::stdin().read_line(&mut line)).await??;
    Ok(())
}

async fn memory(bytes: usize) -> Outcome<Value> {
    use std::io::BufRead;
    let mut server = Command::new(std::env::current_exe()?)
        .args(["serve", &bytes.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut url = String::new();
    let output = server.stdout.take().ok_or("the server has no output")?;
    std::io::BufReader::new(output).read_line(&mut url)?;
    let mut config = Config::new(|_| None);
    config.keyring = false;
    config.default = Some("long/m".parse()?);
    config.providers = vec![ProviderConfig::open_ai("long", url.trim())];
    let router = Router::new(&config, Arc::<MemoryLedger>::default())?;
    let ask = || Ask::of(Request::of(vec![Message::user("a question")]), Tier::Balanced);
    // Idle: a client, a connection and the table of tokens are there, as in a program that has asked before.
    let mut steps = router.stream(ask(), &CancellationToken::new());
    for _ in 0..3 {
        steps.next().await;
    }
    drop(steps);
    let idle = resident()?;
    let (mut n_bytes, mut most) = (0, 0);
    let mut steps = router.stream(ask(), &CancellationToken::new());
    while let Some(step) = steps.next().await {
        if let Step::Delta(Delta::Text(text)) = step? {
            n_bytes += text.len();
            if n_bytes % (1 << 20) < text.len() {
                most = most.max(resident()?);
            }
        }
    }
    // Its standard input closes with it.
    server.kill()?;
    server.wait()?;
    Ok(json!({
        "bytes": n_bytes, "idle_bytes": idle, "most_bytes": most, "above_bytes": most.saturating_sub(idle),
    }))
}

/// Bytes of memory that this process has now. Source: Linux, proc(5), `/proc/self/status`.
fn resident() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<u64>()? * 1024)
}

fn at(sorted: &[f64], share: f64) -> f64 {
    let idx = (sorted.len() as f64 * share) as usize;
    sorted.get(idx.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}
