//! Names of previews, and that a preview can be replaced.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use super::*;

#[test]
fn only_our_own_documents_name_a_run() {
    let run = |uri: &str| run_of(&Uri(uri.into())).map(str::to_owned);
    assert_eq!(run("baton:/runs/0123abc/proposal.diff").as_deref(), Some("0123abc"));
    assert_eq!(run("baton:/runs/../secret/proposal.diff"), None);
    assert_eq!(run("baton:/runs/0123abc"), None);
    assert_eq!(run("file:///runs/0123abc/proposal.diff"), None);
}

#[test]
fn a_preview_is_read_only_and_can_be_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("previews").join("a.diff");
    write(&file, "one").unwrap();
    write(&file, "two").unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "two");
    assert!(std::fs::metadata(&file).unwrap().permissions().readonly());
    remove_file(&file).unwrap();
    remove_file(&file).unwrap();
    assert!(!file.exists());
}
