//! `baton memory`: what runs have left behind for later ones: listed, forgotten, exported.

use anyhow::bail;
use engine::{Forget, TurnRow};
use jiff::Timestamp;
use serde_json::json;
use store::Store;

use crate::commands::runs::age;
use crate::exit::Exit;
use crate::options::{ForgetMemory, Memory, MemoryAction};
use crate::render::safe::{safe_line, shorten};
use crate::render::table;
use crate::session::Session;

const COLUMNS: [fn(&str) -> String; 7] =
    [table::place, table::dim, table::plain, table::plain, table::dim, table::head, table::plain];

/// Does one of these to the memory.
///
/// # Errors
/// Those of the store; a turn or run that is not there.
pub(crate) fn memory(session: &mut Session, memory: Memory) -> anyhow::Result<Exit> {
    let root = session.root()?;
    let store = Store::open(&session.outside.data_dir(&root)?)?;
    match memory.action.unwrap_or(MemoryAction::List { words: Vec::new(), limit: 20 }) {
        MemoryAction::List { words, limit } => list(session, &store, &words, limit),
        MemoryAction::Forget(which) => forget(session, &store, &which),
        MemoryAction::Export => export(session, &store),
    }
}

fn list(
    session: &mut Session,
    store: &Store,
    words: &[String],
    limit: usize,
) -> anyhow::Result<Exit> {
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let turns = store.turns(0, usize::MAX)?;
    let n_all = turns.len();
    let found: Vec<TurnRow> = turns.into_iter().filter(|turn| has_all(turn, &words)).collect();
    let defects = store.defects()?;
    let why = |turn: &TurnRow| {
        let defect = defects.iter().find(|it| it.turn_id == turn.turn_id);
        defect.map(|it| it.description.as_str())
    };
    let now = Timestamp::now();
    let mut rows = Vec::new();
    for turn in found.iter().take(limit) {
        session.out.object(&json!({
            "turn": turn.turn_id,
            "run": turn.run_id,
            "task": turn.task_id,
            "agent": turn.agent_role,
            "status": turn.status,
            "form": turn.form,
            "at": turn.timestamp,
            "subject": turn.roadmap_chunk,
            "files": files(turn),
            "content": turn.content,
            "defect": why(turn),
        }))?;
        let mut last = shorten(&safe_line(&files(turn).join(", ")), 50);
        if let Some(why) = why(turn) {
            last = format!("{last}: {}", shorten(&safe_line(why), 70));
        }
        rows.push(vec![
            turn.turn_id[..turn.turn_id.len().min(8)].to_owned(),
            age(turn.timestamp, now),
            safe_line(&turn.agent_role),
            turn.status.as_str().to_owned(),
            turn.form.as_str().to_owned(),
            shorten(&safe_line(&turn.roadmap_chunk), 50),
            last,
        ]);
    }
    for line in table::columns(&rows, &COLUMNS) {
        session.out.result(&line)?;
    }
    if n_all == 0 {
        session.out.progress("nothing is remembered of this workspace yet")?;
    } else if found.len() > limit {
        let more = found.len() - limit;
        session.out.progress(&format!("and {more} older; `-n` lists more"))?;
    }
    Ok(Exit::Done)
}

/// Whether every word stands in what was to be done, in what is kept of it, or in the name of a file.
fn has_all(turn: &TurnRow, words: &[String]) -> bool {
    let text = [&turn.roadmap_chunk, &turn.content, &turn.agent_role, &turn.run_id]
        .map(|it| it.to_lowercase())
        .join("\n");
    let files = files(turn).join("\n").to_lowercase();
    words.iter().all(|word| text.contains(word) || files.contains(word))
}

fn files(turn: &TurnRow) -> Vec<String> {
    let files = turn.files_changed.as_object();
    files.map(|it| it.keys().cloned().collect()).unwrap_or_default()
}

fn forget(session: &mut Session, store: &Store, which: &ForgetMemory) -> anyhow::Result<Exit> {
    // A part of every name: nobody means that.
    if [&which.turn, &which.run].into_iter().flatten().any(String::is_empty) {
        bail!("say what is to be forgotten: a turn, `--run RUN` or `--all`");
    }
    let n_turns = match (&which.turn, &which.run, which.all) {
        (Some(part), _, _) => {
            let found = store.find_turns(part)?;
            match found.as_slice() {
                [turn] => store.forget(Forget::Turn(&turn.turn_id))?,
                [] => bail!("no turn is remembered as `{part}`; `baton memory` lists them"),
                many => bail!("`{part}` could be any of {} turns; type more of it", many.len()),
            }
        }
        (None, Some(part), _) => {
            let found = store.find_runs(part)?;
            match found.as_slice() {
                [run] => store.forget(Forget::Run(&run.id))?,
                [] => bail!("there is no run `{part}` in this workspace; `baton runs` lists them"),
                many => bail!("`{part}` could be any of {} runs; type more of it", many.len()),
            }
        }
        (None, None, true) => store.forget(Forget::All)?,
        // The options let none through.
        (None, None, false) => bail!("say what is to be forgotten: a turn, `--run RUN` or `--all`"),
    };
    session.out.object(&json!({"forgotten": n_turns}))?;
    let noun = if n_turns == 1 { "turn" } else { "turns" };
    session.out.result(&format!("forgot {n_turns} {noun}"))?;
    Ok(Exit::Done)
}

/// Every row of the four tables on a line of its own, newest first in each.
fn export(session: &mut Session, store: &Store) -> anyhow::Result<Exit> {
    let mut lines = Vec::new();
    for row in store.turns(0, usize::MAX)? {
        lines.push(json!({"table": "agent_turns", "row": row}));
    }
    for row in store.checkpoints()? {
        lines.push(json!({"table": "checkpoints", "row": row}));
    }
    for row in store.defects()? {
        lines.push(json!({"table": "defects", "row": row}));
    }
    for row in store.escalations()? {
        lines.push(json!({"table": "escalations", "row": row}));
    }
    for line in lines {
        // One form for people and programs: it is made to be kept in a file.
        session.out.object(&line)?;
        session.out.result(&line.to_string())?;
    }
    Ok(Exit::Done)
}
