//! `kill -9` at random moments: no user file is ever half-written, nothing that was started lives on, and the run is finished
//! by `baton runs resume`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fixture::Scripted;
use serde_json::Value;

use crate::support::{Stream, World, edit, of, outcome, slow};

/// Kills in each phase.
const KILLS: u32 = 20;
/// Files that the patch changes: enough that applying them takes a while.
const FILES: usize = 8;

#[test]
fn killed_while_generating() {
    phase(|event| event["stage"] == "generate" && event["state"] == "running", 400);
}

#[test]
fn killed_while_verifying() {
    phase(|event| event["stage"] == "verify" && event["state"] == "running", 600);
}

#[test]
fn killed_while_applying() {
    phase(|event| event["stage"] == "deliver" && event["state"] == "running", 30);
}

/// Kills once in the `window_ms` after an event, again and again.
fn phase(reached: fn(&Value) -> bool, window_ms: u64) {
    if !slow() {
        return;
    }
    let mut killed_in_time = 0;
    for round in 0..KILLS {
        let delay = Duration::from_micros(window_ms * 1000 * u64::from(round) / u64::from(KILLS));
        killed_in_time += u32::from(once(reached, delay));
    }
    // A machine that is quick enough may finish before the last moments; most kills must hit all the same.
    assert!(killed_in_time * 2 > KILLS, "only {killed_in_time} of {KILLS} kills came in time");
}

/// Whether the process was still at work when it was killed.
fn once(reached: fn(&Value) -> bool, delay: Duration) -> bool {
    let world = world();
    let old = world.files();
    let args = ["--json", "run", "fix", "--yes", "--commit", "the answer is wrong"];
    let mut stream = Stream::start(world.command(&args));
    assert!(stream.until(reached), "{:?}", stream.seen.last());
    let until = Instant::now() + delay;
    while Instant::now() < until {
        std::hint::spin_loop();
    }
    let events = stream.kill();
    let finished = !of(&events, "finished").is_empty();

    let new = repaired(&old);
    for (path, text) in world.files() {
        if is_ours(&path) {
            continue;
        }
        assert!(
            old.get(&path) == Some(&text) || new.get(&path) == Some(&text),
            "{path} is neither old nor new: {:?}",
            String::from_utf8_lossy(&text)
        );
    }
    no_process_left(&world);

    if !finished {
        let runs = world.baton(&["runs", "--json"]);
        let runs: Vec<Value> = String::from_utf8(runs.stdout)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(runs.len(), 1, "{runs:?}");
        let id = runs[0]["id"].as_str().unwrap();
        // Its end may have been recorded and not yet printed.
        if runs[0]["state"] != "succeeded" {
            let (events, code) = world.events(&["runs", "resume", id]);
            assert!(!of(&events, "finished").is_empty(), "{code} {events:?} {runs:?}");
            let ended = &outcome(&events)["outcome"];
            assert_eq!((code, ended), (0, &"delivered".into()), "{events:#?}");
        }
    }
    let files: BTreeMap<String, Vec<u8>> =
        world.files().into_iter().filter(|(path, _)| !path.contains("__pycache__")).collect();
    assert_eq!(files, new, "left-over or missing files");
    assert_eq!(world.git(&["status", "--porcelain"]), "", "the commit is complete");
    assert_eq!(
        world.git(&["rev-list", "--count", "HEAD"]).trim(),
        "2",
        "exactly one commit was made"
    );
    !finished
}

/// A temporary file of an interrupted write: allowed to lie there until the next start, never to stay.
fn is_ours(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with(".baton-"))
        || path.contains("__pycache__")
}

fn world() -> World {
    let mut files = String::from("//- /.gitignore\n__pycache__/\n");
    for n in 0..FILES {
        files.push_str(&format!("//- /part{n}.py\ndef part():\n    return {n} + 1\n"));
    }
    files.push_str("//- /test_parts.py\n");
    for n in 0..FILES {
        files.push_str(&format!("import part{n}\n"));
    }
    files.push_str("\n\ndef test_sum():\n    assert sum([");
    for n in 0..FILES {
        files.push_str(&format!("part{n}.part(), "));
    }
    files.push_str(&format!("]) == {}\n", (0..FILES).sum::<usize>()));
    let reply: String = (0..FILES)
        .map(|n| {
            edit(&format!("part{n}.py"), &format!("    return {n} + 1"), &format!("    return {n}"))
        })
        .collect();
    let reply = format!("{reply}\nCOMMIT: fix(parts): count from zero\n");
    // Streamed over some 300 ms, whoever asks and however often.
    let world = World::with_script(
        &files,
        Box::new(move |_| Scripted::Slow { text: reply.clone(), delay_ms: 4 }),
    );
    world.commit_all();
    world
}

fn repaired(old: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let mut new = old.clone();
    for n in 0..FILES {
        new.insert(format!("part{n}.py"), format!("def part():\n    return {n}\n").into_bytes());
    }
    new
}

/// Everything that a killed run had started ends with it, also what runs in the sandbox.
pub(crate) fn no_process_left(world: &World) {
    let root = world.root();
    let root = root.to_str().unwrap().as_bytes();
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let left: Vec<String> = std::fs::read_dir("/proc")
            .map(|entries| {
                entries.filter_map(|entry| mentions(&entry.ok()?.path(), root)).collect()
            })
            .unwrap_or_default();
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "still running: {left:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn mentions(process: &std::path::Path, root: &[u8]) -> Option<String> {
    process.file_name()?.to_str()?.parse::<u32>().ok()?;
    let line = std::fs::read(process.join("cmdline")).ok()?;
    let found = line.windows(root.len()).any(|part| part == root);
    found.then(|| String::from_utf8_lossy(&line).replace('\0', " "))
}
