//! `workspace/symbol`: definitions by name, from the index, unsaved text included; and the client's progress for it.
//!
//! What is like a name is the index's decision.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base::{PositionEncoding, RelPath, Text};
use engine::{ChunkKind, Indexing, Patience, Symbol, SymbolQuery, Workspace};
use serde_json::{Value, json};
use tower_lsp::gen_lsp_types::{
    BaseSymbolInformation, Location, ProgressNotification, ProgressParams, ProgressToken, Range,
    SymbolInformation, SymbolKind, WorkspaceSymbolParams,
};
use tower_lsp::jsonrpc::Result;

use crate::commands::{failed, refused};
use crate::session::Session;
use lsp::convert;

#[cfg(test)]
mod tests;

/// Nobody reads more, and the client asks again with every letter.
const LIMIT: usize = 128;

/// After this the answer has what is in the index by then.
const PATIENCE: Patience = Patience::Within(Duration::from_secs(10));

/// The definitions that are like `params.query`, best first; for an empty one the first
/// of all.
///
/// Dropping the future stops the index where it is; the next request goes on from there.
///
/// # Errors
/// `RequestFailed` where there is no workspace or it cannot be read.
pub(crate) async fn find(
    session: &Arc<Session>,
    params: WorkspaceSymbolParams,
) -> Result<Vec<SymbolInformation>> {
    let opened = session.workspace().await.map_err(failed)?;
    let workspace = &opened.workspace;
    let query = match params.query.trim().is_empty() {
        true => SymbolQuery::any(LIMIT),
        false => SymbolQuery::new(params.query, LIMIT),
    };
    let token = params.work_done_progress_params.work_done_token;
    let answer = workspace.symbols(query, PATIENCE);
    let found = match token {
        Some(token) => with_progress(session, workspace, token, answer).await,
        None => answer.await,
    };
    let symbols = found.map_err(|error| refused(&error))?.symbols;
    let features = session.features();
    let snapshot = workspace.vfs().snapshot();
    let places = tokio::task::spawn_blocking(move || {
        let read = |path: &RelPath| snapshot.read(path).ok().map(|text| Text::new(&text));
        places(symbols, features.encoding, &read)
    });
    let places = places.await.map_err(|error| failed(error.to_string()))?;
    let to_proto = |(symbol, range): (Symbol, Range)| {
        let uri = session.documents.uri_for(&symbol.path)?;
        Some(to_proto(&symbol, Location { uri, range }, features.newer_symbol_kinds))
    };
    Ok(places.into_iter().filter_map(to_proto).collect())
}

/// Where the names of `symbols` are; without those whose file is gone or shorter by now.
fn places(
    symbols: Vec<Symbol>,
    encoding: PositionEncoding,
    read: &dyn Fn(&RelPath) -> Option<Text>,
) -> Vec<(Symbol, Range)> {
    let mut texts: BTreeMap<RelPath, Option<Text>> = BTreeMap::new();
    let mut found = Vec::new();
    for symbol in symbols {
        let text = texts.entry(symbol.path.clone()).or_insert_with(|| read(&symbol.path));
        if let Some(text) = text
            && symbol.name_range.end <= text.len_bytes()
        {
            let range = convert::range_to_proto(text, symbol.name_range, encoding);
            found.push((symbol, range));
        }
    }
    found
}

fn to_proto(symbol: &Symbol, location: Location, newer_kinds: bool) -> SymbolInformation {
    let around = symbol.qualified.strip_suffix(symbol.name.as_str()).unwrap_or_default();
    let around = around.trim_end_matches(['.', ':', '#', '$', '/', '\\']);
    let base_symbol_information = BaseSymbolInformation {
        name: symbol.name.clone(),
        kind: kind_to_proto(symbol.kind, newer_kinds),
        tags: None,
        container_name: (!around.is_empty()).then(|| around.to_owned()),
    };
    // The protocol replaced the field by a tag; there is no other way to leave it out.
    #[allow(deprecated, reason = "the field is part of the structure")]
    SymbolInformation { deprecated: None, location, base_symbol_information }
}

/// `newer`: the client knows the kinds that came after the protocol's first version.
fn kind_to_proto(kind: ChunkKind, newer: bool) -> SymbolKind {
    let or_class = |kind| if newer { kind } else { SymbolKind::Class };
    match kind {
        ChunkKind::Function | ChunkKind::Macro | ChunkKind::Test => SymbolKind::Function,
        ChunkKind::Method => SymbolKind::Method,
        ChunkKind::Class => SymbolKind::Class,
        ChunkKind::Struct => or_class(SymbolKind::Struct),
        ChunkKind::Impl => or_class(SymbolKind::Object),
        ChunkKind::TypeAlias => or_class(SymbolKind::TypeParameter),
        ChunkKind::Enum => SymbolKind::Enum,
        ChunkKind::Trait | ChunkKind::Interface => SymbolKind::Interface,
        ChunkKind::Module => SymbolKind::Module,
        ChunkKind::Constant => SymbolKind::Constant,
        ChunkKind::Window => SymbolKind::String,
    }
}

/// Waits for `answer`, and shows meanwhile under the client's token how far the index is.
async fn with_progress<T>(
    session: &Arc<Session>,
    workspace: &Workspace,
    token: ProgressToken,
    answer: impl Future<Output = T>,
) -> T {
    let mut shown = Shown { session: Arc::clone(session), token, is_begun: false };
    let mut indexing = workspace.indexing();
    let mut answer = std::pin::pin!(answer);
    loop {
        tokio::select! {
            biased;
            answer = &mut answer => {
                // A token ends with the answer, so its last word goes before.
                shown.end().await;
                return answer;
            }
            Ok(()) = indexing.changed() => {}
        }
        let at = *indexing.borrow_and_update();
        if let Some(at) = at {
            shown.tell(at).await;
        }
    }
}

/// A progress of the client's; it ends with this, also when the request is cancelled.
struct Shown {
    session: Arc<Session>,
    token: ProgressToken,
    is_begun: bool,
}

impl Shown {
    async fn tell(&mut self, at: Indexing) {
        let left = at.left().map_or(String::new(), |left| format!(", {} s left", left.as_secs()));
        let message = format!("{} of {} files{left}", at.done, at.total);
        let percentage = at.done * 100 / at.total.max(1);
        let mut value = json!({"kind": "report", "message": message, "percentage": percentage});
        if !std::mem::replace(&mut self.is_begun, true) {
            value["kind"] = "begin".into();
            value["title"] = "Baton: indexing".into();
        }
        send(&self.session, &self.token, value).await;
    }

    async fn end(&mut self) {
        if std::mem::take(&mut self.is_begun) {
            send(&self.session, &self.token, json!({"kind": "end"})).await;
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if self.is_begun {
            let (session, token) = (Arc::clone(&self.session), self.token.clone());
            self.session.tasks.spawn(async move {
                send(&session, &token, json!({"kind": "end"})).await;
            });
        }
    }
}

async fn send(session: &Session, token: &ProgressToken, value: Value) {
    let params = ProgressParams { token: token.clone(), value };
    session.client.send_notification::<ProgressNotification>(params).await;
}
