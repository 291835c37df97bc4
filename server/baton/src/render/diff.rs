//! A unified diff in colours. It changes no character of it but those that a terminal would obey.

use base::Patch;

use super::{safe::safe_text, style};

/// The whole patch.
pub(crate) fn patch(patch: &Patch) -> String {
    coloured(&base::unified(patch))
}

/// A diff as text.
pub(crate) fn coloured(diff: &str) -> String {
    let mut out = String::new();
    for line in safe_text(diff).lines() {
        let is_head = ["diff --git", "--- ", "+++ ", "new file", "deleted file", "rename "]
            .iter()
            .any(|start| line.starts_with(start));
        let line = match line.as_bytes().first() {
            _ if is_head => style::head(line),
            Some(b'@') => style::place(line),
            Some(b'+') => style::good(line),
            Some(b'-') => style::bad(line),
            _ => line.to_owned(),
        };
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// `src/a.rs +3 -1` for each file.
pub(crate) fn stat(patch: &Patch) -> Vec<String> {
    let stat = patch.stat().into_iter();
    stat.map(|file| {
        let added = style::good(format!("+{}", file.added));
        let removed = style::bad(format!("-{}", file.removed));
        format!("{} {added} {removed}", safe_text(file.path.as_str()))
    })
    .collect()
}
