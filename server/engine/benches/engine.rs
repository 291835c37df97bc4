//! Measures what the engine itself takes: `cargo bench -p engine --bench engine`.
//!
//! - *a call*: from one answer of a model to the next, without the time of the model: what is refused is recorded, remembered and told,
//!   code is searched, the prompt is rendered, the call is written down;
//! - *an event*: appended to the database and read by ten listeners, where a model streams as fast as it can;
//! - *eight runs*: how old a piece of a model's answer is when a listener has it, while eight runs work at once.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench prints what it has measured, may panic, and starts tasks"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use base::{AbsPathBuf, Tokens};
use engine::{CommitConfig, Config, Event, Request, Review, Run, SearchConfig, Workspace};
use fixture::{Fixture, Scripted, ScriptedModel, TempWorkspace};
use tempfile::TempDir;

/// Answers that are refused, one after the other.
const CALLS: u32 = 200;
/// Pieces of one answer, and those who read them.
const PIECES: usize = 4_000;
const LISTENERS: usize = 10;
/// Runs at once, and the answers of each.
const RUNS: usize = 8;
const CALLS_EACH: u32 = 25;
/// Files with a definition in each.
const FILES: usize = 300;

fn main() {
    // Two, whatever the machine has.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        calls().await;
        events().await;
        eight_runs().await;
    });
}

async fn calls() {
    let world = World::new(CALLS, Box::new(|_| Scripted::Text("I cannot.".into()))).await;
    let run = world.start();
    let (mut cursor, mut taken, mut last) = (0, Vec::new(), None);
    while let Some(event) = run.next(&mut cursor).await {
        if let Event::Reply { seconds, .. } = event {
            let now = Instant::now();
            if let Some(last) = last.replace(now) {
                let model = Duration::from_secs_f64(seconds);
                taken.push((now - last).saturating_sub(model));
            }
        }
    }
    say("a call, without its model", &mut taken, Duration::from_millis(3));
    world.workspace.shutdown().await;
}

async fn events() {
    let text = "word ".repeat(PIECES);
    let world = World::new(1, Box::new(move |_| Scripted::Text(text.clone()))).await;
    let run = world.start();
    let listeners = (0..LISTENERS).map(|_| {
        let run = run.clone();
        tokio::spawn(async move {
            let (mut cursor, mut first, mut last, mut n) = (0, None, Instant::now(), 0u32);
            while let Some(event) = run.next(&mut cursor).await {
                if let Event::Text { .. } = event {
                    last = Instant::now();
                    first.get_or_insert(last);
                    n += 1;
                }
            }
            (first.unwrap(), last, n)
        })
    });
    let mut spans = Vec::new();
    for listener in listeners.collect::<Vec<_>>() {
        spans.push(listener.await.unwrap());
    }
    let first = spans.iter().map(|it| it.0).min().unwrap();
    let last = spans.iter().map(|it| it.1).max().unwrap();
    let n = spans[0].2;
    println!("{n} pieces of text, until the last of {LISTENERS} listeners has the last one:");
    say("an event", &mut [(last - first) / n.max(1)], Duration::from_micros(200));
    world.workspace.shutdown().await;
}

async fn eight_runs() {
    let begun = Instant::now();
    // Each answer says when it was made.
    let reply =
        move |_: &serde_json::Value| Scripted::Text(format!("{}\n", begun.elapsed().as_micros()));
    let world = World::new(CALLS_EACH, Box::new(reply)).await;
    let runs = (0..RUNS).map(|_| world.start());
    let listeners: Vec<_> = runs
        .map(|run| {
            tokio::spawn(async move {
                let (mut cursor, mut ages) = (0, Vec::new());
                while let Some(event) = run.next(&mut cursor).await {
                    if let Event::Text { text } = event
                        && let Ok(made) = text.trim().parse::<u64>()
                    {
                        ages.push(begun.elapsed().saturating_sub(Duration::from_micros(made)));
                    }
                }
                ages
            })
        })
        .collect();
    let mut ages = Vec::new();
    for listener in listeners {
        ages.extend(listener.await.unwrap());
    }
    say("a piece of an answer, eight runs", &mut ages, Duration::from_millis(50));
    world.workspace.shutdown().await;
}

fn say(what: &str, taken: &mut [Duration], budget: Duration) {
    taken.sort_unstable();
    let at = |share: f64| {
        let idx = (taken.len() as f64 * share) as usize;
        taken.get(idx.min(taken.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    let (p50, p99) = (at(0.5), at(0.99));
    let kept = if p50 < budget { "kept" } else { "MISSED" };
    println!(
        "{what:34} n {:5}  p50 {:8.3} ms  p99 {:8.3} ms  budget of p50 {:6.3} ms: {kept}",
        taken.len(),
        p50.as_secs_f64() * 1e3,
        p99.as_secs_f64() * 1e3,
        budget.as_secs_f64() * 1e3,
    );
}

struct World {
    workspace: Workspace,
    _model: ScriptedModel,
    _files: TempWorkspace,
    _data: TempDir,
}

impl World {
    async fn new(attempts: u32, script: fixture::Script) -> World {
        let mut text = String::new();
        for n in 0..FILES {
            text.push_str(&format!(
                "//- /shop/part{n}.py\ndef price_of_part_{n}(count):\n    \"\"\"What so many parts cost.\"\"\"\n    return {n} * count\n"
            ));
        }
        let files = TempWorkspace::new(&Fixture::parse(&text)).unwrap();
        let (model, data) = (ScriptedModel::start_with(script).await, TempDir::new().unwrap());
        let root = AbsPathBuf::try_from(files.path().canonicalize().unwrap()).unwrap();
        let workspace =
            Workspace::open(root, config(attempts, &model.base_url(), data.path())).await.unwrap();
        World { workspace, _model: model, _files: files, _data: data }
    }

    fn start(&self) -> std::sync::Arc<Run> {
        let text = "let the price of a part depend on how many are bought";
        let request =
            Request { review: Review::AcceptAll, ..Request::new("implement", text, "bench") };
        self.workspace.start(request).unwrap()
    }
}

fn config(attempts: u32, model: &str, data_dir: &Path) -> Config {
    let mut models = models::Config::new(|_| None);
    models.default = Some("scripted/model".parse().unwrap());
    models.keyring = false;
    models.providers = vec![models::ProviderConfig::open_ai("scripted", model)];
    Config {
        models,
        sandbox: sandbox::Setting::Auto,
        attempts,
        context: Tokens(2_500),
        choices: tools::Choices::default(),
        generate_tests: false,
        coherence: engine::When::Never,
        remember: true,
        debate: engine::Debating {
            when: engine::When::Never,
            threshold: 0.0,
            confidence: 0.0,
            cycles: 0,
            tokens: 0,
        },
        tool_servers: Vec::new(),
        limits: sandbox::Limits::default(),
        commit: CommitConfig { model_message: true },
        search: SearchConfig::usual(),
        data_dir: data_dir.to_path_buf(),
        calls_dir: data_dir.to_path_buf(),
        // No helper: there are no tests, and nothing is run.
        helper: "/nonexistent/baton".into(),
    }
}
