//! `baton runs`: lists, shows, resumes and cancels runs of this workspace.

use std::time::Duration;

use anyhow::{anyhow, bail};
use engine::{Event, RunSummary};
use jiff::Timestamp;
use serde_json::json;

use crate::commands::run::asker;
use crate::drive::{Asker, drive};
use crate::exit::Exit;
use crate::options::{Runs, RunsAction};
use crate::render;
use crate::render::out::Out;
use crate::render::safe::{safe_line, shorten};
use crate::render::table;
use crate::render::text::{Narrator, Say, Shown};
use crate::session::Session;
use crate::stop::Stop;

const COLUMNS: [fn(&str) -> String; 6] =
    [table::place, table::dim, table::plain, table::head, table::plain, table::dim];

/// Does one of these to the runs.
///
/// # Errors
/// Those of the engine: no such run, another process works on it, it has ended.
pub(crate) async fn runs(session: &mut Session, runs: Runs) -> anyhow::Result<Exit> {
    let workspace = session.open().await?;
    let out = &mut session.out;
    match runs.action.unwrap_or(RunsAction::List { limit: 20 }) {
        RunsAction::List { limit } => {
            let runs = workspace.history(limit)?;
            for run in &runs {
                out.object(&object(run))?;
            }
            let now = Timestamp::now();
            let rows: Vec<Vec<String>> = runs.iter().map(|run| row(run, now)).collect();
            for line in table::columns(&rows, &COLUMNS) {
                out.result(&line)?;
            }
            if runs.is_empty() {
                out.progress("there are no runs in this workspace yet")?;
            }
            Ok(Exit::Done)
        }
        RunsAction::Show { run } => {
            let record = workspace.record(&workspace.find_run(&run)?)?;
            let mut narrator = Narrator::new(Shown::Whole);
            for event in &record.events {
                out.object(event)?;
                // What is over is all result: nothing of it is under way.
                for say in narrator.say(event) {
                    match say {
                        Say::Result(text) | Say::Progress(text) => out.result(&text)?,
                        Say::Busy(_) | Say::BusyAt { .. } | Say::Rest => {}
                    }
                }
            }
            out.result(&format!("state: {}", state(&record.summary)))?;
            Ok(Exit::Done)
        }
        RunsAction::Replay { run, speed, pause } => {
            let events = workspace.replay(&workspace.find_run(&run)?)?;
            replay(&events, Pace::new(speed, pause)?, out).await
        }
        RunsAction::Resume { run, finish } => {
            let id = workspace.find_run(&run)?;
            let seen = workspace.record(&id)?.events.len() as u64;
            let run = workspace.resume(&id)?;
            let asker = asker(session, finish);
            drive(&workspace, &run, seen, asker, &mut session.out).await
        }
        RunsAction::Cancel { run } => {
            let id = workspace.find_run(&run)?;
            let seen = workspace.record(&id)?.events.len() as u64;
            let run = workspace.resume(&id)?;
            run.cancel();
            match drive(&workspace, &run, seen, Asker::Later, out).await? {
                // That is what was asked for.
                Exit::Cancelled => Ok(Exit::Done),
                other => Ok(other),
            }
        }
    }
}

/// How a run is shown again.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Pace {
    speed: f64,
    longest: Duration,
}

impl Pace {
    fn new(speed: f64, pause: f64) -> anyhow::Result<Pace> {
        if !(speed.is_finite() && 0.0 < speed) {
            bail!("`--speed` is {speed}; it must be more than 0");
        }
        let longest = Duration::try_from_secs_f64(pause)
            .map_err(|error| anyhow!("`--pause` is {pause}: {error}"))?;
        Ok(Pace { speed, longest })
    }

    fn wait(self, since: Duration) -> Duration {
        let wait = since.as_secs_f64() / self.speed;
        Duration::try_from_secs_f64(wait).map_or(self.longest, |wait| wait.min(self.longest))
    }
}

/// Nothing is asked and nothing changes: it is over.
async fn replay(events: &[(Duration, Event)], pace: Pace, out: &mut Out) -> anyhow::Result<Exit> {
    let mut stop = Stop::listen()?;
    let mut narrator = Narrator::new(Shown::Whole);
    for (since, event) in events {
        tokio::select! {
            () = tokio::time::sleep(pace.wait(*since)) => {}
            _ = stop.asked() => {
                out.rest();
                return Ok(Exit::Cancelled);
            }
        }
        render::event(out, &mut narrator, event)?;
    }
    out.rest();
    Ok(Exit::Done)
}

fn row(run: &RunSummary, now: Timestamp) -> Vec<String> {
    vec![
        run.id.short().to_owned(),
        age(run.created, now),
        safe_line(&run.workflow),
        state(run).to_owned(),
        shorten(&safe_line(&run.text), 50),
        shorten(&safe_line(run.summary.as_deref().unwrap_or_default()), 70),
    ]
}

fn state(run: &RunSummary) -> &'static str {
    if run.interrupted { "interrupted" } else { run.state.as_str() }
}

fn object(run: &RunSummary) -> serde_json::Value {
    json!({
        "id": run.id,
        "workflow": run.workflow,
        "text": run.text,
        "state": run.state,
        "interrupted": run.interrupted,
        "created": run.created,
        "updated": run.updated,
        "summary": run.summary,
    })
}

/// `3 min`, `2 h`, `5 d`.
pub(crate) fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = (now.as_second() - then.as_second()).max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests;
