//! A workspace in a temporary folder, and the outcome of a command in it as text.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use base::{AbsPathBuf, RelPath};
use sandbox::{End, Error, Job, Level, Limits, Outcome, Sandbox, Setting, View};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A folder with a few files, and a sandbox for it.
pub(crate) struct Fixture {
    dir: TempDir,
    pub(crate) sandbox: Sandbox,
}

pub(crate) fn helper() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_sandbox-helper"))
}

/// At the full level; `None`, said aloud, if this machine lacks it. `BATON_NEED_SANDBOX` makes that a failure.
pub(crate) async fn full() -> Option<Fixture> {
    at(Level::Full).await
}

pub(crate) async fn at(level: Level) -> Option<Fixture> {
    let sandbox = Sandbox::preflight_capped(Setting::Auto, helper(), level).await;
    if sandbox.level() != level {
        assert!(std::env::var_os("BATON_NEED_SANDBOX").is_none(), "{:?}", sandbox.report());
        eprintln!("passed over, as this machine has no such sandbox: {:?}", sandbox.report());
        return None;
    }
    Some(with(sandbox))
}

pub(crate) fn with(sandbox: Sandbox) -> Fixture {
    let dir = TempDir::with_prefix("workspace ").unwrap();
    // A comma and a space in a path must not matter.
    let fixture = Fixture { dir, sandbox };
    fs::create_dir(fixture.path()).unwrap();
    fixture.put("kept.txt", "kept");
    fixture.put("src/changed.txt", "old");
    fixture.put("src/deleted.txt", "old");
    fixture
}

impl Fixture {
    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("a, b")
    }

    pub(crate) fn root(&self) -> AbsPathBuf {
        AbsPathBuf::try_from(self.path()).unwrap()
    }

    /// Beside the workspace, and no part of it.
    pub(crate) fn outside(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn put_program(&self, path: &str, text: &str) {
        self.put(path, text);
        fs::set_permissions(self.path().join(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// `sh -c script` with short limits.
    pub(crate) fn sh(&self, script: &str) -> Job {
        self.job(["sh", "-c", script])
    }

    pub(crate) fn job<const N: usize>(&self, argv: [&str; N]) -> Job {
        let limits = Limits {
            wall_ms: 20_000,
            memory_bytes: 512 << 20,
            processes: 64,
            file_bytes: 64 << 20,
            open_files: 256,
            output_bytes: 64 << 10,
            scratch_bytes: 128 << 20,
        };
        Job { limits, ..Job::new(self.root(), argv) }
    }

    pub(crate) async fn try_run(&self, job: &Job) -> Result<Outcome, Error> {
        self.sandbox.run(job, &CancellationToken::new()).await
    }

    pub(crate) async fn run(&self, job: &Job) -> Outcome {
        self.try_run(job).await.unwrap()
    }

    /// The output of a script that has to succeed.
    pub(crate) async fn output(&self, script: &str) -> String {
        text(&self.run(&self.sh(script)).await)
    }

    /// All files of the real tree with their contents.
    pub(crate) fn tree(&self) -> String {
        let mut lines = Vec::new();
        list(&self.path(), &self.path(), &mut lines);
        lines.sort();
        lines.join("\n")
    }
}

fn list(root: &Path, dir: &Path, lines: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            list(root, &entry.path(), lines);
        } else {
            let path = entry.path();
            lines.push(format!(
                "{}: {}",
                path.strip_prefix(root).unwrap().display(),
                fs::read_to_string(&path).unwrap_or_default()
            ));
        }
    }
}

/// Standard output, and whatever else is not as it should be.
pub(crate) fn text(outcome: &Outcome) -> String {
    let mut text = String::from_utf8_lossy(&outcome.stdout).into_owned();
    if !outcome.stderr.is_empty() {
        text.push_str(&format!("[stderr] {}", String::from_utf8_lossy(&outcome.stderr)));
    }
    if outcome.end != End::Exit(0) {
        text.push_str(&format!("[end] {:?}\n", outcome.end));
    }
    text
}

pub(crate) fn view(files: &[(&str, Option<&str>)]) -> View {
    let files = files.iter().map(|(path, content)| {
        (RelPath::parse(path).unwrap(), content.map(|content| content.as_bytes().to_vec()))
    });
    View { files: files.collect() }
}

/// Whether a process with this in its command line is alive.
pub(crate) fn is_alive(sign: &str) -> bool {
    fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).replace('\0', " ").contains(sign)
    })
}
