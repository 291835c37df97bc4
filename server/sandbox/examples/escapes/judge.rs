//! Runs each attack against each mechanism and judges it; what the mechanisms are is in `mechanism`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use sandbox::Limits;
use serde::Serialize;
use tempfile::TempDir;

use crate::{
    mechanism::{Mechanism, Ran},
    outside::{Outside, SCRIPTS, marked},
};

/// How often what an attack uses is looked at.
const SAMPLE: Duration = Duration::from_millis(20);
/// What is told of all that was reached.
const SHOWN: usize = 3;
/// Processes of the sandbox itself that carry the attack's command line for a moment.
const OWN_PROCESSES: usize = 8;
/// By how much time may be exceeded until the last process has ended.
const GRACE: Duration = Duration::from_secs(10);

/// All that came of it.
#[derive(Serialize)]
pub(crate) struct Report {
    uid: u32,
    mechanisms: Vec<Column>,
    attacks: Vec<Row>,
    /// What the runs left in the folder for temporary files.
    left: Vec<String>,
}

#[derive(Serialize)]
struct Column {
    name: String,
    /// In words.
    what: String,
    /// Whether this is what a user of this machine gets.
    is_default: bool,
}

#[derive(Serialize)]
struct Row {
    name: String,
    kind: Kind,
    /// One for each mechanism, in their order.
    verdicts: Vec<Verdict>,
}

/// See `tests/it/attacks/suite.py`.
#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Attack,
    Burden,
    Endless,
    Bomb,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Held,
    /// What it got.
    Leak(String),
    /// Not tried: nothing would have ended it.
    LeftOut,
    /// Why nothing is known.
    NoAnswer(String),
}

/// All of this kind whose name contains `part`.
pub(crate) async fn all(helper: PathBuf, only: &str, part: &str) -> Report {
    let mechanisms = Mechanism::all(helper).await;
    let mut attacks = Vec::new();
    for (name, kind) in names(only).into_iter().filter(|(name, _)| name.contains(part)) {
        let mut verdicts = Vec::new();
        for mechanism in &mechanisms {
            let verdict = if mechanism.is_for(kind) {
                try_one(mechanism, &name, kind).await
            } else {
                Verdict::LeftOut
            };
            verdicts.push(verdict);
        }
        eprintln!("{name}: {}", serde_json::to_string(&verdicts).unwrap());
        attacks.push(Row { name, kind, verdicts });
    }
    let default = mechanisms.iter().rposition(|mechanism| mechanism.level().is_some());
    let columns = mechanisms.iter().enumerate().map(|(idx, mechanism)| Column {
        name: mechanism.name().to_owned(),
        what: mechanism.what(),
        is_default: Some(idx) == default,
    });
    let mechanisms = columns.collect();
    let left = fs::read_dir(std::env::temp_dir()).unwrap().flatten();
    let left = left.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    Report { uid: rustix::process::getuid().as_raw(), mechanisms, attacks, left }
}

