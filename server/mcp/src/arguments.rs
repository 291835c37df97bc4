//! Whether arguments fit a tool's schema, as far as that can be told without giving a stranger's schema power over us.
//!
//! A schema that refers to others, or to itself, or that has regular expressions can take for ever to be checked against; then the
//! server checks alone, as it does anyway.

use jsonschema::Draft;
use serde_json::{Map, Value};

use crate::words::line;

#[cfg(test)]
mod tests;

/// Keywords whose cost is not bounded by the schema's size.
const COSTLY: &[&str] =
    &["$ref", "$dynamicRef", "$recursiveRef", "pattern", "patternProperties", "format"];
const SHOWN_FAULTS: usize = 3;
const MAX_FAULT: usize = 300;

/// # Errors
/// What does not fit, in words.
pub(crate) fn check(arguments: &Map<String, Value>, schema: &Value) -> Result<(), String> {
    if is_costly(schema) {
        return Ok(());
    }
    // A schema that is none is the server's affair.
    let options = jsonschema::options().with_draft(Draft::Draft202012);
    let Ok(validator) = options.build(schema) else { return Ok(()) };
    let value = Value::Object(arguments.clone());
    let fault = |error: jsonschema::ValidationError<'_>| {
        let (place, what) = (error.instance_path().to_string(), error.to_string());
        let whole = if place.is_empty() { what } else { format!("{place}: {what}") };
        line(&whole, MAX_FAULT)
    };
    let faults: Vec<String> = validator.iter_errors(&value).take(SHOWN_FAULTS).map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults.join("; ")) }
}

fn is_costly(schema: &Value) -> bool {
    match schema {
        Value::Array(items) => items.iter().any(is_costly),
        Value::Object(members) => {
            members.iter().any(|(key, value)| COSTLY.contains(&key.as_str()) || is_costly(value))
        }
        _ => false,
    }
}
