//! Python: source archives from the package index through pip, tests with pytest in an environment of their own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Place, Prepared, unpack};
use crate::command;

const PYTEST: &str = "pytest==9.2.0";

pub(super) fn prepare(place: &Place) -> Result<Prepared> {
    let python = environment(place)?;
    let archive = fetch(place, &python)?;
    let folder = place.once(|into| unpack(&archive, into))?;
    let bin = python.parent().context("the interpreter has no folder")?.to_path_buf();
    let tests = ["python", "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider"];
    Ok(Prepared {
        folder,
        path: vec![bin],
        tests: vec![tests.map(str::to_owned).to_vec()],
        env: Vec::new(),
    })
}

fn fetch(place: &Place, python: &Path) -> Result<PathBuf> {
    let package = place.package;
    let name = format!("{}-{}.tar.gz", package.name.replace('-', "_"), package.version);
    let archive = place.archives.join(name);
    if !archive.exists() {
        let requirements = place.archives.join(format!("{}.txt", package.name));
        let line =
            format!("{}=={} --hash=sha256:{}\n", package.name, package.version, package.sha256);
        std::fs::write(&requirements, line)?;
        command::quiet(
            Command::new(python)
                .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"])
                .args(["--no-deps", "--no-binary", ":all:", "--require-hashes", "--dest"])
                .arg(&place.archives)
                .arg("--requirement")
                .arg(&requirements),
        )?;
    }
    ensure!(archive.exists(), "pip did not leave {}", archive.display());
    Ok(archive)
}

/// A virtual environment with pytest and what the package's tests import.
fn environment(place: &Place) -> Result<PathBuf> {
    let folder = place.cache.join("venv").join(&place.package.name);
    let python = folder.join("bin/python");
    if !python.exists() {
        command::quiet(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    let stamp = folder.join("requires.txt");
    let wanted = std::iter::once(PYTEST.to_owned()).chain(place.package.requires.iter().cloned());
    let wanted = wanted.collect::<Vec<_>>().join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(python);
    }
    command::quiet(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(wanted.lines()),
    )?;
    std::fs::write(stamp, wanted)?;
    Ok(python)
}
