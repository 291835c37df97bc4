//! Commands that a model wants run: one after the other in the sandbox, over a view, without network. Of what they leave only the
//! files that were named beforehand come back.

use std::collections::BTreeMap;

use base::{AbsPathBuf, RelPath};
use sandbox::{End, Error, Job, Limits, Sandbox, View};
use tokio_util::sync::CancellationToken;

#[cfg(test)]
mod tests;

/// What is to be run.
#[derive(Debug)]
pub struct Commands<'a> {
    /// The workspace.
    pub root: &'a AbsPathBuf,
    /// Laid over it.
    pub view: View,
    /// Programs with their arguments. The first one that fails ends it.
    pub commands: &'a [Vec<String>],
    /// What comes back.
    pub files: &'a [RelPath],
    /// For all of them together.
    pub limits: Limits,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// How the last command that was started ended.
    pub end: End,
    /// What they wrote, both streams in order.
    pub output: String,
    /// Of the named files those that are there, if every command has succeeded.
    pub files: BTreeMap<RelPath, Vec<u8>>,
    /// Of the named files those that are there and do not come back, each with the reason.
    pub refused: BTreeMap<RelPath, String>,
}

/// Runs them.
///
/// # Errors
/// Those of the sandbox.
pub async fn run(
    sandbox: &Sandbox,
    commands: &Commands<'_>,
    cancel: &CancellationToken,
) -> Result<Ran, Error> {
    let mut job = Job::new(
        commands.root.clone(),
        ["sh".to_owned(), "-c".to_owned(), script(commands.commands, commands.files)],
    );
    job.view = commands.view.clone();
    job.limits = commands.limits;
    job.merge_output = true;
    job.collect = commands.files.iter().map(ToString::to_string).collect();
    let mut outcome = sandbox.run(&job, cancel).await?;
    let content = |path: &RelPath| Some((path.clone(), outcome.files.remove(path.as_str())?));
    let files = commands.files.iter().filter_map(content).collect();
    let why = |path: &RelPath| Some((path.clone(), outcome.refused.remove(path.as_str())?));
    let refused = commands.files.iter().filter_map(why).collect();
    let output = String::from_utf8_lossy(&outcome.stdout).into_owned();
    Ok(Ran { end: outcome.end, output, files, refused })
}

/// A command as a person is asked about it: word for word as a shell would take it, with nothing in it that cannot be seen.
pub fn shown(argv: &[String]) -> String {
    argv.iter().map(|word| shown_word(word)).collect::<Vec<_>>().join(" ")
}

fn shown_word(word: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "%+,-./:=@_".contains(c);
    let is_visible = |c: char| c == ' ' || c.is_ascii_graphic() || is_letter(c);
    if !word.is_empty() && word.chars().all(is_bare) {
        return word.to_owned();
    }
    if word.chars().all(is_visible) {
        return quoted(word);
    }
    // The form of bash, for words that need it.
    let escaped = word.chars().map(|c| match c {
        '\'' | '\\' => format!("\\{c}"),
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        c if is_visible(c) => c.to_string(),
        c => format!("\\U{:08x}", u32::from(c)),
    });
    format!("$'{}'", escaped.collect::<String>())
}

/// A letter or digit that can be seen: some letters of Hangul only fill a place.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && !matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// Ends with the first command that fails, and copies the files where they are collected.
fn script(commands: &[Vec<String>], files: &[RelPath]) -> String {
    let mut lines = vec!["set -e".to_owned()];
    lines.extend(commands.iter().map(|argv| {
        let words: Vec<String> = argv.iter().map(|word| quoted(word)).collect();
        // Each by itself: `cd` and `set` of one are nothing to the next.
        format!("( {} )", words.join(" "))
    }));
    lines.extend(files.iter().map(|path| {
        let (from, folder) = (quoted(path.as_str()), path.parent());
        let folder = folder.map_or(String::new(), |folder| format!("/{folder}"));
        format!(
            "if test -f {from}; then mkdir -p \"$BATON_OUT\"{} && cp {from} \"$BATON_OUT\"/{from}; fi",
            quoted(&folder)
        )
    }));
    lines.join("\n")
}

/// One word of a shell, whatever is in it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
