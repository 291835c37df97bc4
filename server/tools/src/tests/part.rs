//! Which part of a patch is tests: whole files by their names, and in Rust what lies beside the code in `#[cfg(test)]`.
//! Does not say what the tests are worth.

use base::{ByteRange, FileChange, Patch, RelPath, TextEdit, TextEdits};
use syntax::ChunkKind;

use super::is_test_file;

/// Folders of what tests read or stand in for.
const FOLDERS: [&str; 4] = ["__fixtures__", "__mocks__", "__snapshots__", "testdata"];

/// A patch in two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What it does to tests and to what only they use.
    pub tests: Patch,
    /// Files that it changes besides, each with the bytes of its new text; none where something only goes away.
    pub code: Vec<(RelPath, Vec<ByteRange>)>,
}

/// Whether a file is one of tests, or of what only tests use.
pub fn is_of_tests(path: &RelPath) -> bool {
    is_test_file(path)
        || path.file_name() == "conftest.py"
        || matches!(path.stem(), "tests" | "test")
        || path.parts().any(|part| FOLDERS.contains(&part))
}

/// Where `text`, which is no file of tests, holds tests: sorted and apart from each other.
pub fn test_regions(path: &RelPath, text: &str) -> Vec<ByteRange> {
    // Elsewhere what looks like a test beside the code is most often a function with an unlucky name.
    let Some(lang) = syntax::detect(path, Some(text)).filter(|lang| lang.id == "rust") else {
        return Vec::new();
    };
    let is_test = |chunk: &syntax::Chunk| {
        let head = chunk.body.and_then(|body| text.get(chunk.range.start..body.start));
        let is_for_tests = head.is_some_and(|head| head.contains("#[cfg(test)]"));
        chunk.kind == ChunkKind::Test || (chunk.kind == ChunkKind::Module && is_for_tests)
    };
    let tests = syntax::chunks(lang, text).into_iter().filter(is_test).map(|chunk| chunk.range);
    let mut regions: Vec<ByteRange> = tests.chain(outlined(text)).collect();
    regions.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    // A test in a module of tests is a part of that.
    let mut end = 0;
    regions.retain(|range| {
        let is_apart = end <= range.start;
        end = end.max(range.end);
        is_apart
    });
    regions
}

/// `#[cfg(test)] mod tests;`, which has no body here.
fn outlined(text: &str) -> Vec<ByteRange> {
    let marks = text.match_indices("#[cfg(test)]");
    let region = |(start, mark): (usize, &str)| {
        let rest = &text[start + mark.len()..];
        let end = rest.find(';')?;
        let is_outlined =
            rest[..end].trim_start().starts_with("mod ") && !rest[..end].contains('{');
        is_outlined.then(|| ByteRange::new(start, start + mark.len() + end + 1))
    };
    marks.filter_map(region).collect()
}

/// Takes `patch` apart.
pub fn parts(patch: &Patch) -> Parts {
    let (mut tests, mut code) = (Vec::new(), Vec::new());
    for change in patch.changes() {
        let stays_in_tests = is_of_tests(change.path())
            && change.old_path().is_none_or(|old| old == change.path() || is_of_tests(old));
        if stays_in_tests {
            tests.push(change.clone());
            continue;
        }
        let (of_tests, ranges) = split(change);
        tests.extend(of_tests);
        if let Some(ranges) = ranges {
            code.push((change.path().clone(), ranges));
        }
    }
    Parts { tests: Patch::new(tests).unwrap_or_default(), code }
}

/// What a change of one file does to the tests in it, and where its code differs in the new text; `None` of each where
/// there is nothing of it.
fn split(change: &FileChange) -> (Option<FileChange>, Option<Vec<ByteRange>>) {
    let path = change.path();
    let new = change.new_text().unwrap_or_default();
    let FileChange::Edit { base, .. } = change else {
        let ranges = if new.is_empty() { vec![] } else { vec![ByteRange::new(0, new.len())] };
        return (None, Some(ranges));
    };
    let (old_tests, new_tests) = (test_regions(path, &base.text), test_regions(path, &new));
    let (old_code, new_code) = (Code::of(&base.text, &old_tests), Code::of(&new, &new_tests));
    let has_tests = !old_tests.is_empty() || !new_tests.is_empty();
    let (mut ranges, mut is_code, mut grown) = (Vec::new(), false, 0_isize);
    for edit in &TextEdits::between(&old_code.text, &new_code.text) {
        let was = &old_code.text[edit.range.as_range()];
        let start = edit.range.start.saturating_add_signed(grown);
        grown += edit.text.len() as isize - edit.range.len() as isize;
        // Blank lines around tests come and go with them, and a last line gets its line break.
        if has_tests && without_space(was) == without_space(&edit.text) {
            continue;
        }
        is_code = true;
        ranges.extend(new_code.places(ByteRange::new(start, start + edit.text.len())));
    }
    if !is_code {
        return (Some(change.clone()), None);
    }
    let tests = with_tests(&base.text, &old_tests, &new, &new_tests);
    let tests = tests.filter(|text| **text != *base.text);
    let tests = tests.map(|text| FileChange::edit(path.clone(), base.text.clone(), &text));
    (tests, Some(ranges))
}

fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}

/// A text without its tests.
struct Code {
    text: String,
    /// Its pieces: where each begins here, and where in the whole text.
    pieces: Vec<(usize, ByteRange)>,
}

impl Code {
    fn of(whole: &str, tests: &[ByteRange]) -> Code {
        let (mut code, mut at) = (Code { text: String::new(), pieces: Vec::new() }, 0);
        let end = ByteRange::at(whole.len());
        for test in tests.iter().chain([&end]) {
            code.pieces.push((code.text.len(), ByteRange::new(at, test.start)));
            code.text.push_str(&whole[at..test.start]);
            at = test.end;
        }
        code
    }

    /// Where a part of it lies in the whole text.
    fn places(&self, part: ByteRange) -> Vec<ByteRange> {
        let place = |(start, piece): &(usize, ByteRange)| {
            let from = part.start.max(*start);
            let to = part.end.min(start + piece.len());
            (from < to)
                .then(|| ByteRange::new(piece.start + from - start, piece.start + to - start))
        };
        self.pieces.iter().filter_map(place).collect()
    }
}

/// The old code with the new tests. `None` where it is not clear which of them goes where.
fn with_tests(
    old: &str,
    old_tests: &[ByteRange],
    new: &str,
    new_tests: &[ByteRange],
) -> Option<String> {
    let test = |range: &ByteRange| &new[range.as_range()];
    if old_tests.len() == new_tests.len() {
        let edits = old_tests.iter().zip(new_tests);
        let edits = edits
            .map(|(range, now)| TextEdit { range: *range, text: test(now).to_owned() })
            .collect();
        return TextEdits::new(edits).ok().map(|edits| edits.apply(old));
    }
    // The order of items says nothing, but where they are nested does.
    let is_outermost =
        |text: &str, range: &ByteRange| !text[range.as_range()].starts_with([' ', '\t']);
    let are_outermost = old_tests.iter().all(|range| is_outermost(old, range))
        && new_tests.iter().all(|range| is_outermost(new, range));
    are_outermost.then(|| {
        let tests: String = new_tests.iter().map(|range| format!("\n{}\n", test(range))).collect();
        format!("{}\n{tests}", Code::of(old, old_tests).text.trim_end())
    })
}
