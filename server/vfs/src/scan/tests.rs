//! Small parts of the walk; the walk itself is tested through `Vfs`.

use super::{ancestors, is_ignore_file};

#[test]
fn ancestors_end_with_the_root() {
    let all = |path| ancestors(path).collect::<Vec<_>>();
    assert_eq!(all("a/b/c"), ["a/b", "a", ""]);
    assert_eq!(all("a"), [""]);
}

#[test]
fn ignore_files_are_known_by_name() {
    assert!([".gitignore", ".ignore", ".batonignore"].into_iter().all(is_ignore_file));
    assert!(!is_ignore_file("gitignore"));
}
