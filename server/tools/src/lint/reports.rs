//! Reports of linters, each in its own form, as remarks in one form. Reads text only; a report of another shape is an error.

use base::{PositionEncoding, Severity};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Deserializer, Value};
use syntax::LintReport;

/// What a report says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) remarks: Vec<Remark>,
    /// It stopped before it had seen everything.
    pub(super) is_partial: bool,
    /// The first thing that does not compile.
    pub(super) broken: Option<String>,
}

/// One entry of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remark {
    /// As the report names it.
    pub(super) file: String,
    /// Line from 1, column from 0 in `unit`.
    pub(super) start: (u32, u32),
    pub(super) end: Option<(u32, u32)>,
    pub(super) unit: PositionEncoding,
    pub(super) severity: Severity,
    pub(super) rule: Option<String>,
    pub(super) message: String,
    pub(super) fix: Option<String>,
}

pub(super) fn read(form: LintReport, stdout: &str, stderr: &str) -> Result<Read, String> {
    let whole = |remarks: Vec<Remark>| Read { remarks, ..Read::default() };
    match form {
        LintReport::Ruff => ruff(stdout).map(whole),
        LintReport::Pylint => pylint(stdout).map(whole),
        LintReport::Eslint => eslint(stdout).map(whole),
        LintReport::Cargo => cargo(stdout),
        // Before Go 1.24 it was written to the error stream, between comments.
        LintReport::GoVet if stdout.trim().is_empty() => go_vet(stderr).map(whole),
        LintReport::GoVet => go_vet(stdout).map(whole),
    }
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|err| err.to_string())
}

/// Columns from 1, in characters.
fn ruff(text: &str) -> Result<Vec<Remark>, String> {
    #[derive(Deserialize)]
    struct Place {
        row: u32,
        column: u32,
    }
    #[derive(Deserialize)]
    struct Fix {
        message: Option<String>,
    }
    #[derive(Deserialize)]
    struct Entry {
        code: Option<String>,
        filename: String,
        location: Place,
        end_location: Place,
        message: String,
        fix: Option<Fix>,
    }
    let entries: Vec<Entry> = json(text)?;
    let remark = |entry: Entry| {
        // Its `severity` calls everything an error; the classes of pycodestyle's errors and of pyflakes are.
        let class =
            entry.code.as_deref().map(|code| code.trim_end_matches(|c: char| c.is_ascii_digit()));
        let severity = match class {
            None | Some("E" | "F" | "invalid-syntax") => Severity::Error,
            Some(_) => Severity::Warning,
        };
        if entry.code.as_deref() == Some("E902") {
            return Err(format!("{}: {}", entry.filename, entry.message));
        }
        Ok(Remark {
            file: entry.filename,
            start: (entry.location.row, entry.location.column.saturating_sub(1)),
            end: Some((entry.end_location.row, entry.end_location.column.saturating_sub(1))),
            unit: PositionEncoding::Utf32,
            severity,
            rule: entry.code,
            message: entry.message,
            fix: entry.fix.and_then(|fix| fix.message),
        })
    };
    entries.into_iter().map(remark).collect()
}

/// Columns from 0, in bytes, as Python's own parser counts.
fn pylint(text: &str) -> Result<Vec<Remark>, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Entry {
        r#type: String,
        symbol: String,
        message: String,
        message_id: String,
        line: u32,
        column: u32,
        end_line: Option<u32>,
        end_column: Option<u32>,
        path: String,
    }
    #[derive(Deserialize)]
    struct Report {
        messages: Vec<Entry>,
    }
    let report: Report = json(text)?;
    let remark = |entry: Entry| Remark {
        file: entry.path,
        start: (entry.line, entry.column),
        end: entry.end_line.zip(entry.end_column),
        unit: PositionEncoding::Utf8,
        severity: match entry.r#type.as_str() {
            "fatal" | "error" => Severity::Error,
            "warning" => Severity::Warning,
            "info" => Severity::Hint,
            _ => Severity::Info,
        },
        rule: Some(entry.message_id),
        message: format!("{} ({})", entry.message, entry.symbol),
        fix: None,
    };
    Ok(report.messages.into_iter().map(remark).collect())
}

/// Columns from 1, in UTF-16 units.
fn eslint(text: &str) -> Result<Vec<Remark>, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Entry {
        rule_id: Option<String>,
        severity: u8,
        message: String,
        line: Option<u32>,
        column: Option<u32>,
        end_line: Option<u32>,
        end_column: Option<u32>,
        #[serde(default)]
        fatal: bool,
        #[serde(default)]
        suggestions: Vec<Suggestion>,
    }
    #[derive(Deserialize)]
    struct Suggestion {
        desc: String,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct File {
        file_path: String,
        messages: Vec<Entry>,
    }
    let files: Vec<File> = json(text)?;
    let mut remarks = Vec::new();
    for file in files {
        for entry in file.messages {
            if entry.fatal && entry.line.is_none() {
                return Err(format!("eslint could not look at a file: {}", entry.message));
            }
            // Neither a rule nor a broken file: a word about eslint itself, such as that the file is ignored.
            let (Some(line), true) = (entry.line, entry.rule_id.is_some() || entry.fatal) else {
                continue;
            };
            let zero = |column: u32| column.saturating_sub(1);
            remarks.push(Remark {
                file: file.file_path.clone(),
                start: (line, entry.column.map_or(0, zero)),
                end: entry.end_line.zip(entry.end_column.map(zero)),
                unit: PositionEncoding::Utf16,
                severity: if 2 <= entry.severity { Severity::Error } else { Severity::Warning },
                rule: entry.rule_id,
                message: entry.message,
                fix: entry.suggestions.into_iter().next().map(|it| it.desc),
            });
        }
    }
    Ok(remarks)
}

