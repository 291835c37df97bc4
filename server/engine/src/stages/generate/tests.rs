//! The commit line is found where models put it.

use super::commit_message;

#[test]
fn the_last_commit_line_counts() {
    assert_eq!(commit_message("x\nCOMMIT: fix: a\n"), Some("fix: a".into()));
    assert_eq!(
        commit_message("COMMIT: old\nblocks\n`COMMIT: fix(dates): zone`"),
        Some("fix(dates): zone".into())
    );
    assert_eq!(commit_message("COMMIT:   \n"), None);
    assert_eq!(commit_message("no such line"), None);
}
