//! Finds the code that the model should see, within the context budget. It does not decide what is looked for.

use base::{RelPath, Tokens};
use index::{Hit, Query};
use models::Message;
use serde::{Deserialize, Serialize};

use crate::adapt::Focus;
use crate::agents::fragment::Fragment;
use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Event, HitSummary, Stage, StageState};
use crate::run::plural;
use crate::workspace::Workspace;
use vfs::Snapshot;

/// Code for the model, best first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Context {
    parts: Vec<Part>,
}

/// One piece of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Part {
    path: RelPath,
    lines: (u32, u32),
    text: String,
}

impl Context {
    /// Each part as the model sees it. What has to fit was fitted by retrieval; the cap here only guards against a bug.
    pub(crate) fn render(&self) -> Vec<String> {
        self.parts.iter().map(Part::render).collect()
    }

    /// The files of its parts, best first.
    pub(crate) fn paths(&self) -> Vec<RelPath> {
        let mut paths: Vec<RelPath> = Vec::new();
        for part in &self.parts {
            if !paths.contains(&part.path) {
                paths.push(part.path.clone());
            }
        }
        paths
    }

    /// The parts that were not yet said in the conversation.
    pub(crate) fn except(&self, said: &[Message]) -> Vec<String> {
        let parts = self.render();
        parts.into_iter().filter(|part| said.iter().all(|m| !m.content.contains(part))).collect()
    }
}

impl Part {
    fn render(&self) -> String {
        let (first, last) = self.lines;
        let title = format!("{} lines {first}-{last}", self.path);
        Fragment::data(title, self.text.as_str(), Tokens(16_000)).render()
    }
}

/// A file that must be shown is shown whole up to this size; of a larger one the search picks the parts.
const WHOLE_FILE: Tokens = Tokens(1_500);

/// A part is rendered with a title and fences, so many tokens more than its place and its text have.
const FRAME: Tokens = Tokens(12);

/// The code that a model is given.
#[derive(Debug, Clone, PartialEq)]
pub struct ContextPack {
    /// Best first.
    pub parts: Vec<ContextPart>,
    /// Tokens of all that [`ContextPack::render`] gives.
    pub tokens: Tokens,
    /// Hits that did not fit.
    pub left_out: usize,
}

/// One piece of a file, and why it is there.
#[derive(Debug, Clone, PartialEq)]
pub struct ContextPart {
    /// The file.
    pub path: RelPath,
    /// First and last line, from 1.
    pub lines: (u32, u32),
    /// Qualified name of the definition; empty for other text and for whole files.
    pub name: String,
    /// Comparable within this pack only; `None` for a file that is shown whatever its score.
    pub score: Option<f32>,
    /// What matched, and what was cut.
    pub reason: String,
    /// The code; where lines were left out, it says so.
    pub text: String,
}

impl ContextPack {
    /// All of it as a model sees it.
    pub fn render(&self) -> String {
        self.parts.iter().map(|part| part.plain().render()).collect()
    }
}

impl ContextPart {
    fn plain(&self) -> Part {
        Part { path: self.path.clone(), lines: self.lines, text: self.text.clone() }
    }
}

/// Searches and packs.
pub(crate) async fn retrieve(cx: &Cx, focus: &Focus) -> Result<Context, Error> {
    cx.stage(Stage::Retrieve, StageState::Running, 0, "searching the workspace")?;
    cx.workspace.bring_index_up().await?;
    let budget = cx.workspace.config().context;
    let pack = gather(&cx.workspace, &cx.snapshot(), focus, &[], budget).await?;
    let hits = pack.parts.iter().filter_map(summarise).collect();
    cx.emit(Event::Hits { hits, tokens: pack.tokens })?;
    let note = format!("{}, {} tokens", plural(pack.parts.len(), "part"), pack.tokens);
    cx.stage(Stage::Retrieve, StageState::Done, 0, note)?;
    Ok(Context { parts: pack.parts.iter().map(ContextPart::plain).collect() })
}

/// What fits into `budget`, from the index as it is. `paths`: as in [`Query`].
pub(crate) async fn gather(
    workspace: &Workspace,
    snapshot: &Snapshot,
    focus: &Focus,
    paths: &[String],
    budget: Tokens,
) -> Result<ContextPack, Error> {
    let mut parts = Vec::new();
    let mut room = budget;
    for path in &focus.show {
        let Ok(text) = snapshot.read(path) else { continue };
        let tokens = models::count_tokens(&text);
        let shown = parts.iter().any(|part: &ContextPart| part.path == *path);
        if tokens <= WHOLE_FILE && tokens <= room && !shown {
            room = Tokens(room.0 - tokens.0);
            let lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
            parts.push(ContextPart {
                path: path.clone(),
                lines: (1, lines),
                name: String::new(),
                score: None,
                reason: "the whole file".into(),
                text: text.to_string(),
            });
        }
    }
    let (boost, paths) = (focus.boost.clone(), paths.to_vec());
    let query = Query { boost, paths, ..Query::new(&focus.query) };
    let pack = workspace.pack(query, room, FRAME).await?;
    let is_fresh = |hit: &Hit| parts.iter().all(|part| part.path != hit.path);
    let fresh: Vec<Hit> = pack.hits.into_iter().filter(is_fresh).collect();
    parts.extend(fresh.into_iter().map(|hit| ContextPart {
        path: hit.path,
        lines: hit.chunk.lines,
        name: hit.chunk.qualified,
        score: Some(hit.score),
        reason: hit.reason,
        text: hit.text,
    }));
    let mut pack = ContextPack { parts, tokens: Tokens(0), left_out: pack.left_out };
    pack.tokens = models::count_tokens(&pack.render());
    Ok(pack)
}

fn summarise(part: &ContextPart) -> Option<HitSummary> {
    Some(HitSummary {
        path: part.path.clone(),
        lines: part.lines,
        name: part.name.clone(),
        score: part.score?,
        reason: part.reason.clone(),
    })
}
