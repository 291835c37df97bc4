//! In place of `local` where the program was built without it: says so, and does nothing.
//!
//! The same API, so that nobody else has to know.

use std::path::Path;

use crate::{Error, Purpose};

/// No embedder: see [`LocalEmbedding::open`].
pub enum LocalEmbedding {}

/// No reranker: see [`LocalReranking::open`].
pub enum LocalReranking {}

impl LocalEmbedding {
    /// The folder's name.
    pub fn id(folder: &Path, _: Option<&str>, _: Option<&str>) -> String {
        folder.display().to_string()
    }

    /// # Errors
    /// [`Error::Folder`], always.
    pub fn open(folder: &Path, _: Option<&str>, _: Option<&str>) -> Result<LocalEmbedding, Error> {
        Err(absent(folder))
    }

    /// There is none.
    pub fn dim(&self) -> usize {
        match *self {}
    }

    /// There is none.
    ///
    /// # Errors
    /// None.
    pub fn embed<T: AsRef<str>>(
        &self,
        _: Purpose,
        _: &[T],
        _: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, Error> {
        match *self {}
    }
}

impl LocalReranking {
    /// # Errors
    /// [`Error::Folder`], always.
    pub fn open(folder: &Path) -> Result<LocalReranking, Error> {
        Err(absent(folder))
    }

    /// There is none.
    ///
    /// # Errors
    /// None.
    pub fn scores(&self, _: &str, _: &[&str], _: &dyn Fn() -> bool) -> Result<Vec<f32>, Error> {
        match *self {}
    }
}

fn absent(folder: &Path) -> Error {
    let message = "this program was built without the feature `transformer`".to_owned();
    Error::Folder { folder: folder.display().to_string(), message }
}
