//! Unpacks archives of every registry's kind and keeps only source text of a sensible size.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

#[cfg(test)]
mod tests;

/// Endings of files that pairs can come from. Scripts without an ending are no great loss.
const KEPT: &[&str] = &[
    "bash", "c", "c++", "cc", "cjs", "cpp", "cs", "cxx", "ex", "exs", "go", "h", "h++", "hh",
    "hpp", "hs", "hxx", "inc", "java", "js", "jsx", "kt", "kts", "lua", "mjs", "mts", "php", "py",
    "pyi", "rake", "rb", "rs", "sc", "scala", "sh", "swift", "ts", "tsx", "zig",
];

/// Larger files are data or generated.
const MAX_BYTES: u64 = 400_000;

/// Makes `folder` from the archives; an earlier, half made one is replaced.
///
/// # Errors
/// No archive holds sources, or one cannot be read.
pub(super) fn unpack(archives: &[std::path::PathBuf], folder: &Path) -> Result<()> {
    let partial = folder.with_extension("partial");
    if partial.exists() {
        std::fs::remove_dir_all(&partial)?;
    }
    std::fs::create_dir_all(&partial)?;
    for archive in archives {
        let name = archive.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let mut command = match kind(name) {
            Kind::Zip => {
                let mut command = Command::new("unzip");
                command.arg("-qqo").arg(archive).arg("-d").arg(&partial);
                command
            }
            Kind::Tar => {
                let mut command = Command::new("tar");
                command.arg("-xf").arg(archive).arg("--no-same-owner").arg("-C").arg(&partial);
                command
            }
            Kind::Deb => {
                let mut command = Command::new("dpkg-deb");
                command.arg("-x").arg(archive).arg(&partial);
                command
            }
            Kind::Other => continue,
        };
        let output = command
            .output()
            .with_context(|| format!("cannot start {:?}", command.get_program()))?;
        // 1 is unzip's word for a warning.
        let is_done =
            output.status.success() || (kind(name) == Kind::Zip && output.status.code() == Some(1));
        ensure!(
            is_done,
            "cannot unpack {name}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let n_files = prune(&partial)?;
    ensure!(0 < n_files, "no source files in it");
    std::fs::rename(&partial, folder).with_context(|| format!("cannot make {}", folder.display()))
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Tar,
    Zip,
    Deb,
    /// Signatures, descriptions and the distributor's own changes.
    Other,
}

fn kind(name: &str) -> Kind {
    let is_packaging = name.contains(".debian.tar");
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    match () {
        () if ends(&[".deb"]) => Kind::Deb,
        () if ends(&[".whl", ".jar", ".zip"]) => Kind::Zip,
        () if !is_packaging && ends(&[".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".crate"]) => {
            Kind::Tar
        }
        () => Kind::Other,
    }
}

/// Removes what is no source text; returns how many files are left.
fn prune(folder: &Path) -> Result<usize> {
    let mut n_files = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            make_writable(&path)?;
            let n_inside = prune(&path)?;
            if n_inside == 0 {
                std::fs::remove_dir_all(&path)?;
            }
            n_files += n_inside;
        } else if kind.is_file() && is_kept(&path) && entry.metadata()?.len() <= MAX_BYTES {
            n_files += 1;
        } else {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(n_files)
}

fn is_kept(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    KEPT.contains(&ending.to_ascii_lowercase().as_str()) && !name.contains(".min.")
}

/// Some archives hold folders that nobody may write to.
fn make_writable(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
