//! Remembers from what a cached folder was made, so that it is made again only when that changed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

#[cfg(test)]
mod tests;

/// Makes `folder` with `make`, unless it was made from the same `inputs` before.
///
/// `inputs`: everything that decides its content, in a fixed order. A failed attempt is repeated next time. Returns
/// whether it was made now.
///
/// # Errors
/// Those of `make`, or the folder cannot be written.
pub(crate) fn unless_fresh(
    folder: &Path,
    inputs: &[&str],
    make: impl FnOnce() -> Result<()>,
) -> Result<bool> {
    let hash = hash(inputs);
    let stamp = stamp(folder);
    if std::fs::read_to_string(&stamp).is_ok_and(|before| before == hash) {
        return Ok(false);
    }
    // From here on the folder is half made.
    if stamp.exists() {
        std::fs::remove_file(&stamp)
            .with_context(|| format!("cannot remove {}", stamp.display()))?;
    }
    make()?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    std::fs::write(&stamp, hash).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(true)
}

fn stamp(folder: &Path) -> PathBuf {
    folder.join(".made-from")
}

/// Lengths go in too, so that no two lists of inputs look alike.
fn hash(inputs: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for input in inputs {
        hasher.update(&(input.len() as u64).to_le_bytes());
        hasher.update(input.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
