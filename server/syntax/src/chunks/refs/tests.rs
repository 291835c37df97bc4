//! What chunks refer to, in each language.
#![allow(clippy::unwrap_used, reason = "tests")]

use expect_test::{Expect, expect};

use crate::chunks::{Cut, cut};
use crate::languages::by_id;

/// One line for each piece: qualified name (`-` for a window) and refs.
fn check(lang: &str, text: &str, expected: Expect) {
    let mut shown = String::new();
    let cut = cut(by_id(lang).unwrap(), text);
    for (idx, chunk) in cut.chunks.iter().enumerate() {
        let name = if chunk.name.is_empty() { "-" } else { &chunk.qualified };
        shown += &format!("{name}: {}\n", names(&cut, idx).join(" "));
    }
    expected.assert_eq(&shown);
}

fn names<'a>(cut: &Cut<'a>, chunk: usize) -> Vec<&'a str> {
    cut.refs.iter().filter(|found| found.chunk == chunk).map(|found| found.name).collect()
}

#[test]
fn python() {
    check(
        "python",
        r#"
import os.path, json as j
from .dates import parse, zone as z

LIMIT: Final[int] = make(1)

@app.route("/")
@cached
class Clock(Base, other.Mixin):
    kind: Kind = Kind()

    def now(self, tz: Zone | None, items: list[Item]) -> Stamp:
        def inner():
            return helper(1)
        try:
            return self.clock.read(now(tz))
        except (BadZone, KeyError):
            raise Late
"#,
        expect![[r#"
            -: json parse path zone
            LIMIT: Final int make
            Clock: Base Kind Mixin cached route
            Clock.now: BadZone Item KeyError Late Stamp Zone helper list read
        "#]],
    );
}

#[test]
fn rust() {
    check(
        "rust",
        r#"
use std::{fmt, io::Read, collections::HashMap as Map};
use crate::parse;

#[derive(Debug)]
struct Point<T> { x: Option<T>, next: Box<Point<T>> }

impl<T> fmt::Display for Point<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = Vec::<u8>::with_capacity(1);
        write!(f, "{}", render(self.x.as_ref()))?;
        parse::text::<T>(&all).into_iter().collect::<Set>();
        Color::Red.show()
    }
}
"#,
        expect![[r#"
            -: HashMap Read collections fmt io parse
            Point: Box Option
            Point: Display
            Point::fmt: Color Formatter Result Set Vec as_ref collect into_iter parse render show text with_capacity write
        "#]],
    );
}

#[test]
fn javascript() {
    check(
        "javascript",
        r#"
import React, { useState as state } from "react";
import * as all from "./all";
export { one } from "./one";

class Queue extends Base {
  push(item) { this.items.add(wrap(item)); return new Event(item); }
}
const View = () => <Panel><ui.Row a={format(1)} /><p>x</p></Panel>;
"#,
        expect![[r#"
            -: React all one useState
            Queue: Base
            Queue.push: Event add wrap
            View: Panel Row format
        "#]],
    );
}

#[test]
fn typescript() {
    check(
        "typescript",
        r#"
import type { User } from "./user";

@Injectable()
export class Repo<T extends User> extends Base implements Store<T> {
  find(id: Id): Promise<T | undefined> { return this.db.query<Row>(sql(id)); }
}
type Pair = [Left, Right];
"#,
        expect![[r#"
            -: User
            Repo: Base Injectable Store User
            Repo.find: Id Promise Row query sql
            Pair: Left Right
        "#]],
    );
    check(
        "typescriptreact",
        "const A = (p: Props) => <Panel b={go()} />;\n",
        expect![[r#"
        A: Panel Props go
    "#]],
    );
}

#[test]
fn the_number_of_names_is_bounded() {
    let calls: String = (0..100).map(|n| format!("    call{n}()\n")).collect();
    let text = format!("def f():\n    f()\n{calls}");
    let found = names(&cut(by_id("python").unwrap(), &text), 0);
    assert_eq!(found.len(), 64);
    assert!(!found.contains(&"f"));
}

#[test]
fn what_is_nested_too_deep_is_not_said_by_all_around_it() {
    let n = 2_000;
    let text = "function f() {\n\n\n\n\n".repeat(n) + &"call();".repeat(3 * n) + &"}".repeat(n);
    let found = cut(by_id("javascript").unwrap(), &text);
    assert_eq!(found.chunks.len(), n);
    assert_eq!(found.refs.len(), 64);
    assert!(found.refs.iter().all(|found| found.name == "call"));
}
