//! A workspace on disk, a sandbox, and the programs that the tests need.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use base::{AbsPathBuf, RelPath};
use fixture::Fixture;
use sandbox::{Level, Limits, Sandbox, Setting, View};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tools::Choices;
use tools::tests::{Status, TestCommand, TestReport, TestRun, detect, run};
use vfs::{Snapshot, Vfs};

pub(crate) struct Workspace {
    _dir: TempDir,
    cache: TempDir,
    pub(crate) root: AbsPathBuf,
    pub(crate) vfs: Vfs,
}

impl Workspace {
    pub(crate) fn new(fixture: &str) -> Workspace {
        let dir = TempDir::new().unwrap();
        for (path, text) in Fixture::parse(fixture).files {
            let path = dir.path().join(path.trim_start_matches('/'));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let root = AbsPathBuf::try_from(dir.path().canonicalize().unwrap()).unwrap();
        let vfs = Vfs::open(root.clone()).unwrap();
        Workspace { _dir: dir, cache: TempDir::new().unwrap(), root, vfs }
    }

    pub(crate) fn snap(&self) -> Snapshot {
        self.vfs.snapshot()
    }

    pub(crate) fn read(&self, path: &str) -> String {
        self.snap().read(&RelPath::parse(path).unwrap()).unwrap().to_string()
    }

    /// All runners that are detected.
    pub(crate) fn commands(&self) -> Vec<TestCommand> {
        detect(&self.snap(), &Choices::default())
    }

    /// The one runner that is detected.
    pub(crate) fn command(&self) -> TestCommand {
        let mut found = self.commands();
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    pub(crate) async fn run(
        &self,
        sandbox: &Sandbox,
        command: &TestCommand,
        view: View,
    ) -> TestReport {
        self.run_some(sandbox, command, view, None).await
    }

    pub(crate) async fn run_some(
        &self,
        sandbox: &Sandbox,
        command: &TestCommand,
        view: View,
        select: Option<&[String]>,
    ) -> TestReport {
        let cache = AbsPathBuf::try_from(self.cache.path().to_owned()).unwrap();
        let snap = self.snap();
        let job = TestRun {
            root: &self.root,
            is_candidate: !view.files.is_empty(),
            view,
            snap: &snap,
            command,
            select,
            // A busy machine may take long to compile a language's own library.
            limits: Limits { wall_ms: 600_000, ..Limits::default() },
            cache: &cache,
        };
        run(sandbox, &job, &CancellationToken::new()).await
    }
}

pub(crate) async fn sandbox(best: Level) -> Sandbox {
    let helper = PathBuf::from(env!("CARGO_BIN_EXE_tools-helper"));
    Sandbox::preflight_capped(Setting::Auto, helper, best).await
}

/// The complete sandbox; `None`, and a word about it, where this machine cannot have it.
pub(crate) async fn full() -> Option<Sandbox> {
    let sandbox = sandbox(Level::Full).await;
    if sandbox.level() != Level::Full {
        eprintln!("passed over: the sandbox is {} here", sandbox.level());
        return None;
    }
    Some(sandbox)
}

/// Fails where a program that `cargo xtask test` installs is not on the PATH.
#[track_caller]
pub(crate) fn needs(program: &str) {
    assert!(sandbox::which(program).is_some(), "`{program}` is missing; run `cargo xtask test`");
}

/// Whether tests above a second are wanted.
pub(crate) fn slow() -> bool {
    let wanted = env::var_os("RUN_SLOW_TESTS").is_some();
    if !wanted {
        eprintln!("passed over: set RUN_SLOW_TESTS=1");
    }
    wanted
}

pub(crate) fn rel(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

pub(crate) fn view(files: &[(&str, Option<&str>)]) -> View {
    let files = files.iter().map(|(path, text)| {
        (RelPath::parse(path).unwrap(), text.map(|text| text.as_bytes().to_vec()))
    });
    View { files: files.collect::<BTreeMap<_, _>>() }
}

/// `ok id` and `FAILED id` lines, and why there is no answer.
pub(crate) fn show(report: &TestReport) -> String {
    let mut out = String::new();
    for (id, case) in &report.cases {
        let status = match case.status {
            Status::Passed => "ok",
            Status::Failed => "FAILED",
            Status::Skipped => "skipped",
        };
        let place = match (&case.file, case.line) {
            (Some(file), Some(line)) => format!(" @{file}:{line}"),
            (Some(file), None) => format!(" @{file}"),
            (None, _) => String::new(),
        };
        out.push_str(&format!("{status} {id}{place}\n"));
    }
    if let Err(why) = &report.answered {
        out.push_str(&format!("no answer: {why}\n"));
    }
    out
}
