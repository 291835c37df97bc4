//! What counts as new; servers are asked in `tests/it`.

use base::{ByteRange, Severity};

use super::*;

fn rel(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

/// Findings in `text`: where it has a mark, the words of its line are wrong.
fn found(path: &str, text: &str, mark: &str) -> Vec<Diagnostic> {
    let lines = text.lines().zip(1..).filter(|(line, _)| line.contains(mark));
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

/// Lines of what a change from `old` to `new` adds.
fn lines_added(old: &str, new: &str) -> Vec<u32> {
    let (from, to) = (rel("a.py"), rel("b.py"));
    let answer = |path: &str, text: &str| Answer {
        found: found(path, text, "bad"),
        texts: Texts::from([(rel(path), Arc::from(text))]),
    };
    let renamed = BTreeMap::from([(&from, &to)]);
    let found = added(&answer("a.py", old), &answer("b.py", new), &renamed);
    found.iter().map(|one| one.line).collect()
}

#[test]
fn lines_that_move_bring_nothing_new() {
    assert_eq!(lines_added("bad 1\nbad 2\n", "\n\nbad 2\n  bad 1\n"), Vec::<u32>::new());
}

#[test]
fn one_more_of_the_same_is_new_and_so_is_another_line() {
    assert_eq!(lines_added("bad 1\n", "bad 1\nbad 1\n"), [2]);
    assert_eq!(lines_added("bad 1\n", "bad 2\n"), [1]);
    assert_eq!(lines_added("", "good\nbad\n"), [2]);
}
