//! Patterns over small trees; and all of the crate's own against tree-sitter's engine.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use expect_test::{Expect, expect};
use tree_sitter::{Node, Query, QueryCursor, StreamingIterator as _};

use crate::languages::samples::sample;
use crate::languages::{self, by_id};
use crate::parse::{Deadline, parse};
use crate::patterns::Patterns;

/// Names are told apart by their bytes in the text.
type Found = BTreeSet<(usize, Vec<(String, usize, usize)>)>;

/// What a capture of the patterns stands for here: any name is one, and few are needed.
fn meaning(name: &str) -> Option<&'static str> {
    const NAMES: [&str; 4] = ["a", "b", "c", "d"];
    NAMES.into_iter().find(|known| *known == name)
}

/// The captures of each match, in its order.
fn check(patterns: &str, text: &str, expected: Expect) {
    let lang = by_id("python").unwrap();
    let patterns = Patterns::new(&lang.grammar.into(), patterns, &meaning).unwrap();
    let parsed = parse(lang, text, Deadline::start()).unwrap();
    let mut shown = String::new();
    patterns.find(&parsed.tree, text, Deadline::start(), &mut |hit| {
        let captures = hit.captures.iter();
        let captures: Vec<String> =
            captures.map(|(name, node)| format!("{name}={}", &text[node.byte_range()])).collect();
        shown += &format!("{} {}\n", hit.pattern, captures.join(" "));
    });
    expected.assert_eq(&shown);
}

