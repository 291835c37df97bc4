//! What a server is asked beside diagnostics: what a name is, where it is defined, used and implemented, which symbols there
//! are, and edits that it proposes. Nothing is edited here: an edit comes back as a patch.

use base::{ByteRange, Diagnostic, FileChange, LineCol, Patch, RelPath, Text};
use gen_lsp_types::{Position, Range, Uri};
use serde_json::{Value, json};

use crate::convert;
use crate::error::Error;
use crate::seen::Seen;
use crate::server::Server;
use crate::servers::Tells;
use crate::tsserver;
use crate::turn::Turn;

mod edit;

/// A place that a server names, in bytes of the text that it sees.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub path: RelPath,
    /// Where in it.
    pub range: ByteRange,
    /// The line of its start, from 1.
    pub line: u32,
}

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name and those of what it is in, outermost first.
    pub path: Vec<String>,
    /// As LSP calls it: `function`, `class`.
    pub kind: &'static str,
    /// All of it.
    pub place: Place,
    /// Where its name starts; in `place` where the server does not tell.
    pub name_at: usize,
}

/// An edit that a server offers.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// What it is called.
    pub title: String,
    /// As LSP calls it: `quickfix`, `refactor.extract`.
    pub kind: String,
    /// As the server gave it.
    given: Value,
}

/// What a server may offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// [`Turn::hover`].
    Hover,
    /// [`Turn::definitions`].
    Definitions,
    /// [`Turn::references`].
    References,
    /// [`Turn::implementations`].
    Implementations,
    /// [`Turn::symbols`].
    Symbols,
    /// [`Turn::workspace_symbols`].
    WorkspaceSymbols,
    /// [`Turn::rename`].
    Rename,
    /// [`Turn::actions`].
    Actions,
    /// [`Turn::formatted`].
    Formatting,
}

impl Offer {
    /// Its name in `ServerCapabilities`, and its request.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Offer::Hover => ("hoverProvider", "textDocument/hover"),
            Offer::Definitions => ("definitionProvider", "textDocument/definition"),
            Offer::References => ("referencesProvider", "textDocument/references"),
            Offer::Implementations => ("implementationProvider", "textDocument/implementation"),
            Offer::Symbols => ("documentSymbolProvider", "textDocument/documentSymbol"),
            Offer::WorkspaceSymbols => ("workspaceSymbolProvider", "workspace/symbol"),
            Offer::Rename => ("renameProvider", "textDocument/rename"),
            Offer::Actions => ("codeActionProvider", "textDocument/codeAction"),
            Offer::Formatting => ("documentFormattingProvider", "textDocument/formatting"),
        }
    }
}

impl Server {
    /// Whether it offers this.
    ///
    /// # Errors
    /// [`Error::NotOffered`].
    pub fn offers(&self, offer: Offer) -> Result<(), Error> {
        let (provider, method) = offer.names();
        match &self.offers[provider] {
            Value::Null | Value::Bool(false) => {
                Err(Error::NotOffered { server: self.data.name, method: method.to_owned() })
            }
            _ => Ok(()),
        }
    }
}

