//! `baton doctor`: what is there, what is missing, and how to get it. The only command that asks model servers anything
//! without a run; it prints no secret and changes nothing.

mod programs;
mod tool_servers;
mod vram;

use std::path::{Path, PathBuf};
use std::time::Duration;

use base::AbsPathBuf;
use engine::ModelName;
use models::{Kind, Models, Timeouts};
use sandbox::{Level, Report, Sandbox, Setting};
use serde::Serialize;

use crate::config::Loaded;
use crate::exit::Exit;
use crate::options::Doctor;
use crate::render::out::Out;
use crate::render::safe::safe_line;
use crate::render::style;
use crate::session::Session;
use programs::Program;
use tool_servers::ToolServer;

/// How long a model server gets for its whole answer.
const SERVER_TIMEOUT: Duration = Duration::from_secs(4);

/// Everything that is known.
#[derive(Debug, Serialize)]
struct Findings {
    version: &'static str,
    system: String,
    root: String,
    git: Option<String>,
    settings: SettingsFound,
    data_dir: PathBuf,
    terminal: Terminal,
    sandbox: Report,
    model: Option<ModelName>,
    /// Every model of the tiers, in the order of the settings.
    tiers: Vec<ModelName>,
    servers: Vec<Server>,
    tool_servers: Vec<ToolServer>,
    programs: Vec<Program>,
}

