//! The published schema of events is the one of the types. `UPDATE_EXPECT=1` writes it; read the difference.

use engine::Event;
use expect_test::expect_file;
use serde_json::Value;

#[test]
fn the_schema_of_events_is_up_to_date() {
    let schema = sorted(schemars::schema_for!(Event).to_value());
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    expect_file!["../../../../schemas/events.json"].assert_eq(&text);
}

/// With keys in order of the alphabet, whatever order this build of the JSON library keeps.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().collect();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            entries.into_iter().map(|(key, value)| (key, sorted(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        value => value,
    }
}
