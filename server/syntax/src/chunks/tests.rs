//! Chunks of small files in each language, of broken and of hostile ones.
#![allow(clippy::unwrap_used, reason = "tests")]

use expect_test::{Expect, expect};

use crate::chunks::{ChunkKind, Part, chunks, chunks_until};
use crate::languages::{self, by_id};
use crate::parse::Deadline;
use crate::patterns::Patterns;

/// One line for each chunk: kind, qualified name, lines, signature, and the doc with its lines joined by ` / `.
fn check(lang: &str, text: &str, expected: Expect) {
    let text = text.strip_prefix('\n').unwrap_or(text);
    let mut shown = String::new();
    for chunk in chunks(by_id(lang).unwrap(), text) {
        let (first, last) = chunk.lines;
        shown +=
            &format!("{:?} {} {first}-{last} | {}", chunk.kind, chunk.qualified, chunk.signature);
        if let Some(doc) = &chunk.doc {
            shown += &format!(" | {}", doc.replace('\n', " / "));
        }
        shown.push('\n');
        assert!(text.is_char_boundary(chunk.range.start) && text.is_char_boundary(chunk.range.end));
    }
    expected.assert_eq(&shown);
}

#[test]
fn every_query_compiles_and_every_id_is_unique() {
    for lang in languages::ALL {
        let both = format!("{}\n{}", lang.chunk_query, lang.refs_query);
        Patterns::new(&lang.grammar.into(), &both, &Part::of)
            .unwrap_or_else(|err| panic!("{}: {err}", lang.id));
        assert_eq!(chunks(lang, ""), []);
        assert_eq!(by_id(lang.id), Some(*lang));
    }
}

