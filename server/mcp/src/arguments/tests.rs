//! Arguments that fit, that do not, and schemas that are not to be trusted.
#![allow(clippy::unwrap_used, reason = "tests")]

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::check;

fn said(arguments: Value, schema: Value) -> String {
    match check(arguments.as_object().unwrap(), &schema) {
        Ok(()) => "fits".to_owned(),
        Err(why) => why,
    }
}

fn check_said(arguments: Value, expected: Expect) {
    let schema = json!({
        "type": "object",
        "properties": {"a": {"type": "number"}, "b": {"enum": ["x", "y"]}},
        "required": ["a"],
        "additionalProperties": false,
    });
    expected.assert_eq(&said(arguments, schema));
}

#[test]
fn what_does_not_fit_is_named() {
    check_said(json!({"a": 1, "b": "x"}), expect!["fits"]);
    check_said(json!({}), expect![[r#""a" is a required property"#]]);
    check_said(
        json!({"a": "1", "c": 2}),
        expect![[
            r#"/a: "1" is not of type "number"; Additional properties are not allowed ('c' was unexpected)"#
        ]],
    );
}

#[test]
fn a_schema_that_could_take_for_ever_is_left_to_the_server() {
    let itself = json!({"$ref": "#"});
    let pattern = json!({"properties": {"a": {"pattern": "(a+)+$"}}});
    let doubled: Vec<Value> = (0..30)
        .map(|n| json!({"allOf": [{"$ref": format!("#/$defs/{}", n + 1)}, {"$ref": format!("#/$defs/{}", n + 1)}]}))
        .collect();
    let doubled = json!({"$defs": doubled, "$ref": "#/$defs/0"});
    for schema in [itself, pattern, doubled, json!({"type": 7}), json!(true)] {
        assert_eq!(said(json!({"a": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"}), schema), "fits");
    }
}
