//! Reads TRX, the XML that `dotnet test` writes with its `trx` logger; several documents may follow each other.
//! Does not read its summaries, nor what is not a test.

use std::collections::HashMap;

use base::RelPath;
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use super::{
    MESSAGE_BYTES, Status,
    report::{Cases, Cx, in_workspace, put, put_built, put_unbuilt},
};
use crate::output::{head, plain};

/// Largest report that is read, in bytes.
const MAX_BYTES: usize = 32 << 20;
/// Text of one failure that is kept while reading, in bytes.
const MAX_TEXT: usize = 64 << 10;

#[derive(Debug, Default)]
struct Ran {
    test_id: String,
    name: String,
    outcome: String,
    message: String,
}

/// `Namespace.Class.Method`, with its arguments where it has some.
pub(super) fn cases(cx: &Cx<'_>, bytes: &[u8]) -> Result<Cases, String> {
    let (results, classes) = read(bytes)?;
    let mut cases = Cases::new();
    let errors = compile_errors(cx.stdout);
    if !errors.is_empty() {
        put_unbuilt(cx, &mut cases, &errors);
    } else if !results.is_empty() {
        put_built(&mut cases);
    }
    for result in results {
        let status = match result.outcome.as_str() {
            "Passed" | "PassedButRunAborted" | "Completed" => Status::Passed,
            "NotExecuted" | "NotRunnable" | "Inconclusive" | "Pending" => Status::Skipped,
            // Failed, Error, Timeout, Aborted, Disconnected; and whatever else may come.
            _ => Status::Failed,
        };
        // NUnit and MSTest name the method alone, xunit all of it.
        let id = match classes.get(&result.test_id) {
            Some(class) if !result.name.starts_with(&format!("{class}.")) => {
                format!("{class}.{}", result.name)
            }
            _ => result.name,
        };
        let message = plain(result.message.trim().as_bytes());
        let place = place(cx, &message);
        let line = place.as_ref().map(|(_, line)| *line);
        let message = head(&message, MESSAGE_BYTES - 3);
        put(&mut cases, id, Some(status), message, place.map(|(file, _)| file), line);
    }
    Ok(cases)
}

/// Results, and the class of each test by its id.
fn read(bytes: &[u8]) -> Result<(Vec<Ran>, HashMap<String, String>), String> {
    if MAX_BYTES < bytes.len() {
        return Err(format!("the report has {} bytes, too many to read", bytes.len()));
    }
    let text = String::from_utf8_lossy(bytes);
    let mut reader = Reader::from_str(&text);
    let (mut results, mut classes) = (Vec::new(), HashMap::new());
    let mut open: Option<Ran> = None;
    let mut test = String::new();
    let mut is_message = false;
    loop {
        let event = reader.read_event().map_err(|err| format!("the report is no XML: {err}"))?;
        match event {
            Event::Start(tag) => match tag.name().as_ref() {
                "UnitTestResult" => open = Some(start(&tag)),
                "UnitTest" => test = attribute(&tag, "id"),
                "TestMethod" => note_class(&mut classes, &test, &tag),
                "Message" | "StackTrace" => is_message = true,
                _ => {}
            },
            Event::Empty(tag) => match tag.name().as_ref() {
                "UnitTestResult" => results.push(start(&tag)),
                "TestMethod" => note_class(&mut classes, &test, &tag),
                _ => {}
            },
            Event::End(tag) => match tag.name().as_ref() {
                "UnitTestResult" => results.extend(open.take()),
                "Message" | "StackTrace" => {
                    is_message = false;
                    push(&mut open, "\n");
                }
                _ => {}
            },
            Event::Text(text) if is_message => push(&mut open, &text.xml10_content()),
            Event::CData(text) if is_message => push(&mut open, &text.xml10_content()),
            Event::GeneralRef(entity) if is_message => {
                match (entity.resolve_char_ref(), entity.xml10_content().as_ref()) {
                    (Ok(Some(c)), _) => push(&mut open, c.encode_utf8(&mut [0; 4])),
                    (_, "lt") => push(&mut open, "<"),
                    (_, "gt") => push(&mut open, ">"),
                    (_, "amp") => push(&mut open, "&"),
                    (_, "quot") => push(&mut open, "\""),
                    (_, "apos") => push(&mut open, "'"),
                    _ => {}
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if open.is_some() {
        return Err("the report is cut off".to_owned());
    }
    Ok((results, classes))
}

fn start(tag: &BytesStart<'_>) -> Ran {
    Ran {
        test_id: attribute(tag, "testId"),
        name: attribute(tag, "testName"),
        outcome: attribute(tag, "outcome"),
        message: String::new(),
    }
}

fn note_class(classes: &mut HashMap<String, String>, test: &str, tag: &BytesStart<'_>) {
    // Older versions add the assembly: `Demo.CalcTests, Demo, Version=1.0.0.0`.
    let class = attribute(tag, "className");
    let class = class.split(',').next().unwrap_or(&class).trim().to_owned();
    classes.insert(test.to_owned(), class);
}

fn push(open: &mut Option<Ran>, text: &str) {
    if let Some(result) = open
        && result.message.len() < MAX_TEXT
    {
        result.message.push_str(text);
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> String {
    let Some(attribute) = tag.try_get_attribute(name).ok().flatten() else {
        return String::new();
    };
    match attribute.normalized_value(XmlVersion::Implicit1_0) {
        Ok(value) => value.into_owned(),
        Err(_) => attribute.value.to_string(),
    }
}

/// Lines as `/ws/Calc.cs(3,5): error CS1002: ; expected [/ws/Calc.csproj]`, each once.
fn compile_errors(stdout: &str) -> String {
    let mut errors: Vec<&str> = Vec::new();
    for line in stdout.lines().map(str::trim).filter(|line| line.contains("): error CS")) {
        if !errors.contains(&line) {
            errors.push(line);
        }
    }
    errors.join("\n")
}

/// `   at Demo.CalcTests.Adds() in /ws/CalcTests.cs:line 12`, the first in the workspace.
fn place(cx: &Cx<'_>, message: &str) -> Option<(RelPath, u32)> {
    message.lines().find_map(|line| {
        let (file, number) = line.trim().rsplit_once(" in ")?.1.rsplit_once(":line ")?;
        Some((in_workspace(cx, file)?, number.trim().parse().ok()?))
    })
}
