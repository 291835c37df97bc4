//! The answers to questions about code, and the same in words.

use std::fmt::{Display, Formatter, Result};

use base::RelPath;
use engine::{FileFindings, Findings, Place, Places, Said, SaidBy};
use schemars::JsonSchema;
use serde::Serialize;

/// Result of `references`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Used {
    /// Who has answered.
    #[serde(flatten)]
    pub(crate) source: SaidBy,
    /// Where it is; absent where there is no answer.
    pub(crate) places: Option<Places>,
}

impl Used {
    pub(crate) fn new(said: Said<Places>) -> Used {
        let (source, places) = said.split();
        Used { source, places }
    }
}

impl Display for Used {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write_source(f, &self.source)?;
        let Some(Places { total, more, files }) = &self.places else { return Ok(()) };
        let by = self.source.by.as_deref().unwrap_or_default();
        writeln!(f, "{total} places, by {by}.")?;
        for file in files {
            writeln!(f, "{}", file.path)?;
            for Place { line, column, text, within } in &file.places {
                let within = within.as_ref().map_or(String::new(), |it| format!(" in {it}"));
                writeln!(f, "  {line}:{column}{within}: {text}")?;
            }
        }
        if 0 < *more {
            let told: usize = files.iter().map(|file| file.places.len()).sum();
            let skip = total.saturating_sub(*more);
            writeln!(f, "{more} more; {told} were told. Ask again with `skip` {skip}.")?;
        }
        Ok(())
    }
}

/// Result of `diagnostics`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Diagnosed {
    /// One for each language server that the files have.
    pub(crate) answers: Vec<Answer>,
}

/// What one server says.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// The files that it was asked about.
    pub(crate) files: Vec<RelPath>,
    /// Who has answered.
    #[serde(flatten)]
    pub(crate) source: SaidBy,
    /// What it finds; absent where there is no answer.
    pub(crate) found: Option<Findings>,
}

impl Diagnosed {
    pub(crate) fn new(said: Vec<FileFindings>) -> Diagnosed {
        let answer = |FileFindings { files, said }| {
            let (source, found) = Said::split(said);
            Answer { files, source, found }
        };
        Diagnosed { answers: said.into_iter().map(answer).collect() }
    }
}

impl Display for Diagnosed {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for Answer { files, source, found } in &self.answers {
            let files: Vec<&str> = files.iter().map(RelPath::as_str).collect();
            writeln!(f, "{}:", files.join(", "))?;
            write_source(f, source)?;
            let Some(Findings { findings, more }) = found else { continue };
            let by = source.by.as_deref().unwrap_or_default();
            if findings.is_empty() {
                writeln!(f, "{by} finds nothing.")?;
            }
            for finding in findings {
                writeln!(f, "- {finding}")?;
            }
            if 0 < *more {
                writeln!(f, "{more} more; ask with a larger `limit`.")?;
            }
        }
        Ok(())
    }
}

fn write_source(f: &mut Formatter<'_>, source: &SaidBy) -> Result {
    if let Some(why) = &source.no_answer {
        writeln!(f, "No answer: {why}.")?;
    }
    for note in &source.notes {
        writeln!(f, "Note: {note}.")?;
    }
    Ok(())
}