impl Turn<'_> {
    /// What the server shows of the name at `offset` of an open document, as text.
    ///
    /// # Errors
    /// Every [`Error`] but those of starting.
    pub async fn hover(&self, path: &RelPath, offset: usize) -> Result<Option<String>, Error> {
        let answer = self.at(Offer::Hover, path, offset).await?;
        let text = contents(&answer["contents"]);
        Ok((!text.trim().is_empty()).then_some(text))
    }

    /// Where the name at `offset` is defined, in the workspace.
    ///
    /// # Errors
    /// As [`Turn::hover`].
    pub async fn definitions(&self, path: &RelPath, offset: usize) -> Result<Vec<Place>, Error> {
        Ok(self.places_of(&self.at(Offer::Definitions, path, offset).await?))
    }

    /// Where what is named at `offset` is implemented, in the workspace.
    ///
    /// # Errors
    /// As [`Turn::hover`].
    pub async fn implementations(
        &self,
        path: &RelPath,
        offset: usize,
    ) -> Result<Vec<Place>, Error> {
        Ok(self.places_of(&self.at(Offer::Implementations, path, offset).await?))
    }

    /// Where the name at `offset` is used, in the workspace; `is_defined`: its definition too.
    ///
    /// # Errors
    /// As [`Turn::hover`].
    pub async fn references(
        &self,
        path: &RelPath,
        offset: usize,
        is_defined: bool,
    ) -> Result<Vec<Place>, Error> {
        let method = self.offered(Offer::References)?;
        let mut params = self.position(path, offset)?;
        params["context"] = json!({ "includeDeclaration": is_defined });
        Ok(self.places_of(&self.server.request(method, params).await?))
    }

    /// The symbols of an open document, in order.
    ///
    /// # Errors
    /// As [`Turn::hover`].
    pub async fn symbols(&self, path: &RelPath) -> Result<Vec<Symbol>, Error> {
        let method = self.offered(Offer::Symbols)?;
        let answer = self.server.request(method, self.document(path)).await?;
        let mut found = Vec::new();
        for item in answer.as_array().into_iter().flatten() {
            match item.get("location") {
                Some(location) => found.extend(self.flat_symbol(item, location)),
                None => self.nested_symbol(path, item, &mut Vec::new(), &mut found),
            }
        }
        Ok(found)
    }

    /// Symbols of the workspace that match `query`, as the server understands it.
    ///
    /// # Errors
    /// As [`Turn::hover`].
    pub async fn workspace_symbols(&self, query: &str) -> Result<Vec<Symbol>, Error> {
        let method = self.offered(Offer::WorkspaceSymbols)?;
        let answer = self.server.request(method, json!({ "query": query })).await?;
        let items = answer.as_array().into_iter().flatten();
        Ok(items.filter_map(|item| self.flat_symbol(item, &item["location"])).collect())
    }

    /// What would be changed if the name at `offset` became `name` everywhere.
    ///
    /// # Errors
    /// [`Error::Unusable`] for an edit outside of the workspace, or one that cannot be made; else as [`Turn::hover`].
    pub async fn rename(&self, path: &RelPath, offset: usize, name: &str) -> Result<Patch, Error> {
        let method = self.offered(Offer::Rename)?;
        let mut params = self.position(path, offset)?;
        params["newName"] = name.into();
        let answer = self.server.request(method, params).await?;
        if answer.is_null() {
            return Err(self.unusable("there is no name that can be changed".to_owned()));
        }
        self.patch(&answer)
    }

    /// The edits that the server offers for `range`, given what it has found there.
    ///
    /// # Errors
    /// As [`Turn::hover`].
    pub async fn actions(&self, path: &RelPath, range: ByteRange) -> Result<Vec<Action>, Error> {
        let method = self.offered(Offer::Actions)?;
        let params = json!({
            "textDocument": { "uri": self.server.uri(path) },
            "range": self.range(path, range)?,
            "context": { "diagnostics": self.found_at(path, range).await? },
        });
        let answer = self.server.request(method, params).await?;
        let action = |given: &Value| {
            // A plain command has the same two names.
            let text = |name: &str| given[name].as_str().map(str::to_owned);
            let is_disabled = given.get("disabled").is_some();
            (!is_disabled).then(|| Action {
                title: text("title").unwrap_or_default(),
                kind: text("kind").unwrap_or_default(),
                given: given.clone(),
            })
        };
        Ok(answer.as_array().into_iter().flatten().filter_map(action).collect())
    }

    /// What an action would change.
    ///
    /// # Errors
    /// [`Error::Unusable`] as for [`Turn::rename`], and where it changes nothing; else as [`Turn::hover`].
    pub async fn patch_of(&self, action: &Action) -> Result<Patch, Error> {
        let mut given = action.given.clone();
        let is_command = given["command"].is_string();
        let has_edit = |given: &Value| given.get("edit").is_some_and(Value::is_object);
        if !has_edit(&given) && given.get("data").is_some() && !is_command {
            given = self.server.request("codeAction/resolve", given).await?;
        }
        if has_edit(&given) {
            return self.patch(&given["edit"]);
        }
        let command = if is_command { &given } else { &given["command"] };
        let Some(name) = command["command"].as_str() else {
            return Err(self.unusable(format!("`{}` has no edit", action.title)));
        };
        // It answers by an edit that it asks its client to make.
        let params = json!({ "command": name, "arguments": command["arguments"] });
        let collected = Collecting::begin(&self.server.seen);
        let answer = self.server.request("workspace/executeCommand", params).await;
        let edits = collected.end();
        match edits.as_slice() {
            // What it wants of its editor after that, such as to rename what it has made, it does not get.
            [edit] => self.patch(edit),
            [] => match answer {
                Ok(_) => Err(self.unusable(format!("`{}` changes nothing", action.title))),
                Err(error) => Err(error),
            },
            _ => Err(self.unusable(format!("`{}` makes several edits", action.title))),
        }
    }

    /// An open document as the server formats it; `None` where that is as it is.
    ///
    /// # Errors
    /// As [`Turn::rename`].
    pub async fn formatted(&self, path: &RelPath) -> Result<Option<Patch>, Error> {
        let method = self.offered(Offer::Formatting)?;
        let mut params = self.document(path);
        params["options"] = json!({ "tabSize": 4, "insertSpaces": true });
        let answer = self.server.request(method, params).await?;
        let edits = answer.as_array().cloned().unwrap_or_default();
        let (old, new) = self.edited(path, &edits)?;
        let change = FileChange::edit(path.clone(), old, &new);
        let patch = Patch::new(vec![change]).map_err(|error| self.unusable(error.to_string()))?;
        Ok((!patch.is_empty()).then_some(patch))
    }

    async fn at(&self, offer: Offer, path: &RelPath, offset: usize) -> Result<Value, Error> {
        let method = self.offered(offer)?;
        self.server.request(method, self.position(path, offset)?).await
    }

    /// The request for what the server offers.
    fn offered(&self, offer: Offer) -> Result<&'static str, Error> {
        self.server.offers(offer).map(|()| offer.names().1)
    }

    fn document(&self, path: &RelPath) -> Value {
        json!({ "textDocument": { "uri": self.server.uri(path) } })
    }

    fn position(&self, path: &RelPath, offset: usize) -> Result<Value, Error> {
        let range = self.range(path, ByteRange::at(offset))?;
        let mut params = self.document(path);
        params["position"] = range["start"].clone();
        Ok(params)
    }

    fn range(&self, path: &RelPath, range: ByteRange) -> Result<Value, Error> {
        let text = self.text(path).ok_or_else(|| self.unusable(format!("no text of `{path}`")))?;
        Ok(self.range_of(&text, range))
    }

    fn range_of(&self, text: &Text, range: ByteRange) -> Value {
        let range = convert::range_to_proto(text, range, self.server.encoding);
        json!({
            "start": { "line": range.start.line, "character": range.start.character },
            "end": { "line": range.end.line, "character": range.end.character },
        })
    }

    /// What the server finds at this range, for it to find its repairs by.
    async fn found_at(&self, path: &RelPath, range: ByteRange) -> Result<Vec<Value>, Error> {
        let Some(text) = self.text(path) else { return Ok(Vec::new()) };
        let found = match self.server.data.tells {
            Tells::Push { .. } => self.published(path),
            Tells::Pull => {
                let method = "textDocument/diagnostic";
                let mut report = self.server.request(method, self.document(path)).await?;
                serde_json::from_value(report["items"].take()).unwrap_or_default()
            }
            Tells::Tsserver => {
                let found = tsserver::ask(self).await?.into_iter();
                found.filter(|one| one.path == *path).map(|one| self.told(&text, &one)).collect()
            }
        };
        let lies_there = |item: &Value| {
            let there = read_range(&item["range"]);
            let there = there.map(|it| convert::range_from_proto(&text, it, self.server.encoding));
            there.is_some_and(|there| there.start <= range.end && range.start <= there.end)
        };
        Ok(found.into_iter().filter(lies_there).collect())
    }

    fn published(&self, path: &RelPath) -> Vec<Value> {
        let state = self.server.seen.state();
        let items = state.published.get(path).and_then(|published| published.items.as_deref());
        let items = items.unwrap_or_default().iter();
        items.filter_map(|item| serde_json::to_value(item).ok()).collect()
    }

    /// A finding as the server knows it.
    fn told(&self, text: &Text, found: &Diagnostic) -> Value {
        let code = found.code.as_deref();
        let number = code.and_then(|code| code.parse::<i64>().ok()).map(Value::from);
        json!({
            "range": self.range_of(text, found.range),
            "message": found.message,
            "source": found.source,
            "code": number.or_else(|| code.map(Value::from)),
        })
    }

    /// A `Location`, several, or `LocationLink`s.
    fn places_of(&self, answer: &Value) -> Vec<Place> {
        let items = match answer {
            Value::Array(items) => items.as_slice(),
            Value::Null => &[],
            one => std::slice::from_ref(one),
        };
        let place = |item: &Value| {
            let (uri, range) = match item.get("targetUri") {
                Some(uri) => (uri, item.get("targetSelectionRange")?),
                None => (item.get("uri")?, item.get("range")?),
            };
            self.place(uri, range)
        };
        let mut places: Vec<Place> = items.iter().filter_map(place).collect();
        places.sort();
        places.dedup();
        places
    }

    /// `None` for a file outside of the workspace, or one that cannot be read.
    fn place(&self, uri: &Value, range: &Value) -> Option<Place> {
        let path = self.server.seen.file(&Uri(uri.as_str()?.to_owned()))?;
        self.place_in(path, range)
    }

    fn place_in(&self, path: RelPath, range: &Value) -> Option<Place> {
        let text = self.text(&path)?;
        let range = convert::range_from_proto(&text, read_range(range)?, self.server.encoding);
        let LineCol { line, .. } = text.line_col(range.start, self.server.encoding);
        Some(Place { path, range, line: line.saturating_add(1) })
    }

    fn flat_symbol(&self, item: &Value, location: &Value) -> Option<Symbol> {
        let place = self.place(&location["uri"], &location["range"])?;
        let container = item["containerName"].as_str().filter(|name| !name.is_empty());
        let name = item["name"].as_str()?.to_owned();
        let path = container.map(str::to_owned).into_iter().chain([name]).collect();
        let name_at = place.range.start;
        Some(Symbol { path, kind: kind(&item["kind"]), place, name_at })
    }

    fn nested_symbol(
        &self,
        path: &RelPath,
        item: &Value,
        outer: &mut Vec<String>,
        found: &mut Vec<Symbol>,
    ) {
        outer.push(item["name"].as_str().unwrap_or_default().to_owned());
        let place = self.place_in(path.clone(), &item["range"]);
        let name = self.place_in(path.clone(), &item["selectionRange"]);
        if let (Some(place), Some(name)) = (place, name) {
            let kind = kind(&item["kind"]);
            found.push(Symbol { path: outer.clone(), kind, place, name_at: name.range.start });
        }
        for inner in item["children"].as_array().into_iter().flatten() {
            self.nested_symbol(path, inner, outer, found);
        }
        outer.pop();
    }

    pub(crate) fn unusable(&self, why: String) -> Error {
        Error::Unusable { server: self.server.data.name, why }
    }
}

