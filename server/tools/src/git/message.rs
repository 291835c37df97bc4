//! Commit messages: one made from a patch, and one by a model made fit to commit.
//! Does not judge whether a message tells the truth.

use base::{FileChange, Patch, RelPath};

use crate::tests::is_test_file;

/// Longest first line, in characters.
const SUBJECT_CHARS: usize = 72;
/// Longest message, in bytes.
const MESSAGE_BYTES: usize = 4_000;
/// Most files named in a message.
const NAMED_FILES: usize = 20;

/// A conventional commit message that says no more than the patch shows: which files, and how many lines.
pub fn plain_message(patch: &Patch) -> String {
    let changes = patch.changes();
    let what = match changes {
        [] => "change nothing".to_owned(),
        [FileChange::Create { path, .. }] => format!("add {path}"),
        [FileChange::Edit { path, .. }] => format!("change {path}"),
        [FileChange::Delete { path, .. }] => format!("remove {path}"),
        [FileChange::Rename { from, to, .. }] => format!("rename {from} to {to}"),
        _ if changes.iter().all(|change| matches!(change, FileChange::Create { .. })) => {
            format!("add {} files", changes.len())
        }
        _ if changes.iter().all(|change| matches!(change, FileChange::Delete { .. })) => {
            format!("remove {} files", changes.len())
        }
        _ => format!("change {} files", changes.len()),
    };
    let mut subject = format!("{}: {what}", kind(changes));
    if SUBJECT_CHARS < subject.chars().count()
        && let [change] = changes
    {
        subject = format!("{}: change {}", kind(changes), change.path().file_name());
    }
    let mut message: String = subject.chars().take(SUBJECT_CHARS).collect();
    if changes.is_empty() {
        return message;
    }
    message.push_str("\n\n");
    let stat = patch.stat();
    for file in stat.iter().take(NAMED_FILES) {
        message.push_str(&format!("- {}: +{} -{}\n", file.path, file.added, file.removed));
    }
    if NAMED_FILES < stat.len() {
        message.push_str(&format!("- and {} more\n", stat.len() - NAMED_FILES));
    }
    message
}

/// The type of a conventional commit, as far as paths tell.
fn kind(changes: &[FileChange]) -> &'static str {
    let all = |test: fn(&RelPath) -> bool| changes.iter().all(|change| test(change.path()));
    if all(is_docs) {
        "docs"
    } else if all(is_test_file) {
        "test"
    } else if all(is_ci) {
        "ci"
    } else if all(is_build) {
        "build"
    } else if changes.iter().any(|change| matches!(change, FileChange::Create { path, .. } if !is_test_file(path) && !is_docs(path))) {
        "feat"
    } else if changes.iter().all(|change| matches!(change, FileChange::Rename { edits, .. } if edits.is_empty())) {
        "refactor"
    } else {
        "fix"
    }
}

fn is_docs(path: &RelPath) -> bool {
    matches!(path.extension(), Some("md" | "rst" | "adoc")) || path.parts().next() == Some("docs")
}

fn is_ci(path: &RelPath) -> bool {
    path.as_str().starts_with(".github/") || path.file_name() == ".gitlab-ci.yml"
}

fn is_build(path: &RelPath) -> bool {
    matches!(
        path.file_name(),
        "Cargo.toml"
            | "Cargo.lock"
            | "package.json"
            | "package-lock.json"
            | "pyproject.toml"
            | "Makefile"
            | "Dockerfile"
    )
}

/// Makes a model's commit message fit to commit: one subject of at most 72 characters, a blank line, a body.
///
/// Removed: code fences, a label such as `Commit message:`, quotes around it, Markdown signs at the start of the subject,
/// control and direction characters, trailers (nobody signed off, reviewed or closed anything), and what exceeds 4,000
/// bytes. A subject that is too long is cut between words, and stands whole at the start of the body. `None` when nothing
/// is left.
pub fn clean_message(text: &str) -> Option<String> {
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            line.chars()
                .map(|c| if c == '\t' { ' ' } else { c })
                .filter(|c| !is_hidden(*c))
                .collect::<String>()
        })
        .map(|line| line.trim_end().to_owned())
        .filter(|line| !line.trim_start().starts_with("```"))
        .collect();
    let mut lines = lines.into_iter().skip_while(|line| line.trim().is_empty());
    let mut first = subject_of(&lines.next()?);
    if first.is_empty() {
        // The line was a label only.
        let mut rest = lines.by_ref().skip_while(|line| line.trim().is_empty());
        first = subject_of(&rest.next()?);
    }
    if first.is_empty() {
        return None;
    }
    let mut body: Vec<String> = lines.filter(|line| !is_signature(line)).collect();
    drop_blank_ends(&mut body);
    drop_trailers(&mut body);

    let mut message = first.clone();
    if SUBJECT_CHARS < first.chars().count() {
        message = cut_between_words(&first).to_owned();
        body.splice(0..0, [first, String::new()]);
        drop_blank_ends(&mut body);
    }
    if !body.is_empty() {
        message.push_str("\n\n");
        message.push_str(&body.join("\n"));
    }
    let mut end = message.len().min(MESSAGE_BYTES);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    message.truncate(end);
    message.truncate(message.trim_end().len());
    message.push('\n');
    Some(message)
}

fn subject_of(line: &str) -> String {
    let mut line = line.trim().trim_start_matches(['#', '>', '*', '-', ' ']);
    for label in ["commit message:", "message:", "subject:", "commit:"] {
        if line.len() >= label.len()
            && line.is_char_boundary(label.len())
            && line[..label.len()].eq_ignore_ascii_case(label)
        {
            line = line[label.len()..].trim_start_matches(['*', ' ']);
        }
    }
    for quote in ["\"", "'", "`", "**"] {
        if let Some(inner) = line.strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote)) {
            line = inner;
        }
    }
    line.trim_end_matches(['.', '*', ' ']).trim().to_owned()
}

/// Characters that a reader of a log does not see, or that change how the rest is shown.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn is_signature(line: &str) -> bool {
    let Some((key, _)) = line.trim_start().split_once(':') else {
        return false;
    };
    let key = key.to_ascii_lowercase();
    key == "change-id"
        || key.strip_suffix("-by").is_some_and(|who| {
            !who.is_empty() && who.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-')
        })
}

/// A last paragraph of nothing but `Key: value` lines would be read as trailers.
fn drop_trailers(body: &mut Vec<String>) {
    let start = body.iter().rposition(String::is_empty).map_or(0, |blank| blank + 1);
    let is_trailer = |line: &String| {
        line.split_once(": ").is_some_and(|(key, _)| {
            key.starts_with(|c: char| c.is_ascii_uppercase())
                && key.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-')
        })
    };
    if body[start..].iter().all(is_trailer) {
        body.truncate(start);
        drop_blank_ends(body);
    }
}

fn drop_blank_ends(body: &mut Vec<String>) {
    while body.last().is_some_and(|line| line.trim().is_empty()) {
        body.pop();
    }
    let n_blank = body.iter().take_while(|line| line.trim().is_empty()).count();
    body.drain(..n_blank);
}

fn cut_between_words(line: &str) -> &str {
    let end = line.char_indices().nth(SUBJECT_CHARS).map_or(line.len(), |(at, _)| at);
    let cut = line[..end].rfind(' ').filter(|at| SUBJECT_CHARS / 2 < *at).unwrap_or(end);
    line[..cut].trim_end_matches([' ', ',', ';', ':'])
}
