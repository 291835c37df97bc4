//! What a server is told about its client, and what it says of itself.

use base::{AbsPathBuf, PositionEncoding};
use serde_json::{Value, json};

use crate::convert::uri;
use crate::servers::{LanguageServer, Tells};

/// The parameters of `initialize`.
pub(super) fn initialize(server: &LanguageServer, folder: &AbsPathBuf, options: Value) -> Value {
    let uri = uri::of_path(folder).0;
    let mut params = json!({
        // In its sandbox it cannot see who has started it; some servers end where that process is not there.
        "processId": null,
        "clientInfo": { "name": "baton", "version": env!("CARGO_PKG_VERSION") },
        "rootUri": uri,
        "workspaceFolders": [{ "uri": uri, "name": "workspace" }],
        "capabilities": capabilities(),
    });
    if !options.is_null() {
        params["initializationOptions"] = options;
    }
    // Servers that could do both push to those that do not ask.
    if server.tells == Tells::Pull {
        params["capabilities"]["textDocument"]["diagnostic"] = json!({});
    }
    params
}

fn capabilities() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-8", "utf-16"] },
        "workspace": {
            "configuration": true,
            "workspaceFolders": true,
            "diagnostics": { "refreshSupport": true },
            "symbol": {},
            "workspaceEdit": {
                "documentChanges": true,
                "resourceOperations": ["create", "rename", "delete"],
            },
        },
        "textDocument": {
            "synchronization": {},
            // Else notes are parts of messages, with the numbers of their lines.
            "publishDiagnostics": { "versionSupport": true, "relatedInformation": true },
            "hover": { "contentFormat": ["plaintext", "markdown"] },
            "definition": {},
            "implementation": {},
            "references": {},
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
            "formatting": {},
            "rename": { "prepareSupport": false },
            "codeAction": {
                "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [
                    "", "quickfix", "refactor", "refactor.extract", "refactor.inline",
                    "refactor.rewrite", "source", "source.organizeImports", "source.fixAll",
                ]}},
                "resolveSupport": { "properties": ["edit"] },
                "dataSupport": true,
            },
        },
        "window": { "workDoneProgress": true },
        "experimental": { "serverStatusNotification": true },
    })
}

/// What its columns count.
pub(super) fn encoding(answer: &Value) -> PositionEncoding {
    match answer["capabilities"]["positionEncoding"].as_str() {
        Some("utf-8") => PositionEncoding::Utf8,
        Some("utf-32") => PositionEncoding::Utf32,
        _ => PositionEncoding::Utf16,
    }
}
