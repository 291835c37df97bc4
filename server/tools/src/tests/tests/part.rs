//! Which part of a patch is tests.

use base::{FileChange, Patch};
use expect_test::{Expect, expect};

use super::super::{is_of_tests, parts};
use super::RelPath;

fn path(text: &str) -> RelPath {
    RelPath::parse(text).unwrap()
}

fn edit(name: &str, old: &str, new: &str) -> FileChange {
    FileChange::edit(path(name), old, new)
}

fn check(changes: Vec<FileChange>, expected: Expect) {
    let patch = Patch::new(changes).unwrap();
    let parts = parts(&patch);
    let mut said = base::unified(&parts.tests);
    for (path, ranges) in &parts.code {
        let new = patch.change(path).unwrap().new_text().unwrap_or_default();
        let texts: Vec<&str> = ranges.iter().map(|range| &new[range.as_range()]).collect();
        said.push_str(&format!("code {path} {texts:?}\n"));
    }
    // A blank line of the context is a space, which an expectation cannot hold.
    let said: String = said.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    expected.assert_eq(&said);
}

const CODE: &str = "pub fn two() -> u32 {\n    1\n}\n";
const TESTS: &str = "#[cfg(test)]\nmod tests {\n    #[test]\n    fn two() {\n        assert_eq!(super::two(), 2);\n    }\n}\n";

#[test]
fn files_of_tests_are_known_by_their_names() {
    let cases = [
        ("tests/test_a.py", true),
        ("conftest.py", true),
        ("app/tests.py", true),
        ("src/parse/tests.rs", true),
        ("pkg/testdata/in.txt", true),
        ("src/__snapshots__/a.snap", true),
        ("a_test.go", true),
        ("src/contest.py", false),
        ("src/latest.rs", false),
    ];
    for (name, expected) in cases {
        assert_eq!(is_of_tests(&path(name)), expected, "{name}");
    }
}

#[test]
fn a_fix_and_its_test_are_told_apart() {
    let test = FileChange::Create { path: path("test_a.py"), text: "def test_a(): ...\n".into() };
    check(
        vec![edit("a.py", "a = 1\nb = 1\n", "a = 1\nb = 2\n"), test],
        expect![[r#"
        diff --git a/test_a.py b/test_a.py
        new file mode 100644
        --- /dev/null
        +++ b/test_a.py
        @@ -0,0 +1 @@
        +def test_a(): ...
        code a.py ["b = 2\n"]
    "#]],
    );
}

#[test]
fn tests_beside_the_code_in_rust() {
    let repaired = CODE.replace('1', "2");
    let both = format!("{repaired}\n{TESTS}");
    check(
        vec![edit("src/lib.rs", CODE, &both)],
        expect![[r#"
            diff --git a/src/lib.rs b/src/lib.rs
            --- a/src/lib.rs
            +++ b/src/lib.rs
            @@ -1,3 +1,11 @@
             pub fn two() -> u32 {
                 1
             }
            +
            +#[cfg(test)]
            +mod tests {
            +    #[test]
            +    fn two() {
            +        assert_eq!(super::two(), 2);
            +    }
            +}
            code src/lib.rs ["    2\n"]
        "#]],
    );
    // Added without a line break at the end of the file as it was.
    let open = CODE.trim_end();
    check(
        vec![edit("src/lib.rs", open, &format!("{CODE}\n{TESTS}"))],
        expect![[r#"
        diff --git a/src/lib.rs b/src/lib.rs
        --- a/src/lib.rs
        +++ b/src/lib.rs
        @@ -1,3 +1,11 @@
         pub fn two() -> u32 {
             1
        -}
        \ No newline at end of file
        +}
        +
        +#[cfg(test)]
        +mod tests {
        +    #[test]
        +    fn two() {
        +        assert_eq!(super::two(), 2);
        +    }
        +}
    "#]],
    );
    let more = TESTS.replace("    #[test]\n", "    #[test]\n    fn one() {}\n\n    #[test]\n");
    let (old, new) = (format!("{CODE}\n{TESTS}"), format!("{CODE}\n{more}"));
    check(
        vec![edit("src/lib.rs", &old, &new)],
        expect![[r#"
            diff --git a/src/lib.rs b/src/lib.rs
            --- a/src/lib.rs
            +++ b/src/lib.rs
            @@ -4,6 +4,9 @@
 
             #[cfg(test)]
             mod tests {
            +    #[test]
            +    fn one() {}
            +
                 #[test]
                 fn two() {
                     assert_eq!(super::two(), 2);
        "#]],
    );
    check(
        vec![edit("src/lib.rs", CODE, &format!("{CODE}\n#[cfg(test)]\nmod tests;\n"))],
        expect![[r#"
            diff --git a/src/lib.rs b/src/lib.rs
            --- a/src/lib.rs
            +++ b/src/lib.rs
            @@ -1,3 +1,6 @@
             pub fn two() -> u32 {
                 1
             }
            +
            +#[cfg(test)]
            +mod tests;
        "#]],
    );
}

#[test]
fn white_space_is_code_where_it_says_something() {
    let (old, new) = ("if a:\n    b()\n    c()\n", "if a:\n    b()\nc()\n");
    check(
        vec![edit("a.py", old, new)],
        expect![[r#"
        code a.py ["c()\n"]
    "#]],
    );
}

#[test]
fn what_only_goes_away_is_code_without_a_place() {
    let gone = FileChange::Delete { path: path("b.py"), base: base::BaseText::of("b = 1\n") };
    let renamed = FileChange::rename(path("c.py"), path("test_c.py"), "c = 1\n", "c = 2\n");
    check(
        vec![edit("a.py", "a = 1\nb = 1\n", "a = 1\n"), gone, renamed],
        expect![[r#"
        code a.py []
        code b.py []
        code test_c.py ["c = 2\n"]
    "#]],
    );
}
