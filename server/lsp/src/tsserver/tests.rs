//! Answers of tsserver as diagnostics, by their form alone.

use super::*;

#[test]
fn columns_count_from_one_in_utf_16() {
    let path = RelPath::parse("a.ts").unwrap();
    let text = Text::new("const 𝒳 = 1;\nlet é: string = 1;\n");
    let item = json!({
        "start": { "line": 2, "offset": 5 }, "end": { "line": 2, "offset": 6 },
        "text": "Type 'number' is not assignable to type 'string'.", "code": 2322, "category": "error",
    });
    let found = place(&path, &text, &item).unwrap();
    assert_eq!(
        found.to_string(),
        "a.ts:2: error: Type 'number' is not assignable to type 'string'. [typescript 2322]"
    );
    assert_eq!(&"const 𝒳 = 1;\nlet é: string = 1;\n"[found.range.as_range()], "é");
}

#[test]
fn what_has_no_place_is_left_out() {
    let path = RelPath::parse("a.ts").unwrap();
    let item = json!({ "text": "global", "code": 1, "category": "error" });
    assert_eq!(place(&path, &Text::new(""), &item), None);
}
