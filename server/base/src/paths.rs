//! Paths: one absolute, one relative to the workspace, both normalised by spelling alone; no file system.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// A file's place in the workspace: `src/main.rs`.
///
/// Cheap to clone. Ordered by its text.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct RelPath(
    /// Invariant: parts joined by `/`; none is empty, `.` or `..`; at least one; no NUL, no backslash, no drive letter.
    Arc<str>,
);

impl RelPath {
    /// Reads a relative path; `./a//b/` is `a/b`.
    ///
    /// A backslash is refused instead of taken as a separator: the two readings name different files.
    ///
    /// # Errors
    /// Every [`PathError`] but `NotAbsolute` and `NotUtf8`; the path cannot be used.
    pub fn parse(path: &str) -> Result<RelPath, PathError> {
        if path.contains('\0') {
            return Err(PathError::Nul);
        }
        if path.contains('\\') {
            return Err(PathError::Backslash(path.to_owned()));
        }
        if path.starts_with('/') || has_drive(path) {
            return Err(PathError::Absolute(path.to_owned()));
        }
        let mut normal = String::with_capacity(path.len());
        for part in path.split('/') {
            match part {
                "" | "." => continue,
                ".." => return Err(PathError::Escapes(path.to_owned())),
                _ => {}
            }
            if !normal.is_empty() {
                normal.push('/');
            }
            normal.push_str(part);
        }
        // `./C:/x` must not become a drive by normalisation.
        if has_drive(&normal) {
            return Err(PathError::Absolute(path.to_owned()));
        }
        if normal.is_empty() {
            return Err(PathError::Empty);
        }
        Ok(RelPath(normal.into()))
    }

    /// The whole path, `/` between its parts.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// What follows the last dot of the file name; `None` for `Makefile` and `.gitignore`.
    pub fn extension(&self) -> Option<&str> {
        Utf8Path::new(self.file_name()).extension()
    }

    /// The file name without its extension.
    pub fn stem(&self) -> &str {
        Utf8Path::new(self.file_name()).file_stem().unwrap_or(self.file_name())
    }

    /// The folder; `None` if that is the workspace itself.
    pub fn parent(&self) -> Option<RelPath> {
        let (parent, _) = self.0.rsplit_once('/')?;
        Some(RelPath(parent.into()))
    }

    /// The parts, outermost first.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// Whether this is `folder` or lies below it; compares whole parts.
    pub fn starts_with(&self, folder: &RelPath) -> bool {
        match self.0.strip_prefix(folder.as_str()) {
            Some(rest) => rest.is_empty() || rest.starts_with('/'),
            None => false,
        }
    }

