//! `baton demo`: the whole way from a failing test to a commit, in a small repository that it makes.
//!
//! Everything happens for real: the same engine, sandbox, git and wire format as anywhere else. Only the model is
//! scripted, unless one is named, and it is said so.

mod folder;
mod script;

use anyhow::Context;
use base::AbsPathBuf;
use engine::{Event, ModelName, Patience, Query, Request, Workspace};
use fixture::ScriptedModel;
use models::ProviderConfig;
use sandbox::Level;

use crate::commands::run::ORIGIN;
use crate::drive::{Asker, drive};
use crate::exit::Exit;
use crate::options::Demo;
use crate::render;
use crate::render::out::Out;
use crate::render::safe::safe_line;
use crate::render::style;
use crate::render::text::{Narrator, Shown, count};
use crate::review::Answers;
use crate::session::Session;
use folder::Folder;

/// What the demo asks for.
const REQUEST: &str = "back-to-back meetings are reported as a clash";

/// Runs the demo.
///
/// # Errors
/// The temporary folder cannot be made; settings that cannot be used; those of the engine.
pub(crate) async fn demo(session: &mut Session, demo: &Demo) -> anyhow::Result<Exit> {
    let folder = Folder::make().context("the demo's folder cannot be made")?;
    let result = in_folder(session, demo, &folder).await;
    session.out.rest();
    if demo.remove {
        folder.remove().context("the demo's folder cannot be removed")?;
        return result;
    }
    let exit = result?;
    farewell(&mut session.out, &folder, exit)?;
    Ok(exit)
}

async fn in_folder(session: &mut Session, demo: &Demo, folder: &Folder) -> anyhow::Result<Exit> {
    let root = folder.root()?;
    let first = folder::commit_all(&root)?;
    let mut settings = session.settings(&root)?.settings;
    // The demo shows a second attempt, whatever the user's setting.
    settings.attempts = settings.attempts.max(3);
    let scripted = match session.global.model {
        Some(_) => None,
        None => {
            let server = ScriptedModel::start_with(script::replies()).await;
            settings.providers.retain(|table| table.name != script::PROVIDER);
            settings.providers.push(ProviderConfig::open_ai(script::PROVIDER, &server.base_url()));
            settings.model = Some(script::model());
            settings.ask_only_that();
            Some(server)
        }
    };
    let model = settings.model.clone();
    let config = settings.into_engine(&session.outside, folder.data_dir());
    session.out.busy("opening the workspace");
    let workspace = Workspace::open(root.clone(), config).await?;
    greet(&mut session.out, &root, &first, model.as_ref(), scripted.as_ref())?;
    if scripted.is_some() && workspace.sandbox().level() != Level::Full {
        refuse(&mut session.out, &workspace)?;
        return Ok(Exit::Failed);
    }
    index(&mut session.out, &workspace).await?;

    let mut request = Request::new("fix", REQUEST, ORIGIN);
    request.commit = true;
    let run = workspace.start(request)?;
    let asker = if demo.review {
        Asker::Person { answers: Answers::new(&session.outside), commit: None }
    } else {
        Asker::TakeAll { commit: None }
    };
    let exit = drive(&workspace, &run, 0, asker, &mut session.out).await?;
    workspace.shutdown().await;
    if let Some(server) = scripted {
        let n_calls = count(server.requests().len(), "request");
        session.out.progress(&style::dim(format!("The scripted model answered {n_calls}.")))?;
        server.stop().await;
    }
    Ok(exit)
}

/// Says what is real and what is not.
fn greet(
    out: &mut Out,
    root: &AbsPathBuf,
    first_commit: &str,
    model: Option<&ModelName>,
    scripted: Option<&ScriptedModel>,
) -> anyhow::Result<()> {
    say(
        out,
        &format!("A small Rust library in a repository of its own: {}", safe_line(root.as_str())),
    )?;
    say(out, &format!("Its first commit is {first_commit}; one of its tests fails."))?;
    let line = match (scripted, model) {
        (Some(server), _) => format!(
            "The model is SCRIPTED: it replays two prepared replies over HTTP at {}. All else is real. \
             `baton demo --model PROVIDER/MODEL` asks a real one.",
            server.base_url()
        ),
        (None, Some(model)) => {
            format!("The model is {}, and everything is real.", safe_line(&model.to_string()))
        }
        (None, None) => return Ok(()),
    };
    say(out, &line)
}

/// Builds the index and searches it, as every run does; shown here by itself.
async fn index(out: &mut Out, workspace: &Workspace) -> anyhow::Result<()> {
    out.busy("indexing");
    let query = Query { limit: 5, ..Query::new(REQUEST) };
    let found = workspace.search(query, Patience::Complete).await?;
    let n_files = workspace.vfs().snapshot().files().count();
    out.rest();
    let best: Vec<String> =
        found.hits.iter().map(|hit| format!("{}:{}", hit.path, hit.chunk.lines.0)).collect();
    say(
        out,
        &format!(
            "Indexed {}; a search for the request finds {}.",
            count(n_files, "file"),
            best.join(", ")
        ),
    )
}

/// Without the full sandbox a failing test counts as "not verified", so there would be no refusal to see.
fn refuse(out: &mut Out, workspace: &Workspace) -> anyhow::Result<()> {
    let report = workspace.sandbox().report();
    say(out, &format!("The demo needs the full sandbox, and this machine has: {}.", report.level))?;
    for missing in &report.missing {
        say(
            out,
            &format!("  missing: {}: {}; get it: {}", missing.what, missing.why, missing.get),
        )?;
    }
    Ok(())
}

/// Where to look, and how to tidy up.
fn farewell(out: &mut Out, folder: &Folder, exit: Exit) -> anyhow::Result<()> {
    let root = folder.root()?;
    let root = safe_line(root.as_str());
    if exit == Exit::Done {
        say(out, &format!("Look at it: git -C {root} show"))?;
    }
    if exit == Exit::Waiting {
        let data = safe_line(&folder.data_home().display().to_string());
        say(
            out,
            &format!(
                "This run is kept with the demo: XDG_DATA_HOME={data} baton --root {root} review"
            ),
        )?;
    }
    say(out, &format!("Delete it:  rm -rf {}", safe_line(&folder.path().display().to_string())))
}

/// A line of the demo itself; a notice among the events where results are JSON.
fn say(out: &mut Out, line: &str) -> anyhow::Result<()> {
    if out.json {
        let event = Event::Notice { message: line.to_owned() };
        return render::event(out, &mut Narrator::new(Shown::Whole), &event);
    }
    Ok(out.result(line)?)
}
