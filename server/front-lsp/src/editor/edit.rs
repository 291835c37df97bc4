//! An edit of open files as `workspace/applyEdit` takes it, in the richest form that the client declared.

use std::collections::HashMap;

use base::{RelPath, Text, TextEdits};
use tower_lsp::gen_lsp_types::{
    AnnotatedTextEdit, ApplyWorkspaceEditParams, ChangeAnnotation, DocumentChange, Edit,
    OptionalVersionedTextDocumentIdentifier, Position, Range, TextDocumentEdit,
    TextDocumentIdentifier, TextEdit, Uri, WorkspaceEdit, WorkspaceEditMetadata,
};

use crate::features::Features;
use lsp::convert;

#[cfg(test)]
mod tests;

/// Longest label, in characters.
const LABEL_CHARS: usize = 80;

/// Names the annotation of the edit that only opens the preview.
const PRIMER: &str = "baton.review";

/// An open file with what is to change in it.
#[derive(Clone, Debug)]
pub(super) struct OpenFile {
    pub(super) path: RelPath,
    /// As the client spells it.
    pub(super) uri: Uri,
    /// Of `text`.
    pub(super) version: i32,
    pub(super) text: Text,
    pub(super) edits: TextEdits,
}

/// The parameters. With `confirm`, what is known of the change, the client is to ask its user first.
pub(super) fn params(
    features: &Features,
    label: &str,
    files: &[OpenFile],
    confirm: Option<&str>,
) -> ApplyWorkspaceEditParams {
    let label = titled(label);
    let edit = if !features.document_changes {
        WorkspaceEdit {
            changes: Some(
                files.iter().map(|file| (file.uri.clone(), plain_edits(features, file))).collect(),
            ),
            ..WorkspaceEdit::default()
        }
    } else if let Some(evidence) = confirm.filter(|_| features.annotations) {
        annotated(features, &label, evidence, files)
    } else {
        let changes = files.iter().map(|file| {
            let edits = plain_edits(features, file).into_iter().map(Edit::TextEdit).collect();
            document_edit(file, edits)
        });
        WorkspaceEdit { document_changes: Some(changes.collect()), ..WorkspaceEdit::default() }
    };
    let metadata =
        features.metadata.then_some(WorkspaceEditMetadata { is_refactoring: Some(true) });
    ApplyWorkspaceEditParams { label: Some(label), edit, metadata }
}

/// One annotation a file, so that the client can ask about each.
fn annotated(
    features: &Features,
    label: &str,
    evidence: &str,
    files: &[OpenFile],
) -> WorkspaceEdit {
    let mut annotations = HashMap::new();
    let mut changes = Vec::new();
    for (idx, file) in files.iter().enumerate() {
        let id = format!("baton.{idx}");
        let mut edits: Vec<Edit> = plain_edits(features, file)
            .into_iter()
            .map(|text_edit| annotate(text_edit, &id))
            .collect();
        annotations.insert(
            id,
            ChangeAnnotation {
                label: label.to_owned(),
                needs_confirmation: Some(!features.primer),
                description: Some(if evidence.is_empty() {
                    file.path.to_string()
                } else {
                    format!("{} ({evidence})", file.path)
                }),
            },
        );
        // HACK: in VS Code edits that need confirmation come unticked, https://github.com/microsoft/vscode/issues/200991.
        // One empty edit that needs it opens the same preview, with the real ones ticked.
        if features.primer && idx == 0 {
            let top = Position { line: 0, character: 0 };
            let nothing =
                TextEdit { range: Range { start: top, end: top }, new_text: String::new() };
            edits.push(annotate(nothing, PRIMER));
            annotations.insert(
                PRIMER.to_owned(),
                ChangeAnnotation {
                    label: "Baton".to_owned(),
                    needs_confirmation: Some(true),
                    description: Some("untick what you do not want, then apply".to_owned()),
                },
            );
        }
        changes.push(document_edit(file, edits));
    }
    WorkspaceEdit {
        changes: None,
        document_changes: Some(changes),
        change_annotations: Some(annotations),
    }
}

fn annotate(text_edit: TextEdit, id: &str) -> Edit {
    Edit::AnnotatedTextEdit(AnnotatedTextEdit { annotation_id: id.to_owned(), text_edit })
}

fn plain_edits(features: &Features, file: &OpenFile) -> Vec<TextEdit> {
    convert::edits_to_proto(&file.text, &file.edits, features.encoding)
}

fn document_edit(file: &OpenFile, edits: Vec<Edit>) -> DocumentChange {
    DocumentChange::TextDocumentEdit(TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier {
            version: Some(file.version),
            text_document_identifier: TextDocumentIdentifier { uri: file.uri.clone() },
        },
        edits,
    })
}

fn titled(label: &str) -> String {
    if label.is_empty() || label == "Baton" {
        return "Baton".to_owned();
    }
    format!("Baton: {label}").chars().take(LABEL_CHARS).collect()
}
