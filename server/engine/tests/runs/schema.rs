//! The published schema of events is the one of the types. `UPDATE_EXPECT=1` writes it; read the difference.

use engine::Event;
use expect_test::expect_file;

#[test]
fn the_schema_of_events_is_up_to_date() {
    let schema = schemars::schema_for!(Event);
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    expect_file!["../../../../schemas/events.json"].assert_eq(&text);
}
