//! What is found in a sample of each language, and what is left alone.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::{Expect, expect};

use super::tables::ALL;
use super::*;
use crate::{Lines, by_id, errors, languages};

/// Every mutation in a line, and that its result still parses.
fn check(id: &str, text: &str, expected: Expect) {
    let lang = by_id(id).unwrap();
    assert_eq!(errors(lang, text).unwrap(), [], "the sample parses");
    let lines = Lines::of(text);
    let mut said = String::new();
    let all = ByteRange::new(0, text.len());
    for mutation in mutations(lang, text, &[all]).unwrap().unwrap() {
        let ByteRange { start, end } = mutation.range;
        let mutated = format!("{}{}{}", &text[..start], mutation.text, &text[end..]);
        let broken = if errors(lang, &mutated).unwrap().is_empty() { "" } else { " BROKEN" };
        let (line, was) = (lines.line(start), &text[start..end]);
        said.push_str(&format!("{line} {:?} {was} -> {}{broken}\n", mutation.kind, mutation.text));
    }
    expected.assert_eq(&said);
}

#[test]
fn every_kind_of_node_is_one_of_the_grammar() {
    for table in ALL {
        for lang in languages::ALL.iter().filter(|lang| table.languages.contains(&lang.id)) {
            let grammar: tree_sitter::Language = lang.grammar.into();
            let kinds = [
                table.binary,
                table.unary,
                table.literals,
                table.numbers,
                table.strings,
                table.returns,
                table.bodies,
                table.statements,
                table.calls,
            ];
            let loops = table.conditions.iter().map(|(kind, _)| kind);
            for kind in kinds.into_iter().flatten().chain(loops).chain(table.skipped) {
                // A grammar of a family may lack what another one has.
                let known = table.languages.iter().filter_map(|id| by_id(id)).any(|lang| {
                    let grammar: tree_sitter::Language = lang.grammar.into();
                    grammar.id_for_node_kind(kind, true) != 0
                });
                assert!(known, "{}: no node is called `{kind}`", lang.id);
            }
            assert!(grammar.field_id_for_name("condition").is_some(), "{}", lang.id);
        }
    }
}

#[test]
fn tables_are_for_languages_that_exist_and_operators_are_sorted() {
    for table in ALL {
        assert!(table.languages.iter().any(|id| by_id(id).is_some()), "{:?}", table.languages);
        assert!(table.operators.is_sorted_by_key(|(was, ..)| *was), "{:?}", table.languages);
        assert!(table.operators.iter().all(|(was, _, now)| was != now));
    }
}