#[test]
fn children_stand_in_order_with_others_between_them() {
    let text = "f(x, 1, y, 2)\n";
    check(
        "(argument_list (identifier) @a (integer) @b)",
        text,
        expect![[r#"
            0 a=x b=1
            0 a=x b=2
            0 a=y b=2
        "#]],
    );
    check(
        "(argument_list (identifier) @a . (integer) @b)",
        text,
        expect![[r#"
            0 a=x b=1
            0 a=y b=2
        "#]],
    );
    check(
        "(argument_list . (_) @a) (argument_list (_) @b .)",
        text,
        expect![[r#"
        0 a=x
        1 b=2
    "#]],
    );
    check(
        r#"(argument_list "(" . _ @a "," . _ @b)"#,
        text,
        expect![[r#"
        0 a=x b=1
        0 a=x b=y
        0 a=x b=2
    "#]],
    );
    check("(argument_list (string) @a)", text, expect![""]);
}

#[test]
fn fields_alternatives_and_what_may_be_there() {
    let text = "def f(x): pass\ndef g(y) -> int: pass\nclass C: pass\n";
    check(
        "(function_definition name: (identifier) @a return_type: (_)? @b)",
        text,
        expect![[r#"
            0 a=f
            0 a=g b=int
        "#]],
    );
    check(
        "[(function_definition name: (_) @a) (class_definition name: (_) @b)] @c",
        "class C: pass\n",
        expect![[r#"
            0 c=class C: pass b=C
        "#]],
    );
    check(
        "(_ name: [(identifier) (string)] @a)",
        text,
        expect![[r#"
        0 a=f
        0 a=g
        0 a=C
    "#]],
    );
}

#[test]
fn texts_are_checked() {
    let text = "a.b(c)\nd(e)\n";
    check(
        r#"((call function: (identifier) @a) (#eq? @a "d"))
        ((identifier) @b (#any-of? @b "c" "e"))
        ((identifier) @c (#match? @c "^[a-c]$") (#not-eq? @c "b"))
        (call function: (_) @_callee arguments: (_) @d (#not-match? @_callee "^a"))"#,
        text,
        expect![[r#"
            2 c=a
            1 b=c
            2 c=c
            0 a=d
            3 d=(e)
            1 b=e
        "#]],
    );
}

#[test]
fn what_is_not_captured_is_found_once() {
    check(
        "(module (import_statement) (expression_statement) @a)",
        &format!("{}f()\n", "import a\n".repeat(3)),
        expect![[r#"
            0 a=f()
        "#]],
    );
}

#[test]
fn settings_come_with_the_match() {
    let lang = by_id("python").unwrap();
    let patterns = r#"((identifier) @a (#set! separator "-") (#set! clause))"#;
    let patterns = Patterns::new(&lang.grammar.into(), patterns, &meaning).unwrap();
    let parsed = parse(lang, "x", Deadline::start()).unwrap();
    let mut found = Vec::new();
    patterns.find(&parsed.tree, "x", Deadline::start(), &mut |hit| {
        found.extend(hit.settings.iter().map(|setting| (&*setting.key, setting.value.as_deref())));
    });
    assert_eq!(found, [("separator", Some("-")), ("clause", None)]);
}

#[test]
fn what_is_no_pattern_says_why() {
    let grammar = by_id("python").unwrap().grammar.into();
    let error = |text: &str| Patterns::new(&grammar, text, &meaning).err().unwrap().to_string();
    let texts = [
        "\n\n(nothing)",
        "(call callee: (_))",
        "(identifier) @name",
        "((identifier) @a (#eq? @b \"x\"))",
        "((identifier) @a (#is? @a \"x\"))",
        "((identifier) @a (#match? @a \"(\"))",
        "((identifier) @a (#eq? \"x\"))",
        "((identifier) @a (#eq? @a))",
        "((identifier) @a (#not-eq? @a \"x\" \"y\"))",
        "((identifier) @a (#not-set! clause))",
        "(ERROR) @a",
        "((identifier) (identifier))",
        "(argument_list (identifier)* @a)",
        "(argument_list . (identifier)? @a)",
        "(argument_list (identifier)? @a . (_))",
        "(argument_list (identifier)? @a .)",
        "(argument_list .)",
        "(identifier)? @a",
        "(expression) @a",
        "(call",
        "[(call) ",
        "\"(",
        "call",
        ")",
    ];
    let errors: Vec<String> = texts.into_iter().map(error).collect();
    expect![[r#"
        line 3: there is no node `nothing`
        line 1: there is no field `callee`
        line 1: `@name` means nothing
        line 1: `@b` is checked and not captured
        line 1: there is no check `#is?`
        line 1: regex parse error:
            (
            ^
        error: unclosed group
        line 1: a check is about a capture
        line 1: one text is to be the same
        line 1: one text is to be the same
        line 1: there is no check `#not-set!`
        line 1: there is no node `ERROR`
        line 1: a group has one node, and checks behind it
        line 1: nodes are not repeated here
        line 1: `.` and `?` do not go together
        line 1: `.` and `?` do not go together
        line 1: `.` and `?` do not go together
        line 1: `.` stands beside nothing
        line 1: a pattern is never optional as a whole
        line 1: `expression` stands for several nodes
        line 1: a name is missing
        line 1: a name is missing
        line 1: a string has no end
        line 1: `call` stands where a node is to stand
        line 1: a name is missing"#]]
    .assert_eq(&errors.join("\n"));
}

#[test]
fn many_ways_to_fit_end_in_time() {
    let lang = by_id("python").unwrap();
    let patterns = "(list (integer) @a (integer) @b (integer) @c (string) @d)";
    let patterns = Patterns::new(&lang.grammar.into(), patterns, &meaning).unwrap();
    let text = format!("[{}]", "1, ".repeat(400));
    let parsed = parse(lang, &text, Deadline::start()).unwrap();
    let started = Instant::now();
    patterns.find(&parsed.tree, &text, Deadline::after(50), &mut |_| panic!("there is no string"));
    assert!(started.elapsed() < Duration::from_secs(5), "all ways take minutes");
}

#[test]
fn tree_sitters_engine_finds_the_same() {
    for lang in languages::ALL {
        let text = sample(lang);
        let both = format!("{}\n{}", lang.chunk_query, lang.refs_query);
        let grammar: tree_sitter::Language = lang.grammar.into();
        let parsed = parse(lang, &text, Deadline::start()).unwrap();
        let query = Query::new(&grammar, &both).unwrap();
        let names: Vec<&str> =
            query.capture_names().iter().copied().filter(|name| !name.starts_with('_')).collect();
        let place = |name: &str| names.iter().position(|known| *known == name);
        let shown =
            |name: &str, node: Node<'_>| (name.to_owned(), node.start_byte(), node.end_byte());
        let mut theirs = Found::new();
        let mut cursor = QueryCursor::new();
        let mut matches = cursor.matches(&query, parsed.tree.root_node(), text.as_bytes());
        while let Some(hit) = matches.next() {
            let captures = hit.captures().iter().filter_map(|capture| {
                let name = query.capture_names()[capture.index as usize];
                place(name).map(|_| shown(name, capture.node))
            });
            theirs.insert((hit.pattern_index, captures.collect()));
        }
        let patterns = Patterns::new(&grammar, &both, &place).unwrap();
        let mut ours = Found::new();
        patterns.find(&parsed.tree, &text, Deadline::start(), &mut |hit| {
            let captures = hit.captures.iter();
            let captures = captures.map(|(at, node)| shown(names[*at], *node));
            ours.insert((hit.pattern, captures.collect()));
        });
        let missing: Vec<_> = theirs.difference(&ours).collect();
        let surplus: Vec<_> = ours.difference(&theirs).collect();
        assert!(missing.is_empty() && surplus.is_empty(), "{}: {missing:?} {surplus:?}", lang.id);
    }
}
