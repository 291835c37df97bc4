//! What clients are told about the tools.

use expect_test::{expect, expect_file};
use serde_json::Value;

fn tools() -> Vec<Value> {
    crate::tools().iter().map(|tool| serde_json::to_value(tool).unwrap()).collect()
}

/// The published schemas; `UPDATE_EXPECT=1` writes them anew.
#[test]
fn schemas_are_up_to_date() {
    let text = serde_json::to_string_pretty(&tools()).unwrap() + "\n";
    expect_file!["../../../../schemas/mcp-tools.json"].assert_eq(&text);
}

#[test]
fn every_tool_is_fully_described() {
    for tool in tools() {
        let name = tool["name"].as_str().unwrap();
        assert!(tool["description"].as_str().unwrap().len() > 40, "{name}");
        for schema in ["inputSchema", "outputSchema"] {
            assert_eq!(tool[schema]["type"], "object", "{name} {schema}");
            for (field, about) in tool[schema]["properties"].as_object().unwrap() {
                let described = about["description"].is_string() || about["$ref"].is_string();
                assert!(described, "{name} {schema} {field}: {about}");
            }
        }
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{name}");
    }
}

#[test]
fn annotations_say_what_a_tool_may_do() {
    let mut table = String::new();
    for tool in tools() {
        let hints = &tool["annotations"];
        let words = [
            ("readOnlyHint", "reads"),
            ("destructiveHint", "destroys"),
            ("idempotentHint", "repeatable"),
            ("openWorldHint", "reaches out"),
        ];
        let words: Vec<&str> =
            words.iter().filter(|(key, _)| hints[key] == true).map(|(_, word)| *word).collect();
        table.push_str(&format!("{}: {}\n", tool["name"].as_str().unwrap(), words.join(", ")));
    }
    expect![[r#"
        diagnostics: reads, repeatable
        find_symbol: reads, repeatable
        get_context: reads, repeatable
        proposal_resolve: destroys, reaches out
        proposal_show: reads, repeatable
        references: reads, repeatable
        run_cancel: repeatable
        run_resume: repeatable, reaches out
        run_start: reaches out
        run_status: reads, repeatable
        search_code: reads, repeatable
        verify_patch: reads, repeatable
    "#]]
    .assert_eq(&table);
}
