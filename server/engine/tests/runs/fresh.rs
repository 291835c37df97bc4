//! Freshness: soon after any change, search says what an index says that never saw anything else.
//!
//! The whole way is real: git and plain writes change files, the system tells of them, the workspace follows, somebody
//! asks. `FRESH_STEPS=1000 cargo test -p engine --test runs fresh -- --nocapture` takes 1,000 steps and prints how long
//! each kind of change took to be found.
#![allow(clippy::print_stdout, reason = "what was measured is shown with `--nocapture`")]
#![allow(clippy::disallowed_methods, reason = "these tests play the part of editors and of git")]

mod steps;
mod texts;
mod tree;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::{AbsPathBuf, RelPath};
use engine::{Hit, Patience, Query, Workspace};
use fixture::Random;
use index::Index;
use index::embed::table::StaticTable;
use vfs::{BufferChange, Vfs};

use crate::check::World;
use crate::fresh::steps::{Step, Steps, UNSAVED};
use crate::fresh::tree::Tree;

/// Much longer than it ever takes; what it takes is printed.
const DEADLINE: Duration = Duration::from_secs(5);

/// How long it is waited for news before it is looked again without: there are changes that no list of files shows.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

const QUESTIONS: &[&str] =
    &["where is a date parsed", "close the queue", "Reader.next", "zone", "tests of the reader"];

/// Two equal trees: one is followed, the other one says what is to be found.
struct Twins {
    world: World,
    here: Tree,
    there: Tree,
    /// Unsaved texts, with their versions.
    open: BTreeMap<String, (i32, String)>,
}

impl Twins {
    async fn new(n_files: usize) -> Twins {
        let world = World::new("").await;
        let here = Tree::at(world.files.path());
        let there = Tree::new();
        for tree in [&here, &there] {
            tree.fill(n_files, &mut Random::new(11));
        }
        Twins { world, here, there, open: BTreeMap::new() }
    }

    /// What an index of the other tree says, made anew.
    fn expected(&self, questions: &[String]) -> String {
        let root = self.there.path().canonicalize().unwrap();
        let vfs = Vfs::open(AbsPathBuf::try_from(root).unwrap()).unwrap();
        for (path, (version, text)) in &self.open {
            vfs.open_buffer(rel(path), *version, text);
        }
        let index = Index::with_embedder(Arc::new(StaticTable::shipped()));
        assert!(index.update(&vfs.snapshot()).is_complete);
        let mut all = String::new();
        for question in questions {
            show(question, &index.search(&Query::new(question)), &mut all);
        }
        all
    }

    /// Takes a step in the tree that says what is to be found.
    fn foresee(&mut self, step: &Step) {
        match step {
            Step::Type { path, text } => {
                let version = self.open.get(path).map_or(1, |(version, _)| version + 1);
                self.open.insert(path.clone(), (version, text.clone()));
            }
            Step::Close { path } => {
                self.open.remove(path);
            }
            step => self.there.happen(step),
        }
    }

    /// Takes the same step in the tree that is followed, or in the editor; returns when that was done.
    fn happen(&self, step: &Step, workspace: &Workspace) -> Instant {
        let vfs = workspace.vfs();
        match step {
            Step::Type { path, text } => {
                let started = Instant::now();
                match self.open[path].0 {
                    1 => vfs.open_buffer(rel(path), 1, text),
                    version => {
                        let change = BufferChange::Full(text.clone());
                        vfs.change_buffer(&rel(path), version, &[change]).unwrap();
                    }
                }
                started
            }
            Step::Close { path } => {
                let started = Instant::now();
                vfs.close_buffer(&rel(path));
                started
            }
            step => {
                self.here.happen(step);
                Instant::now()
            }
        }
    }

    /// Nothing that was only typed is in the folder of the index.
    fn check_nothing_typed_is_saved(&self) {
        let Ok(entries) = fs::read_dir(self.world.data().join("index")) else { return };
        for entry in entries {
            let file = entry.unwrap().path();
            // A segment may have been merged away since.
            let bytes = fs::read(&file).unwrap_or_default();
            let is_there = bytes.windows(UNSAVED.len()).any(|window| window == UNSAVED.as_bytes());
            assert!(!is_there, "unsaved text in {}", file.display());
        }
    }
}

fn rel(path: &str) -> RelPath {
    path.parse().unwrap()
}

/// Hits to the last bit.
fn show(question: &str, hits: &[Hit], out: &mut String) {
    for hit in hits {
        writeln!(out, "{question}: {:08x} {hit:?}", hit.score.to_bits()).unwrap();
    }
}

