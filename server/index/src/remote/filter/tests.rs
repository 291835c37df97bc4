//! Conditions against the filter that they stand for.
#![allow(clippy::unwrap_used, reason = "tests")]

use crate::filter::Filter;
use crate::remote::filter::conditions;
use crate::remote::server::{Conditions, PathTest};

const PATHS: &[&str] = &[
    "a.rs",
    "src/a.rs",
    "src/b/a.test.ts",
    "src/b/.rs",
    "tests/src/a.py",
    "src-old/a.rs",
    "Makefile",
    "src",
    "docs/tests.md",
];

fn holds(test: &PathTest, path: &str) -> bool {
    match test {
        PathTest::Under(place) => path == place || path.starts_with(&format!("{place}/")),
        PathTest::Named(name) => path.split('/').any(|part| part == name),
        PathTest::Ends(end) => path.ends_with(&format!(".{end}")),
    }
}

fn allows(conditions: &Conditions, path: &str) -> bool {
    (conditions.any.is_empty() || conditions.any.iter().any(|test| holds(test, path)))
        && !conditions.none.iter().any(|test| holds(test, path))
}

#[test]
fn conditions_say_the_same_as_the_filter() {
    let lists: &[&[&str]] = &[
        &[],
        &["", "  "],
        &["src"],
        &["src/"],
        &["./src/b"],
        &["/src/b/"],
        &["*.rs"],
        &["*.test.ts", "Makefile"],
        &["!tests"],
        &["src", "!*.ts", "!src/b"],
        &["src/a.rs"],
    ];
    for patterns in lists {
        let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        let (filter, said) = (Filter::new(&patterns), conditions(&patterns).unwrap());
        for path in PATHS {
            assert_eq!(allows(&said, path), filter.allows(path), "{patterns:?} {path}");
        }
    }
}

#[test]
fn other_globs_are_not_said() {
    for pattern in
        ["src/*.rs", "**/b", "a?", "[ab].rs", "{a,b}", "*.", "*.{rs,ts}", "/", "a\\b", "*.r/s"]
    {
        assert_eq!(conditions(&[pattern.to_owned()]), None, "{pattern}");
    }
}
