//! Turns the edits of a reply into a patch against a snapshot, or says why it cannot.
//! Does not write, and never takes a place that merely looks like the right one.

use std::{collections::BTreeMap, sync::Arc};

use base::{BaseText, Defect, DefectKind, FileChange, Patch, RelPath, TextEdits};
use vfs::{MAX_FILE_BYTES, Snapshot};

use super::{
    Action, ModelEdit,
    anchor::{Found, find, nearest, numbered},
    lines::{LineEdit, Lines},
    malformed,
};

/// Most `=======` lines in one block.
const MAX_DIVIDERS: usize = 64;

/// Turns `edits` into a patch against `snap`.
///
/// `allow` says which files this run may touch. Every SEARCH text must stand exactly once in the text of its file before
/// any of the edits; blocks on one file must not change the same lines (they may show the same ones). Line breaks, a BOM
/// and a missing final line break stay as the file has them; new files get `\n`.
///
/// # Errors
/// `BadPath`: not a path in the workspace, in `.git`, through a link, not allowed, or not a text file that was read.
/// `AnchorMissing`, `AnchorAmbiguous`: the old lines are not there once. `MalformedReply`: blocks that contradict each
/// other, or text that is too large. `EmptyPatch`: all of it together changes nothing.
pub fn resolve(
    edits: &[ModelEdit],
    snap: &Snapshot,
    allow: &dyn Fn(&RelPath) -> bool,
) -> Result<Patch, Defect> {
    let read = |path: &RelPath| read(snap, path);
    resolve_with(edits, &read, allow)
}

type Read<'a> = &'a dyn Fn(&RelPath) -> Result<Option<Arc<str>>, Defect>;

pub(super) fn resolve_with(
    edits: &[ModelEdit],
    read: Read<'_>,
    allow: &dyn Fn(&RelPath) -> bool,
) -> Result<Patch, Defect> {
    let mut by_path: BTreeMap<RelPath, Vec<&ModelEdit>> = BTreeMap::new();
    for edit in edits {
        let path = checked_path(&edit.path, allow)?;
        let of_path = by_path.entry(path).or_default();
        // The same block twice can only mean one thing.
        if !of_path.iter().any(|other| other.action == edit.action) {
            of_path.push(edit);
        }
    }
    let mut changes = Vec::new();
    for (path, edits) in &by_path {
        let old = read(path)?;
        if let Some(change) = change_of(path, old, edits)? {
            changes.push(change);
        }
    }
    if changes.is_empty() {
        return Err(Defect {
            kind: DefectKind::EmptyPatch,
            summary: "the edits change nothing".to_owned(),
            detail: String::new(),
            paths: by_path.into_keys().collect(),
            tests: Vec::new(),
            suggestion: "write the new lines as they should be, different from the old ones"
                .to_owned(),
        });
    }
    Patch::new(changes).map_err(|err| {
        malformed(
            format!("the edits do not fit together: {err}"),
            "send one consistent set of edits",
        )
    })
}

/// The text of `path`, `None` when nothing has that name.
fn read(snap: &Snapshot, path: &RelPath) -> Result<Option<Arc<str>>, Defect> {
    match snap.read(path) {
        Ok(text) => return Ok(Some(text)),
        Err(vfs::Error::Absent { .. }) => {}
        Err(err) => return Err(bad_path(Some(path), err.to_string())),
    }
    let mut folder = path.parent();
    while let Some(dir) = folder {
        if snap.contains(&dir) {
            return Err(bad_path(
                Some(path),
                format!("`{path}` cannot be made: `{dir}` is a file"),
            ));
        }
        folder = dir.parent();
    }
    Ok(None)
}

fn checked_path(raw: &str, allow: &dyn Fn(&RelPath) -> bool) -> Result<RelPath, Defect> {
    let refuse = |why: String| bad_path(None, format!("`{}` {why}", raw.escape_debug()));
    // RelPath would take a backslash as part of a name; a model that writes one means a folder.
    if raw.contains('\\') {
        return Err(refuse("has a backslash".to_owned()));
    }
    let path = RelPath::parse(raw)
        .map_err(|err| refuse(format!("is not a path in the workspace: {err}")))?;
    if path.is_git_dir() {
        return Err(bad_path(
            Some(&path),
            format!("`{path}` is inside the repository's own folder"),
        ));
    }
    if !allow(&path) {
        return Err(bad_path(Some(&path), format!("`{path}` is outside what this run may change")));
    }
    Ok(path)
}