#[derive(Debug, Serialize)]
struct SettingsFound {
    files: Vec<PathBuf>,
    notes: Vec<String>,
    /// Why they cannot be used, if so; every other command ends with this.
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct Terminal {
    stdin: bool,
    stdout: bool,
    stderr: bool,
}

/// A model server and what it said.
#[derive(Debug, Serialize)]
struct Server {
    provider: String,
    /// Whether it answered.
    answers: bool,
    /// What it has, or why it does not answer; never a key.
    said: String,
    /// Wanted models that it does not have, each with how to get it.
    missing: Vec<String>,
}

/// Looks and prints. Ends with success unless nothing can work.
///
/// # Errors
/// The root is no folder; output that cannot be written.
pub(crate) async fn doctor(session: &mut Session, doctor: &Doctor) -> anyhow::Result<Exit> {
    let root = session.root()?;
    if doctor.vram {
        return vram_of_all(session, &root).await;
    }
    session.out.busy("looking around");
    let findings = look(session, &root).await?;
    session.out.rest();
    session.out.object(&findings)?;
    print(&findings, &mut session.out)?;
    Ok(if findings.settings.error.is_some() { Exit::Failed } else { Exit::Done })
}

/// Every Ollama server of the settings, and the usual one.
async fn vram_of_all(session: &mut Session, root: &AbsPathBuf) -> anyhow::Result<Exit> {
    let settings = session.settings(root)?.settings;
    let mut servers: Vec<(String, Option<u64>)> = settings
        .providers
        .iter()
        .filter(|it| it.kind == Some(Kind::Ollama) || it.kind.is_none() && it.name == "ollama")
        .map(|it| (it.name.clone(), it.vram_mb.map(|it| it.saturating_mul(1 << 20))))
        .collect();
    if servers.iter().all(|(name, _)| name != "ollama") {
        servers.push(("ollama".to_owned(), None));
    }
    let data_dir = session.outside.data_dir(root)?;
    let models = Models::from_config(&settings.into_engine(&session.outside, data_dir).models)?;
    let asked = servers.iter().map(|(name, total)| vram::look(&models, name, *total));
    let found = futures::future::join_all(asked).await;
    session.out.object(&found)?;
    vram::print(&found, &mut session.out)?;
    Ok(Exit::Done)
}

async fn look(session: &Session, root: &AbsPathBuf) -> anyhow::Result<Findings> {
    let outside = &session.outside;
    let loaded = session.settings(root);
    let setting = loaded.as_ref().map_or(Setting::Auto, |loaded| loaded.settings.sandbox());
    let configured =
        loaded.as_ref().map_or_else(|_| Vec::new(), |loaded| loaded.settings.tool_servers(outside));
    let sandbox = Sandbox::preflight(setting, outside.exe.clone()).await;
    let data_dir = outside.data_dir(root)?;
    let (tool_servers, programs, servers) = futures::join!(
        tool_servers::ask(&sandbox, root, configured),
        programs::find(root, &sandbox),
        ask_servers(session, loaded.as_ref().ok(), &data_dir)
    );
    let model = loaded.as_ref().ok().and_then(|loaded| loaded.settings.model.clone());
    let tiers = loaded.as_ref().map_or_else(|_| Vec::new(), |loaded| loaded.settings.tier_models());
    let settings = match loaded {
        Ok(Loaded { files, notes, .. }) => SettingsFound { files, notes, error: None },
        Err(error) => SettingsFound {
            files: Vec::new(),
            notes: Vec::new(),
            error: Some(format!("{error:#}")),
        },
    };
    Ok(Findings {
        version: env!("CARGO_PKG_VERSION"),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        root: root.to_string(),
        git: repository(root),
        settings,
        data_dir,
        terminal: Terminal {
            stdin: outside.stdin_is_terminal,
            stdout: outside.stdout_is_terminal,
            stderr: outside.stderr_is_terminal,
        },
        sandbox: sandbox.report().clone(),
        model,
        tiers,
        servers,
        tool_servers,
        programs,
    })
}

/// Where the repository stands, in words; `None` if there is none.
fn repository(root: &AbsPathBuf) -> Option<String> {
    let head = match tools::git::Git::open(root) {
        Ok(git) => git?.head(),
        Err(error) => return Some(format!("cannot be read: {error}")),
    };
    Some(match head {
        Ok(head) => {
            let branch = head.branch.unwrap_or_else(|| "detached".into());
            match head.oid {
                Some(oid) => format!("{branch} at {}", oid.get(..10).unwrap_or(&oid)),
                None => format!("{branch}, without a commit"),
            }
        }
        Err(error) => format!("cannot be read: {error}"),
    })
}

/// Asks the servers of the chosen models, of each of the user's tables, and of Ollama, where a new user would begin.
async fn ask_servers(session: &Session, loaded: Option<&Loaded>, data_dir: &Path) -> Vec<Server> {
    let Some(loaded) = loaded else { return Vec::new() };
    let mut wanted = loaded.settings.tier_models();
    wanted.extend(loaded.settings.model.clone().filter(|it| !wanted.contains(it)));
    let mut names: Vec<String> = wanted.iter().map(|name| name.provider.clone()).collect();
    names.extend(loaded.settings.providers.iter().map(|table| table.name.clone()));
    names.push("ollama".into());
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));

    let settings = loaded.settings.clone();
    let mut config = settings.into_engine(&session.outside, data_dir.to_path_buf()).models;
    config.timeouts = Timeouts { connect_ms: 1_500, first_byte_ms: 3_000, idle_ms: 3_000 };
    config.retry.attempts = 1;
    let models = match Models::from_config(&config) {
        Ok(models) => models,
        Err(error) => return vec![Server::silent("settings", error.to_string())],
    };
    let asked = names.iter().map(|provider| ask_server(&models, provider, &wanted));
    futures::future::join_all(asked).await
}

async fn ask_server(models: &Models, provider: &str, wanted: &[ModelName]) -> Server {
    match tokio::time::timeout(SERVER_TIMEOUT, models.list(provider)).await {
        Ok(Ok(there)) => {
            let shown: Vec<&str> = there.iter().take(5).map(String::as_str).collect();
            let more = if there.len() > shown.len() { ", ..." } else { "" };
            let wanted = wanted.iter().filter(|name| name.provider == provider);
            Server {
                provider: provider.to_owned(),
                answers: true,
                said: format!("{} models: {}{more}", there.len(), shown.join(", ")),
                missing: wanted.filter_map(|name| models.missing(name, &there)).collect(),
            }
        }
        Ok(Err(error)) => Server::silent(provider, error.to_string()),
        Err(_) => Server::silent(provider, format!("no answer in {} s", SERVER_TIMEOUT.as_secs())),
    }
}

