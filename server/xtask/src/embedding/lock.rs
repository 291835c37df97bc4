//! The lock file: the SHA-256 of every archive that was downloaded, so that a later run learns from the same bytes.
//! What is not in it is added; what differs is refused.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

#[cfg(test)]
mod tests;

/// Package id and file name to hash.
pub(super) struct Lock {
    path: PathBuf,
    hashes: BTreeMap<String, String>,
}

/// What the lock says of an archive.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// As recorded.
    Same,
    /// Not recorded before; it is now.
    New,
    /// Other bytes than recorded.
    Differs,
}

impl Lock {
    /// Reads the file; an absent one is empty.
    ///
    /// # Errors
    /// It cannot be read, or has a line that is no `hash  name`.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = if path.exists() { std::fs::read_to_string(path)? } else { String::new() };
        let hashes = parse(&text).with_context(|| path.display().to_string())?;
        Ok(Self { path: path.to_path_buf(), hashes })
    }

    /// Compares an archive with what is recorded under `name`, and records it if it is new.
    pub(super) fn check(&mut self, name: &str, hash: &str) -> Verdict {
        match self.hashes.get(name) {
            Some(known) if known == hash => Verdict::Same,
            Some(_) => Verdict::Differs,
            None => {
                self.hashes.insert(name.to_owned(), hash.to_owned());
                Verdict::New
            }
        }
    }

    /// Writes the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn write(&self) -> Result<()> {
        let lines = self.hashes.iter().map(|(name, hash)| format!("{hash}  {name}\n"));
        std::fs::write(&self.path, lines.collect::<String>())
            .with_context(|| self.path.display().to_string())
    }
}

fn parse(text: &str) -> Result<BTreeMap<String, String>> {
    let entry = |line: &str| {
        let (hash, name) =
            line.split_once("  ").with_context(|| format!("no `hash  name`: {line}"))?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        ensure!(is_hash, "no SHA-256: {line}");
        Ok((name.to_owned(), hash.to_owned()))
    };
    text.lines().map(entry).collect()
}
