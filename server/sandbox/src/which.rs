//! Finding programs on the user's own PATH and asking them for their version; nothing of a workspace is run here.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use base::{AbsPathBuf, RelPath};
use serde::{Deserialize, Serialize};
use tokio::{io::AsyncReadExt, process::Command, time::timeout};

use crate::Sandbox;

/// What a program may take to say its version.
const VERSION_TIMEOUT: Duration = Duration::from_secs(5);
/// What is read of its answer.
const VERSION_BYTES: u64 = 4096;
/// What a trusted tool gets of the environment: where tools and their data are, never a secret.
const VERSION_ENV: &[&str] = &[
    "PATH",
    "HOME",
    "LANG",
    "RUSTUP_HOME",
    "CARGO_HOME",
    "PYENV_ROOT",
    "NVM_DIR",
    "GOROOT",
    "GOPATH",
];

/// The file that `program` names: itself if it contains a `/` and is absolute, else the first in PATH.
///
/// Relative entries of PATH are skipped: they would find programs of whatever folder one is in.
pub fn which(program: &str) -> Option<AbsPathBuf> {
    which_in(program, &env::var_os("PATH")?)
}

/// Folders of a project that hold its own copies of programs.
const OWN: &[&str] = &["node_modules/.bin", ".venv/bin", "venv/bin"];

/// The project's own copy of the program `name` in `dir` of the workspace at `root` or in a folder above, relative to `dir`.
pub(crate) fn own(root: &AbsPathBuf, dir: Option<&RelPath>, name: &str) -> Option<String> {
    let mut up = String::new();
    let mut at = dir.cloned();
    loop {
        let folder = at.as_ref().map_or_else(|| root.clone(), |dir| root.join(dir));
        let mut own = OWN.iter().map(|own| format!("{own}/{name}"));
        if let Some(own) = own.find(|own| folder.as_std_path().join(own).exists()) {
            return Some(format!("{up}{own}"));
        }
        at = at?.parent();
        up.push_str("../");
    }
}

/// What is started where a program of some name is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Programs {
    /// Program and first arguments, by the name that they stand for. A program with a `/` is relative to the workspace's root.
    instead: BTreeMap<String, Vec<String>>,
}

impl Programs {
    /// `instead`: program and first arguments, by the name that they stand for.
    pub fn new(instead: BTreeMap<String, Vec<String>>) -> Programs {
        Programs { instead }
    }

    /// What stands for `name`, for a command that starts in `dir`; `None` where nothing does.
    pub fn instead_of(&self, name: &str, dir: Option<&RelPath>) -> Option<Vec<String>> {
        let mut argv = self.instead.get(name)?.clone();
        let program = argv.first_mut()?;
        if program.contains('/') && !program.starts_with('/') {
            let up = "../".repeat(dir.map_or(0, |dir| dir.parts().count()));
            *program = format!("{up}{}", program.trim_start_matches("./"));
            if up.is_empty() {
                program.insert_str(0, "./");
            }
        }
        Some(argv)
    }

    /// What to start for `name` in `dir` of the workspace at `root`: what stands for it, else as the sandbox finds it.
    pub fn find(
        &self,
        sandbox: &Sandbox,
        root: &AbsPathBuf,
        dir: Option<&RelPath>,
        name: &str,
    ) -> Option<Vec<String>> {
        self.instead_of(name, dir).or_else(|| Some(vec![sandbox.program(root, dir, name)?]))
    }

    /// The names that something stands for.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.instead.keys().map(String::as_str)
    }
}

/// [`which`], in this PATH.
pub(crate) fn which_in(program: &str, path: &OsStr) -> Option<AbsPathBuf> {
    if program.is_empty() {
        return None;
    }
    if program.contains('/') {
        let path = PathBuf::from(program);
        return if path.is_absolute() && is_program(&path) {
            AbsPathBuf::try_from(path).ok()
        } else {
            None
        };
    }
    env::split_paths(path)
        .filter(|dir| dir.is_absolute())
        .map(|dir| dir.join(program))
        .find(|path| is_program(path))
        .and_then(|path| AbsPathBuf::try_from(path).ok())
}

/// Whether it is a file, or a link to one, that may be executed.
pub(crate) fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// The first line that `<program> --version` prints; `None` if it is absent, fails, or takes more than 5 seconds.
///
/// For tools of the system that the user trusts, as this is not confined. It runs in `/`, so that a workspace's
/// settings and folders do not choose what runs.
pub async fn version(program: &str) -> Option<String> {
    let program = which(program)?;
    let mut child = Command::new(program.as_std_path())
        .arg("--version")
        .env_clear()
        .envs(VERSION_ENV.iter().filter_map(|name| Some((name, env::var_os(name)?))))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    let mut stdout = child.stdout.take()?.take(VERSION_BYTES);
    let answer = async {
        let mut text = Vec::new();
        stdout.read_to_end(&mut text).await.ok()?;
        let status = child.wait().await.ok()?;
        status.success().then_some(text)
    };
    let text = timeout(VERSION_TIMEOUT, answer).await.ok()??;
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.to_owned())
}

#[cfg(test)]
mod tests;