#[test]
fn python() {
    check(
        "python",
        r#"from os import path

def sign(x: int = 1) -> str:
    """Says "1 < 2" of x."""
    # 3 < 4
    total = "a" + "b"
    total += x * 2 - 1
    if x < 0 and not path.exists("f"):
        return "minus"
    elif x is None:
        raise ValueError("none < 1")
    while x not in [0x1F]:
        print(x)
    return True
"#,
        expect![[r#"
            3 Constant 1 -> 0
            6 String a -> 
            6 String b -> 
            7 Arithmetic += -> -=
            7 Arithmetic * -> +
            7 Constant 2 -> 3
            7 Arithmetic - -> +
            7 Constant 1 -> 0
            8 Condition x < 0 and not path.exists("f") -> False
            8 Condition x < 0 and not path.exists("f") -> True
            8 Comparison < -> <=
            8 Constant 0 -> 1
            8 Logic and -> or
            8 Logic not  -> 
            8 String f -> 
            9 Return "minus" -> None
            9 String minus -> 
            10 Condition x is None -> False
            10 Condition x is None -> True
            10 Comparison is -> is not
            12 Condition x not in [0x1F] -> False
            12 Comparison not in -> in
            13 Call print(x) -> pass
            14 Constant True -> False
            14 Return True -> None
        "#]],
    );
}

#[test]
fn javascript_and_typescript() {
    check(
        "javascript",
        r#"import { a } from "./a.js";
const b = require("./b.js");
const double = (n) => n * 2;
export async function f(x) {
  // 1 < 2
  if (x === null || !x.ok) {
    throw new Error("no");
  }
  for (let i = 0; i < x.length; i++) {
    await b.push(i);
  }
  return x.n > 1 ? "many" : `one ${x.n + 1}`;
}
"#,
        expect![[r#"
            3 Return n * 2 -> undefined
            3 Arithmetic * -> +
            3 Constant 2 -> 3
            6 Condition (x === null || !x.ok) -> (false)
            6 Condition (x === null || !x.ok) -> (true)
            6 Comparison === -> !==
            6 Logic || -> &&
            6 Logic ! -> 
            9 Constant 0 -> 1
            9 Comparison < -> <=
            9 Arithmetic ++ -> --
            10 Call await b.push(i); -> ;
            12 Condition x.n > 1 -> false
            12 Condition x.n > 1 -> true
            12 Return x.n > 1 ? "many" : `one ${x.n + 1}` -> undefined
            12 Comparison > -> >=
            12 Constant 1 -> 0
            12 String many -> 
            12 Arithmetic + -> -
            12 Constant 1 -> 0
        "#]],
    );
    check(
        "typescript",
        r#"type Size = 1 | 2;
export function f(x: Array<1>): boolean {
  log(`${x}`);
  return x.length >= 2;
}
"#,
        expect![[r#"
            3 Call log(`${x}`); -> ;
            4 Return x.length >= 2 -> undefined
            4 Comparison >= -> >
            4 Constant 2 -> 3
        "#]],
    );
}

#[test]
fn rust() {
    check(
        "rust",
        r#"//! 1 < 2
use std::fmt;

#[allow(clippy::all, reason = "x")]
fn f(x: [u8; 4], y: Option<u32>) -> u32 {
    let mut n = 1u32;
    if let Some(y) = y {
        n += y;
    }
    if !x.is_empty() && n != 3 {
        send(n);
        return n % 2;
    }
    assert!(n < 3, "{}", 1);
    n + 1
}
"#,
        expect![[r#"
            6 Constant 1u32 -> 0u32
            8 Arithmetic += -> -=
            10 Logic ! -> 
            10 Condition !x.is_empty() && n != 3 -> false
            10 Condition !x.is_empty() && n != 3 -> true
            10 Logic && -> ||
            10 Comparison != -> ==
            10 Constant 3 -> 4
            11 Call send(n); -> ;
            12 Return n % 2 -> Default::default()
            12 Arithmetic % -> *
            12 Constant 2 -> 3
            15 Return n + 1 -> Default::default()
            15 Arithmetic + -> -
            15 Constant 1 -> 0
        "#]],
    );
}

#[test]
fn go() {
    check(
        "go",
        r#"package a

import "fmt"

type t struct {
	A int `json:"a"`
}

func F(x int, ok bool) (int, error) {
	if x < 1 || !ok {
		return 0, fmt.Errorf("small")
	}
	for i := 0; i < x; i++ {
		fmt.Println(i)
		x -= 1
	}
	return x * 2, nil
}
"#,
        expect![[r#"
            10 Condition x < 1 || !ok -> false
            10 Condition x < 1 || !ok -> true
            10 Comparison < -> <=
            10 Constant 1 -> 0
            10 Logic || -> &&
            10 Logic ! -> 
            11 Constant 0 -> 1
            11 String small -> 
            13 Constant 0 -> 1
            13 Condition i < x -> false
            13 Comparison < -> <=
            13 Arithmetic ++ -> --
            14 Call fmt.Println(i) -> 
            15 Arithmetic -= -> +=
            15 Constant 1 -> 0
            17 Arithmetic * -> +
            17 Constant 2 -> 3
        "#]],
    );
}

#[test]
fn java() {
    check(
        "java",
        r#"package a;

import java.util.List;

class A {
    @SuppressWarnings("unchecked")
    int f(List<Integer> xs, boolean ok) {
        int n = 1;
        for (int i = 0; i < xs.size(); i++) {
            n += xs.get(i);
        }
        if (ok && n >= 2) {
            xs.clear();
            throw new IllegalStateException("n > 2");
        }
        return n - 1;
    }
}
"#,
        expect![[r#"
            8 Constant 1 -> 0
            9 Constant 0 -> 1
            9 Comparison < -> <=
            9 Arithmetic ++ -> --
            10 Arithmetic += -> -=
            12 Condition (ok && n >= 2) -> (false)
            12 Condition (ok && n >= 2) -> (true)
            12 Logic && -> ||
            12 Comparison >= -> >
            12 Constant 2 -> 3
            13 Call xs.clear(); -> ;
            16 Arithmetic - -> +
            16 Constant 1 -> 0
        "#]],
    );
}

#[test]
fn c_and_cpp() {
    check(
        "c",
        r#"#include "a.h"
#define LIMIT 3

int f(int x, int y[4]) {
    /* 1 < 2 */
    if (!x || y[0] == 1) {
        log_it("no");
        return x + 1;
    }
    while (x > 10) x--;
    return x;
}
"#,
        expect![[r#"
            6 Condition (!x || y[0] == 1) -> (0)
            6 Condition (!x || y[0] == 1) -> (1)
            6 Logic ! -> 
            6 Logic || -> &&
            6 Constant 0 -> 1
            6 Comparison == -> !=
            6 Constant 1 -> 0
            7 Call log_it("no"); -> ;
            7 String no -> 
            8 Return x + 1 -> 0
            8 Arithmetic + -> -
            8 Constant 1 -> 0
            10 Condition (x > 10) -> (0)
            10 Comparison > -> >=
            10 Constant 10 -> 11
            10 Arithmetic -- -> ++
            11 Return x -> 0
        "#]],
    );
    check(
        "cpp",
        r#"#include <array>

bool f(std::array<int, 3> xs) {
    if (xs.size() != 3) {
        return false;
    }
    return xs[0] / 2 > 1;
}
"#,
        expect![[r#"
            4 Condition (xs.size() != 3) -> (0)
            4 Condition (xs.size() != 3) -> (1)
            4 Comparison != -> ==
            4 Constant 3 -> 4
            5 Constant false -> true
            5 Return false -> 0
            7 Return xs[0] / 2 > 1 -> 0
            7 Constant 0 -> 1
            7 Arithmetic / -> *
            7 Constant 2 -> 3
            7 Comparison > -> >=
            7 Constant 1 -> 0
        "#]],
    );
}

#[test]
fn csharp() {
    check(
        "csharp",
        r#"using System;

class A {
    [Obsolete("x")]
    int F(int x, bool ok) {
        if (!ok && x < 3) {
            Console.WriteLine("small");
            x += 2;
        }
        return x * 2;
    }

    bool G => true;
}
"#,
        expect![[r#"
            6 Logic ! -> 
            6 Condition !ok && x < 3 -> false
            6 Condition !ok && x < 3 -> true
            6 Logic && -> ||
            6 Comparison < -> <=
            6 Constant 3 -> 4
            7 Call Console.WriteLine("small"); -> ;
            7 String small -> 
            8 Arithmetic += -> -=
            8 Constant 2 -> 3
            10 Return x * 2 -> default
            10 Arithmetic * -> +
            10 Constant 2 -> 3
            13 Constant true -> false
            13 Return true -> default
        "#]],
    );
}

#[test]
fn only_what_begins_in_a_range_is_changed() {
    let text = "a = 1 < 2\nb = 3 < 4\nc = 5 < 6\n";
    let lang = by_id("python").unwrap();
    let line = ByteRange::new(10, 20);
    let found = mutations(lang, text, &[line]).unwrap().unwrap();
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found.iter().all(|it| line.contains(it.range.start)));
    assert_eq!(mutations(lang, text, &[]).unwrap().unwrap(), []);
}

#[test]
fn a_language_without_a_table_has_no_answer() {
    let lang = by_id("lua").unwrap();
    assert_eq!(mutations(lang, "x = 1 < 2", &[ByteRange::new(0, 9)]).unwrap(), None);
}
