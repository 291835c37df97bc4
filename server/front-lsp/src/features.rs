//! What the client can do, read from `initialize` once, and what it is therefore offered.
//!
//! Nothing that the client did not declare is ever sent to it.

use base::PositionEncoding;
use tower_lsp::gen_lsp_types::{
    ChangeNotifications, CodeActionKind, CodeActionOptions, CodeActionProvider,
    ExecuteCommandOptions, InitializeParams, InitializeResult, PositionEncodingKind, Save,
    SaveOptions, ServerCapabilities, ServerInfo, SymbolKind, TextDocumentContent,
    TextDocumentContentOptions, TextDocumentSync, TextDocumentSyncKind, TextDocumentSyncOptions,
    WorkDoneProgressOptions, WorkspaceFoldersServerCapabilities, WorkspaceOptions,
    WorkspaceSymbolOptions, WorkspaceSymbolProvider,
};

use crate::{actions, commands, preview};

#[cfg(test)]
mod tests;

/// How the names of editors begin that are made from Visual Studio Code and share its refactor preview.
const VS_CODES: &[&str] = &[
    "Visual Studio Code",
    "VSCodium",
    "Code - OSS",
    "code-server",
    "OpenVSCode",
    "Cursor",
    "Windsurf",
];

/// The kinds of symbols that came after the protocol's first version, as far as they are used.
const NEWER_KINDS: [SymbolKind; 3] =
    [SymbolKind::Struct, SymbolKind::Object, SymbolKind::TypeParameter];

/// The client's abilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Features {
    /// What columns count.
    pub(crate) encoding: PositionEncoding,
    /// The client offered a choice of encodings, so it is told which one it is.
    pub(crate) negotiated: bool,
    /// `workspace/applyEdit`.
    pub(crate) apply_edit: bool,
    /// Versioned `documentChanges` in edits.
    pub(crate) document_changes: bool,
    /// Change annotations, with their question for confirmation.
    pub(crate) annotations: bool,
    /// `metadata` beside an edit.
    pub(crate) metadata: bool,
    /// The preview leaves edits that need confirmation unticked; an empty edit that asks opens it just as well.
    pub(crate) primer: bool,
    /// `window/workDoneProgress/create`.
    pub(crate) progress: bool,
    /// `window/showDocument`.
    pub(crate) show_document: bool,
    /// `workspace/textDocumentContent`.
    pub(crate) document_content: bool,
    /// Code actions that are more than a command.
    pub(crate) code_action_literals: bool,
    /// All kinds of symbols that Baton has; else only those of the protocol's first version.
    pub(crate) newer_symbol_kinds: bool,
}

impl Features {
    /// Reads them.
    pub(crate) fn of(params: &InitializeParams) -> Features {
        let capabilities = &params.capabilities;
        let workspace = capabilities.workspace.as_ref();
        let edit = workspace.and_then(|it| it.workspace_edit.as_ref());
        let window = capabilities.window.as_ref();
        let encodings = capabilities.general.as_ref().and_then(|it| it.position_encodings.as_ref());
        let name = params.client_info.as_ref().map_or("", |info| info.name.as_str());
        Features {
            encoding: choose(encodings.map_or(&[], Vec::as_slice)),
            negotiated: encodings.is_some(),
            apply_edit: workspace.and_then(|it| it.apply_edit) == Some(true),
            document_changes: edit.and_then(|it| it.document_changes) == Some(true),
            annotations: edit.is_some_and(|it| it.change_annotation_support.is_some()),
            metadata: edit.and_then(|it| it.metadata_support) == Some(true),
            primer: VS_CODES.iter().any(|start| name.starts_with(start)),
            progress: window.and_then(|it| it.work_done_progress) == Some(true),
            show_document: window
                .and_then(|it| it.show_document.as_ref())
                .is_some_and(|it| it.support),
            document_content: workspace.is_some_and(|it| it.text_document_content.is_some()),
            code_action_literals: capabilities
                .text_document
                .as_ref()
                .and_then(|it| it.code_action.as_ref())
                .is_some_and(|it| it.code_action_literal_support.is_some()),
            newer_symbol_kinds: workspace
                .and_then(|it| it.symbol.as_ref()?.symbol_kind.as_ref()?.value_set.as_ref())
                .is_some_and(|known| NEWER_KINDS.iter().all(|kind| known.contains(kind))),
        }
    }

    /// Those of a client that has said nothing.
    pub(crate) fn none() -> Features {
        Features {
            encoding: PositionEncoding::Utf16,
            negotiated: false,
            apply_edit: false,
            document_changes: false,
            annotations: false,
            metadata: false,
            primer: false,
            progress: false,
            show_document: false,
            document_content: false,
            code_action_literals: false,
            newer_symbol_kinds: false,
        }
    }

    /// Whether the client itself can ask its user about each part of an edit of open files.
    pub(crate) fn confirms_edits(&self) -> bool {
        self.apply_edit && self.document_changes && self.annotations
    }

    /// The answer to `initialize`.
    pub(crate) fn initialize_result(&self) -> InitializeResult {
        let code_actions = if self.code_action_literals {
            CodeActionProvider::CodeActionOptions(CodeActionOptions {
                code_action_kinds: Some(
                    actions::KINDS.iter().map(|&kind| CodeActionKind::from(kind)).collect(),
                ),
                resolve_provider: Some(false),
                ..CodeActionOptions::default()
            })
        } else {
            CodeActionProvider::Bool(true)
        };
        let encoding = match self.encoding {
            PositionEncoding::Utf8 => PositionEncodingKind::UTF8,
            PositionEncoding::Utf16 => PositionEncodingKind::UTF16,
            PositionEncoding::Utf32 => PositionEncodingKind::UTF32,
        };
        let capabilities = ServerCapabilities {
            position_encoding: self.negotiated.then_some(encoding),
            text_document_sync: Some(TextDocumentSync::Options(TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::Incremental),
                save: Some(Save::SaveOptions(SaveOptions { include_text: Some(false) })),
                ..TextDocumentSyncOptions::default()
            })),
            code_action_provider: Some(code_actions),
            execute_command_provider: Some(ExecuteCommandOptions {
                commands: commands::ALL.iter().map(|&name| name.to_owned()).collect(),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }),
            workspace_symbol_provider: Some(WorkspaceSymbolProvider::WorkspaceSymbolOptions(
                WorkspaceSymbolOptions {
                    resolve_provider: None,
                    work_done_progress_options: WorkDoneProgressOptions {
                        work_done_progress: Some(true),
                    },
                },
            )),
            workspace: Some(WorkspaceOptions {
                workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                    supported: Some(true),
                    change_notifications: Some(ChangeNotifications::Bool(false)),
                }),
                file_operations: None,
                text_document_content: self.document_content.then(|| {
                    TextDocumentContent::Options(TextDocumentContentOptions {
                        schemes: vec![preview::SCHEME.to_owned()],
                    })
                }),
            }),
            ..ServerCapabilities::default()
        };
        let server_info = ServerInfo {
            name: "baton".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        };
        InitializeResult { capabilities, server_info: Some(server_info) }
    }
}

/// UTF-8 where it is offered, because it costs nothing to convert; UTF-16 is what every client must know.
fn choose(offered: &[PositionEncodingKind]) -> PositionEncoding {
    if offered.contains(&PositionEncodingKind::UTF8) {
        PositionEncoding::Utf8
    } else if offered.contains(&PositionEncodingKind::UTF16)
        || !offered.contains(&PositionEncodingKind::UTF32)
    {
        PositionEncoding::Utf16
    } else {
        PositionEncoding::Utf32
    }
}