#[test]
fn python() {
    check(
        "python",
        r#"
"""Module docs."""
import os

LIMIT: int = 10
parse = lambda text: text

# Not about `dates`.

# Splits a date.
@cache
@other(1)
async def dates(text: str, *,  # the text
                zone=None) -> list[str]:
    # Not in the signature.
    """Finds dates.

    In any form.
    """
    def inner():
        return 1
    def longer(a):
        x = 1
        y = 2
        z = 3
        return x
    return []

class Clock(Base, metaclass=Meta):
    r'''Tells the time.'''
    kind = 1

    # How late it is.
    def now(self): return 1

    class Hand:
        pass

    @property
    def test_mode(self):
        pass

class TestClock:
    def test_tick(self):
        pass

def test_now():
    assert True

type Pair[T] = tuple[T, T]
"#,
        expect![[r#"
            Constant LIMIT 4-4 | LIMIT: int = 10
            Function parse 5-5 | parse = lambda text
            Function dates 9-26 | async def dates(text: str, *, zone=None) -> list[str] | Finds dates. /  / In any form.
            Function dates.longer 21-25 | def longer(a)
            Class Clock 28-40 | class Clock(Base, metaclass=Meta) | Tells the time.
            Method Clock.now 32-33 | def now(self) | How late it is.
            Class Clock.Hand 35-36 | class Hand
            Method Clock.test_mode 38-40 | def test_mode(self)
            Class TestClock 42-44 | class TestClock
            Test TestClock.test_tick 43-44 | def test_tick(self)
            Test test_now 46-47 | def test_now()
            TypeAlias Pair 49-49 | type Pair[T] = tuple[T, T]
        "#]],
    );
}

#[test]
fn rust() {
    check(
        "rust",
        r#"
//! Module docs.

use std::fmt;

/// A point
/// in space.
#[derive(Clone)]
pub struct Point<T> { x: T }

struct Unit;
pub struct Pair(u8, u8);

// Says it.
impl<T> fmt::Display for Point<T>
where
    T: Copy,
{
    type Output = u8;
    const ZERO: u8 = 0;

    /** Writes it. */
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LOCAL: u8 = 1;
        Ok(())
    }
}

pub trait Shape { fn area(&self) -> f64; fn name(&self) -> String { String::new() } }
enum Kind { A, B }
union Bits { a: u8 }
pub(crate) type Map<K> = HashMap<K, u8>;
const MAX: usize = 1; // trailing
static NAMES: &[&str] = &["a"];
macro_rules! square { ($x:expr) => { $x * $x } }
mod other;

#[cfg(test)]
mod tests {
    use super::*;
    #[tokio::test(flavor = "multi_thread")]
    async fn draws() {}
    fn helper() {}
}

pub async unsafe fn free<'a, T: Into<String>>(a: &'a T) -> impl Fn(u8) -> u8 + 'a { move |x| x }
"#,
        expect![[r#"
            Struct Point 5-8 | pub struct Point<T> | A point / in space.
            Struct Unit 10-10 | struct Unit;
            Struct Pair 11-11 | pub struct Pair
            Impl Point 13-27 | impl<T> fmt::Display for Point<T> where T: Copy, | Says it.
            Constant Point::ZERO 19-19 | const ZERO: u8 = 0;
            Method Point::fmt 21-26 | fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result | Writes it.
            Trait Shape 29-29 | pub trait Shape
            Method Shape::area 29-29 | fn area(&self) -> f64;
            Method Shape::name 29-29 | fn name(&self) -> String
            Enum Kind 30-30 | enum Kind
            Struct Bits 31-31 | union Bits
            TypeAlias Map 32-32 | pub(crate) type Map<K> = HashMap<K, u8>;
            Constant MAX 33-33 | const MAX: usize = 1;
            Constant NAMES 34-34 | static NAMES: &[&str] = &["a"];
            Macro square 35-35 | macro_rules! square { ($x:expr) => { $x * $x } }
            Module tests 38-44 | mod tests
            Test tests::draws 41-42 | async fn draws()
            Function tests::helper 43-43 | fn helper()
            Function free 46-46 | pub async unsafe fn free<'a, T: Into<String>>(a: &'a T) -> impl Fn(u8) -> u8 + 'a
        "#]],
    );
}

#[test]
fn javascript() {
    check(
        "javascript",
        r#"
#!/usr/bin/env node
import x from "x";
const fs = require("fs");

/**
 * Adds.
 * @param a one
 */
export function add(a, b = {}) { return a + b; }

export const twice = async (n) => n * 2, other = 1;
export default class Queue extends Base {
  // Its size.
  size = 0;
  /** Puts one in. */
  push = (item) => { this.items.push(item); };
  static get length() { return 1; }
  #secret() {}
}
function* gen() {}
var Old = function () {};
Old.prototype.run = function (n) {};
exports.helper = () => 1;
module.exports = function () {};
Old.make = function () { return new Old(); };
const api = {
  list() { return []; },
  "get-one": async function (id) { return id; },
};
describe("queue", () => {
  it("grows", async () => {
    const local = 1;
    expect(1).toBe(1);
  });
  test.skip(`shrinks`, function () {});
});
const View = () => <div onClick={() => 1}>{x}</div>;
"#,
        expect![[r#"
            Function add 5-9 | export function add(a, b = {}) | Adds. / @param a one
            Function twice 11-11 | export const twice = async (n)
            Constant other 11-11 | other = 1
            Class Queue 12-19 | export default class Queue extends Base
            Method Queue.push 15-16 | push = (item) | Puts one in.
            Method Queue.length 17-17 | static get length()
            Method Queue.#secret 18-18 | #secret()
            Function gen 20-20 | function* gen()
            Function Old 21-21 | var Old = function ()
            Method Old.run 22-22 | Old.prototype.run = function (n)
            Function helper 23-23 | exports.helper = ()
            Function exports 24-24 | module.exports = function ()
            Function Old.make 25-25 | Old.make = function ()
            Constant api 26-29 | const api =
            Test queue 30-36 | describe("queue", ()
            Test queue.grows 31-34 | it("grows", async ()
            Test queue.shrinks 35-35 | test.skip(`shrinks`, function ()
            Function View 37-37 | const View = ()
        "#]],
    );
}

#[test]
fn typescript() {
    check(
        "typescript",
        r#"
/** A user. */
export interface User extends Named { id: number; greet(): void }
export type Id = string | number;
export declare const VERSION: string;
enum Color { Red }
declare module "x" { export function f(a: number): void; }
namespace Deep.Er { export const a = 1; export function g<T>(x: T): T { return x } }
@Injectable()
export abstract class Repo<T extends User> implements Store {
  constructor(private readonly db: Db) {}
  @Get("/x")
  async find(id: Id): Promise<T | undefined> { return undefined }
  abstract save(user: T): void;
  handler = (e: Event): void => {};
}
function over(a: string): void;
function over(a: number): void;
function over(a: any) {}
"#,
        expect![[r#"
            Interface User 1-2 | export interface User extends Named | A user.
            TypeAlias Id 3-3 | export type Id = string | number;
            Constant VERSION 4-4 | export declare const VERSION: string;
            Enum Color 5-5 | enum Color
            Module x 6-6 | declare module "x"
            Function x.f 6-6 | export function f(a: number): void;
            Module Deep.Er 7-7 | namespace Deep.Er
            Function Deep.Er.g 7-7 | export function g<T>(x: T): T
            Class Repo 8-15 | export abstract class Repo<T extends User> implements Store
            Method Repo.constructor 10-10 | constructor(private readonly db: Db)
            Method Repo.find 11-12 | async find(id: Id): Promise<T | undefined>
            Method Repo.save 13-13 | abstract save(user: T): void
            Method Repo.handler 14-14 | handler = (e: Event): void
            Function over 16-16 | function over(a: string): void;
            Function over 17-17 | function over(a: number): void;
            Function over 18-18 | function over(a: any)
        "#]],
    );
}

#[test]
fn tsx() {
    check(
        "typescriptreact",
        "type Props = { a: number };\nexport const View: React.FC<Props> = ({ a }) => <p>{a}</p>;\n",
        expect![[r#"
            TypeAlias Props 1-1 | type Props = { a: number };
            Function View 2-2 | export const View: React.FC<Props> = ({ a })
        "#]],
    );
}

#[test]
#[cfg(feature = "lang-csharp")]
fn a_namespace_without_braces_holds_what_follows() {
    check(
        "csharp",
        r#"
using System;
namespace Depot.Stores;

class Shelf { void Put() {} }

/// <summary>Where a <see cref="T:Depot.Parcel"/> is.</summary>
enum State { Here }
#if NEVER
class Other {
#else
class Other : Base {
#endif
}
"#,
        expect![[r#"
            Class Depot.Stores.Shelf 4-4 | class Shelf
            Method Depot.Stores.Shelf.Put 4-4 | void Put()
            Enum Depot.Stores.State 6-7 | enum State | Where a Depot.Parcel is.
            Class Depot.Stores.Other 9-13 | class Other
        "#]],
    );
}

#[test]
#[cfg(all(feature = "lang-java", feature = "lang-kotlin", feature = "lang-cpp"))]
fn packages_and_namespaces_are_chunks_where_they_are_documented() {
    check(
        "java",
        "/**\n * Everything of the depot.\n */\n@NonNull\npackage org.depot;\n\nimport a.B;\n",
        expect![[r#"
            Module org.depot 1-5 | package org.depot; | Everything of the depot.
        "#]],
    );
    check(
        "kotlin",
        "/* Copyright 2024 Depot. Licensed to you. */\npackage org.depot\n\nfun a() {}\n",
        expect![[r#"
            Function a 4-4 | fun a()
        "#]],
    );
    check(
        "cpp",
        "/// Parts.\nnamespace depot::parts {\nnamespace {\nvoid f() {}\n}\nvoid A::B<int>::g() {}\n}\n",
        expect![[r#"
            Module depot::parts 1-2 | namespace depot::parts | Parts.
            Function depot::parts::f 4-4 | void f()
            Method depot::parts::A::B::g 6-6 | void A::B<int>::g()
        "#]],
    );
}

#[test]
fn broken_code_gives_what_can_be_had() {
    check(
        "python",
        "def good():\n    return 1\n\ndef bad(:\n    x = 1\n\nclass Later:\n    def fine(self):\n        pass\n",
        expect![[r#"
            Function good 1-2 | def good()
            Function bad 4-5 | def bad(
            Class Later 7-9 | class Later
            Method Later.fine 8-9 | def fine(self)
        "#]],
    );
    check(
        "rust",
        "fn a() { let x = ; }\nfn b( {\nfn c() {}\n",
        expect![[r#"
        Function a 1-1 | fn a()
        Function c 3-3 | fn c()
    "#]],
    );
}

#[test]
fn lines_are_right_with_crlf_bom_and_emoji() {
    check(
        "python",
        "\u{feff}# Été 🎉\r\n\r\ndef größe():\r\n    '''Sagt 🎉.'''\r\n    return '🎉'\r\n",
        expect![[r#"
            Function größe 3-5 | def größe() | Sagt 🎉.
        "#]],
    );
    check(
        "rust",
        "\u{feff}/// First.\r\n/// Second.\r\nfn a() {}\r\n\r\nfn b() {\r\n}\r\n",
        expect![[r#"
            Function a 1-3 | fn a() | First. / Second.
            Function b 5-6 | fn b()
        "#]],
    );
}

#[test]
fn deep_nesting_does_not_hang_or_overflow() {
    let deep = "class A:\n".to_owned() + &"(".repeat(50_000);
    let _ = chunks_until(by_id("python").unwrap(), &deep, Deadline::after(200));
    let deep = "class A { m() { return ".repeat(2_000);
    let _ = chunks_until(by_id("javascript").unwrap(), &deep, Deadline::after(200));
    let deep = "if (x) { function f() {\n\n\n\n\n".repeat(2_000) + &"}".repeat(4_000);
    let _ = chunks_until(by_id("javascript").unwrap(), &deep, Deadline::after(200));
}

#[test]
fn text_past_the_time_limit_has_windows() {
    // Long enough that the parser looks at the clock.
    let text = "def f(a):\n    return a + 1\n".repeat(2_000);
    let found = chunks_until(by_id("python").unwrap(), &text, Deadline::after(0));
    assert!(!found.is_empty());
    assert!(found.iter().all(|chunk| chunk.kind == ChunkKind::Window));
}

#[test]
fn comments_in_front_of_a_deep_node_are_held_once() {
    // Each call is the first child of the next one, and begins where the comments end.
    let n = 8_000;
    let text = "//\n".repeat(n) + "f(function () {}, x = function () {})" + &"()".repeat(n);
    let found = chunks(by_id("javascript").unwrap(), &text);
    let names: Vec<&str> = found.iter().map(|chunk| chunk.name.as_str()).collect();
    assert_eq!(names, ["x"]);
}

#[test]
fn names_in_names_are_of_bounded_length() {
    let n = 3_000;
    let found = chunks(by_id("rust").unwrap(), &("mod a{".repeat(n) + &"}".repeat(n)));
    assert_eq!(found.len(), n);
    assert!(found.iter().all(|chunk| chunk.qualified.len() < 600));
    assert_eq!(found[2].qualified, "a::a::a");
}
