//! What happens to one file, together with the text that it was before; reads and writes nothing.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ContentHash, RelPath, TextEdits};

#[cfg(test)]
mod tests;

/// The text that a change starts from. Files are small, so changes carry it: diffs and rebases need no file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawBaseText")]
pub struct BaseText {
    /// Of `text`.
    pub hash: ContentHash,
    /// The whole file.
    pub text: Arc<str>,
}

impl BaseText {
    /// Hashes `text`.
    pub fn of(text: impl Into<Arc<str>>) -> BaseText {
        let text = text.into();
        BaseText { hash: ContentHash::of(text.as_bytes()), text }
    }
}

/// The text does not have the hash that was written down with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the base text has the hash {found:?}, not {written:?}; it was changed since it was recorded"
)]
pub struct BaseTextError {
    written: ContentHash,
    found: ContentHash,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "BaseTextValue")]
struct RawBaseText {
    hash: ContentHash,
    text: Arc<str>,
}

impl TryFrom<RawBaseText> for BaseText {
    type Error = BaseTextError;

    fn try_from(raw: RawBaseText) -> Result<BaseText, BaseTextError> {
        let base = BaseText::of(raw.text);
        if base.hash != raw.hash {
            return Err(BaseTextError { written: raw.hash, found: base.hash });
        }
        Ok(base)
    }
}

/// A change to one file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileChange {
    /// A file that must not exist yet.
    Create {
        /// Where.
        path: RelPath,
        /// All of it.
        text: Arc<str>,
    },
    /// Another text in the same place.
    Edit {
        /// Where.
        path: RelPath,
        /// What `edits` count in.
        base: BaseText,
        /// What becomes of it.
        edits: TextEdits,
    },
    /// The file goes away.
    Delete {
        /// Where.
        path: RelPath,
        /// What is lost.
        base: BaseText,
    },
    /// Another place, perhaps with another text.
    Rename {
        /// Where it was.
        from: RelPath,
        /// Where it goes; must not exist yet.
        to: RelPath,
        /// What `edits` count in.
        base: BaseText,
        /// What becomes of it.
        edits: TextEdits,
    },
}

impl FileChange {
    /// The edit that makes `new` of `old`, as small as a diff in lines finds it.
    pub fn edit(path: RelPath, old: impl Into<Arc<str>>, new: &str) -> FileChange {
        let base = BaseText::of(old);
        let edits = TextEdits::between(&base.text, new);
        FileChange::Edit { path, base, edits }
    }

    /// The rename that makes `new` of `old` on the way, as small as a diff in lines finds it.
    pub fn rename(from: RelPath, to: RelPath, old: impl Into<Arc<str>>, new: &str) -> FileChange {
        let base = BaseText::of(old);
        let edits = TextEdits::between(&base.text, new);
        FileChange::Rename { from, to, base, edits }
    }

    /// The file after the change; of a deleted one, what it was called.
    pub fn path(&self) -> &RelPath {
        match self {
            FileChange::Create { path, .. }
            | FileChange::Edit { path, .. }
            | FileChange::Delete { path, .. } => path,
            FileChange::Rename { to, .. } => to,
        }
    }

    /// The file before the change; `None` if there was none.
    pub fn old_path(&self) -> Option<&RelPath> {
        match self {
            FileChange::Create { .. } => None,
            FileChange::Edit { path, .. } | FileChange::Delete { path, .. } => Some(path),
            FileChange::Rename { from, .. } => Some(from),
        }
    }

    /// The text that it starts from; `None` if there was none.
    pub fn base(&self) -> Option<&BaseText> {
        match self {
            FileChange::Create { .. } => None,
            FileChange::Edit { base, .. }
            | FileChange::Delete { base, .. }
            | FileChange::Rename { base, .. } => Some(base),
        }
    }

    /// The text before; `None` if there was no file.
    pub fn old_text(&self) -> Option<&str> {
        self.base().map(|base| base.text.as_ref())
    }

    /// The text after; `None` if there is no file then.
    ///
    /// # Panics
    /// If the edits are not for the base text; a change that is part of a [`crate::Patch`] was checked.
    pub fn new_text(&self) -> Option<String> {
        match self {
            FileChange::Create { text, .. } => Some(text.as_ref().to_owned()),
            FileChange::Edit { base, edits, .. } | FileChange::Rename { base, edits, .. } => {
                Some(edits.apply(&base.text))
            }
            FileChange::Delete { .. } => None,
        }
    }

    /// Every place that it reads or writes: `path`, and `old_path` where that is another one.
    pub fn touched(&self) -> impl Iterator<Item = &RelPath> {
        let path = self.path();
        let old_path = self.old_path().filter(|old_path| *old_path != path);
        old_path.into_iter().chain([path])
    }
}