    /// Whether any part is `.git`, in any case: what lies there belongs to git.
    pub fn is_git_dir(&self) -> bool {
        self.parts().any(|part| part.eq_ignore_ascii_case(".git"))
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RelPath {
    type Error = PathError;

    fn try_from(path: String) -> Result<RelPath, PathError> {
        RelPath::parse(&path)
    }
}

impl std::str::FromStr for RelPath {
    type Err = PathError;

    fn from_str(path: &str) -> Result<RelPath, PathError> {
        RelPath::parse(path)
    }
}

impl From<RelPath> for String {
    fn from(path: RelPath) -> String {
        path.0.as_ref().to_owned()
    }
}

fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// An absolute path in UTF-8 without `.` and `..`.
///
/// Normalised by spelling alone: links are not followed, so `..` after a link is the caller's to resolve first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Utf8PathBuf", into = "Utf8PathBuf")]
pub struct AbsPathBuf(
    /// Invariant: absolute; no `.` or `..` part, no trailing or doubled separator, no NUL.
    Utf8PathBuf,
);

impl AbsPathBuf {
    /// Normalises an absolute path; `..` at the root stays at the root.
    ///
    /// # Errors
    /// `Empty`, `NotAbsolute` or `Nul`.
    pub fn new(path: impl Into<Utf8PathBuf>) -> Result<AbsPathBuf, PathError> {
        let path = path.into();
        if path.as_str().is_empty() {
            return Err(PathError::Empty);
        }
        if path.as_str().contains('\0') {
            return Err(PathError::Nul);
        }
        if !path.is_absolute() {
            return Err(PathError::NotAbsolute(path.into_string()));
        }
        let mut normal = Utf8PathBuf::new();
        for component in path.components() {
            match component {
                Utf8Component::CurDir => {}
                Utf8Component::ParentDir => {
                    normal.pop();
                }
                _ => normal.push(component),
            }
        }
        Ok(AbsPathBuf(normal))
    }

    /// As UTF-8.
    pub fn as_path(&self) -> &Utf8Path {
        &self.0
    }

    /// As the standard library takes it.
    pub fn as_std_path(&self) -> &Path {
        self.0.as_std_path()
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The path of a file below this folder.
    pub fn join(&self, path: &RelPath) -> AbsPathBuf {
        AbsPathBuf(self.0.join(path.as_str()))
    }

    /// The path of an entry below this folder, by a name that the program itself knows: `root.child(".git/index")`.
    ///
    /// Only plain parts count: `.`, `..` and a leading `/` are skipped, so the result is never outside.
    pub fn child(&self, name: &str) -> AbsPathBuf {
        let mut path = self.0.clone();
        for component in Utf8Path::new(name).components() {
            if let Utf8Component::Normal(part) = component {
                path.push(part);
            }
        }
        AbsPathBuf(path)
    }

    /// The folder; `None` at the root.
    pub fn parent(&self) -> Option<AbsPathBuf> {
        self.0.parent().map(|path| AbsPathBuf(path.to_owned()))
    }

    /// This path as seen from `root`; `None` if it is `root`, outside of it, or not spellable as a [`RelPath`].
    pub fn strip(&self, root: &AbsPathBuf) -> Option<RelPath> {
        let rest = self.0.strip_prefix(&root.0).ok()?;
        let mut text = String::new();
        for component in rest.components() {
            if !text.is_empty() {
                text.push('/');
            }
            text.push_str(component.as_str());
        }
        RelPath::parse(&text).ok()
    }
}

impl fmt::Display for AbsPathBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl TryFrom<Utf8PathBuf> for AbsPathBuf {
    type Error = PathError;

    fn try_from(path: Utf8PathBuf) -> Result<AbsPathBuf, PathError> {
        AbsPathBuf::new(path)
    }
}

impl TryFrom<PathBuf> for AbsPathBuf {
    type Error = PathError;

    fn try_from(path: PathBuf) -> Result<AbsPathBuf, PathError> {
        let path = Utf8PathBuf::from_path_buf(path).map_err(PathError::NotUtf8)?;
        AbsPathBuf::new(path)
    }
}

impl From<AbsPathBuf> for Utf8PathBuf {
    fn from(path: AbsPathBuf) -> Utf8PathBuf {
        path.0
    }
}

impl AsRef<Path> for AbsPathBuf {
    fn as_ref(&self) -> &Path {
        self.as_std_path()
    }
}

/// Why a text is not the path that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing is left of it.
    #[error("the path is empty; name a file in the workspace")]
    Empty,
    /// A workspace path must be relative.
    #[error("the path `{0}` is absolute; write it relative to the workspace")]
    Absolute(String),
    /// A workspace path must not leave the workspace, not even on its way.
    #[error("the path `{0}` contains `..`; write it from the workspace's root")]
    Escapes(String),
    /// Separators are `/`.
    #[error("the path `{0}` contains a backslash; separate folders with `/`")]
    Backslash(String),
    /// No file system takes it.
    #[error("the path contains a NUL character")]
    Nul,
    /// An absolute path was needed.
    #[error("the path `{0}` is not absolute")]
    NotAbsolute(String),
    /// Paths are UTF-8 throughout.
    #[error("the path `{}` is not valid UTF-8; rename it", .0.display())]
    NotUtf8(PathBuf),
}
