//! Which folder is the workspace, from what the client says at `initialize`. Looks at no disk.

use base::AbsPathBuf;
use tower_lsp::gen_lsp_types::{InitializeParams, RootPath, Uri, WorkspaceFolders};

use lsp::convert::uri;

#[cfg(test)]
mod tests;

/// The choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folder {
    /// The folder, or why there is none.
    pub(crate) root: Result<AbsPathBuf, String>,
    /// What the user should know about the choice.
    pub(crate) note: Option<String>,
}

/// Chooses the first folder that is a local one; `fallback` where the client names none at all.
pub(crate) fn choose(params: &InitializeParams, fallback: &AbsPathBuf) -> Folder {
    let named = named(params);
    if named.is_empty() {
        return Folder { root: Ok(fallback.clone()), note: None };
    }
    let local: Vec<AbsPathBuf> = named.iter().filter_map(|uri| uri::to_path(uri).ok()).collect();
    let Some(root) = local.first() else {
        let why = named.first().map(uri::to_path).and_then(Result::err);
        let why = why.map_or_else(String::new, |why| why.to_string());
        return Folder { root: Err(format!("no workspace folder can be used: {why}")), note: None };
    };
    let note = (1 < named.len()).then(|| {
        format!(
            "Baton serves {root}, the first of {} workspace folders; open another one in a window of its own.",
            named.len()
        )
    });
    Folder { root: Ok(root.clone()), note }
}

/// What the client names, newest form of the protocol first.
#[allow(deprecated, reason = "older clients know no other form")]
fn named(params: &InitializeParams) -> Vec<Uri> {
    if let Some(WorkspaceFolders::WorkspaceFolderList(folders)) =
        &params.workspace_folders_initialize_params.workspace_folders
        && !folders.is_empty()
    {
        return folders.iter().map(|folder| folder.uri.clone()).collect();
    }
    if let Some(uri) = &params.root_uri {
        return vec![uri.clone()];
    }
    match &params.root_path {
        Some(RootPath::String(path)) => {
            AbsPathBuf::new(path.as_str()).map(|path| uri::of_path(&path)).into_iter().collect()
        }
        Some(RootPath::Null) | None => Vec::new(),
    }
}
