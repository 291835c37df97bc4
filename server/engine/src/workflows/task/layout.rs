//! How a project tests, as a model is told it: what is run, where its tests are, and one of them to go by.

use base::RelPath;
use tools::tests::is_test_file;
use vfs::Snapshot;

use crate::stages::baseline::Baseline;

/// Files of tests that are named.
const NAMED: usize = 8;

/// What is known of a project's tests.
#[derive(Debug)]
pub(super) struct Layout {
    /// For a prompt.
    pub(super) text: String,
    /// The file of tests that is nearest to what they are about.
    pub(super) example: Option<RelPath>,
}

/// `about`: the file that new tests are about, if one is known.
pub(super) fn layout(before: &Baseline, about: Option<&RelPath>, snapshot: &Snapshot) -> Layout {
    let mut lines: Vec<String> = before
        .runs
        .iter()
        .map(|tested| {
            let command = &tested.command;
            let argv: Vec<&str> = command
                .argv
                .iter()
                .map(String::as_str)
                .filter(|arg| !arg.contains("{report}"))
                .collect();
            let place = command.dir.as_ref().map_or(String::new(), |dir| format!(" in {dir}"));
            format!("Tests are run with {}{place}: {}", command.runner.name(), argv.join(" "))
        })
        .collect();
    if lines.is_empty() {
        lines.push("There are no tests yet: use what is usual for the language.".into());
    }
    let mut files: Vec<&RelPath> = snapshot
        .files()
        .map(|file| &file.path)
        .filter(|path| is_test_file(path) && syntax::detect(path, None).is_some())
        .collect();
    let n_files = files.len();
    files.sort_by_key(|path| distance(path, about));
    let example = files.first().map(|path| (*path).clone());
    let names: Vec<&str> = files.iter().take(NAMED).map(|path| path.as_str()).collect();
    if !names.is_empty() {
        let more = n_files.saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        lines.push(format!("Files of tests: {}{more}", names.join(", ")));
    }
    Layout { text: lines.join("\n"), example }
}

/// How far a file of tests is from the file that it may be about: another language, another name, another folder.
fn distance(path: &RelPath, about: Option<&RelPath>) -> (bool, bool, usize, String) {
    let Some(about) = about else { return (false, false, path.parts().count(), path.to_string()) };
    let language = |path: &RelPath| syntax::detect(path, None).map(|language| language.id);
    let n_shared = path.parts().zip(about.parts()).take_while(|(a, b)| a == b).count();
    let is_named_so = path.file_name().contains(about.stem());
    (
        language(path) != language(about),
        !is_named_so,
        path.parts().count() + about.parts().count() - 2 * n_shared,
        path.to_string(),
    )
}

#[cfg(test)]
mod tests;