async fn answers(workspace: &Workspace, questions: &[String]) -> String {
    let mut all = String::new();
    for question in questions {
        let found = workspace.search(Query::new(question), Patience::Complete).await.unwrap();
        assert!(found.searched.is_complete);
        show(question, &found.hits, &mut all);
    }
    all
}

/// Asks until the answers are as expected; returns when the first question was answered so, since `started`.
async fn until_equal(
    workspace: &Workspace,
    questions: &[String],
    expected: &str,
    started: Instant,
    what: &str,
) -> Duration {
    let mut revisions = workspace.vfs().subscribe();
    let (first, rest) = questions.split_at(1);
    loop {
        revisions.borrow_and_update();
        let mut all = answers(workspace, first).await;
        let took = started.elapsed();
        if expected.starts_with(&all) {
            all += &answers(workspace, rest).await;
            if all == expected {
                return took;
            }
        }
        if DEADLINE < took {
            let differs = all.lines().zip(expected.lines()).find(|(is, shall)| is != shall);
            panic!("after {what}, this never became equal: {differs:#?}");
        }
        let _ = tokio::time::timeout(LOOK_AGAIN, revisions.changed()).await;
    }
}

/// Times of one kind of step.
#[derive(Default)]
struct Times(Vec<Duration>);

impl Times {
    /// Milliseconds below which this share of them is.
    fn share(&mut self, share: f64) -> f64 {
        self.0.sort();
        let at = (self.0.len() as f64 * share) as usize;
        self.0[at.min(self.0.len() - 1)].as_secs_f64() * 1e3
    }
}

/// Takes `n_steps` in a workspace of `n_files`.
async fn check(n_steps: usize, n_files: usize) {
    let mut twins = Twins::new(n_files).await;
    let workspace = twins.world.open().await;
    let mut steps = Steps::new(7);
    let mut times: BTreeMap<&str, Times> = BTreeMap::new();
    let mut n_told = 0;
    let usual: Vec<String> = QUESTIONS.iter().map(|text| (*text).to_owned()).collect();
    assert_eq!(answers(&workspace, &usual).await, twins.expected(&usual));
    for number in 0..n_steps {
        let (step, questions) = steps.next(number, &twins.there, &twins.open);
        let questions = [questions, usual.clone()].concat();
        let before = answers(&workspace, &questions).await;
        twins.foresee(&step);
        let expected = twins.expected(&questions);
        let what = format!("step {number}, {step:?}");
        let started = twins.happen(&step, &workspace);
        let took = until_equal(&workspace, &questions, &expected, started, &what).await;
        // Where the answers are as they were, no time was measured.
        if before != expected {
            n_told += 1;
            times.entry(step.kind()).or_default().0.push(took);
            let is_on_disk = !matches!(step, Step::Type { .. } | Step::Close { .. });
            times
                .entry(if is_on_disk { "any on disk" } else { "any in the editor" })
                .or_default()
                .0
                .push(took);
        }
        if number % 20 == 19 {
            twins.check_nothing_typed_is_saved();
        }
    }
    assert!(n_steps * 9 / 10 < n_told, "only {n_told} of {n_steps} steps changed an answer");
    println!(
        "{n_steps} steps, {n_files} files at first, {n_told} changed an answer; ms until search says so:"
    );
    println!("{:18} {:>5} {:>7} {:>7} {:>7}", "kind", "steps", "p50", "p99", "max");
    for (kind, mut times) in times {
        let n = times.0.len();
        let (p50, p99, max) = (times.share(0.5), times.share(0.99), times.share(1.0));
        println!("{kind:18} {n:>5} {p50:>7.1} {p99:>7.1} {max:>7.1}");
    }
    // What is saved at the end is what the next start finds.
    workspace.index_stats().await.unwrap();
    twins.check_nothing_typed_is_saved();
    workspace.shutdown().await;
    drop(workspace);
    twins.check_nothing_typed_is_saved();
    twins.open.clear();
    let again = twins.world.open().await;
    assert_eq!(answers(&again, &usual).await, twins.expected(&usual));
    again.shutdown().await;
}

#[tokio::test]
async fn search_follows_all_that_happens() {
    // An index is made anew for each step, so many steps take as long as all other tests together.
    let wanted =
        std::env::var("FRESH_STEPS").ok().map(|n| n.parse().expect("FRESH_STEPS is a number"));
    let (n_steps, n_files) = wanted.map_or((60, 40), |n_steps| (n_steps, 300));
    check(n_steps, n_files).await;
}
