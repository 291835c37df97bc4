//! JSON as models write it: in fences, among prose, with small mistakes; and whether it has the shape that was asked for.

use serde_json::Value;

use crate::Schema;

/// More of what does not fit helps nobody.
const SHOWN_FAULTS: usize = 5;

/// Longer texts with mistakes are not mended.
const MAX_MENDED: usize = 256 * 1024;

/// As deep as `serde_json` goes.
const MAX_DEPTH: usize = 128;

/// The JSON value in a model's text. Fences and prose around it are passed over, and small mistakes are mended: a comma too
/// many or too few, single quotes, comments, an end that is missing.
///
/// # Errors
/// One line that says what is wrong, fit to be told to the model.
pub fn parse_json(text: &str) -> Result<Value, String> {
    parse(text)
}

pub(crate) fn parse(text: &str) -> Result<Value, String> {
    let text = text.trim();
    let error = match serde_json::from_str(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let part = without_prose(text);
    if let Ok(value) = serde_json::from_str(part) {
        return Ok(value);
    }
    // A repairer makes something of everything: what has no bracket is prose. It goes down into each bracket, and has no
    // limit of its own.
    let is_mendable =
        part.starts_with(['{', '[']) && part.len() <= MAX_MENDED && depth(part) <= MAX_DEPTH;
    if !is_mendable {
        return Err(format!("it is no JSON: {error}"));
    }
    let mended = llm_json::loads(part, &llm_json::RepairOptions::default());
    mended.map_err(|_| format!("it is no JSON: {error}"))
}

/// How many brackets are open at most, those in texts too.
fn depth(text: &str) -> usize {
    let (mut open, mut deepest) = (0usize, 0);
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' => open += 1,
            b'}' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

/// From the first bracket to the last one that may end what it begins.
fn without_prose(text: &str) -> &str {
    let Some(start) = text.find(['{', '[']) else { return text };
    let text = &text[start..];
    let end = if text.starts_with('{') { '}' } else { ']' };
    text.rfind(end).map_or(text, |at| &text[..=at])
}

/// No list of a value that a model makes is longer, and no text.
const MAX_ITEMS: usize = 100;
const MAX_CHARS: usize = 20_000;

/// Whether `value` is of a size that somebody may have meant. It is no part of a schema: servers that make a grammar of one cannot
/// count so far.
///
/// # Errors
/// One line that says what is too large.
pub(crate) fn bounded(value: &Value) -> Result<(), String> {
    let list = |n: usize| match n <= MAX_ITEMS {
        true => Ok(()),
        false => Err(format!("a list in it has {n} items; {MAX_ITEMS} at most")),
    };
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        Value::String(text) => match text.chars().count() {
            n if MAX_CHARS < n => {
                Err(format!("a text in it has {n} characters; {MAX_CHARS} at most"))
            }
            _ => Ok(()),
        },
        Value::Array(items) => list(items.len()).and_then(|()| items.iter().try_for_each(bounded)),
        Value::Object(map) => list(map.len()).and_then(|()| map.values().try_for_each(bounded)),
    }
}

/// Whether `value` has the shape.
///
/// # Errors
/// One line that says where it does not fit.
pub(crate) fn check(value: &Value, schema: &Schema) -> Result<(), String> {
    let validator = jsonschema::validator_for(&schema.schema)
        .map_err(|error| format!("the schema `{}` is none: {error}", schema.name))?;
    let faults: Vec<String> = validator
        .iter_errors(value)
        .take(SHOWN_FAULTS)
        .map(|error| match error.instance_path().to_string().as_str() {
            "" => error.to_string(),
            path => format!("{path}: {error}"),
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(faults.join("; ")) }
}

/// What shape is wanted, for a model whose server cannot see to it.
pub(crate) fn in_words(schema: &Schema) -> String {
    format!(
        "Answer with one JSON value that fits this JSON Schema, and with nothing else:\n{}",
        schema.schema
    )
}

#[cfg(test)]
mod tests;
