//! Whether a patch decides what later ones are judged by.

use base::Patch;

use super::{Finding, Probe};

/// Of the workspace: test commands, linters and programs, and which of them are left out.
const FILE: &str = "baton.toml";

pub(super) fn find(patch: &Patch) -> Option<Finding> {
    let mut touched = patch.changes().iter().flat_map(|change| change.touched());
    // Some file systems tell no case.
    let path = touched.find(|path| path.as_str().eq_ignore_ascii_case(FILE))?.clone();
    Some(Finding {
        probe: Probe::Settings,
        path: Some(path),
        line: None,
        message: "the settings decide what is run here, and what later changes are judged by"
            .to_owned(),
        refuses: false,
    })
}
