//! Reads a unified diff, as `git diff` writes it, into a patch on the texts as they are now.
//!
//! A hunk is taken where its old lines stand: where the diff says, or else in the one place that has them. Nothing is guessed
//! from lines that are merely alike.

use std::path::Path;
use std::sync::Arc;

use base::{Patch, RelPath};
use git2::{Delta, Diff};

use crate::Error;

#[cfg(test)]
mod tests;

/// Larger diffs are surely something else.
const MAX_BYTES: usize = 16 << 20;

/// Reads the present text of a file: `None` if there is none; in words, why it is no text.
pub type ReadText<'a> = &'a dyn Fn(&RelPath) -> Result<Option<Arc<str>>, String>;

/// The change that `diff` describes.
///
/// Modes are left out. Line ends stay as the file has them where the diff does not speak of them.
///
/// # Errors
/// [`Error::Diff`]: it is no diff, names a path outside of the workspace or a file that is no text, changes nothing, or does not
/// fit the files.
pub fn read_diff(diff: &[u8], read: ReadText<'_>) -> Result<Patch, Error> {
    if MAX_BYTES < diff.len() {
        return Err(Error::Diff(format!("it is larger than {} MB", MAX_BYTES >> 20)));
    }
    let parsed = Diff::from_buffer(&with_headers(diff)).map_err(|error| {
        Error::Diff(format!("it is no unified diff: {}", error.message().trim_end()))
    })?;
    let mut files = Vec::new();
    for idx in 0..parsed.deltas().len() {
        files.extend(file(&parsed, idx, read)?);
    }
    let patch = Patch::between(files);
    if patch.is_empty() {
        return Err(Error::Diff("it changes nothing".to_owned()));
    }
    Ok(patch)
}

/// The same with git's line before each file, which other programs leave out and libgit2 wants.
fn with_headers(diff: &[u8]) -> Vec<u8> {
    let mut written = Vec::with_capacity(diff.len());
    let mut lines = diff.split_inclusive(|byte| *byte == b'\n').peekable();
    // Lines that are left of the present hunk, old ones and new ones: in it nothing is a header.
    let (mut n_old, mut n_new, mut has_header) = (0_usize, 0_usize, false);
    while let Some(line) = lines.next() {
        match line.first() {
            Some(b' ') if 0 < n_old && 0 < n_new => (n_old, n_new) = (n_old - 1, n_new - 1),
            Some(b'-') if 0 < n_old => n_old -= 1,
            Some(b'+') if 0 < n_new => n_new -= 1,
            _ if line.starts_with(b"diff --git ") => has_header = true,
            _ if line.starts_with(b"@@ ") => {
                (n_old, n_new) = counts(line);
                has_header = false;
            }
            _ if line.starts_with(b"--- ") && !has_header => {
                let second = lines.next_if(|it| it.starts_with(b"+++ "));
                if let Some(second) = second {
                    written.extend_from_slice(header(&name(line), &name(second)).as_bytes());
                    continue;
                }
            }
            _ => {}
        }
        written.extend_from_slice(line);
    }
    written
}

/// How many old and new lines a hunk has, by its header `@@ -1,2 +1,3 @@`.
fn counts(header: &[u8]) -> (usize, usize) {
    let header = String::from_utf8_lossy(header);
    let mut ranges = header.split(' ').skip(1).map(|range| match range.split_once(',') {
        Some((_, count)) => count.parse().unwrap_or(0),
        None => 1,
    });
    (ranges.next().unwrap_or(0), ranges.next().unwrap_or(0))
}

/// The file that `--- NAME` or `+++ NAME` names, without a time and without `a/` or `b/`; `None` for no file.
fn name(line: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&line[4..]);
    let name = text.split('\t').next().unwrap_or_default().trim_end_matches(['\r', '\n']);
    let plain = name.strip_prefix("a/").or_else(|| name.strip_prefix("b/")).unwrap_or(name);
    (name != "/dev/null").then(|| plain.to_owned())
}

