//! Whether a patch decides what later ones are judged by.

use base::{Patch, RelPath};

use super::{Finding, Probe};

/// Of the workspace: test commands, linters and programs, and which of them are left out.
const FILE: &str = "baton.toml";
/// What models are told.
const FOLDER: &str = ".baton";

pub(super) fn find(patch: &Patch) -> Option<Finding> {
    let mut touched = patch.changes().iter().flat_map(|change| change.touched());
    // Some file systems tell no case.
    let is_of_settings = |path: &&RelPath| {
        let first = path.parts().next().unwrap_or_default();
        path.as_str().eq_ignore_ascii_case(FILE) || first.eq_ignore_ascii_case(FOLDER)
    };
    let path = touched.find(is_of_settings)?.clone();
    Some(Finding {
        probe: Probe::Settings,
        path: Some(path),
        line: None,
        message: "the settings decide what is run here, and what later changes are judged by"
            .to_owned(),
        refuses: false,
    })
}
