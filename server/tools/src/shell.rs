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
    let output = String::from_utf8_lossy(&outcome.stdout).into_owned();
    Ok(Ran { end: outcome.end, output, files })
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