/// What git writes before the first hunk of a file.
fn header(old: &Option<String>, new: &Option<String>) -> String {
    let (Some(from), Some(to)) = (old.as_ref().or(new.as_ref()), new.as_ref().or(old.as_ref()))
    else {
        return String::new();
    };
    let (mode, first, second) = match (old, new) {
        (None, _) => ("new file mode 100644\n", "/dev/null".to_owned(), format!("b/{to}")),
        (_, None) => ("deleted file mode 100644\n", format!("a/{from}"), "/dev/null".to_owned()),
        // Without git's word for it two names are no rename: the new one is the file's.
        _ => ("", format!("a/{to}"), format!("b/{to}")),
    };
    let from = if mode.is_empty() { to } else { from };
    format!("diff --git a/{from} b/{to}\n{mode}--- {first}\n+++ {second}\n")
}

type Step = (RelPath, Option<Arc<str>>, Option<String>);

/// What happens to the paths of one entry.
fn file(diff: &Diff<'_>, idx: usize, read: ReadText<'_>) -> Result<Vec<Step>, Error> {
    let Some(delta) = diff.get_delta(idx) else { return Ok(Vec::new()) };
    let old_path = || path(delta.old_file().path());
    let new_path = || path(delta.new_file().path());
    let text = |path: &RelPath| {
        read(path)
            .and_then(|text| text.ok_or_else(|| "there is no such file".to_owned()))
            .map_err(|why| Error::Diff(format!("`{path}`: {why}")))
    };
    let hunks =
        |path: &RelPath| hunks(diff, idx).map_err(|why| Error::Diff(format!("`{path}`: {why}")));
    let applied = |path: &RelPath, old: &str| {
        apply(old, &hunks(path)?).map_err(|why| Error::Diff(format!("`{path}`: {why}")))
    };
    Ok(match delta.status() {
        Delta::Added => {
            let path = new_path()?;
            let old = read(&path).map_err(|why| Error::Diff(format!("`{path}`: {why}")))?;
            if old.is_some() {
                return Err(Error::Diff(format!(
                    "`{path}`: it is to be made, and is there already"
                )));
            }
            let new = applied(&path, "")?;
            vec![(path, None, Some(new))]
        }
        Delta::Deleted => {
            let path = old_path()?;
            let old = text(&path)?;
            let rest = applied(&path, &old)?;
            if !rest.is_empty() {
                return Err(Error::Diff(format!(
                    "`{path}`: it is to go, and has lines that the diff does not know"
                )));
            }
            vec![(path, Some(old), None)]
        }
        Delta::Renamed | Delta::Copied => {
            let (from, to) = (old_path()?, new_path()?);
            let old = text(&from)?;
            let new = applied(&from, &old)?;
            let made = (to, None, Some(new));
            match delta.status() {
                Delta::Copied => vec![made],
                _ => vec![(from, Some(old), None), made],
            }
        }
        _ => {
            let path = new_path()?;
            let old = text(&path)?;
            let new = applied(&path, &old)?;
            vec![(path, Some(old), Some(new))]
        }
    })
}

fn path(path: Option<&Path>) -> Result<RelPath, Error> {
    let path =
        path.and_then(Path::to_str).ok_or_else(|| Error::Diff("a path is no UTF-8".to_owned()))?;
    let path = RelPath::parse(path).map_err(|error| Error::Diff(error.to_string()))?;
    if path.is_git_dir() {
        return Err(Error::Diff(format!("`{path}` belongs to git")));
    }
    Ok(path)
}

/// Lines that go and come in one place.
struct Hunk {
    /// As the diff writes it, for messages.
    header: String,
    /// The line before which it begins, from 0.
    at: usize,
    lines: Vec<Line>,
}

enum Line {
    Same(String),
    Old(String),
    New(String),
}

