//! Whether a change is nothing but documentation: comments, docstrings and pages of text. The code without these is compared as
//! text, so nothing is taken on anybody's word.

use base::{FileChange, Patch, RelPath};

#[cfg(test)]
mod tests;

/// What files of nothing but text end in.
const PAGES: &[&str] = &["adoc", "asciidoc", "markdown", "md", "org", "rst", "txt"];
/// Text files that are read by programs too.
const LISTS: &[&str] = &["CMakeLists.txt", "constraints.txt", "requirements.txt"];

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
    let ends = path.extension().is_some_and(|it| PAGES.contains(&it.to_lowercase().as_str()));
    let is_plain = path.extension().is_none()
        && matches!(path.file_name(), "README" | "CHANGELOG" | "CONTRIBUTING" | "NOTES");
    let name = path.file_name();
    let is_list = LISTS.contains(&name) || path.as_str().contains("requirements");
    (ends || is_plain) && !is_list
}
