//! Measures what the sandbox costs: `cargo bench -p sandbox [-- rounds]`. `true` plainly and at each level, by turns, so that what
//! else the machine does falls on all; then the full level over a small and a large workspace. It checks nothing.
//!
//! Figures mean something only beside others of the same run: hence the ratios.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool for developers; it starts what it compares with"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use base::AbsPathBuf;
use sandbox::{End, Job, Level, Sandbox, Setting};
use tokio_util::sync::CancellationToken;

/// Files of the two workspaces that are compared.
const FILES: [usize; 2] = [100, 100_000];
const FILES_OF_FOLDER: usize = 100;

#[tokio::main]
async fn main() {
    // Cargo adds `--bench`.
    let rounds = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(100);
    let helper = PathBuf::from(env!("CARGO_BIN_EXE_sandbox-helper"));
    let mut levels = Vec::new();
    for level in [Level::Off, Level::Restricted, Level::Full] {
        let sandbox = Sandbox::preflight_capped(Setting::Auto, helper.clone(), level).await;
        println!("{level:?}: {}", sandbox.report().backend);
        if sandbox.level() == level {
            levels.push(sandbox);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let job = job(folder.path());
    let mut times = vec![Vec::new(); levels.len() + 1];
    for _ in 0..rounds {
        let begun = Instant::now();
        assert!(Command::new("true").status().unwrap().success());
        times[0].push(begun.elapsed());
        for (sandbox, times) in levels.iter().zip(&mut times[1..]) {
            times.push(run(sandbox, &job).await);
        }
    }
    let names = levels.iter().map(|sandbox| format!("{:?}", sandbox.level()));
    print(std::iter::once("plain".to_owned()).chain(names), times);

    let Some(full) = levels.last().filter(|sandbox| sandbox.level() == Level::Full) else { return };
    let trees = FILES.map(|n_files| tree(folder.path(), n_files));
    let jobs = trees.map(|tree| self::job(&tree));
    let mut times = vec![Vec::new(); jobs.len()];
    for _ in 0..rounds {
        for (job, times) in jobs.iter().zip(&mut times) {
            times.push(run(full, job).await);
        }
    }
    print(FILES.map(|n_files| format!("{n_files} files")), times);
}

fn job(root: &Path) -> Job {
    Job::new(AbsPathBuf::try_from(root.to_owned()).unwrap(), ["true"])
}

async fn run(sandbox: &Sandbox, job: &Job) -> Duration {
    let begun = Instant::now();
    let outcome = sandbox.run(job, &CancellationToken::new()).await.unwrap();
    let took = begun.elapsed();
    assert_eq!(outcome.end, End::Exit(0));
    took
}

/// A workspace with so many files.
fn tree(folder: &Path, n_files: usize) -> PathBuf {
    let tree = folder.join(n_files.to_string());
    for idx in 0..n_files / FILES_OF_FOLDER {
        let folder = tree.join(format!("folder-{idx}"));
        fs::create_dir_all(&folder).unwrap();
        for idx in 0..FILES_OF_FOLDER {
            fs::write(folder.join(format!("file-{idx}.rs")), "fn f() {}\n").unwrap();
        }
    }
    tree
}

/// Ratio and difference are to the first.
fn print(names: impl IntoIterator<Item = String>, times: Vec<Vec<Duration>>) {
    let mut first = None;
    println!();
    for (name, mut times) in names.into_iter().zip(times) {
        times.sort();
        let ms = |idx: usize| times[idx].as_secs_f64() * 1000.0;
        let (min, p50, p95) = (ms(0), ms(times.len() / 2), ms(times.len() * 95 / 100));
        let first = *first.get_or_insert(p50);
        println!(
            "{name:12} min {min:6.2}  p50 {p50:6.2}  p95 {p95:6.2} ms  p50: {:5.2} times, {:+6.2} ms",
            p50 / first,
            p50 - first
        );
    }
}
