//! The folder that each kind of `initialize` means.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::*;

fn check(mut params: Value, expected: Expect) {
    params["capabilities"] = json!({});
    let params = serde_json::from_value(params).unwrap();
    let folder = choose(&params, &AbsPathBuf::new("/fallback").unwrap());
    let root = folder.root.map_or_else(|why| format!("none: {why}"), |root| root.to_string());
    expected.assert_eq(&format!("{root}\n{}", folder.note.unwrap_or_default()));
}

#[test]
fn the_first_folder_is_served_and_the_others_are_mentioned() {
    let folders = json!([{"uri": "file:///a%20b", "name": "a"}, {"uri": "file:///c", "name": "c"}]);
    check(
        json!({"workspaceFolders": folders, "rootUri": "file:///other"}),
        expect![[r#"
            /a b
            Baton serves /a b, the first of 2 workspace folders; open another one in a window of its own."#]],
    );
}

#[test]
fn older_clients_name_a_root() {
    check(
        json!({"workspaceFolders": null, "rootUri": "file:///r"}),
        expect![[r#"
        /r
    "#]],
    );
    check(
        json!({"workspaceFolders": [], "rootUri": null, "rootPath": "/p q"}),
        expect![[r#"
        /p q
    "#]],
    );
}

#[test]
fn a_client_without_a_folder_gets_the_fallback() {
    check(
        json!({}),
        expect![[r#"
        /fallback
    "#]],
    );
    check(
        json!({"rootUri": null, "rootPath": null}),
        expect![[r#"
        /fallback
    "#]],
    );
}

#[test]
fn a_folder_that_is_not_local_is_skipped_or_refused() {
    let remote = json!({"uri": "vscode-vfs://github/x", "name": "x"});
    check(
        json!({"workspaceFolders": [remote, {"uri": "file:///c", "name": "c"}]}),
        expect![[r#"
        /c
        Baton serves /c, the first of 2 workspace folders; open another one in a window of its own."#]],
    );
    check(
        json!({"workspaceFolders": [remote]}),
        expect![[r#"
        none: no workspace folder can be used: `vscode-vfs://github/x` is not a file: Baton works on `file` URIs only
    "#]],
    );
}