/// Edits are collected until this is dropped: whoever does not wait for them gets none of them later.
struct Collecting<'a>(&'a Seen);

impl<'a> Collecting<'a> {
    fn begin(seen: &'a Seen) -> Collecting<'a> {
        seen.collect(true);
        Collecting(seen)
    }

    fn end(self) -> Vec<Value> {
        self.0.collect(false)
    }
}

impl Drop for Collecting<'_> {
    fn drop(&mut self) {
        self.0.collect(false);
    }
}

/// `MarkupContent`, a `MarkedString`, or several.
fn contents(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(contents).collect::<Vec<_>>().join("\n\n"),
        Value::Object(_) => value["value"].as_str().unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

fn read_range(range: &Value) -> Option<Range> {
    let position = |at: &Value| {
        let number = |name: &str| u32::try_from(at[name].as_u64()?).ok();
        Some(Position { line: number("line")?, character: number("character")? })
    };
    Some(Range { start: position(&range["start"])?, end: position(&range["end"])? })
}

/// LSP's names of its numbers for kinds of symbols.
fn kind(number: &Value) -> &'static str {
    const KINDS: [&str; 26] = [
        "file",
        "module",
        "namespace",
        "package",
        "class",
        "method",
        "property",
        "field",
        "constructor",
        "enum",
        "interface",
        "function",
        "variable",
        "constant",
        "string",
        "number",
        "boolean",
        "array",
        "object",
        "key",
        "null",
        "enum member",
        "struct",
        "event",
        "operator",
        "type parameter",
    ];
    let idx = number.as_u64().and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
    idx.and_then(|idx| KINDS.get(idx)).copied().unwrap_or("symbol")
}
