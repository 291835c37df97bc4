//! Measures what the sandbox costs: `true` plainly and at each level, in turn; prints the fastest and the median in ms.
//!
//! `cargo run --release -p sandbox --example overhead -- <path of sandbox-helper> [runs]`
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool for developers; it starts what it compares with"
)]

use std::{path::PathBuf, process::Command, time::Instant};

use base::AbsPathBuf;
use sandbox::{End, Job, Level, Sandbox, Setting};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let helper = PathBuf::from(args.next().expect("the path of sandbox-helper"));
    let n_runs: usize = args.next().map_or(40, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let root = AbsPathBuf::try_from(folder.path().to_owned()).unwrap();
    let job = Job::new(root, ["true"]);

    let mut sandboxes = Vec::new();
    for level in [Level::Off, Level::Restricted, Level::Full] {
        let sandbox = Sandbox::preflight_capped(Setting::Auto, helper.clone(), level).await;
        println!("{:?}", sandbox.report());
        sandboxes.push((sandbox, Vec::new()));
    }
    let mut plain = Vec::new();
    for _ in 0..n_runs {
        let begun = Instant::now();
        assert!(Command::new("true").status().unwrap().success());
        plain.push(begun.elapsed());
        for (sandbox, times) in &mut sandboxes {
            let begun = Instant::now();
            let outcome = sandbox.run(&job, &CancellationToken::new()).await.unwrap();
            assert_eq!(outcome.end, End::Exit(0));
            times.push(begun.elapsed());
        }
    }
    let all =
        sandboxes.into_iter().map(|(sandbox, times)| (format!("{:?}", sandbox.level()), times));
    for (name, mut times) in [("plain".to_owned(), plain)].into_iter().chain(all) {
        times.sort();
        let ms = |idx: usize| times[idx].as_secs_f64() * 1000.0;
        println!("{name:10} min {:6.2}  p50 {:6.2}", ms(0), ms(times.len() / 2));
    }
}
