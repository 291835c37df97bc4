//! `baton code`: what language servers say of the workspace's code, and edits that they propose, as diffs. It changes no file and
//! needs no model.

use std::ops::ControlFlow;
use std::time::Duration;

use base::{Patch, RelPath, Severity};
use engine::{
    ActionName, Change, CodeSymbols, FileFindings, Findings, Part, Places, Request, Said, SaidBy,
    Workspace,
};
use serde::Serialize;

use super::run::{ORIGIN, from_here};
use crate::commands::indexing::watched;
use crate::drive::{Asker, drive};
use crate::exit::{Exit, usage};
use crate::options::{Code, Told};
use crate::render::out::Out;
use crate::render::safe::{safe_line, safe_text, shorten};
use crate::render::table;
use crate::session::Session;

/// Asks and prints.
///
/// # Errors
/// Usage errors about an address; those of the engine; output that cannot be written.
pub(crate) async fn code(session: &mut Session, code: Code) -> anyhow::Result<Exit> {
    let workspace = session.open().await?;
    let asked = Asked::read(session, &workspace, code)?;
    let answer = answer(&workspace, &asked);
    let exit = match watched(&mut session.out, &workspace, answer).await {
        Ok(ControlFlow::Break(exit)) => return Ok(exit),
        Ok(ControlFlow::Continue(answer)) => print(session, &workspace, answer, &asked).await,
        Err(error) => Err(error),
    };
    // Whatever came of it, its servers end.
    workspace.shutdown().await;
    exit
}

/// What is asked, with the paths that are meant.
enum Asked {
    Hover(String),
    Definition(String, Part),
    References(String, Part),
    Implementations(String, Part),
    Symbols(RelPath, Part),
    Find(String, RelPath, Part),
    Diagnostics(Vec<RelPath>, Part),
    Rename(String, String, bool),
    Actions(String),
    Action(String, String, bool),
    Format(RelPath, bool),
}

enum Answer {
    Text(Said<String>),
    Places(Said<Places>),
    Symbols(Said<CodeSymbols>),
    Findings(Vec<FileFindings>),
    Actions(Said<Vec<ActionName>>),
    Patch(Said<Patch>),
}

impl Asked {
    fn read(session: &Session, workspace: &Workspace, code: Code) -> anyhow::Result<Asked> {
        let address = |typed: &str| address(session, workspace, typed);
        let file = |typed: &str| {
            let here = from_here(session, workspace, typed);
            here.map_or_else(|| RelPath::parse(typed), Ok)
                .map_err(|error| usage(format!("`{typed}`: {error}")))
        };
        Ok(match code {
            Code::Hover { address: it } => Asked::Hover(address(&it)),
            Code::Definition { address: it, told } => Asked::Definition(address(&it), told.part()),
            Code::References { address: it, told } => Asked::References(address(&it), told.part()),
            Code::Implementations { address: it, told } => {
                Asked::Implementations(address(&it), told.part())
            }
            Code::Symbols { file: it, told } => Asked::Symbols(file(&it)?, told.part()),
            Code::Find { name, of, told } => Asked::Find(name, file(&of)?, told.part()),
            Code::Diagnostics { files, told } => {
                let files = files.iter().map(|it| file(it)).collect::<Result<_, _>>()?;
                Asked::Diagnostics(files, told.part())
            }
            Code::Rename { address: it, name, verify } => Asked::Rename(address(&it), name, verify),
            Code::Actions { address: it, apply: None, .. } => Asked::Actions(address(&it)),
            Code::Actions { address: it, apply: Some(which), verify } => {
                Asked::Action(address(&it), which, verify)
            }
            Code::Format { file: it, verify } => Asked::Format(file(&it)?, verify),
        })
    }

    fn wants_proof(&self) -> bool {
        match self {
            Asked::Rename(_, _, verify)
            | Asked::Action(_, _, verify)
            | Asked::Format(_, verify) => *verify,
            _ => false,
        }
    }
}

