//! Which faults are made, and in which order.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::{Expect, expect};

use super::*;

fn place(path: &str, text: &str) -> Place {
    let ranges = vec![ByteRange::new(0, text.len())];
    Place { path: RelPath::parse(path).unwrap(), text: text.to_owned(), ranges }
}

fn check(places: &[Place], limit: usize, expected: Expect) {
    let Mutants { found, unknown } = mutants(places, limit);
    let mut said: Vec<String> = found.iter().map(ToString::to_string).collect();
    said.extend(unknown.iter().map(|why| format!("unknown: {why}")));
    expected.assert_eq(&said.join("\n"));
}

#[test]
fn they_are_spread_over_the_lines_and_the_likely_ones_come_first() {
    let text = "\
def f(a, b):
    if a < b and a != 0:
        return a + 1
    log(\"small\")
    while b:
        b -= 1
    return [
        a * b,
        not a,
    ]
";
    check(
        &[place("a.py", text)],
        8,
        expect![[r#"
        a.py line 2: `<` became `<=`
        a.py line 7: `[ a * b, not a, ]` became `None`
        a.py line 5: `b` became `False`
        a.py line 9: `not` was taken out
        a.py line 3: `+` became `-`
        a.py line 8: `*` became `+`
        a.py line 6: `-=` became `+=`
        a.py line 2: `!=` became `==`"#]],
    );
    check(
        &[place("a.py", text)],
        3,
        expect![[r#"
        a.py line 2: `<` became `<=`
        a.py line 7: `[ a * b, not a, ]` became `None`
        a.py line 5: `b` became `False`"#]],
    );
}

#[test]
fn a_call_that_is_gone_and_other_words_are_weak() {
    let text = "def f(a):\n    log(\"small\")\n    return a < 1\n";
    let of_kind = |is_weak| {
        let found = mutants(&[place("a.py", text)], 20).found.into_iter();
        let lines: Vec<u32> = found.filter(|it| it.is_weak == is_weak).map(|it| it.line).collect();
        lines
    };
    assert!(of_kind(true).iter().all(|line| *line == 2) && of_kind(true).len() == 2);
    assert!(of_kind(false).iter().all(|line| *line == 3) && !of_kind(false).is_empty());
}

#[test]
fn each_file_has_its_share() {
    let first: String = (0..20).map(|n| format!("x{n} = {n} + a\n")).collect();
    let second = "y = a < b\n";
    check(
        &[place("a.py", &first), place("b.py", second)],
        5,
        expect![[r#"
        a.py line 1: `+` became `-`
        a.py line 17: `+` became `-`
        a.py line 9: `+` became `-`
        a.py line 5: `+` became `-`
        b.py line 1: `<` became `<=`"#]],
    );
}

#[test]
fn tests_are_never_touched() {
    let text = "\
pub fn double(n: u32) -> u32 {
    n * 2
}

#[cfg(test)]
mod tests {
    #[test]
    fn doubles() {
        let two = 1 + 1;
        assert_eq!(super::double(two), 4);
    }
}
";
    check(
        &[place("src/lib.rs", text)],
        20,
        expect![[r#"
        src/lib.rs line 2: `*` became `+`
        src/lib.rs line 2: `2` became `3`
        src/lib.rs line 2: `n * 2` became `Default::default()`"#]],
    );
    check(&[place("tests/test_a.py", "x = 1 < 2\n")], 20, expect![[""]]);
}

#[test]
fn what_has_no_grammar_or_no_table_is_said() {
    check(
        &[place("notes.txt", "1 < 2\n"), place("a.lua", "x = 1 < 2\n")],
        8,
        expect![[r#"
        unknown: no mutations are known for `notes.txt`
        unknown: no mutations are known for `a.lua`"#]],
    );
    check(&[place("a.py", "import os\n")], 8, expect![[""]]);
}

#[test]
fn the_text_has_the_fault_and_nothing_else() {
    let Mutants { found, .. } = mutants(&[place("a.js", "const a = b === c;\n")], 1);
    assert_eq!(found[0].text, "const a = b !== c;\n");
    assert_eq!((found[0].before.as_str(), found[0].after.as_str()), ("===", "!=="));
}

#[test]
fn any_first_few_are_spread() {
    assert_eq!(spread(0), Vec::<usize>::new());
    assert_eq!(spread(1), [0]);
    assert_eq!(spread(6), [0, 4, 2, 1, 5, 3]);
    for n in 2..70 {
        let mut all = spread(n);
        all.sort_unstable();
        assert_eq!(all, (0..n).collect::<Vec<_>>());
    }
}
