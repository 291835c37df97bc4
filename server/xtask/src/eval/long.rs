//! `cargo xtask eval long`: a mission of hundreds of turns, item after item. Prompts stay as long as they are, and neither memory nor
//! database may grow much; the figures are printed and drawn.

mod mission;
mod plot;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use fixture::ScriptedModel;
use serde_json::Value;

use crate::bench::table::table;
use crate::eval::release;
use crate::eval::world::{Mission, World};

/// Options of `eval long`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How often a model is asked, at least
    #[arg(long, default_value_t = 500)]
    turns: usize,
    /// This binary instead of a fresh release build
    #[arg(long)]
    baton: Option<PathBuf>,
    /// Also write the table to this file
    #[arg(long)]
    report: Option<PathBuf>,
    /// Also draw the figures into this file
    #[arg(long)]
    plot: Option<PathBuf>,
}

/// The first turns fill the memory.
const FIRST: usize = 20;
/// A prompt may differ so much from the middle one of its agent.
const SPREAD: f64 = 0.10;
/// Growth of resident memory, and size of the database.
const MOST_MEMORY: u64 = 50_000_000;
const MOST_DATABASE: u64 = 100_000_000;

/// What was seen once a model was asked so often.
#[derive(Debug, Clone, Copy)]
struct Sample {
    turn: usize,
    resident: u64,
    database: u64,
}

/// A prompt: when, for whom, how long.
#[derive(Debug, Clone)]
struct Prompt {
    turn: usize,
    agent: String,
    tokens: u64,
}

/// # Errors
/// It cannot be built or started, the mission does not end, or a figure is over its limit.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let baton = match &options.baton {
        Some(baton) => baton.canonicalize().with_context(|| baton.display().to_string())?,
        None => release(root)?,
    };
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let script = move |request: &Value| {
        counter.fetch_add(1, Ordering::Relaxed);
        mission::reply(request)
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let model = runtime.block_on(ScriptedModel::start_with(Box::new(script)));
    let items = options.turns.div_ceil(mission::TURNS_AN_ITEM);
    let (files, roadmap) = (mission::files(), mission::roadmap(items));
    let deadline = Duration::from_secs(60) + Duration::from_secs(20) * u32::try_from(items)?;
    let settings = "[debate]\nwhen = \"never\"\n";
    let mission = Mission { files: &files, roadmap: &roadmap, settings, deadline };
    let world = World::new(&baton, &model.base_url(), mission)?;

    let started = Instant::now();
    let mut samples: Vec<Sample> = Vec::new();
    let life = world.live(None, None, |process| {
        let turn = asked.load(Ordering::Relaxed);
        if samples.last().is_some_and(|last| turn <= last.turn) || turn == 0 {
            return;
        }
        if let (Some(resident), Ok(database)) = (resident(process), world.database_bytes()) {
            samples.push(Sample { turn, resident, database });
        }
        if turn.is_multiple_of(50) {
            eprintln!("{turn} turns, {:.0} s", started.elapsed().as_secs_f64());
        }
    })?;
    ensure!(life.is_over, "the mission does not end: {:?}", life.events.last());
    let outcome = &life.events.last().context("it has events")?["outcome"];
    let done = outcome["items"]
        .as_array()
        .map_or(0, |items| items.iter().filter(|item| item["is_done"] == true).count());
    ensure!(done == items, "{done} of {items} items are done");

    let prompts = prompts(&life.events);
    let figures = Figures::of(&prompts, &samples)?;
    let report = format!(
        "{} turns, {items} items, {:.0} s\n\n{}",
        prompts.len(),
        started.elapsed().as_secs_f64(),
        table(&figures.rows())
    );
    print!("{report}");
    if let Some(path) = &options.report {
        std::fs::write(path, &report)?;
    }
    if let Some(path) = &options.plot {
        std::fs::write(path, plot::draw(&prompts, &samples))?;
    }
    figures.check()
}

/// Every question that was answered, in order.
fn prompts(events: &[Value]) -> Vec<Prompt> {
    let inner = |event: &Value| match event["event"] == "in_task" {
        true => event["what"].clone(),
        false => event.clone(),
    };
    let replies = events.iter().map(inner).filter(|it| it["event"] == "reply");
    let prompt = |(turn, it): (usize, Value)| Prompt {
        turn,
        agent: it["agent"].as_str().unwrap_or_default().to_owned(),
        tokens: it["tokens_in"].as_u64().unwrap_or_default(),
    };
    (1..).zip(replies).map(prompt).collect()
}

/// What counts.
struct Figures {
    /// By agent: the middle prompt after the first turns, and how far the farthest is from it.
    prompts: Vec<(String, u64, f64)>,
    /// Resident memory after the first turns, and the most since.
    resident: (u64, u64),
    database: u64,
}

impl Figures {
    fn of(prompts: &[Prompt], samples: &[Sample]) -> Result<Figures> {
        let mut agents: Vec<&str> = prompts.iter().map(|it| it.agent.as_str()).collect();
        agents.sort_unstable();
        agents.dedup();
        let spread = |agent: &str| {
            let later = prompts.iter().filter(|it| FIRST < it.turn && it.agent == agent);
            let mut tokens: Vec<u64> = later.map(|it| it.tokens).collect();
            tokens.sort_unstable();
            let middle = *tokens.get(tokens.len() / 2)?;
            let far = |it: &u64| (*it as f64 - middle as f64).abs() / middle as f64;
            Some((agent.to_owned(), middle, tokens.iter().map(far).fold(0.0, f64::max)))
        };
        let first = samples.iter().find(|it| FIRST <= it.turn).context("it was too short")?;
        let later = samples.iter().filter(|it| FIRST <= it.turn);
        Ok(Figures {
            prompts: agents.into_iter().filter_map(spread).collect(),
            resident: (first.resident, later.map(|it| it.resident).max().unwrap_or(0)),
            database: samples.iter().map(|it| it.database).max().unwrap_or(0),
        })
    }

    fn grown(&self) -> u64 {
        self.resident.1.saturating_sub(self.resident.0)
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let mb = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
        let row = |cells: [String; 3]| cells.to_vec();
        let mut rows = vec![row(["figure", "seen", "limit"].map(str::to_owned))];
        rows.extend(self.prompts.iter().map(|(agent, middle, far)| {
            let seen = format!("{middle} tokens ±{:.1} %", far * 100.0);
            row([format!("prompts of the {agent}"), seen, format!("±{:.0} %", SPREAD * 100.0)])
        }));
        let (first, most) = self.resident;
        let seen = format!("{} → {}", mb(first), mb(most));
        rows.push(row(["resident memory".into(), seen, format!("+{}", mb(MOST_MEMORY))]));
        rows.push(row(["database".into(), mb(self.database), mb(MOST_DATABASE)]));
        rows
    }

    fn check(&self) -> Result<()> {
        for (agent, _, far) in &self.prompts {
            ensure!(*far <= SPREAD, "prompts of the {agent} do not stay as long as they are");
        }
        ensure!(self.grown() < MOST_MEMORY, "resident memory has grown by {}", self.grown());
        ensure!(self.database < MOST_DATABASE, "the database has {} bytes", self.database);
        Ok(())
    }
}

/// Bytes of memory that a process has in use; `None` once it has ended.
fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests;
