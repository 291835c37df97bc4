//! A workspace on disk, a sandbox, and a language server over both.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};

use base::{AbsPathBuf, RelPath};
use fixture::Fixture;
use lsp::{Error, Server, Start, servers};
use sandbox::{Level, Programs, Sandbox, Setting, View};
use tempfile::TempDir;
use vfs::Vfs;

/// Enough on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(120);

pub(crate) struct Workspace {
    pub(crate) dir: TempDir,
    pub(crate) root: AbsPathBuf,
    pub(crate) vfs: Vfs,
    pub(crate) sandbox: Sandbox,
}

impl Workspace {
    /// `None`, and a word about it, where a test cannot run.
    pub(crate) async fn new(fixture: &str) -> Option<Workspace> {
        if env::var_os("RUN_SLOW_TESTS").is_none() {
            eprintln!("passed over: set RUN_SLOW_TESTS=1");
            return None;
        }
        let helper = PathBuf::from(env!("CARGO_BIN_EXE_lsp-helper"));
        let sandbox = Sandbox::preflight(Setting::Auto, helper).await;
        if sandbox.level() != Level::Full {
            eprintln!("passed over: the sandbox is {} here", sandbox.level());
            return None;
        }
        let dir = TempDir::new().unwrap();
        for (path, text) in Fixture::parse(fixture).files {
            put(&dir, path.trim_start_matches('/'), &text);
        }
        let root = AbsPathBuf::try_from(dir.path().canonicalize().unwrap()).unwrap();
        let vfs = Vfs::open(root.clone()).unwrap();
        Some(Workspace { dir, root, vfs, sandbox })
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        put(&self.dir, path, text);
        self.vfs.refresh().unwrap();
    }

    pub(crate) async fn start(&self, name: &str) -> Result<Server, Error> {
        self.start_over(name, View::default()).await
    }

    pub(crate) async fn start_over(&self, name: &str, view: View) -> Result<Server, Error> {
        let server = servers::named(name).unwrap();
        fixture::link_language_server(self.dir.path(), server.argv[0]).unwrap();
        let snapshot = self.vfs.snapshot();
        let (sandbox, root) = (&self.sandbox, &self.root);
        let (programs, folder, snapshot) = (&Programs::default(), None, &snapshot);
        Server::start(Start { server, sandbox, root, programs, folder, view, snapshot }).await
    }

    /// What the server says of these texts, a line each; or why it says nothing.
    pub(crate) async fn diagnose(&self, server: &Server, texts: &[(&str, &str)]) -> String {
        let texts: BTreeMap<RelPath, Arc<str>> =
            texts.iter().map(|(path, text)| (rel(path), Arc::from(*text))).collect();
        let turn = server.turn(&self.vfs.snapshot(), &texts).await;
        match turn.diagnostics(LONG).await {
            Ok(found) => found.iter().map(|one| format!("{one}\n")).collect(),
            Err(error) => format!("no answer: {error}\n"),
        }
    }
}

fn put(dir: &TempDir, path: &str, text: &str) {
    let path = dir.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

pub(crate) fn rel(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

/// Whether a process works in this folder.
pub(crate) fn is_running(root: &str) -> bool {
    processes_in(root).next().is_some()
}

/// Ids of the processes that work in this folder.
pub(crate) fn processes_in(root: &str) -> impl Iterator<Item = u32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let works_there = move |pid: &u32| {
        let cwd = fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
        *pid != std::process::id() && cwd.to_string_lossy().starts_with(root)
    };
    processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(works_there)
}
