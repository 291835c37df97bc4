//! `baton run`: starts a run from words, tests, a place and a diagnostic, and follows it.

use std::path::Path;

use base::{ByteRange, Diagnostic, LineCol, PositionEncoding, RelPath, Severity, Text};
use engine::{Request, Review, Selection, Workspace};

use crate::commands::verify::change;
use crate::drive::{Asker, drive};
use crate::exit::{Exit, usage};
use crate::options::{About, Explain, Finish, Fix, Implement, Look, Mission, Place, Run};
use crate::review::Answers;
use crate::session::Session;

/// The name by which runs of the command line are listed.
pub(crate) const ORIGIN: &str = "cli";

/// Starts and follows a run.
///
/// # Errors
/// Those of the engine before the run has started; usage errors about the place.
pub(crate) async fn run(session: &mut Session, run: Run) -> anyhow::Result<Exit> {
    let workspace = session.open().await?;
    let (request, finish) = match run {
        Run::Fix(fix) => {
            let finish = fix.finish;
            (fix_request(session, &workspace, fix)?, finish)
        }
        Run::Implement(implement) => {
            let Implement { text, at, with_tests, plan, approve_plan, finish } = implement;
            let request = placed(session, &workspace, "implement", &text, at)?;
            let with_tests = with_tests.then_some(true);
            (Request { with_tests, with_plan: plan, approve_plan, ..request }, finish)
        }
        Run::Mission(Mission { text, roadmap, approve_plan, finish }) => {
            let roadmap = roadmap.map_or(Ok(Vec::new()), |path| items(session, &path))?;
            let request = Request::new("mission", &text.join(" "), ORIGIN);
            (Request { roadmap, approve_plan, ..request }, finish)
        }
        Run::Test(about) => of_place(session, &workspace, "test", about)?,
        Run::Refactor(about) => of_place(session, &workspace, "refactor", about)?,
        Run::Document(about) => of_place(session, &workspace, "document", about)?,
        Run::Explain(Explain { text, at }) => {
            (placed(session, &workspace, "explain", &text, at)?, NOTHING)
        }
        Run::Review(look) => match look_request(session, &workspace, look)? {
            Some(request) => (request, NOTHING),
            None => return Ok(Exit::Done),
        },
    };
    let request = Request { tier: session.global.tier, ..finished_by(request, finish) };
    let run = workspace.start(request)?;
    let asker = asker(session, finish);
    drive(&workspace, &run, 0, asker, &mut session.out).await
}

/// Where nothing is proposed there is nothing to finish.
const NOTHING: Finish = Finish { yes: false, no_review: false, commit: false };

fn of_place(
    session: &Session,
    workspace: &Workspace,
    workflow: &str,
    about: About,
) -> anyhow::Result<(Request, Finish)> {
    let About { text, at, finish } = about;
    Ok((placed(session, workspace, workflow, &text, at)?, finish))
}

/// The items of a roadmap: its lines, without marks of a list; empty ones and headings are none.
fn items(session: &Session, path: &Path) -> anyhow::Result<Vec<String>> {
    let place = session.outside.cwd.as_std_path().join(path);
    let text = std::fs::read_to_string(&place)
        .map_err(|error| usage(format!("--roadmap {}: {error}", path.display())))?;
    let items: Vec<String> = text.lines().filter_map(item).collect();
    match items.is_empty() {
        true => Err(usage(format!("--roadmap {}: it has no items", path.display()))),
        false => Ok(items),
    }
}

fn item(line: &str) -> Option<String> {
    let line = line.trim();
    if line.starts_with("- [x]") || line.starts_with("- [X]") {
        return None;
    }
    let is_number = |it: &str| !it.is_empty() && it.chars().all(|it| it.is_ascii_digit());
    let numbered = line.split_once(". ").or(line.split_once(") "));
    let numbered = numbered.filter(|(number, _)| is_number(number));
    let listed = ["- [ ] ", "- ", "* ", "+ "].into_iter().find_map(|mark| line.strip_prefix(mark));
    let text = listed.or(numbered.map(|(_, text)| text)).unwrap_or(line).trim();
    (!text.is_empty() && !line.starts_with('#')).then(|| text.to_owned())
}

