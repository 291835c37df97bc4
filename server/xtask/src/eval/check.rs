//! A package's own tests, run outside of Baton: they decide what is right and wrong. What they said of a mutation is kept, since
//! it depends on nothing but the data.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::data::{Mutation, Package};
use super::languages::Prepared;

/// Longest run of a package's tests. A mutation that makes them hang shows nothing: nobody could say that they fail.
const LIMIT: &str = "600";

/// Checks that the original passes its tests, and that the broken and the wrong one do not.
///
/// # Errors
/// The mutation shows nothing, or the tests could not be run.
pub(super) fn check(
    package: &Package,
    mutation: &Mutation,
    prepared: &Prepared,
    cache: &Path,
) -> Result<()> {
    let key = serde_json::to_vec(&(package.label(), &package.sha256, &package.requires, mutation))?;
    let stamp = cache.join("checked").join(blake3::hash(&key).to_hex().as_str());
    if stamp.exists() {
        return Ok(());
    }
    let scratch = tempfile::tempdir()?;
    let folder = copy(prepared, &scratch.path().join("package"))?;
    let path = folder.join(&mutation.path);
    let original = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let (broken, wrong) = mutation.texts(&original)?;
    for (text, name, passes) in
        [(&original, "original", true), (&broken, "broken", false), (&wrong, "wrong", false)]
    {
        std::fs::write(&path, text)?;
        let (passed, output) = own_tests(prepared, &folder)?;
        if passed != passes {
            let end = output.lines().rev().take(15).collect::<Vec<_>>();
            let end = end.into_iter().rev().collect::<Vec<_>>().join("\n");
            let how = if passed { "pass" } else { "fail" };
            bail!(
                "{}: the tests {how} on the {name} `{}`:\n{end}",
                package.name,
                mutation.function
            );
        }
    }
    std::fs::create_dir_all(cache.join("checked"))?;
    Ok(std::fs::write(stamp, "")?)
}

/// A copy of the package, for one mutation.
pub(super) fn copy(prepared: &Prepared, to: &Path) -> Result<PathBuf> {
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    crate::command::quiet(Command::new("cp").arg("-R").arg(&prepared.folder).arg(to))?;
    Ok(to.to_path_buf())
}

/// Whether the package's own tests pass, and what they printed.
pub(super) fn own_tests(prepared: &Prepared, folder: &Path) -> Result<(bool, String)> {
    let build = folder.with_extension("build");
    let mut printed = String::new();
    for argv in &prepared.tests {
        let argv = argv.iter().map(|arg| arg.replace("{build}", &build.display().to_string()));
        let argv = argv.collect::<Vec<_>>();
        let (program, arguments) = argv.split_first().context("no command")?;
        let output = Command::new("timeout")
            .args(["--kill-after=5", LIMIT, program])
            .args(arguments)
            .current_dir(folder)
            .env("PATH", path(prepared)?)
            // A compiled file is matched by whole seconds and size.
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .envs(prepared.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {program}"))?;
        printed.push_str(&String::from_utf8_lossy(&output.stdout));
        printed.push_str(&String::from_utf8_lossy(&output.stderr));
        let code = output.status.code();
        ensure!(code.is_some_and(|code| code < 124), "{program} did not end: {}", output.status);
        if !output.status.success() {
            return Ok((false, printed));
        }
    }
    Ok((true, printed))
}

/// The developer's PATH behind what the package needs.
pub(super) fn path(prepared: &Prepared) -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = prepared.path.iter().cloned();
    Ok(std::env::join_paths(own.chain(std::env::split_paths(&path)))?)
}
