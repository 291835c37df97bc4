//! Whether a patch decides what later ones are judged by.

use base::{Patch, RelPath};

use super::{Finding, Probe};

/// Of the workspace: test commands, linters and programs, and which of them are left out.
const FILE: &str = "baton.toml";
/// What models are told.
const FOLDER: &str = ".baton";

/// Whether a file is part of Baton's own settings of a workspace.
pub fn is_of_settings(path: &RelPath) -> bool {
    // Some file systems tell no case.
    let first = path.parts().next().unwrap_or_default();
    path.as_str().eq_ignore_ascii_case(FILE) || first.eq_ignore_ascii_case(FOLDER)
}

pub(super) fn find(patch: &Patch) -> Option<Finding> {
    let mut touched = patch.changes().iter().flat_map(|change| change.touched());
    let path = touched.find(|path| is_of_settings(path))?.clone();
    Some(Finding {
        probe: Probe::Settings,
        path: Some(path),
        line: None,
        message: "the settings decide what is run here, and what later changes are judged by"
            .to_owned(),
        refuses: false,
    })
}