fn change_of(
    path: &RelPath,
    old: Option<Arc<str>>,
    edits: &[&ModelEdit],
) -> Result<Option<FileChange>, Defect> {
    let whole = edits.iter().find(|edit| !matches!(edit.action, Action::Replace { .. }));
    if let (Some(whole), true) = (whole, 1 < edits.len()) {
        let mut defect = malformed(
            format!(
                "`{path}` has a block for the whole file (line {} of the reply) and other blocks",
                whole.line
            ),
            "send either one FILE or DELETE block, or SEARCH blocks, for a file",
        );
        defect.paths.push(path.clone());
        return Err(defect);
    }
    let new = match (&old, whole.map(|edit| &edit.action)) {
        (None, Some(Action::Delete)) => {
            return Err(bad_path(Some(path), format!("`{path}` does not exist")));
        }
        (Some(old), Some(Action::Delete)) => {
            return Ok(Some(FileChange::Delete {
                path: path.clone(),
                base: BaseText::of(old.clone()),
            }));
        }
        (None, Some(Action::File(text))) => text.clone(),
        (None, _) => created(path, edits)?,
        (Some(old), Some(Action::File(text))) => rewritten(old, text),
        (Some(old), _) => edited(path, old, edits)?,
    };
    if MAX_FILE_BYTES < new.len() as u64 {
        return Err(malformed_at(
            path,
            format!("`{path}` would be {} bytes, over {MAX_FILE_BYTES}", new.len()),
        ));
    }
    if new.contains('\0') {
        return Err(malformed_at(path, format!("the new text of `{path}` holds a NUL")));
    }
    Ok(match old {
        None => Some(FileChange::Create { path: path.clone(), text: new.into() }),
        Some(old) if *old == *new => None,
        Some(old) => {
            let edits = TextEdits::between(&old, &new);
            Some(FileChange::Edit { path: path.clone(), base: BaseText::of(old), edits })
        }
    })
}

/// The text of a file that is not there yet, from one block with nothing in SEARCH.
fn created(path: &RelPath, edits: &[&ModelEdit]) -> Result<String, Defect> {
    let absent = |line: u32| {
        Err(Defect {
            kind: DefectKind::AnchorMissing,
            summary: format!(
                "`{path}` does not exist, and the block at line {line} of the reply looks for text in it"
            ),
            detail: String::new(),
            paths: vec![path.clone()],
            tests: Vec::new(),
            suggestion: "check the path; to make a new file use a FILE block".to_owned(),
        })
    };
    let [ModelEdit { action: Action::Replace { lines, dividers }, line, .. }] = edits else {
        return absent(edits.first().map_or(0, |edit| edit.line));
    };
    let (search, replace) = cut(lines, dividers.first().copied().unwrap_or(lines.len()));
    if !is_blank(search) {
        return absent(*line);
    }
    Ok(replace.iter().flat_map(|line| [line.as_str(), "\n"]).collect())
}

/// `text` in place of `old`, in the line breaks of `old`.
fn rewritten(old: &str, text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let new: Vec<&str> = text.lines().collect();
    let lines = Lines::new(old);
    let edits = line_edits(0, &lines.texts(), &new);
    lines.apply(&edits)
}

fn edited(path: &RelPath, old: &str, edits: &[&ModelEdit]) -> Result<String, Defect> {
    let lines = Lines::new(old);
    let texts = lines.texts();
    let mut all: Vec<(LineEdit, u32)> = Vec::new();
    for edit in edits {
        let Action::Replace { lines: block, dividers } = &edit.action else {
            continue;
        };
        let found = locate(path, &texts, block, dividers, edit.line)?;
        all.extend(found.into_iter().map(|found| (found, edit.line)));
    }
    all.sort();
    all.dedup_by(|b, a| a.0 == b.0);
    for pair in all.windows(2) {
        let [(before, before_line), (after, after_line)] = pair else {
            continue;
        };
        let both_insert =
            before.end == before.start && after.end == after.start && before.start == after.start;
        if after.start < before.end || both_insert {
            return Err(malformed_at(
                path,
                format!(
                    "the blocks at lines {before_line} and {after_line} of the reply change the same lines of `{path}`"
                ),
            ));
        }
    }
    let sorted: Vec<LineEdit> = all.into_iter().map(|(edit, _)| edit).collect();
    Ok(lines.apply(&sorted))
}

