//! Whether a change is nothing but documentation: comments, docstrings and pages of text. The code without these is compared as
//! text, so nothing is taken on anybody's word.

use base::{FileChange, Patch, RelPath};

#[cfg(test)]
mod tests;

/// What files of nothing but text end in.
const PAGES: &[&str] = &["adoc", "asciidoc", "markdown", "md", "org", "rst"];
/// Files that end in `txt` are more often lists and samples that programs read: they are pages by these names, or in these
/// folders.
const TEXT_NAMES: &[&str] = &[
    "authors",
    "changelog",
    "changes",
    "contributing",
    "faq",
    "history",
    "install",
    "news",
    "notes",
    "readme",
    "todo",
];
const TEXT_FOLDERS: &[&str] = &["doc", "docs", "documentation", "man"];
/// What pages have no ending, in this spelling: in small letters it may be a script.
const PLAIN_NAMES: &[&str] = &["CHANGELOG", "CONTRIBUTING", "NOTES", "README"];

/// Pages that build systems read, in small letters.
const LISTS: &[&str] =
    &["cmakelists.txt", "conanfile.txt", "constraints.txt", "meson.options", "meson_options.txt"];
/// Pages that agents take for instructions: the names of files, and how names end.
const INSTRUCTIONS: &[&str] = &[
    "agent.md",
    "agents.md",
    "agents.override.md",
    "claude.local.md",
    "claude.md",
    "codex.md",
    "copilot-instructions.md",
    "crush.md",
    "gemini.md",
    "qwen.md",
    "skill.md",
    "warp.md",
];
const INSTRUCTION_ENDS: &[&str] = &[".agent.md", ".chatmode.md", ".instructions.md", ".prompt.md"];
/// Folders whose files are the input or the expectation of something. So are those whose names begin with a dot.
const READ_FOLDERS: &[&str] = &[
    "__fixtures__",
    "__snapshots__",
    "fixtures",
    "golden",
    "prompts",
    "samples",
    "snapshots",
    "templates",
    "test-data",
    "test_data",
    "testdata",
];

/// What in `patch` is no documentation, a line for each file; empty if there is nothing.
pub fn code_changes(patch: &Patch) -> Vec<(RelPath, String)> {
    let found = patch.changes().iter();
    found.filter_map(|change| Some((change.path().clone(), why_code(change)?))).collect()
}

fn why_code(change: &FileChange) -> Option<String> {
    let path = change.path();
    if is_page(path) && change.old_path().is_none_or(is_page) {
        return None;
    }
    let (FileChange::Edit { base, .. }, Some(after)) = (change, change.new_text()) else {
        return Some(format!("{path} comes, goes or moves, and is no page of text"));
    };
    let Some(lang) = syntax::detect(path, Some(&after)) else {
        return Some(format!("{path} is in no language whose comments are known"));
    };
    match (syntax::code(lang, &base.text), syntax::code(lang, &after)) {
        (Ok(before), Ok(now)) if before == now => None,
        (Ok(before), Ok(now)) => {
            let pairs = before.lines().zip(now.lines());
            let n_same = pairs.take_while(|(a, b)| a == b).count();
            let near = now.lines().nth(n_same).or(before.lines().nth(n_same)).unwrap_or("its end");
            let near: String = near.trim().chars().take(40).collect();
            Some(format!("{path}: the code is another at `{near}`"))
        }
        (Err(error), _) | (_, Err(error)) => Some(format!("{path}: {error}")),
    }
}

fn is_page(path: &RelPath) -> bool {
    // Some disks know no case.
    let small = path.as_str().to_lowercase();
    let (folders, name) = small.rsplit_once('/').unwrap_or(("", &small));
    let is_below = |names: &[&str]| folders.split('/').any(|folder| names.contains(&folder));
    let is_text = match name.rsplit_once('.') {
        Some((stem, "txt")) => TEXT_NAMES.contains(&stem) || is_below(TEXT_FOLDERS),
        Some((_, end)) => PAGES.contains(&end),
        None => PLAIN_NAMES.contains(&path.file_name()),
    };
    let is_read = LISTS.contains(&name)
        || small.contains("requirements")
        || INSTRUCTIONS.contains(&name)
        || INSTRUCTION_ENDS.iter().any(|end| name.ends_with(end))
        || is_below(READ_FOLDERS)
        || small.split('/').any(|part| part.starts_with('.'));
    is_text && !is_read
}
