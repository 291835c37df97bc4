//! What a file defines, as a server says or else its syntax; and what a server finds by name in all of the workspace.

use base::{RelPath, Text};
use lsp::{Offer, Symbol};
use schemars::JsonSchema;
use serde::Serialize;
use tracing::instrument;

use super::address::position;
use super::ask::{Heard, Miss};
use super::definitions::{Definition, definitions_in, named};
use super::{By, Code, Said, bounded, scan};
use crate::error::Error;

/// So much of a name is told, in characters.
const NAME: usize = 200;

/// Things with a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CodeSymbols {
    /// In the order of the file, or of the server.
    pub symbols: Vec<CodeSymbol>,
    /// How many more there are.
    pub more: usize,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CodeSymbol {
    /// Its name with those around it.
    pub name: String,
    /// `function`, `class`, ...
    pub kind: &'static str,
    /// Relative to the workspace.
    pub path: RelPath,
    /// Of the name, from 1.
    pub line: u32,
    /// Of the name, in characters from 1.
    pub column: u32,
    /// The last line of all of it.
    pub end_line: u32,
}

impl Code {
    /// What a file defines, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Question`]: there is no such file.
    #[instrument(name = "tool", skip_all, fields(name = "symbols"))]
    pub async fn symbols(&self, path: &RelPath, limit: usize) -> Result<Said<CodeSymbols>, Error> {
        let text = self.read(path)?;
        let heard = async {
            let asked = self.ask(path, &text, Offer::Symbols).await?;
            let turn = asked.turn(&self.texts(path, &text)).await?;
            let found = asked.within(turn.symbols(path)).await?;
            Ok((asked.by(), found))
        };
        let heard = match heard.await {
            Ok((by, found)) => self.told_symbols(by, found, limit).await,
            Err(Miss::NotThere(why)) => {
                let defined = definitions_in(path, &text);
                Ok(Heard { by: By::Names { why }, found: of(defined, limit), notes: Vec::new() })
            }
            Err(miss) => Err(miss),
        };
        Ok(Said::of_server(heard))
    }

    /// What is called like `query` in the workspace, at most `limit`: as the server of the file `path` understands it; without
    /// one, what is called exactly so.
    ///
    /// # Errors
    /// [`Error::Question`]: there is no such file.
    #[instrument(name = "tool", skip_all, fields(name = "workspace symbols"))]
    pub async fn find(
        &self,
        query: &str,
        path: &RelPath,
        limit: usize,
    ) -> Result<Said<CodeSymbols>, Error> {
        let text = self.read(path)?;
        let heard = async {
            let asked = self.ask(path, &text, Offer::WorkspaceSymbols).await?;
            let turn = asked.turn(&self.texts(path, &text)).await?;
            let found = asked.within(turn.workspace_symbols(query)).await?;
            Ok((asked.by(), found))
        };
        let heard = match heard.await {
            Ok((by, found)) => self.told_symbols(by, found, limit).await,
            Err(Miss::NotThere(why)) => {
                let (snapshot, query) = (self.snapshot.clone(), query.to_owned());
                let found = scan(move |cancel| named(&snapshot, &query, None, cancel)).await;
                found.map_err(Miss::NoAnswer).map(|found| {
                    let (by, found) = (By::Names { why }, of(found, limit));
                    Heard { by, found, notes: Vec::new() }
                })
            }
            Err(miss) => Err(miss),
        };
        Ok(Said::of_server(heard))
    }

    async fn told_symbols(
        &self,
        by: By,
        found: Vec<Symbol>,
        limit: usize,
    ) -> Result<Heard<CodeSymbols>, Miss> {
        let snapshot = self.snapshot.clone();
        let told = scan(move |_| {
            let more = found.len().saturating_sub(limit);
            let symbol = |symbol: Symbol| {
                let text = snapshot.read(&symbol.place.path).ok()?;
                let lines = Text::new(&text);
                let (line, column) = position(&text, &lines, symbol.name_at);
                let (end_line, _) = position(&text, &lines, symbol.place.range.end);
                let (name, kind) = (bounded(&symbol.path.join("."), NAME), symbol.kind);
                Some(CodeSymbol { name, kind, path: symbol.place.path, line, column, end_line })
            };
            CodeSymbols {
                symbols: found.into_iter().take(limit).filter_map(symbol).collect(),
                more,
            }
        });
        let found = told.await.map_err(Miss::NoAnswer)?;
        Ok(Heard { by, found, notes: Vec::new() })
    }
}

fn of(found: Vec<Definition>, limit: usize) -> CodeSymbols {
    let more = found.len().saturating_sub(limit);
    let symbol = |it: Definition| CodeSymbol {
        name: it.qualified,
        kind: it.kind.name(),
        path: it.path,
        line: it.line,
        column: it.column,
        end_line: it.end_line,
    };
    CodeSymbols { symbols: found.into_iter().take(limit).map(symbol).collect(), more }
}