/// An answer without the first `skip` of what it lists.
fn without_first<T, I>(
    mut said: Said<T>,
    list: impl FnOnce(&mut T) -> &mut Vec<I>,
    skip: usize,
) -> Said<T> {
    if let Said::Answer { found, .. } = &mut said {
        let list = list(found);
        list.drain(..skip.min(list.len()));
    }
    said
}

impl Told {
    fn part(&self) -> Part {
        Part { skip: usize::from(self.skip), limit: usize::from(self.limit) }
    }
}

/// A file in front of an address is typed from the current directory, as everywhere.
fn address(session: &Session, workspace: &Workspace, typed: &str) -> String {
    for (at, _) in typed.match_indices([':', '#']) {
        if let Some(path) = from_here(session, workspace, &typed[..at]) {
            return format!("{path}{}", &typed[at..]);
        }
    }
    typed.to_owned()
}

async fn answer(workspace: &Workspace, asked: &Asked) -> Result<Answer, engine::Error> {
    let time = Duration::from_millis(workspace.config().limits.wall_ms);
    let code = workspace.code(time).await?;
    Ok(match asked {
        Asked::Hover(address) => Answer::Text(code.hover(address).await?),
        Asked::Definition(address, part) => Answer::Places(code.definitions(address, *part).await?),
        Asked::References(address, part) => Answer::Places(code.references(address, *part).await?),
        Asked::Implementations(address, part) => {
            Answer::Places(code.implementations(address, *part).await?)
        }
        Asked::Symbols(path, Part { skip, limit }) => {
            let said = code.symbols(path, skip + limit).await?;
            Answer::Symbols(without_first(said, |it| &mut it.symbols, *skip))
        }
        Asked::Find(name, path, Part { skip, limit }) => {
            let said = code.find(name, path, skip + limit).await?;
            Answer::Symbols(without_first(said, |it| &mut it.symbols, *skip))
        }
        Asked::Diagnostics(files, Part { skip, limit }) => {
            let mut all = code.diagnostics(files, skip + limit).await?;
            for one in &mut all {
                let said = std::mem::replace(&mut one.said, Said::NoAnswer { why: String::new() });
                one.said = without_first(said, |it| &mut it.findings, *skip);
            }
            Answer::Findings(all)
        }
        Asked::Rename(address, name, _) => Answer::Patch(code.rename(address, name).await?),
        Asked::Actions(address) => Answer::Actions(code.actions(address).await?),
        Asked::Action(address, which, _) => Answer::Patch(code.action(address, which).await?),
        Asked::Format(path, _) => Answer::Patch(code.formatted(path).await?),
    })
}

async fn print(
    session: &mut Session,
    workspace: &Workspace,
    answer: Answer,
    asked: &Asked,
) -> anyhow::Result<Exit> {
    let out = &mut session.out;
    match answer {
        Answer::Text(said) => {
            let (by, text) = said.split();
            tell(out, &by, "text", &text)?;
            let Some(text) = text else { return Ok(Exit::Unproved) };
            out.result(&safe_text(&text))?;
            found_any(out, !text.is_empty())
        }
        Answer::Places(said) => {
            let (by, places) = said.split();
            tell(out, &by, "places", &places)?;
            let Some(places) = places else { return Ok(Exit::Unproved) };
            print_places(out, &places)?;
            found_any(out, 0 < places.total)
        }
        Answer::Symbols(said) => {
            let (by, symbols) = said.split();
            tell(out, &by, "found", &symbols)?;
            let Some(symbols) = symbols else { return Ok(Exit::Unproved) };
            print_symbols(out, &symbols)?;
            found_any(out, !symbols.symbols.is_empty())
        }
        Answer::Actions(said) => {
            let (by, actions) = said.split();
            tell(out, &by, "actions", &actions)?;
            let Some(actions) = actions else { return Ok(Exit::Unproved) };
            let row = |it: &ActionName| {
                vec![it.number.to_string(), safe_line(&it.title), safe_line(&it.kind)]
            };
            let rows: Vec<Vec<String>> = actions.iter().map(row).collect();
            for line in table::columns(&rows, &[table::place, table::plain, table::dim]) {
                out.result(&line)?;
            }
            found_any(out, !actions.is_empty())
        }
        Answer::Findings(all) => print_findings(out, all),
        Answer::Patch(said) => {
            let (by, patch) = said.split();
            tell(out, &by, "diff", &patch.as_ref().map(base::unified))?;
            let Some(patch) = patch else { return Ok(Exit::Unproved) };
            if patch.is_empty() {
                out.progress("nothing changes")?;
                return Ok(Exit::Done);
            }
            out.diff(&patch)?;
            if !asked.wants_proof() {
                return Ok(Exit::Done);
            }
            let change = Some(Change { patch, is_applied: false });
            let request = Request { change, ..Request::new("verify", "", ORIGIN) };
            let run = workspace.start(request)?;
            drive(workspace, &run, 0, Asker::Later, out).await
        }
    }
}