fn names(only: &str) -> Vec<(String, Kind)> {
    let folder = TempDir::new().unwrap();
    for (script, text) in SCRIPTS {
        fs::write(folder.path().join(script), text).unwrap();
    }
    let output = Command::new("/usr/bin/python3")
        .args(["-B", "suite.py", "--list"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let kind = |kind: &str| match kind {
        "attack" => Kind::Attack,
        "burden" => Kind::Burden,
        "endless" => Kind::Endless,
        _ => Kind::Bomb,
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    let lines = lines.filter(|(_, what)| *what == only);
    lines.map(|(name, what)| (name.to_owned(), kind(what))).collect()
}

async fn try_one(mechanism: &Mechanism, name: &str, kind: Kind) -> Verdict {
    let folder = TempDir::with_prefix("attack-").unwrap();
    let workspace = folder.path().join("workspace");
    fs::create_dir(&workspace).unwrap();
    let secret = std::env::var("HOST_SECRET").expect("HOST_SECRET is set");
    let mut outside = Outside::new(&workspace, folder.path(), &secret);
    let limits = Limits {
        wall_ms: if matches!(kind, Kind::Attack | Kind::Burden) { 30_000 } else { 4_000 },
        memory_bytes: 384 << 20,
        processes: 64,
        file_bytes: 64 << 20,
        open_files: 256,
        output_bytes: 64 << 10,
        scratch_bytes: 128 << 20,
    };
    let watch = Watch::default();
    let begun = Instant::now();
    let ran = thread::scope(|scope| {
        // Whoever only reaches for something is not worth the looking, which costs time itself.
        let watcher = (kind != Kind::Attack)
            .then(|| scope.spawn(|| watch.run(outside.mark(), folder.path())));
        let argv = ["/usr/bin/python3", "suite.py", outside.mark(), name];
        let ran = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(mechanism.run(
                &workspace,
                &argv,
                outside.variables(),
                limits,
            ))
        });
        watch.is_over.store(true, Ordering::Relaxed);
        let used = watcher.map(|watcher| watcher.join().unwrap()).unwrap_or_default();
        ran.map(|ran| (ran, used))
    });
    let took = begun.elapsed();
    let (Ran { output, said }, used) = match ran {
        Ok(ran) => ran,
        Err(why) => return Verdict::NoAnswer(why),
    };
    let mut reached = outside.reached(&output);
    let words = String::from_utf8_lossy(&output);
    let claim = words
        .lines()
        .find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(": ")?.to_owned()));
    if let Some(got) = claim.as_deref().and_then(|claim| claim.strip_prefix("LEAK ")) {
        reached.push(got.to_owned());
    }
    if limits.processes as usize + OWN_PROCESSES < used.processes {
        reached.push(format!("{} processes", used.processes));
    }
    if 2 * limits.memory_bytes < used.memory_bytes {
        reached.push(format!("{} MB of memory", used.memory_bytes >> 20));
    }
    if 4 * limits.scratch_bytes < used.disk_bytes {
        reached.push(format!("{} MB of disk", used.disk_bytes >> 20));
    }
    if Duration::from_millis(limits.wall_ms) + GRACE < took {
        reached.push(format!("{} s", took.as_secs()));
    }
    // One is enough; some attacks make thousands of files.
    reached.truncate(SHOWN);
    if !reached.is_empty() {
        return Verdict::Leak(reached.join("; ").replace(&secret, "the secret"));
    }
    let is_answer = match kind {
        Kind::Attack => claim.as_deref() == Some("held"),
        // It was ended for what it used.
        Kind::Burden => claim.is_some() || said.is_limit,
        Kind::Endless | Kind::Bomb => said.is_limit || claim.is_some(),
    };
    if is_answer { Verdict::Held } else { Verdict::NoAnswer(format!("{}: {words}", said.words)) }
}

/// What the processes of an attack use, looked at from outside.
#[derive(Default)]
struct Watch {
    is_over: AtomicBool,
}

/// The most that was seen.
#[derive(Default)]
struct Used {
    processes: usize,
    memory_bytes: u64,
    disk_bytes: u64,
}

impl Watch {
    fn run(&self, mark: &str, not_counted: &Path) -> Used {
        let mut used = Used::default();
        while !self.is_over.load(Ordering::Relaxed) {
            let pids = marked(mark);
            used.processes = used.processes.max(pids.len());
            used.memory_bytes = used.memory_bytes.max(pids.iter().map(|pid| resident(*pid)).sum());
            used.disk_bytes = used.disk_bytes.max(size(&std::env::temp_dir(), not_counted));
            thread::sleep(SAMPLE);
        }
        used
    }
}

/// What is in memory for this process and not read from files. What processes share counts for each.
fn resident(pid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kb = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    (kb("RssAnon:").unwrap_or(0) + kb("RssShmem:").unwrap_or(0)) << 10
}

fn size(folder: &Path, not_counted: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes =
        entries.filter(|entry| entry.path() != not_counted).map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => size(&entry.path(), not_counted),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        });
    sizes.sum()
}
