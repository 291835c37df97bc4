//! A `WorkspaceEdit` as a patch. Servers write each form of it: `changes`, `documentChanges`, files that come and go.
//!
//! Steps are made one after the other on the texts that the server sees; what they make of them in the end is the patch.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{FileChange, Patch, RelPath, Text, TextEdit, TextEdits};
use gen_lsp_types::Uri;
use serde_json::Value;

use super::read_range;
use crate::convert;
use crate::error::Error;
use crate::turn::Turn;

/// A file as the edit has made it so far.
struct Edited {
    /// Where it was, and its text there; `None` for one that the edit made.
    from: Option<(RelPath, Arc<str>)>,
    /// `None` once it is removed.
    text: Option<String>,
}

impl Turn<'_> {
    /// What a `WorkspaceEdit` changes.
    ///
    /// # Errors
    /// [`Error::Unusable`]: it reaches outside of the workspace, edits what is not there, or overlaps itself.
    pub(super) fn patch(&self, edit: &Value) -> Result<Patch, Error> {
        let mut files: BTreeMap<RelPath, Edited> = BTreeMap::new();
        match edit["documentChanges"].as_array() {
            Some(steps) => {
                for step in steps {
                    self.step(step, &mut files)?;
                }
            }
            None => {
                for (uri, edits) in edit["changes"].as_object().into_iter().flatten() {
                    let path = self.inside(uri)?;
                    self.edit(&path, edits, &mut files)?;
                }
            }
        }
        let changes: Vec<FileChange> =
            files.into_iter().filter_map(|(path, file)| change(path, file)).collect();
        let patch = Patch::new(changes).map_err(|error| self.unusable(error.to_string()))?;
        match patch.is_empty() {
            true => Err(self.unusable("the edit changes nothing".to_owned())),
            false => Ok(patch),
        }
    }

    /// The text of an open document before and after `edits`.
    pub(super) fn edited(
        &self,
        path: &RelPath,
        edits: &[Value],
    ) -> Result<(Arc<str>, String), Error> {
        let old = self.seen_text(path)?;
        let new = self.applied(path, &old, edits)?;
        Ok((old, new))
    }

    fn step(&self, step: &Value, files: &mut BTreeMap<RelPath, Edited>) -> Result<(), Error> {
        let uri = |name: &str| step[name].as_str().unwrap_or_default().to_owned();
        match step["kind"].as_str() {
            None => {
                let path = self.inside(step["textDocument"]["uri"].as_str().unwrap_or_default())?;
                self.edit(&path, &step["edits"], files)
            }
            Some("create") => {
                let path = self.inside(&uri("uri"))?;
                let is_set = |name: &str| step["options"][name].as_bool() == Some(true);
                let file = match self.take(&path, files) {
                    Err(_) => Edited { from: None, text: Some(String::new()) },
                    Ok(file) if is_set("overwrite") || file.text.is_none() => {
                        Edited { text: Some(String::new()), ..file }
                    }
                    Ok(file) if is_set("ignoreIfExists") => file,
                    Ok(_) => return Err(self.unusable(format!("it makes `{path}`, which exists"))),
                };
                files.insert(path, file);
                Ok(())
            }
            Some("rename") => {
                let (old, new) = (self.inside(&uri("oldUri"))?, self.inside(&uri("newUri"))?);
                if self.take(&new, files).is_ok_and(|file| file.text.is_some()) {
                    return Err(self.unusable(format!("it moves `{old}` to `{new}`, which exists")));
                }
                let file = self.take(&old, files)?;
                files.insert(new, file);
                Ok(())
            }
            Some("delete") => {
                let path = self.inside(&uri("uri"))?;
                let file = self.take(&path, files)?;
                files.insert(path, Edited { text: None, ..file });
                Ok(())
            }
            Some(other) => Err(self.unusable(format!("it wants to `{other}` a file"))),
        }
    }

    fn edit(
        &self,
        path: &RelPath,
        edits: &Value,
        files: &mut BTreeMap<RelPath, Edited>,
    ) -> Result<(), Error> {
        let file = self.take(path, files)?;
        let gone = || self.unusable(format!("it edits `{path}`, which it has removed"));
        let text = file.text.clone().ok_or_else(gone)?;
        let edits = edits.as_array().map(Vec::as_slice).unwrap_or_default();
        let text = self.applied(path, &text, edits)?;
        files.insert(path.clone(), Edited { text: Some(text), ..file });
        Ok(())
    }

    /// The file as it is by now.
    fn take(&self, path: &RelPath, files: &mut BTreeMap<RelPath, Edited>) -> Result<Edited, Error> {
        if let Some(file) = files.remove(path) {
            return Ok(file);
        }
        let text = self.seen_text(path)?;
        Ok(Edited { text: Some(text.to_string()), from: Some((path.clone(), text)) })
    }

    fn applied(&self, path: &RelPath, old: &str, edits: &[Value]) -> Result<String, Error> {
        let text = Text::new(old);
        let cannot = |why: &str| self.unusable(format!("its edit of `{path}` {why}"));
        let edit = |edit: &Value| {
            let range = read_range(&edit["range"])?;
            let range = convert::range_from_proto(&text, range, self.server.encoding);
            Some(TextEdit { range, text: edit["newText"].as_str()?.to_owned() })
        };
        let edits: Option<Vec<TextEdit>> = edits.iter().map(edit).collect();
        let edits = edits.ok_or_else(|| cannot("cannot be read"))?;
        let edits = TextEdits::new(edits).map_err(|error| cannot(&error.to_string()))?;
        edits.try_apply(old).map_err(|error| cannot(&error.to_string()))
    }

    fn seen_text(&self, path: &RelPath) -> Result<Arc<str>, Error> {
        if let Some(text) = self.given(path) {
            return Ok(Arc::clone(text));
        }
        let read = self.snapshot.read(path);
        read.map_err(|error| self.unusable(format!("its edit of `{path}`: {error}")))
    }

    fn inside(&self, uri: &str) -> Result<RelPath, Error> {
        let file = self.server.seen.file(&Uri(uri.to_owned()));
        file.filter(|path| !path.is_git_dir())
            .ok_or_else(|| self.unusable(format!("it wants to edit `{uri}`, outside")))
    }
}

fn change(path: RelPath, file: Edited) -> Option<FileChange> {
    match (file.from, file.text) {
        (None, None) => None,
        (None, Some(text)) => Some(FileChange::Create { path, text: text.into() }),
        (Some((from, old)), None) => {
            Some(FileChange::Delete { path: from, base: base::BaseText::of(old) })
        }
        (Some((from, old)), Some(text)) if from == path => {
            (*old != text).then(|| FileChange::edit(path, old, &text))
        }
        (Some((from, old)), Some(text)) => Some(FileChange::rename(from, path, old, &text)),
    }
}