/// Columns from 1, in characters. An error that is no lint is code that does not compile.
fn cargo(text: &str) -> Result<Read, String> {
    #[derive(Deserialize)]
    struct Code {
        code: String,
    }
    #[derive(Deserialize)]
    struct Span {
        file_name: String,
        line_start: u32,
        line_end: u32,
        column_start: u32,
        column_end: u32,
        is_primary: bool,
        suggested_replacement: Option<String>,
    }
    #[derive(Deserialize)]
    struct Message {
        level: String,
        message: String,
        code: Option<Code>,
        spans: Vec<Span>,
        #[serde(default)]
        children: Vec<Message>,
    }
    let mut read = Read::default();
    let mut is_finished = false;
    for line in text.lines().filter(|line| line.starts_with('{')) {
        let value: Value = json(line)?;
        match value["reason"].as_str() {
            Some("build-finished") => {
                is_finished = true;
                read.is_partial = value["success"] == false;
            }
            Some("compiler-message") => {
                let message: Message = serde_json::from_value(value["message"].clone())
                    .map_err(|err| err.to_string())?;
                let severity = match message.level.as_str() {
                    "error" => Severity::Error,
                    "warning" => Severity::Warning,
                    _ => continue,
                };
                let is_lint = message.code.as_ref().is_some_and(|code| is_lint(&code.code));
                if severity == Severity::Error && !is_lint {
                    read.broken.get_or_insert_with(|| message.message.clone());
                }
                let Some(span) = message.spans.iter().find(|span| span.is_primary) else {
                    continue;
                };
                let fix = message.children.iter().find_map(|child| {
                    let with =
                        child.spans.iter().find_map(|it| it.suggested_replacement.as_ref())?;
                    Some(match with.is_empty() {
                        true => child.message.clone(),
                        false => format!("{}: `{with}`", child.message),
                    })
                });
                read.remarks.push(Remark {
                    file: span.file_name.clone(),
                    start: (span.line_start, span.column_start.saturating_sub(1)),
                    end: Some((span.line_end, span.column_end.saturating_sub(1))),
                    unit: PositionEncoding::Utf32,
                    severity,
                    rule: message.code.map(|code| code.code),
                    message: message.message,
                    fix,
                });
            }
            _ => {}
        }
    }
    if is_finished { Ok(read) } else { Err("cargo did not come to an end".to_owned()) }
}

/// Lints have names in lower case; errors of the compiler are called `E0308`.
fn is_lint(code: &str) -> bool {
    code.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Places are `file:line:column`, columns from 1 in bytes. A tree of packages, in it analyzers, in it findings.
fn go_vet(text: &str) -> Result<Vec<Remark>, String> {
    #[derive(Deserialize)]
    struct Entry {
        posn: String,
        end: Option<String>,
        message: String,
    }
    let json: String =
        text.lines().filter(|line| !line.starts_with('#')).flat_map(|line| [line, "\n"]).collect();
    let mut remarks = Vec::new();
    for tree in Deserializer::from_str(&json).into_iter::<Value>() {
        let tree = tree.map_err(|err| err.to_string())?;
        let packages = tree.as_object().ok_or("a list of packages was expected")?;
        for analyzers in packages.values() {
            let analyzers = analyzers.as_object().ok_or("a list of analyzers was expected")?;
            for (analyzer, found) in analyzers {
                if let Some(why) = found.get("error") {
                    return Err(format!("{analyzer}: {why}"));
                }
                let found: Vec<Entry> =
                    serde_json::from_value(found.clone()).map_err(|err| err.to_string())?;
                for entry in found {
                    let (file, start) = place(&entry.posn).ok_or("a place was expected")?;
                    let end = entry.end.as_deref().and_then(place).map(|(_, end)| end);
                    remarks.push(Remark {
                        file: file.to_owned(),
                        start,
                        end,
                        unit: PositionEncoding::Utf8,
                        severity: Severity::Error,
                        rule: Some(analyzer.clone()),
                        message: entry.message,
                        fix: None,
                    });
                }
            }
        }
    }
    Ok(remarks)
}

fn place(posn: &str) -> Option<(&str, (u32, u32))> {
    let (rest, column) = posn.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    Some((file, (line.parse().ok()?, column.parse::<u32>().ok()?.saturating_sub(1))))
}
