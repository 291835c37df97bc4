//! A mission of the real program: a repository, a home, and the processes that work on it one after the other.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use fixture::{Fixture, TempWorkspace};
use serde_json::Value;
use store::{RunState, Store};
use tempfile::TempDir;

/// How often it is looked whether a process has ended.
const PAUSE: Duration = Duration::from_millis(2);

/// What is to be done, and in what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mission<'a> {
    /// Files that are there, in the fixture language.
    pub(super) files: &'a str,
    /// An item a line.
    pub(super) roadmap: &'a str,
    /// Settings beside the model.
    pub(super) settings: &'a str,
    /// Longer than it takes on a loaded machine.
    pub(super) deadline: Duration,
}

pub(super) struct World {
    deadline: Duration,
    baton: PathBuf,
    files: TempWorkspace,
    home: TempDir,
}

/// What a process has shown, from its start to its end.
pub(super) struct Life {
    pub(super) events: Vec<Value>,
    /// It has ended by itself, and nothing is left to be done.
    pub(super) is_over: bool,
}

/// What a mission comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Every file but git's own.
    pub(super) files: BTreeMap<String, String>,
    /// Subjects, newest first.
    pub(super) commits: Vec<String>,
    /// What git says of files that are not committed.
    pub(super) status: String,
    /// How the run stands in the database.
    pub(super) state: String,
}

impl World {
    pub(super) fn new(baton: &Path, model: &str, mission: Mission<'_>) -> Result<World> {
        let files = TempWorkspace::new(&Fixture::parse(mission.files))?;
        let home = TempDir::with_prefix("baton-mission-")?;
        let (baton, deadline) = (baton.to_path_buf(), mission.deadline);
        let world = World { deadline, baton, files, home };
        std::fs::create_dir_all(world.home.path().join("baton"))?;
        let config = format!(
            "model = \"scripted/model\"\n\n{}\n[[provider]]\nname = \"scripted\"\nkind = \"openai\"\nbase_url = \"{model}\"\n",
            mission.settings
        );
        std::fs::write(world.home.path().join("baton/config.toml"), config)?;
        std::fs::write(world.home.path().join("roadmap"), mission.roadmap)?;
        world.git(&["init", "-q", "-b", "main"])?;
        world.git(&["add", "-A"])?;
        world.git(&["commit", "-qm", "begin"])?;
        ensure!(world.command(&["trust"]).output()?.status.success(), "it cannot be trusted");
        Ok(world)
    }

