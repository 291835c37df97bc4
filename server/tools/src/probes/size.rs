//! Whether a patch is larger than a person reviews well.

use base::{Patch, RelPath};

use super::{Finding, Probe};

/// Files that programs write; nobody reads them line by line.
const GENERATED: [&str; 10] = [
    "Cargo.lock",
    "Gemfile.lock",
    "composer.lock",
    "go.sum",
    "npm-shrinkwrap.json",
    "package-lock.json",
    "pnpm-lock.yaml",
    "poetry.lock",
    "uv.lock",
    "yarn.lock",
];

/// What a patch may have before it is called large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files.
    pub files: usize,
    /// Added lines in all.
    pub added: u32,
}

impl Limits {
    /// Reviews find less and less above some 400 lines, and a change of more files is seldom one thing.
    ///
    /// Source: Cohen, Teleki, Brown 2006, Best Kept Secrets of Peer Code Review, chapter 5.
    pub const USUAL: Limits = Limits { files: 20, added: 400 };
}

pub(super) fn find(patch: &Patch, limits: Limits) -> Vec<Finding> {
    let is_read = |path: &RelPath| !GENERATED.contains(&path.file_name());
    let stat: Vec<_> = patch.stat().into_iter().filter(|stat| is_read(&stat.path)).collect();
    let added: u32 = stat.iter().map(|stat| stat.added).sum();
    if stat.len() <= limits.files && added <= limits.added {
        return Vec::new();
    }
    let (files, lines) = (limits.files, limits.added);
    vec![Finding {
        probe: Probe::Size,
        path: None,
        line: None,
        message: format!(
            "{} files and {added} added lines are much to review at once (more than {files} files or {lines} lines)",
            stat.len()
        ),
        refuses: false,
    }]
}
