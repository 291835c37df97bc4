//! Definitions by name.

use expect_test::{Expect, expect};

use crate::testing::{World, show};

fn check(name: &str, expected: Expect) {
    let world = World::new(
        r#"
//- /json/io.py
def loads(text):
    pass

class JSONReader:
    def load(self):
        pass
//- /net.ts
export function loadS() {}
export const loads_all = () => 1;
export function reloadAllFiles() {}
//- /tests/test_io.py
def loads():
    pass
"#,
    );
    expected.assert_eq(&show(&world.index.symbols(name, 10)));
}

#[test]
fn exact_then_folded_then_prefix_then_parts() {
    check(
        "loads",
        expect![[r#"
        json/io.py:1-2 loads | name match `loads`
        tests/test_io.py:1-2 loads | name match `loads`
        net.ts:1-1 loadS | name match `loads`, written differently
        net.ts:2-2 loads_all | name begins with `loads`
        json/io.py:5-6 JSONReader.load | name contains the words of `loads`
    "#]],
    );
    check(
        "load",
        expect![[r#"
        json/io.py:5-6 JSONReader.load | name match `load`
        json/io.py:1-2 loads | name begins with `load`
        net.ts:1-1 loadS | name begins with `load`
        net.ts:2-2 loads_all | name begins with `load`
        tests/test_io.py:1-2 loads | name begins with `load`
    "#]],
    );
    check(
        "jsonReader",
        expect![[r#"
        json/io.py:4-6 JSONReader | name match `jsonReader`, written differently
    "#]],
    );
    check(
        "all",
        expect![[r#"
        net.ts:2-2 loads_all | name contains the words of `all`
        net.ts:3-3 reloadAllFiles | name contains the words of `all`
    "#]],
    );
    check(
        "FilesReload",
        expect![[r#"
        net.ts:3-3 reloadAllFiles | name contains the words of `FilesReload`
    "#]],
    );
}

#[test]
fn qualified_names() {
    check(
        "JSONReader.load",
        expect![[r#"
        json/io.py:5-6 JSONReader.load | name match `load`
        json/io.py:1-2 loads | name begins with `load`
        net.ts:1-1 loadS | name begins with `load`
        net.ts:2-2 loads_all | name begins with `load`
        tests/test_io.py:1-2 loads | name begins with `load`
    "#]],
    );
    check(
        "json.loads()",
        expect![[r#"
        json/io.py:1-2 loads | name match `loads`
        net.ts:2-2 loads_all | name begins with `loads`
        json/io.py:5-6 JSONReader.load | name contains the words of `loads`
        net.ts:1-1 loadS | name contains the words of `loads`
        tests/test_io.py:1-2 loads | name contains the words of `loads`
    "#]],
    );
}

#[test]
fn what_is_no_name_finds_nothing() {
    for name in ["", " ", "::", "()", "123", "nope", "🎉"] {
        check(name, expect![[""]]);
    }
    let world = World::new("//- /a.py\ndef a():\n    pass\n");
    assert_eq!(world.index.symbols("a", 0), []);
    assert_eq!(world.index.symbols("a", 1).len(), 1);
}
