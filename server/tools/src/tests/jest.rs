//! Reads the JSON report of jest, which vitest writes too.
//! Does not read their text output.

use serde::Deserialize;

use super::Status;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Json {
    test_results: Vec<File>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    name: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    assertion_results: Vec<Test>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    #[serde(default)]
    ancestor_titles: Vec<String>,
    title: String,
    status: String,
    #[serde(default)]
    failure_messages: Option<Vec<String>>,
    #[serde(default)]
    location: Option<Location>,
}

#[derive(Debug, Deserialize)]
struct Location {
    line: u32,
}

/// One test, or one file that could not be loaded (`titles` is empty).
pub(super) struct Raw {
    /// As the runner wrote it, usually absolute.
    pub(super) file: String,
    pub(super) titles: Vec<String>,
    pub(super) status: Status,
    pub(super) message: String,
    pub(super) line: Option<u32>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Vec<Raw>, String> {
    let json: Json = serde_json::from_slice(bytes)
        .map_err(|err| format!("the report is not jest's JSON: {err}"))?;
    let mut cases = Vec::new();
    for file in json.test_results {
        if file.assertion_results.is_empty() && file.status == "failed" {
            cases.push(Raw {
                file: file.name,
                titles: Vec::new(),
                status: Status::Failed,
                message: file.message.unwrap_or_default(),
                line: None,
            });
            continue;
        }
        for test in file.assertion_results {
            let mut titles = test.ancestor_titles;
            titles.retain(|title| !title.is_empty());
            titles.push(test.title);
            cases.push(Raw {
                file: file.name.clone(),
                titles,
                status: match test.status.as_str() {
                    "passed" => Status::Passed,
                    "failed" => Status::Failed,
                    // pending, skipped, todo, disabled, focused out
                    _ => Status::Skipped,
                },
                message: test.failure_messages.unwrap_or_default().join("\n"),
                line: test.location.map(|location| location.line),
            });
        }
    }
    Ok(cases)
}