/// Finds the place of one block and what it changes there.
fn locate(
    path: &RelPath,
    texts: &[&str],
    block: &[String],
    dividers: &[usize],
    reply_line: u32,
) -> Result<Vec<LineEdit>, Defect> {
    if MAX_DIVIDERS < dividers.len() {
        return Err(malformed_at(
            path,
            format!("the block at line {reply_line} of the reply has too many `=======` lines"),
        ));
    }
    let mut many: Option<(Vec<usize>, usize)> = None;
    // The longest old text first: when content holds `=======` lines, that is the one copied from the file.
    for divider in dividers.iter().rev() {
        let (search, replace) = cut(block, *divider);
        let replace: Vec<&str> = replace.iter().map(String::as_str).collect();
        if is_blank(search) {
            if texts.is_empty() {
                return Ok(vec![LineEdit {
                    start: 0,
                    end: 0,
                    lines: replace.into_iter().map(str::to_owned).collect(),
                }]);
            }
            continue;
        }
        let search: Vec<&str> = search.iter().map(String::as_str).collect();
        match find(texts, &search) {
            Found::At(start) => return Ok(line_edits(start, &search, &replace)),
            Found::Many(starts) => many = many.or(Some((starts, search.len()))),
            Found::Nowhere => {}
        }
    }
    if let Some((starts, n_lines)) = many {
        return Err(ambiguous(path, texts, &starts, n_lines, reply_line));
    }
    let first = dividers.first().copied().unwrap_or(block.len());
    Err(missing(path, texts, cut(block, first).0, reply_line))
}

/// What changes when `old`, which stands at line `start`, becomes `new`: only the lines that differ, so that lines which
/// the block merely shows stay as the file has them.
fn line_edits(start: usize, old: &[&str], new: &[&str]) -> Vec<LineEdit> {
    let join = |lines: &[&str]| lines.iter().flat_map(|line| [line, "\n"]).collect::<String>();
    let (old_text, new_text) = (join(old), join(new));
    let line_at = |offset: usize| old_text[..offset].matches('\n').count();
    TextEdits::between(&old_text, &new_text)
        .iter()
        .map(|edit| LineEdit {
            start: start + line_at(edit.range.start),
            end: start + line_at(edit.range.end),
            lines: edit.text.lines().map(str::to_owned).collect(),
        })
        .collect()
}

fn cut(block: &[String], divider: usize) -> (&[String], &[String]) {
    (&block[..divider], block.get(divider + 1..).unwrap_or_default())
}

fn is_blank(lines: &[String]) -> bool {
    lines.iter().all(|line| line.trim().is_empty())
}

fn missing(path: &RelPath, texts: &[&str], search: &[String], reply_line: u32) -> Defect {
    let mut summary =
        format!("the old lines of the block at line {reply_line} of the reply are not in `{path}`");
    let search: Vec<&str> = search.iter().map(String::as_str).collect();
    let (detail, suggestion) = if search.iter().all(|line| line.trim().is_empty()) {
        summary = format!(
            "the block at line {reply_line} of the reply has no old lines, and `{path}` exists"
        );
        (numbered(texts, 0, 5), "name the lines to change, or send the whole file in a FILE block")
    } else {
        match nearest(texts, &search) {
            Some(region) => (
                format!("the file's nearest lines:\n{region}"),
                "copy the old lines from the file exactly, indentation included",
            ),
            None => (
                "no line of the file is like them".to_owned(),
                "check the path, and copy the old lines from the file exactly",
            ),
        }
    };
    Defect {
        kind: DefectKind::AnchorMissing,
        summary,
        detail,
        paths: vec![path.clone()],
        tests: Vec::new(),
        suggestion: suggestion.to_owned(),
    }
}

fn ambiguous(
    path: &RelPath,
    texts: &[&str],
    starts: &[usize],
    n_lines: usize,
    reply_line: u32,
) -> Defect {
    const SHOWN: usize = 10;
    let numbers: Vec<String> =
        starts.iter().take(SHOWN).map(|start| (start + 1).to_string()).collect();
    let more = if SHOWN < starts.len() { ", ..." } else { "" };
    let first = starts.first().copied().unwrap_or(0);
    Defect {
        kind: DefectKind::AnchorAmbiguous,
        summary: format!(
            "the old lines of the block at line {reply_line} of the reply stand {} times in `{path}`: at lines {}{more}",
            starts.len(),
            numbers.join(", ")
        ),
        detail: format!(
            "the first with its surroundings:\n{}",
            numbered(texts, first.saturating_sub(2), n_lines.min(8) + 4)
        ),
        paths: vec![path.clone()],
        tests: Vec::new(),
        suggestion: "add lines before or after, until the old lines stand in the file once"
            .to_owned(),
    }
}

fn bad_path(path: Option<&RelPath>, summary: String) -> Defect {
    Defect {
        kind: DefectKind::BadPath,
        summary,
        detail: String::new(),
        paths: path.into_iter().cloned().collect(),
        tests: Vec::new(),
        suggestion: "write the path relative to the workspace, with `/`, of a text file in it"
            .to_owned(),
    }
}

fn malformed_at(path: &RelPath, summary: String) -> Defect {
    let mut defect = malformed(summary, "send one consistent set of small edits");
    defect.paths.push(path.clone());
    defect
}
