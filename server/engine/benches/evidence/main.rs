//! Measures what evidence costs: `cargo bench -p engine --bench evidence [-- rounds [project]]`. A one-line change is proved by a
//! run of `verify` in a workspace that is open, by a process from nothing, and by hand: the same tools, one after the other.
//! By turns, so that what else the machine does falls on all. It checks nothing, and installs nothing.
//!
//! A run has its baseline before it knows the change, so *warm* is what comes behind that; what the baseline takes stands beside
//! it. Figures mean something only beside others of the same run: hence the ratios.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool for developers; it starts what it compares with"
)]

mod by_hand;
mod projects;
mod table;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base::{AbsPathBuf, Tokens};
use engine::{
    Change, CommitConfig, Config, Event, Outcome, Request, SandboxLevel, SearchConfig, Stage,
    StageState, Workspace,
};
use mimalloc::MiMalloc;
use tempfile::TempDir;

use by_hand::ByHand;
use projects::{ALL, Project};
use table::{TOTAL, Table};

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const ROUNDS: usize = 7;
/// Asks this program for one run in a process of its own.
const FROM_NOTHING: &str = "from-nothing";
/// Before what is measured: a server that starts, files that are read for the first time.
const WARM_UP: usize = 1;

fn main() {
    // Before anything starts a thread, as the binary does it.
    let mut args = std::env::args_os().skip(1).peekable();
    if args.peek().is_some_and(|first| first == sandbox::HELPER) {
        sandbox::helper_main(args);
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [FROM_NOTHING, project, round, folder, data] => {
            let project = ALL.iter().find(|it| it.name == *project).unwrap();
            let round = round.parse().unwrap();
            runtime.block_on(async {
                let workspace = open(Path::new(folder), Path::new(data)).await;
                warm(&workspace, project, round).await;
                workspace.shutdown().await;
            });
        }
        args => runtime.block_on(measure(args)),
    }
}

async fn measure(args: &[&str]) {
    // Cargo adds `--bench`.
    let args: Vec<&str> = args.iter().copied().filter(|arg| !arg.starts_with('-')).collect();
    let rounds = args.iter().find_map(|arg| arg.parse().ok()).unwrap_or(ROUNDS);
    let names: Vec<&str> = args.into_iter().filter(|arg| arg.parse::<usize>().is_err()).collect();
    for project in ALL.iter().filter(|it| names.is_empty() || names.contains(&it.name)) {
        match project.missing() {
            Some(program) => println!("{}: skipped: `{program}` is not installed\n", project.name),
            None => compare(project, rounds).await,
        }
    }
}

async fn compare(project: &Project, rounds: usize) {
    let files = project.folder();
    let data = TempDir::new().unwrap();
    let workspace = open(files.path(), data.path()).await;
    if workspace.sandbox().level() != SandboxLevel::Full {
        println!(
            "{}: skipped: the sandbox is {} here\n",
            project.name,
            workspace.sandbox().level()
        );
        return;
    }
    let by_hand = ByHand::new(project);
    let mut table = Table::default();
    for round in 0..WARM_UP + rounds {
        let mut taken = by_hand.run(round);
        taken.extend(warm(&workspace, project, round).await);
        taken.push(("cold", TOTAL.into(), from_nothing(project, round)));
        if WARM_UP <= round {
            taken.into_iter().for_each(|(way, step, time)| table.add(way, step, time));
        }
    }
    workspace.shutdown().await;
    table.print(project.name, rounds);
    println!();
}

async fn open(folder: &Path, data: &Path) -> Workspace {
    let root = AbsPathBuf::try_from(folder.canonicalize().unwrap()).unwrap();
    Workspace::open(root, config(data)).await.unwrap()
}

/// A way to prove a change, a step of it, and its time.
type Taken = (&'static str, String, Duration);

/// One run of `verify`, from what its events say.
async fn warm(workspace: &Workspace, project: &Project, round: usize) -> Vec<Taken> {
    let mut request = Request::new("verify", "", "bench");
    request.change = Some(Change { patch: project.patch(round), is_applied: false });
    let (mut cursor, mut all) = (0, Vec::new());
    let mut begun = Instant::now();
    let run = workspace.start(request).unwrap();
    while let Some(event) = run.next(&mut cursor).await {
        match event {
            Event::Stage { stage: Stage::Verify, state: StageState::Running, .. } => {
                all.push(("baseline", TOTAL.into(), begun.elapsed()));
                begun = Instant::now();
            }
            Event::Check { check, .. } => {
                assert!(check.after.is_clean(), "{check:?}");
                all.push(("warm", check.name, Duration::from_millis(check.wall_ms)));
            }
            Event::Finished { outcome } => {
                let Outcome::Verified { defect: None, .. } = &outcome else {
                    panic!("{}: {outcome:?}", project.name)
                };
                all.push(("warm", TOTAL.into(), begun.elapsed()));
            }
            _ => {}
        }
    }
    all
}

/// A process that opens the workspace for this change, with nothing kept from earlier, as `baton verify --diff` is one.
fn from_nothing(project: &Project, round: usize) -> Duration {
    let (files, data) = (project.folder(), TempDir::new().unwrap());
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([FROM_NOTHING, project.name, &round.to_string()]);
    command.args([files.path(), data.path()]);
    let begun = Instant::now();
    let output = command.stdin(Stdio::null()).output().unwrap();
    let took = begun.elapsed();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    took
}

fn config(data_dir: &Path) -> Config {
    Config {
        models: models::Config::new(|_| None),
        sandbox: sandbox::Setting::Auto,
        attempts: 1,
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
        helper: std::env::current_exe().unwrap(),
    }
}
