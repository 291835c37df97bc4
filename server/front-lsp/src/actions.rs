//! Code actions: what Baton offers for diagnostics and for a selection. Pure: no model is asked and no file read.

mod wish;

use base::{PositionEncoding, Text};
use serde_json::{Value, json};
use tower_lsp::gen_lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, CodeActionResponse, Command, Diagnostic,
};

use crate::commands::START;
use crate::features::Features;
use lsp::convert;

use wish::Wish;

#[cfg(test)]
mod tests;

/// Repairs a diagnostic.
const FIX: &str = "quickfix.baton";

/// Writes what a selection asks for.
const REWRITE: &str = "refactor.rewrite.baton";

/// Writes tests of a selection, or of what the cursor is in.
const TESTS: &str = "source.baton.generateTests";

/// Every kind of action that is offered.
pub(crate) const KINDS: &[&str] = &[FIX, REWRITE, TESTS];

/// Longest quoted message in a title, in characters: menus are narrow.
const TITLE_CHARS: usize = 60;

/// A document as the message found it.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// Of the client's buffer; `None` if it is not open.
    pub(crate) version: Option<i32>,
    pub(crate) text: Text,
}

/// What is offered for a place in a document.
pub(crate) fn offer(
    params: &CodeActionParams,
    document: &Document,
    features: &Features,
) -> Vec<CodeActionResponse> {
    let only = params.context.only.as_deref();
    let mut offers = Vec::new();
    if is_wanted(FIX, only) {
        let diagnostics = &params.context.diagnostics;
        offers.extend(diagnostics.iter().map(|diagnostic| fix(params, document, diagnostic)));
    }
    if is_wanted(REWRITE, only) {
        offers.extend(rewrite(params, document, features.encoding));
    }
    if is_wanted(TESTS, only) {
        offers.extend(tests_of(params, document, features.encoding));
    }
    let literals = features.code_action_literals;
    offers.into_iter().map(|offer| offer.to_proto(literals)).collect()
}

/// Whether a client that asks for `only` these kinds wants `kind`: a kind includes those below it.
fn is_wanted(kind: &str, only: Option<&[CodeActionKind]>) -> bool {
    let Some(only) = only else { return true };
    only.iter().map(CodeActionKind::as_str).any(|wanted| {
        let rest = kind.strip_prefix(wanted);
        wanted.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// One action, before it is known how much of it the client understands.
struct Offer {
    title: String,
    kind: &'static str,
    diagnostic: Option<Diagnostic>,
    arguments: Value,
}

impl Offer {
    fn to_proto(&self, literals: bool) -> CodeActionResponse {
        let command = Command {
            title: self.title.clone(),
            tooltip: None,
            command: START.to_owned(),
            arguments: Some(vec![self.arguments.clone()]),
        };
        if !literals {
            return CodeActionResponse::Command(command);
        }
        CodeActionResponse::CodeAction(CodeAction {
            title: self.title.clone(),
            kind: Some(CodeActionKind::from(self.kind)),
            diagnostics: self.diagnostic.clone().map(|diagnostic| vec![diagnostic]),
            command: Some(command),
            ..CodeAction::default()
        })
    }
}

fn fix(params: &CodeActionParams, document: &Document, diagnostic: &Diagnostic) -> Offer {
    let message = convert::message_of(diagnostic);
    let arguments = json!({
        "workflow": "fix",
        "uri": params.text_document.uri,
        "version": document.version,
        "diagnostic": diagnostic,
    });
    Offer {
        title: format!("Baton: fix: {}", one_line(message)),
        kind: FIX,
        diagnostic: Some(diagnostic.clone()),
        arguments,
    }
}

fn rewrite(
    params: &CodeActionParams,
    document: &Document,
    encoding: PositionEncoding,
) -> Option<Offer> {
    let range = convert::range_from_proto(&document.text, params.range, encoding);
    let (range, wish) = wish::find(&document.text, range)?;
    let title = match &wish {
        Wish::Todo(_) => "Baton: implement the TODO",
        Wish::Comment(_) | Wish::Unsaid => "Baton: implement what the selection asks for",
    };
    let text = match wish {
        Wish::Todo(text) | Wish::Comment(text) => text,
        Wish::Unsaid => "Implement what the selected code asks for.".to_owned(),
    };
    let arguments = json!({
        "workflow": "implement",
        "text": text,
        "uri": params.text_document.uri,
        "version": document.version,
        "range": convert::range_to_proto(&document.text, range, encoding),
    });
    Some(Offer { title: title.to_owned(), kind: REWRITE, diagnostic: None, arguments })
}

/// Of a cursor only where such actions are asked for: it would stand in every menu.
fn tests_of(
    params: &CodeActionParams,
    document: &Document,
    encoding: PositionEncoding,
) -> Option<Offer> {
    let range = convert::range_from_proto(&document.text, params.range, encoding);
    let is_wanted = if range.is_empty() {
        params.context.only.is_some()
    } else {
        !document.text.slice(range).trim().is_empty()
    };
    let arguments = json!({
        "workflow": "test",
        "uri": params.text_document.uri,
        "version": document.version,
        "range": convert::range_to_proto(&document.text, range, encoding),
    });
    let title = if range.is_empty() {
        "Baton: write tests of what the cursor is in"
    } else {
        "Baton: write tests of the selection"
    };
    is_wanted.then(|| Offer { title: title.to_owned(), kind: TESTS, diagnostic: None, arguments })
}

/// The first line of `text`, cut to what fits a menu.
fn one_line(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default().trim_end();
    if line.chars().count() <= TITLE_CHARS {
        return line.to_owned();
    }
    let start: String = line.chars().take(TITLE_CHARS - 1).collect();
    format!("{}…", start.trim_end())
}
