//! What counts as new; servers are asked in `tests/it`.

use base::{ByteRange, Severity};

use super::*;

fn rel(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

/// Findings in `text`: where it has a mark, the words of its line are wrong.
fn found(path: &str, text: &str, mark: &str) -> Vec<Diagnostic> {
    let lines = text.split(['\n', '\r']).zip(1..).filter(|(line, _)| line.contains(mark));
    let finding = |(_, line)| Diagnostic {
        path: rel(path),
        range: ByteRange::at(0),
        line,
        severity: Severity::Error,
        source: "test".to_owned(),
        code: None,
        message: format!("`{mark}` is wrong"),
    };
    lines.map(finding).collect()
}

/// Lines of what a change from `old` to `new` adds, and how much of that there is more of than before.
fn lines_added(old: &str, new: &str) -> (Vec<u32>, usize) {
    let answer = |path: &str, text: &str| Answer {
        found: found(path, text, "bad"),
        texts: Texts::from([(rel(path), Arc::from(text))]),
    };
    let patch = vec![FileChange::rename(rel("a.py"), rel("b.py"), old, new)];
    let (before, after) = (answer("a.py", old), answer("b.py", new));
    let [new, more, _] = compare(&Patch::new(patch).unwrap(), &before, &after);
    (new.iter().map(|one| one.line).collect(), more.len())
}

#[test]
fn lines_that_move_bring_nothing_new() {
    assert_eq!(lines_added("bad 1\nbad 2\n", "\n\nbad 2\n  bad 1\n"), (vec![], 0));
}

#[test]
fn one_more_of_the_same_is_new() {
    assert_eq!(lines_added("bad 1\n", "bad 1\nbad 1\n"), (vec![2], 1));
    assert_eq!(lines_added("", "good\nbad\n"), (vec![2], 1));
}

/// It may be the old one: an error that was there must not speak against a right change of its line.
#[test]
fn another_on_an_edited_line_is_new_and_not_one_more() {
    assert_eq!(lines_added("bad 1\n", "bad 2\n"), (vec![1], 0));
    assert_eq!(lines_added("good\rbad 1\r", "good\rbad 2\r"), (vec![2], 0));
}