/// Who has answered, and the whole answer as data.
fn tell<T: Serialize>(
    out: &mut Out,
    by: &SaidBy,
    name: &'static str,
    found: &Option<T>,
) -> anyhow::Result<()> {
    let mut object = serde_json::to_value(by)?;
    object[name] = serde_json::to_value(found)?;
    out.object(&object)?;
    tell_by(out, by)
}

fn tell_by(out: &mut Out, by: &SaidBy) -> anyhow::Result<()> {
    if let Some(why) = &by.no_answer {
        out.say(&format!("no answer: {}", safe_line(why)))?;
    }
    for note in &by.notes {
        out.say(&format!("note: {}", safe_line(note)))?;
    }
    if let Some(by) = &by.by {
        out.progress(&table::dim(&format!("by {by}")))?;
    }
    Ok(())
}

fn found_any(out: &mut Out, is_any: bool) -> anyhow::Result<Exit> {
    if is_any {
        return Ok(Exit::Done);
    }
    out.progress("nothing was found")?;
    Ok(Exit::Failed)
}

fn print_places(out: &mut Out, places: &Places) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for file in &places.files {
        for place in &file.places {
            rows.push(vec![
                safe_line(&format!("{}:{}:{}", file.path, place.line, place.column)),
                shorten(&safe_line(place.within.as_deref().unwrap_or("-")), 40),
                shorten(&safe_line(&place.text), 100),
            ]);
        }
    }
    for line in table::columns(&rows, &[table::place, table::dim, table::plain]) {
        out.result(&line)?;
    }
    tell_more(out, places.more)
}

fn print_symbols(out: &mut Out, found: &CodeSymbols) -> anyhow::Result<()> {
    let rows = found.symbols.iter().map(|it| {
        vec![
            safe_line(&format!("{}:{}:{}", it.path, it.line, it.column)),
            it.kind.to_owned(),
            safe_line(&it.name),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    for line in table::columns(&rows, &[table::place, table::dim, table::plain]) {
        out.result(&line)?;
    }
    tell_more(out, found.more)
}

fn print_findings(out: &mut Out, all: Vec<FileFindings>) -> anyhow::Result<Exit> {
    let (mut is_wrong, mut is_unanswered) = (false, false);
    for FileFindings { files, said } in all {
        let (by, found) = said.split();
        let mut object = serde_json::to_value(&by)?;
        object["files"] = serde_json::to_value(&files)?;
        object["found"] = serde_json::to_value(&found)?;
        out.object(&object)?;
        let files: Vec<String> = files.iter().map(|path| safe_line(path.as_str())).collect();
        out.progress(&files.join(", "))?;
        tell_by(out, &by)?;
        let Some(Findings { findings, more }) = found else {
            is_unanswered = true;
            continue;
        };
        is_wrong |= findings.iter().any(|it| it.severity == Severity::Error);
        for finding in &findings {
            out.result(&safe_text(&finding.to_string()))?;
        }
        if findings.is_empty() {
            out.progress("nothing was found")?;
        }
        tell_more(out, more)?;
    }
    Ok(match (is_wrong, is_unanswered) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Unproved,
        (false, false) => Exit::Done,
    })
}

fn tell_more(out: &mut Out, more: usize) -> anyhow::Result<()> {
    if 0 < more {
        out.say(&format!("{more} more; see --limit and --skip"))?;
    }
    Ok(())
}