/// `None`: there is nothing to look at, which has been said.
fn look_request(
    session: &mut Session,
    workspace: &Workspace,
    look: Look,
) -> anyhow::Result<Option<Request>> {
    let Look { text, at, diff } = look;
    let is_bare = text.is_empty() && at.is_none();
    let request = placed(session, workspace, "review", &text, at)?;
    if diff.is_none() && !is_bare {
        return Ok(Some(request));
    }
    let change = change(session, workspace, diff.as_deref())?;
    Ok(change.map(|change| Request { change: Some(change), ..request }))
}

/// Who answers, by the options.
pub(crate) fn asker(session: &Session, finish: Finish) -> Asker {
    let commit = finish.commit.then_some(true);
    match finish {
        Finish { no_review: true, .. } => Asker::Later,
        Finish { yes: true, .. } => Asker::TakeAll { commit },
        Finish { .. } => Asker::Person { answers: Answers::new(&session.outside), commit },
    }
}

fn finished_by(request: Request, finish: Finish) -> Request {
    let review = if finish.yes { Review::AcceptAll } else { Review::Ask };
    Request { review, commit: finish.commit, ..request }
}

fn fix_request(session: &Session, workspace: &Workspace, fix: Fix) -> anyhow::Result<Request> {
    let mut request = Request::new("fix", &fix.text.join(" "), ORIGIN);
    request.tests = fix.tests;
    request.with_tests = fix.with_tests.then_some(true);
    let Some(place) = fix.at else { return Ok(request) };
    let region = locate(session, workspace, &place)?;
    match fix.message {
        Some(message) => {
            let Selection { path, range } = region;
            request.diagnostic = Some(Diagnostic {
                path,
                range,
                line: place.lines.map_or(1, |(first, _)| first),
                severity: Severity::Error,
                source: String::new(),
                code: None,
                message,
            });
        }
        None => request.selection = Some(region),
    }
    Ok(request)
}

/// A request in words, about a place where one is given.
fn placed(
    session: &Session,
    workspace: &Workspace,
    workflow: &str,
    text: &[String],
    at: Option<Place>,
) -> anyhow::Result<Request> {
    let mut request = Request::new(workflow, &text.join(" "), ORIGIN);
    if let Some(place) = at {
        request.selection = Some(locate(session, workspace, &place)?);
    }
    Ok(request)
}

/// The bytes of the lines that a place names.
fn locate(session: &Session, workspace: &Workspace, place: &Place) -> anyhow::Result<Selection> {
    let path = path_of(session, workspace, &place.file)?;
    let text =
        workspace.vfs().snapshot().read(&path).map_err(|error| usage(format!("--at: {error}")))?;
    let Some(lines) = place.lines else {
        return Ok(Selection { range: ByteRange::new(0, text.len()), path });
    };
    let range = lines_of(&text, lines).ok_or_else(|| {
        let last = text.lines().count();
        usage(format!("--at: {path} has {last} lines, there is no line {}", lines.1))
    })?;
    Ok(Selection { path, range })
}

/// From the current directory, where people type; else from the root, as Baton prints paths.
fn path_of(session: &Session, workspace: &Workspace, typed: &str) -> anyhow::Result<RelPath> {
    if let Some(path) = from_here(session, workspace, typed) {
        return Ok(path);
    }
    RelPath::parse(typed).map_err(|error| usage(format!("--at: {error}")))
}

/// What is there from the current directory, in the workspace.
pub(crate) fn from_here(session: &Session, workspace: &Workspace, typed: &str) -> Option<RelPath> {
    let from_here = session.outside.cwd.as_std_path().join(typed).canonicalize().ok()?;
    let from_here: base::AbsPathBuf = from_here.try_into().ok()?;
    from_here.strip(workspace.root())
}

/// `lines`: first and last, from 1. `None` if the text ends before.
fn lines_of(text: &str, (first, last): (u32, u32)) -> Option<ByteRange> {
    if text.lines().count() < usize::try_from(last).ok()? {
        return None;
    }
    let text = Text::new(text);
    let start = text.line_start(first as usize - 1);
    let end = LineCol { line: last - 1, col: u32::MAX };
    Some(ByteRange::new(start, text.offset(end, PositionEncoding::Utf8)))
}

#[cfg(test)]
mod tests;
