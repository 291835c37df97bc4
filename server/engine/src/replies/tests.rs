//! The published schemas of replies are those of the types. `UPDATE_EXPECT=1` writes them; read the difference.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::expect_file;
use schemars::SchemaGenerator;

use super::{Challenge, Coherence, Commands, Findings, Plan, Revision, Roadmap, Shape, Vote};
use crate::agents::ALL;

fn check<T: Shape>(known: &mut Vec<&'static str>) {
    let schema = SchemaGenerator::default().into_root_schema_for::<T>().to_value();
    let text = serde_json::to_string_pretty(&sorted(schema)).unwrap() + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/replies");
    expect_file![format!("{path}/{}.json", T::NAME)].assert_eq(&text);
    known.push(T::NAME);
}

#[test]
fn the_schemas_of_replies_are_up_to_date_and_every_agent_has_one() {
    let mut known = vec!["edits", "text"];
    check::<Challenge>(&mut known);
    check::<Coherence>(&mut known);
    check::<Commands>(&mut known);
    check::<Findings>(&mut known);
    check::<Plan>(&mut known);
    check::<Revision>(&mut known);
    check::<Roadmap>(&mut known);
    check::<Vote>(&mut known);
    for agent in ALL {
        let prompt = agent.own().unwrap();
        assert!(known.contains(&prompt.front.reply.as_str()), "{}", agent.name);
    }
}

/// With keys in order of the alphabet, whatever order this build of the JSON library keeps.
fn sorted(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
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