fn hunks(diff: &Diff<'_>, idx: usize) -> Result<Vec<Hunk>, String> {
    let said = |error: git2::Error| error.message().trim_end().to_owned();
    // None where there are no lines: a new mode, a rename alone, or bytes.
    let Some(patch) = git2::Patch::from_diff(diff, idx).map_err(said)? else {
        let is_binary = diff.get_delta(idx).is_some_and(|it| it.flags().is_binary());
        return if is_binary { Err("it is no text".to_owned()) } else { Ok(Vec::new()) };
    };
    if patch.delta().flags().is_binary() {
        return Err("it is no text".to_owned());
    }
    let mut hunks = Vec::new();
    for hunk_idx in 0..patch.num_hunks() {
        let (hunk, n_lines) = patch.hunk(hunk_idx).map_err(said)?;
        // Of a hunk without old lines the number is that of the line before it.
        let start = hunk.old_start() as usize;
        let at = if hunk.old_lines() == 0 { start } else { start.saturating_sub(1) };
        let mut lines = Vec::new();
        for line_idx in 0..n_lines {
            let line = patch.line_in_hunk(hunk_idx, line_idx).map_err(said)?;
            let text =
                std::str::from_utf8(line.content()).map_err(|_| "it is no UTF-8".to_owned())?;
            match line.origin() {
                ' ' => lines.push(Line::Same(text.to_owned())),
                '-' => lines.push(Line::Old(text.to_owned())),
                '+' => lines.push(Line::New(text.to_owned())),
                // `\ No newline at end of file`, of the line before.
                _ => {
                    if let Some(Line::Same(last) | Line::Old(last) | Line::New(last)) =
                        lines.last_mut()
                    {
                        last.truncate(without_end(last).len());
                    }
                }
            }
        }
        let header = String::from_utf8_lossy(hunk.header()).trim_end().to_owned();
        hunks.push(Hunk { header, at, lines });
    }
    Ok(hunks)
}

fn apply(old: &str, hunks: &[Hunk]) -> Result<String, String> {
    let lines: Vec<&str> = old.split_inclusive('\n').collect();
    let (mut new, mut done) = (String::with_capacity(old.len()), 0);
    // How far the lines stand from where the diff has them, as of the hunk before.
    let mut drift = 0;
    for hunk in hunks {
        let before: Vec<&str> = hunk
            .lines
            .iter()
            .filter_map(|line| match line {
                Line::Same(text) | Line::Old(text) => Some(without_end(text)),
                Line::New(_) => None,
            })
            .collect();
        let at = place(&lines, done, hunk.at.saturating_add_signed(drift), &before)
            .map_err(|why| format!("the hunk `{}` does not fit: {why}", hunk.header))?;
        drift = at as isize - hunk.at as isize;
        new.extend(lines[done..at].iter().copied());
        done = at;
        let ends = LineEnds::of(&lines, hunk);
        for line in &hunk.lines {
            match line {
                // As the file has it, whatever its end.
                Line::Same(_) => {
                    new.push_str(lines[done]);
                    done += 1;
                }
                Line::Old(_) => done += 1,
                Line::New(text) => new.push_str(&ends.written(text)),
            }
        }
    }
    new.extend(lines[done..].iter().copied());
    Ok(new)
}

/// Where the lines of a hunk stand, from line `from` on.
fn place(lines: &[&str], from: usize, wanted: usize, before: &[&str]) -> Result<usize, String> {
    let fits = |at: usize| {
        lines.get(at..at + before.len()).is_some_and(|there| {
            there.iter().zip(before).all(|(line, wanted)| without_end(line) == *wanted)
        })
    };
    if from <= wanted && fits(wanted) {
        return Ok(wanted);
    }
    if before.is_empty() {
        return Err("the file is shorter than the diff says".to_owned());
    }
    let last = lines.len().saturating_sub(before.len());
    let mut places = (from..=last).filter(|at| fits(*at));
    match (places.next(), places.next()) {
        (Some(at), None) => Ok(at),
        (Some(_), Some(_)) => {
            Err("its old lines stand in more than one place, and not where the diff says"
                .to_owned())
        }
        (None, _) => Err("its old lines are not in the file".to_owned()),
    }
}

fn without_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// How new lines end in a file whose line ends the diff does not speak of.
struct LineEnds {
    are_crlf: bool,
}

impl LineEnds {
    fn of(lines: &[&str], hunk: &Hunk) -> LineEnds {
        let speaks_of_them = hunk.lines.iter().any(|line| {
            let (Line::Same(text) | Line::Old(text) | Line::New(text)) = line;
            text.contains('\r')
        });
        let are_crlf = lines.first().is_some_and(|line| line.ends_with("\r\n"));
        LineEnds { are_crlf: are_crlf && !speaks_of_them }
    }

    fn written(&self, line: &str) -> String {
        match (self.are_crlf, line.strip_suffix('\n')) {
            (true, Some(line)) => format!("{line}\r\n"),
            _ => line.to_owned(),
        }
    }
}
