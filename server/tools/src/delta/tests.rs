//! What is new, gone, and more than before.

use base::RelPath;

use super::{Seen, differ};

/// Rule, message and line of each finding.
type Findings = &'static [(&'static str, &'static str, &'static str)];

/// How many are new, more than before, and gone.
fn count(before: Findings, after: Findings) -> [usize; 3] {
    let path = RelPath::parse("a.py").unwrap();
    let of = |&(rule, message, text)| Seen { path: &path, rule: Some(rule), message, text };
    let (before, after): (Vec<_>, Vec<_>) =
        (before.iter().map(of).collect(), after.iter().map(of).collect());
    let difference = differ(&before, &after);
    [difference.new.len(), difference.more.len(), difference.gone.len()]
}

#[test]
fn the_same_finding_is_neither_new_nor_gone() {
    let one: Findings = &[("F811", "redefinition of `x` from line 3", "x = 2")];
    let moved: Findings = &[("F811", "redefinition of `x` from line 14", "x = 2")];
    assert_eq!(count(one, moved), [0, 0, 0]);
}

#[test]
fn another_of_the_same_rule_is_one_more() {
    let one: Findings = &[("F401", "`os` unused", "import os")];
    let two: Findings =
        &[("F401", "`os` unused", "import os"), ("F401", "`re` unused", "import re")];
    assert_eq!(count(one, two), [1, 1, 0]);
    assert_eq!(count(two, one), [0, 0, 1]);
}

#[test]
fn another_in_the_place_of_one_is_new_and_not_one_more() {
    let one: Findings = &[("F401", "`os` unused", "import os")];
    let edited: Findings = &[("F401", "`os` unused", "import os, sys")];
    assert_eq!(count(one, edited), [1, 0, 1]);
    let other_rule: Findings = &[("F811", "redefinition of `os`", "import os")];
    assert_eq!(count(one, other_rule), [1, 1, 1]);
}
