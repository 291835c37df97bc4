//! Rust: crates as cargo fetches them, tests with `cargo test`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Place, Prepared, words};
use crate::command;

pub(super) fn prepare(place: &Place) -> Result<Prepared> {
    let folder = place.once(|into| {
        let source = fetch(place)?;
        let folder = into.join(&place.package.name);
        command::quiet(Command::new("cp").arg("-R").arg(&source).arg(&folder))?;
        let marker = folder.join(".cargo-ok");
        if marker.exists() {
            std::fs::remove_file(marker)?;
        }
        // A workspace of its own, wherever it is copied to.
        let manifest = folder.join("Cargo.toml");
        let text = std::fs::read_to_string(&manifest)?;
        std::fs::write(&manifest, format!("{text}\n[workspace]\n"))?;
        command::quiet(Command::new("cargo").args(["fetch", "--quiet"]).current_dir(&folder))?;
        Ok(folder)
    })?;
    Ok(Prepared {
        folder,
        path: Vec::new(),
        tests: vec![words("cargo test --quiet --offline --no-fail-fast")],
        env: vec![("CARGO_TARGET_DIR".into(), place.cache.join("cargo-target"))],
    })
}

/// The crate's sources in cargo's own cache; cargo has checked them by the hash that the lock file then has.
fn fetch(place: &Place) -> Result<PathBuf> {
    let package = place.package;
    let scratch = tempfile::tempdir()?;
    std::fs::create_dir(scratch.path().join("src"))?;
    std::fs::write(scratch.path().join("src/lib.rs"), "")?;
    let manifest = format!(
        "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[dependencies]\n{} = \"={}\"\n",
        package.name, package.version
    );
    std::fs::write(scratch.path().join("Cargo.toml"), manifest)?;
    command::quiet(Command::new("cargo").args(["fetch", "--quiet"]).current_dir(&scratch))?;
    let lock = std::fs::read_to_string(scratch.path().join("Cargo.lock"))?;
    let wanted = format!("checksum = \"{}\"", package.sha256);
    ensure!(lock.contains(&wanted), "the registry has another hash than {}", package.sha256);
    let metadata = command::output(
        Command::new("cargo")
            .args(["metadata", "--format-version=1", "--offline"])
            .current_dir(&scratch),
    );
    let metadata: serde_json::Value =
        serde_json::from_str(&metadata.context("`cargo metadata` failed")?)?;
    let mut crates = metadata["packages"].as_array().into_iter().flatten();
    let found = crates.find(|found| found["name"] == package.name.as_str());
    let manifest = found.and_then(|found| found["manifest_path"].as_str());
    let folder = manifest.and_then(|manifest| Path::new(manifest).parent());
    Ok(folder.context("cargo did not say where it put the crate")?.to_path_buf())
}

/// Tests inside of source files and in documentation cannot be deleted; cargo is told to leave them alone.
pub(super) fn without_tests(folder: &Path) -> Result<()> {
    let path = folder.join("Cargo.toml");
    let mut manifest: toml::Table = toml::from_str(&std::fs::read_to_string(&path)?)?;
    manifest.remove("test");
    let lib = manifest.entry("lib").or_insert_with(|| toml::Table::new().into());
    let lib = lib.as_table_mut().context("`lib` is no table")?;
    lib.insert("test".into(), false.into());
    lib.insert("doctest".into(), false.into());
    Ok(std::fs::write(&path, toml::to_string(&manifest)?)?)
}
