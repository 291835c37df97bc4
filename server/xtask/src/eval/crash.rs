//! `cargo xtask eval crash`: a mission of two items and five tasks is killed (`SIGKILL`) at random moments and gone on with, until it
//! ends. It has to come to the files and commits of one that nobody killed; no event that was shown may be missing from its log, and
//! no step whose output was recorded may be done again.

mod mission;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use fixture::{Random, ScriptedModel};
use serde_json::Value;

use crate::bench::table::table;
use crate::eval::release;
use crate::eval::world::{Life, Mission, World};

/// Options of `eval crash`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How often a process is killed
    #[arg(long, default_value_t = 500)]
    kills: usize,
    /// Another seed, other moments
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// This binary instead of a fresh release build
    #[arg(long)]
    baton: Option<PathBuf>,
    /// Also write the table to this file
    #[arg(long)]
    report: Option<PathBuf>,
}

/// Two items, five tasks.
const MISSION: Mission<'_> = Mission {
    files: mission::FILES,
    roadmap: mission::ROADMAP,
    settings: "",
    deadline: Duration::from_secs(120),
};

/// A mission that is killed more often than this does not get on.
const MOST_LIVES: usize = 200;

/// What was seen of kills in one stage.
#[derive(Debug, Default)]
struct Seen {
    kills: usize,
    /// Of missions that came to other files or commits.
    other_end: usize,
    lost_events: usize,
    done_again: usize,
}

/// # Errors
/// It cannot be built or started, or a mission that was killed is not as one that was not.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let baton = match &options.baton {
        Some(baton) => baton.canonicalize().with_context(|| baton.display().to_string())?,
        None => release(root)?,
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let model = runtime.block_on(ScriptedModel::start_with(Box::new(mission::reply)));
    let started = Instant::now();
    let whole = World::new(&baton, &model.base_url(), MISSION)?;
    let life = whole.live(None, None, |_| ())?;
    ensure!(life.is_over, "the mission that nobody kills does not end: {:?}", life.events.last());
    let (wanted, alone) = (whole.end()?, started.elapsed());
    eprintln!("by itself: {} events, {:.1} s", life.events.len(), alone.as_secs_f64());

    let mut random = Random::new(options.seed);
    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    let (mut n_kills, mut n_missions) = (0, 0);
    while n_kills < options.kills {
        n_missions += 1;
        let mission = killed(&baton, &model.base_url(), &mut random, alone)?;
        let end = mission.world.end()?;
        let again = mission.world.steps_done_again()?;
        if end != wanted || !again.is_empty() || 0 < mission.n_lost {
            eprintln!("mission {n_missions}: killed in {:?}", mission.stages);
            eprintln!("  done again: {again:?}; lost events: {}", mission.n_lost);
            eprintln!("  {end:#?}\n  instead of {wanted:#?}");
        }
        for stage in &mission.stages {
            n_kills += 1;
            let of_stage = seen.entry(stage.clone()).or_default();
            of_stage.kills += 1;
            of_stage.other_end += usize::from(end != wanted);
            of_stage.lost_events += mission.n_lost;
            of_stage.done_again += again.len();
        }
        eprintln!("{n_missions} missions, {n_kills} of {} kills", options.kills);
    }
    let report = format!(
        "{n_kills} kills of {n_missions} missions, seed {}, {:.0} s\n\n{}",
        options.seed,
        started.elapsed().as_secs_f64(),
        seen_table(&seen)
    );
    print!("{report}");
    if let Some(path) = &options.report {
        std::fs::write(path, &report)?;
    }
    let bad: usize = seen.values().map(|it| it.other_end + it.lost_events + it.done_again).sum();
    ensure!(bad == 0, "missions that were killed are not as the one that was not; see above");
    Ok(())
}

/// A mission that was killed until it ended.
struct Killed {
    world: World,
    /// Where it was killed, each time.
    stages: Vec<String>,
    /// Events that were shown and are not in the log.
    n_lost: usize,
}

fn killed(baton: &Path, model: &str, random: &mut Random, alone: Duration) -> Result<Killed> {
    let world = World::new(baton, model, MISSION)?;
    let (mut stages, mut n_lost) = (Vec::new(), 0);
    for _ in 0..MOST_LIVES {
        let run = world.run_id()?;
        let before = run.as_deref().map_or(Ok(0), |run| world.n_events(run))?;
        // As likely at each moment of the whole, so that each process gets on by a part of it.
        let most = usize::try_from(alone.as_micros()).unwrap_or(usize::MAX);
        let until = Duration::from_micros(random.below(most) as u64);
        let life = world.live(run.as_deref(), Some(until), |_| ())?;
        n_lost += world.lost(&life, before)?;
        if life.is_over {
            return Ok(Killed { world, stages, n_lost });
        }
        stages.push(stage_of(&life));
        // Its end may have been recorded and not yet shown.
        if world.has_succeeded()? {
            return Ok(Killed { world, stages, n_lost });
        }
    }
    anyhow::bail!("a mission was killed {MOST_LIVES} times and did not end; in {stages:?}")
}

/// What was going on when it was killed.
fn stage_of(life: &Life) -> String {
    let inner = |event: &Value| match event["event"] == "in_task" {
        true => event["what"].clone(),
        false => event.clone(),
    };
    let last = life.events.iter().rev().map(inner).find(|it| it["event"] == "stage");
    let stage = last.map(|it| match it["state"] == "running" {
        true => it["stage"].as_str().unwrap_or_default().to_owned(),
        false => format!("after {}", it["stage"].as_str().unwrap_or_default()),
    });
    stage.unwrap_or_else(|| "at the start".to_owned())
}

fn seen_table(seen: &BTreeMap<String, Seen>) -> String {
    let titles =
        ["killed in", "kills", "other files or commits", "events lost", "steps done again"];
    let mut rows = vec![titles.map(str::to_owned).to_vec()];
    let row = |name: &str, it: &Seen| {
        let numbers = [it.kills, it.other_end, it.lost_events, it.done_again];
        std::iter::once(name.to_owned()).chain(numbers.map(|n| n.to_string())).collect()
    };
    rows.extend(seen.iter().map(|(stage, it)| row(stage, it)));
    let sum = seen.values().fold(Seen::default(), |sum, it| Seen {
        kills: sum.kills + it.kills,
        other_end: sum.other_end + it.other_end,
        lost_events: sum.lost_events + it.lost_events,
        done_again: sum.done_again + it.done_again,
    });
    rows.push(row("in all", &sum));
    table(&rows)
}

#[cfg(test)]
mod tests;