impl Server {
    fn silent(provider: &str, said: String) -> Server {
        Server { provider: provider.to_owned(), answers: false, said, missing: Vec::new() }
    }
}

fn print(findings: &Findings, out: &mut Out) -> std::io::Result<()> {
    out.result(&format!("{} {} on {}", style::head("baton"), findings.version, findings.system))?;
    let mut line = |mark: String, what: &str, text: &str| {
        out.result(&format!("{mark} {what:<10} {}", safe_line(text)))
    };
    line(good(), "workspace", &findings.root)?;
    match &findings.git {
        Some(head) => line(good(), "git", head)?,
        None => line(doubt(), "git", "not a git repository: everything works but --commit")?,
    }
    match &findings.settings.error {
        Some(error) => line(bad(), "settings", error)?,
        None if findings.settings.files.is_empty() => {
            line(good(), "settings", "defaults; no file was found")?;
        }
        None => {
            for file in &findings.settings.files {
                line(good(), "settings", &file.display().to_string())?;
            }
        }
    }
    for note in &findings.settings.notes {
        line(doubt(), "settings", note)?;
    }
    line(good(), "data", &findings.data_dir.display().to_string())?;
    let terminal = &findings.terminal;
    let yes_no = |it: bool| if it { "yes" } else { "no" };
    let streams = format!(
        "input {}, output {}, errors {}",
        yes_no(terminal.stdin),
        yes_no(terminal.stdout),
        yes_no(terminal.stderr)
    );
    line(good(), "terminal", &streams)?;
    let sandbox = &findings.sandbox;
    let mark = match sandbox.level {
        Level::Full | Level::Container => good(),
        Level::Restricted | Level::Off => doubt(),
        Level::Closed => bad(),
    };
    line(mark, "sandbox", &format!("{} ({})", sandbox.level, sandbox.backend))?;
    for missing in &sandbox.missing {
        line(doubt(), "", &format!("missing: {}: {}", missing.what, missing.why))?;
        line(" ".into(), "", &format!("  get it: {}", missing.get))?;
    }
    match &findings.model {
        Some(model) => line(good(), "model", &model.to_string())?,
        None if findings.tiers.is_empty() => {
            line(doubt(), "model", &models::Error::NoModel.to_string())?;
        }
        None => {}
    }
    if !findings.tiers.is_empty() {
        let names: Vec<String> = findings.tiers.iter().map(ToString::to_string).collect();
        line(good(), "tiers", &names.join(", "))?;
    }
    for server in &findings.servers {
        let mark = if server.answers && server.missing.is_empty() { good() } else { doubt() };
        line(mark, "server", &format!("{}: {}", server.provider, server.said))?;
        for missing in &server.missing {
            line(doubt(), "", &format!("missing: {missing}"))?;
        }
    }
    for server in &findings.tool_servers {
        let mark = if server.answers { good() } else { doubt() };
        line(mark, "tools", &format!("{}: {}", server.server, server.said))?;
    }
    for program in &findings.programs {
        match &program.version {
            Some(version) => {
                line(
                    good(),
                    "program",
                    &format!("{}: {version} ({})", program.name, program.used_for),
                )?;
            }
            None => {
                line(
                    doubt(),
                    "program",
                    &format!("{}: missing ({})", program.name, program.used_for),
                )?;
                line(" ".into(), "", &format!("  get it: {}", program.get))?;
            }
        }
    }
    Ok(())
}

fn good() -> String {
    style::good("✓")
}

fn doubt() -> String {
    style::doubt("?")
}

fn bad() -> String {
    style::bad("✗")
}
