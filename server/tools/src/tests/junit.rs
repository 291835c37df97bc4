//! Reads JUnit XML as pytest, `node --test`, CTest, Maven and Gradle write it; several documents may follow each other.
//! Does not resolve entities of a document's own, and does not trust it: bounds are on depth, size and text.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use super::Status;
use crate::output::{plain, tail};

/// Largest report that is read, in bytes.
const MAX_BYTES: usize = 32 << 20;
/// Most nested suites.
const MAX_DEPTH: usize = 64;
/// Text of one failure that is kept while reading, in bytes.
const MAX_TEXT: usize = 256 << 10;

/// Names of suites that all cases together may hold copies of, in bytes.
const MAX_NAMES: usize = 128 << 20;
/// Message of one case, and its output, while reading, in bytes.
const MAX_MESSAGE: usize = 64 << 10;

/// A `testcase` element.
#[derive(Debug, Default)]
pub(super) struct Raw {
    /// Names of the suites around it, outermost first.
    pub(super) suites: Vec<String>,
    pub(super) class: String,
    pub(super) name: String,
    pub(super) file: Option<String>,
    /// The `status` attribute: CTest's `run`, `fail`, `notrun`, `disabled`.
    pub(super) state: Option<String>,
    /// As written; pytest counts from zero.
    pub(super) line: Option<u32>,
    pub(super) status: Option<Status>,
    /// The `type` of a skip, e.g. `pytest.xfail`, or its message.
    pub(super) skip: String,
    /// The `message` attribute and the text of the first failure or error.
    pub(super) message: String,
    /// What a failing one wrote to its output, when the runner says so.
    pub(super) output: String,
    /// Whether it is an `error` at load time and not a failing test.
    pub(super) is_load_error: bool,
}

/// All test cases, in the order of the document.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Raw>, String> {
    if MAX_BYTES < bytes.len() {
        return Err(format!("the report has {} bytes, too many to read", bytes.len()));
    }
    let text = String::from_utf8_lossy(bytes);
    let mut reader = Reader::from_str(&text);
    let mut suites: Vec<String> = Vec::new();
    let mut cases = Vec::new();
    let mut case: Option<Raw> = None;
    // Of the failure or the output that is being read.
    let mut text_of: Option<String> = None;
    let mut left = MAX_NAMES;
    loop {
        let event = reader.read_event().map_err(|err| format!("the report is no XML: {err}"))?;
        match event {
            Event::Start(tag) => match tag.name().as_ref() {
                "testsuite" => {
                    if MAX_DEPTH <= suites.len() {
                        return Err("the report is nested too deep".to_owned());
                    }
                    suites.push(attribute(&tag, "name").unwrap_or_default());
                }
                "testcase" => case = Some(start_case(&tag, &suites, &mut left)?),
                name @ ("failure" | "error" | "skipped") => {
                    if let Some(case) = &mut case {
                        note(case, name, &tag);
                        text_of = (name != "skipped").then(String::new);
                    }
                }
                "system-out" => text_of = case.is_some().then(String::new),
                _ => {}
            },
            Event::Empty(tag) => match tag.name().as_ref() {
                "testcase" => cases.push(end_case(start_case(&tag, &suites, &mut left)?)),
                name @ ("failure" | "error" | "skipped") => {
                    if let Some(case) = &mut case {
                        note(case, name, &tag);
                    }
                }
                _ => {}
            },
            Event::End(tag) => match tag.name().as_ref() {
                "testsuite" => {
                    suites.pop();
                }
                "testcase" => cases.extend(case.take().map(end_case)),
                "failure" | "error" => {
                    if let (Some(case), Some(text)) = (&mut case, text_of.take()) {
                        add_text(case, &text);
                    }
                }
                "system-out" => {
                    if let (Some(case), Some(text)) = (&mut case, text_of.take()) {
                        case.output = tail(&plain(text.as_bytes()), MAX_MESSAGE);
                    }
                }
                _ => {}
            },
            Event::Text(text) => push(&mut text_of, &text.xml10_content()),
            Event::CData(text) => push(&mut text_of, &text.xml10_content()),
            Event::GeneralRef(entity) => {
                match (entity.resolve_char_ref(), entity.xml10_content().as_ref()) {
                    (Ok(Some(c)), _) => push(&mut text_of, c.encode_utf8(&mut [0; 4])),
                    (_, "lt") => push(&mut text_of, "<"),
                    (_, "gt") => push(&mut text_of, ">"),
                    (_, "amp") => push(&mut text_of, "&"),
                    (_, "quot") => push(&mut text_of, "\""),
                    (_, "apos") => push(&mut text_of, "'"),
                    _ => {}
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if case.is_some() || !suites.is_empty() {
        return Err("the report is cut off".to_owned());
    }
    Ok(cases)
}

/// `left`: what may still be copied of the names of suites.
fn start_case(tag: &BytesStart<'_>, suites: &[String], left: &mut usize) -> Result<Raw, String> {
    let names: usize = suites.iter().map(|name| name.len() + size_of::<String>()).sum();
    *left = left.checked_sub(names).ok_or("the report repeats too long names")?;
    Ok(Raw {
        suites: suites.to_vec(),
        class: attribute(tag, "classname").unwrap_or_default(),
        name: attribute(tag, "name").unwrap_or_default(),
        file: attribute(tag, "file"),
        state: attribute(tag, "status"),
        line: attribute(tag, "line").and_then(|line| line.parse().ok()),
        ..Raw::default()
    })
}

fn end_case(mut case: Raw) -> Raw {
    if *case.status.get_or_insert(Status::Passed) != Status::Failed {
        case.output.clear();
    }
    case
}

fn note(case: &mut Raw, name: &str, tag: &BytesStart<'_>) {
    let message = plain(attribute(tag, "message").unwrap_or_default().as_bytes());
    if name == "skipped" {
        case.status = case.status.max(Some(Status::Skipped));
        case.skip = format!("{} {message}", attribute(tag, "type").unwrap_or_default());
        return;
    }
    case.status = Some(Status::Failed);
    case.is_load_error |= name == "error" && message == "collection failure";
    add_text(case, &message);
}

pub(super) fn add_text(case: &mut Raw, text: &str) {
    let text = plain(text.as_bytes());
    let text = text.trim();
    // The attribute is usually the first line of the text.
    if text.is_empty() || MAX_MESSAGE < case.message.len() || case.message.contains(text) {
        return;
    }
    if !case.message.is_empty() {
        case.message.push('\n');
    }
    case.message.push_str(text);
}

fn push(text_of: &mut Option<String>, text: &str) {
    if let Some(all) = text_of
        && all.len() < MAX_TEXT
    {
        all.push_str(text);
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok().flatten()?;
    Some(match attribute.normalized_value(XmlVersion::Implicit1_0) {
        Ok(value) => value.into_owned(),
        // An entity that is not XML's: the raw text still names the test.
        Err(_) => attribute.value.to_string(),
    })
}
