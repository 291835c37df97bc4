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

/// Searches and packs.
pub(crate) async fn retrieve(cx: &Cx, focus: &Focus) -> Result<Context, Error> {
    cx.stage(Stage::Retrieve, StageState::Running, 0, "searching the workspace")?;
    let mut parts = Vec::new();
    let mut room = cx.workspace.config().context;
    let snapshot = cx.workspace.vfs().snapshot();
    for path in &focus.show {
        let Ok(text) = snapshot.read(path) else { continue };
        let tokens = models::count_tokens(&text);
        let shown = parts.iter().any(|part: &Part| part.path == *path);
        if tokens <= WHOLE_FILE && tokens <= room && !shown {
            room = Tokens(room.0 - tokens.0);
            let lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
            parts.push(Part { path: path.clone(), lines: (1, lines), text: text.to_string() });
        }
    }
    let query = Query {
        text: focus.query.clone(),
        limit: 20,
        paths: Vec::new(),
        boost: focus.boost.clone(),
    };
    let pack = cx.workspace.pack(query, room).await?;
    let fresh: Vec<&Hit> =
        pack.hits.iter().filter(|hit| parts.iter().all(|part| part.path != hit.path)).collect();
    let hits = fresh.iter().map(|hit| summarise(hit)).collect();
    parts.extend(fresh.into_iter().map(|hit| Part {
        path: hit.path.clone(),
        lines: hit.chunk.lines,
        text: hit.text.clone(),
    }));
    let shown = parts.iter().map(|part| models::count_tokens(&part.text).0).sum();
    cx.emit(Event::Hits { hits, tokens: Tokens(shown) })?;
    let note = format!("{}, {shown} tokens", plural(parts.len(), "part"));
    cx.stage(Stage::Retrieve, StageState::Done, 0, note)?;
    Ok(Context { parts })
}

fn summarise(hit: &Hit) -> HitSummary {
    HitSummary {
        path: hit.path.clone(),
        lines: hit.chunk.lines,
        name: hit.chunk.qualified.clone(),
        score: hit.score,
        reason: hit.reason.clone(),
    }
}
