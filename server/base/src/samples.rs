//! Arbitrary texts and paths for property tests: few different lines, so that they repeat; nothing for real use.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::sample::select;

use crate::{Patch, RelPath};

/// Texts of repeated lines with every kind of line break, with and without a last one.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a\n",
        "b\n",
        "c\n",
        "}\n",
        "\n",
        "x\r\n",
        "\r\n",
        "y\r",
        "z",
        "é😀\n",
        "\u{2028}\n",
    ]);
    vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// A text, and the same with some lines replaced, doubled, put in or left out.
pub(crate) fn text_and_changed() -> impl Strategy<Value = (String, String)> {
    let changes = vec((any::<u8>(), select(vec!["n\n", "a\n", "", "m\r\n", "}\nq\n"])), 0..8);
    (text(), changes, any::<bool>()).prop_map(|(old, changes, cut)| {
        let new = changed(&old, &changes, cut);
        (old, new)
    })
}

/// A text and two changed ones of it.
pub(crate) fn text_and_two_changed() -> impl Strategy<Value = (String, String, String)> {
    let changes = || vec((any::<u8>(), select(vec!["n\n", "a\n", "", "m\r\n", "}\nq\n"])), 0..5);
    (text(), changes(), changes()).prop_map(|(old, ours, theirs)| {
        let ours = changed(&old, &ours, false);
        let theirs = changed(&old, &theirs, false);
        (old, ours, theirs)
    })
}

fn changed(old: &str, changes: &[(u8, &str)], cut: bool) -> String {
    let mut lines: Vec<&str> = old.split_inclusive('\n').collect();
    for (place, line) in changes {
        let idx = usize::from(*place) % (lines.len() + 1);
        match place % 2 == 0 && idx < lines.len() {
            true => lines[idx] = line,
            false => lines.insert(idx, line),
        }
    }
    let new = lines.concat();
    match new.strip_suffix('\n') {
        Some(rest) if cut => rest.to_owned(),
        _ => new,
    }
}

pub(crate) fn path(path: &str) -> RelPath {
    RelPath::parse(path).expect("tests name good paths")
}

/// The patch that makes `new` of `old` in the file `a`.
pub(crate) fn patch(old: &str, new: &str) -> Patch {
    Patch::between([(path("a"), Some(Arc::from(old)), Some(new.to_owned()))])
}

/// The text of the file `a` after `patch`; `old` if the patch does not change it.
pub(crate) fn applied(patch: &Patch, old: &str) -> String {
    match patch.change(&path("a")) {
        Some(change) => {
            assert_eq!(change.old_text(), Some(old));
            change.new_text().expect("the file stays")
        }
        None => old.to_owned(),
    }
}
