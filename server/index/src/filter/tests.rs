//! Path patterns.

use crate::filter::Filter;

#[test]
fn patterns() {
    let table: &[(&[&str], &str, bool)] = &[
        (&[], "a/b.py", true),
        (&["*.py"], "a/b.py", true),
        (&["*.py"], "a/b.rs", false),
        (&["a"], "a/b.py", true),
        (&["a/"], "a/b.py", true),
        (&["./a/c"], "a/c/b.py", true),
        (&["b.py"], "a/b.py", true),
        (&["a/**/*.py"], "a/x/b.py", true),
        (&["c", "*.py"], "a/b.py", true),
        (&["!tests"], "tests/b.py", false),
        (&["!tests"], "a/b.py", true),
        (&["*.py", "!test_*"], "a/test_b.py", false),
        (&["a/[b"], "a/[b", true),
        (&["a/[b"], "a/b", false),
        (&["", "  "], "a/b", true),
        (&["src"], "mysrc/a", false),
    ];
    for (patterns, at, expected) in table {
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        assert_eq!(Filter::new(&patterns).allows(at), *expected, "{patterns:?} {at}");
    }
}