    /// A process that begins the mission, or goes on with `run`; killed after `until`.
    /// `beside` is called over and over while it works, with its process id.
    pub(super) fn live(
        &self,
        run: Option<&str>,
        until: Option<Duration>,
        mut beside: impl FnMut(u32),
    ) -> Result<Life> {
        let roadmap = self.home.path().join("roadmap");
        let roadmap = roadmap.to_str().context("the folder has a name in UTF-8")?;
        let what = match run {
            Some(run) => vec!["runs", "resume", run],
            None => vec!["run", "mission", "--roadmap", roadmap],
        };
        let args = [&["--json"], &what[..], &["--yes", "--commit"]].concat();
        let mut child = self.command(&args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let stdout = child.stdout.take().context("it has an output")?;
        // A line that was cut off by the end of the process was not shown.
        let reader = thread::spawn(move || {
            let lines = BufReader::new(stdout).lines().map_while(Result::ok);
            lines.filter_map(|line| serde_json::from_str(&line).ok()).collect::<Vec<Value>>()
        });
        let started = Instant::now();
        let is_over = loop {
            if let Some(status) = child.try_wait()? {
                break status.success();
            }
            if until.is_some_and(|until| until <= started.elapsed()) {
                child.kill()?;
                child.wait()?;
                break false;
            }
            if self.deadline < started.elapsed() {
                child.kill()?;
                child.wait()?;
                bail!("baton {args:?} does not end");
            }
            beside(child.id());
            thread::sleep(PAUSE);
        };
        let events = reader.join().ok().context("its output was read")?;
        let events = events.into_iter().filter(|it| it.get("event").is_some()).collect();
        Ok(Life { events, is_over })
    }

    /// How many of the events that a process has shown are not where they were shown: in the log from `before` on.
    pub(super) fn lost(&self, life: &Life, before: usize) -> Result<usize> {
        let Some(run) = self.run_id()? else { return Ok(life.events.len()) };
        let log = self.store()?.events(&run, before as u64)?;
        let mut log = log.into_iter().map(|(_, event)| event);
        let is_there = |shown: &&Value| log.next().is_some_and(|it| same(&it, shown));
        Ok(life.events.len() - life.events.iter().filter(is_there).count())
    }

    /// The one run, once there is one.
    pub(super) fn run_id(&self) -> Result<Option<String>> {
        let runs = self.store()?.runs(2)?;
        ensure!(runs.len() < 2, "there are two runs");
        Ok(runs.into_iter().next().map(|run| run.id))
    }

    pub(super) fn has_succeeded(&self) -> Result<bool> {
        let runs = self.store()?.runs(1)?;
        Ok(runs.first().is_some_and(|run| run.state == RunState::Succeeded))
    }

    pub(super) fn n_events(&self, run: &str) -> Result<usize> {
        Ok(self.store()?.events(run, 0)?.len())
    }

    /// Steps that were recorded twice; that something begins is recorded each time.
    pub(super) fn steps_done_again(&self) -> Result<Vec<String>> {
        let run = self.run_id()?.context("there is a run")?;
        let names = self.store()?.steps_done_again(&run)?;
        Ok(names.into_iter().filter(|name| !name.ends_with(" begins")).collect())
    }

    pub(super) fn end(&self) -> Result<End> {
        let mut files = BTreeMap::new();
        for path in self.git(&["ls-files", "-co", "--exclude-standard"])?.lines() {
            files.insert(path.to_owned(), self.files.read(path)?);
        }
        let commits = self.git(&["log", "--format=%s"])?.lines().map(str::to_owned).collect();
        let status = self.git(&["status", "--porcelain"])?;
        let runs = self.store()?.runs(1)?;
        let state = runs.first().map_or("", |run| run.state.as_str()).to_owned();
        Ok(End { files, commits, status, state })
    }

    fn store(&self) -> Result<Store> {
        Ok(Store::open(&self.data()?)?)
    }

    /// Where the workspace's own database lies: in the only folder of the data that has one.
    fn data(&self) -> Result<PathBuf> {
        let data = self.home.path().join("data/baton");
        for entry in std::fs::read_dir(&data).with_context(|| data.display().to_string())? {
            let folder = entry?.path();
            if folder.join("baton.sqlite3").is_file() {
                return Ok(folder);
            }
        }
        bail!("there is no database below {}", data.display())
    }

    /// Size of the workspace's own database, with its log.
    pub(super) fn database_bytes(&self) -> Result<u64> {
        let folder = self.data()?;
        let names = ["baton.sqlite3", "baton.sqlite3-wal"];
        let size = |name| std::fs::metadata(folder.join(name)).map_or(0, |meta| meta.len());
        Ok(names.into_iter().map(size).sum())
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.baton);
        command
            .args(args)
            .current_dir(self.files.path())
            .env("XDG_CONFIG_HOME", self.home.path())
            .env("XDG_DATA_HOME", self.home.path().join("data"))
            .env("XDG_RUNTIME_DIR", self.home.path())
            .env_remove("BATON_MODEL")
            .stdin(Stdio::null());
        command
    }

    fn git(&self, args: &[&str]) -> Result<String> {
        let output = Command::new("git")
            .args(["-c", "user.name=Baton", "-c", "user.email=baton@example.org"])
            .args(args)
            .current_dir(self.files.path())
            .output()?;
        ensure!(
            output.status.success(),
            "git {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// The same but for how many digits of a fraction are written.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-6 * a.abs().max(b.abs()),
            _ => a == b,
        },
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}
