//! The folder of a model: its files, bounded, and what is wrong with them in words.
//!
//! It does not know what the weights mean (see `bert`).

use std::{
    fmt::Display,
    io::Read,
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde::{Deserialize, de::DeserializeOwned};

use crate::{Error, error::excerpt};

/// Settings and vocabularies.
const MAX_TEXT_BYTES: u64 = 64 << 20;
/// Larger models answer nobody on a processor.
const MAX_WEIGHT_BYTES: u64 = 4 << 30;

/// See the module.
pub(super) struct Folder(PathBuf);

/// How the vectors of the tokens become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pooling {
    Mean,
    /// That of the first token.
    First,
}

#[derive(Deserialize)]
struct PoolingFile {
    #[serde(default)]
    pooling_mode_cls_token: bool,
    #[serde(default)]
    pooling_mode_mean_tokens: bool,
}

impl Folder {
    pub(super) fn new(path: &Path) -> Folder {
        Folder(path.to_owned())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.join(name).is_file()
    }

    /// What changes whenever the weights do, as far as the file system knows.
    pub(super) fn stamp(&self) -> String {
        let Ok(meta) = self.0.join("model.safetensors").metadata() else {
            return "without weights".to_owned();
        };
        let modified =
            meta.modified().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
        format!("{} {}", meta.len(), modified.map_or(0, |since| since.as_nanos()))
    }

    pub(super) fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        let bytes = self.bytes(name)?;
        serde_json::from_slice(&bytes)
            .map_err(|error| self.bad(name, &format!("is damaged: {error}")))
    }

    /// A file of settings, or a vocabulary.
    pub(super) fn bytes(&self, name: &str) -> Result<Vec<u8>, Error> {
        self.read(name, MAX_TEXT_BYTES)
    }

    pub(super) fn weights(&self) -> Result<Vec<u8>, Error> {
        self.read("model.safetensors", MAX_WEIGHT_BYTES)
    }

    /// `1_Pooling/config.json`, as sentence-transformers writes it; the mean without it.
    pub(super) fn pooling(&self) -> Result<Pooling, Error> {
        const NAME: &str = "1_Pooling/config.json";
        if !self.has(NAME) {
            return Ok(Pooling::Mean);
        }
        let file: PoolingFile = self.json(NAME)?;
        match (file.pooling_mode_mean_tokens, file.pooling_mode_cls_token) {
            (true, false) => Ok(Pooling::Mean),
            (false, true) => Ok(Pooling::First),
            _ => Err(self
                .bad(NAME, "asks for a pooling that is not known; known are mean and first token")),
        }
    }

    /// `result`, with the file that is to blame.
    pub(super) fn checked<T>(
        &self,
        name: &str,
        result: Result<T, impl Display>,
    ) -> Result<T, Error> {
        result.map_err(|error| {
            self.bad(name, &format!("cannot be used: {}", excerpt(&error.to_string())))
        })
    }

    pub(super) fn bad(&self, name: &str, what: &str) -> Error {
        Error::Folder { folder: self.0.display().to_string(), message: format!("`{name}` {what}") }
    }

    fn read(&self, name: &str, max_bytes: u64) -> Result<Vec<u8>, Error> {
        let path = self.0.join(name);
        let missing = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                self.bad(name, "is missing; name the folder that holds the model's files")
            }
            _ => self.bad(name, &format!("cannot be read: {error}")),
        };
        let file = std::fs::File::open(&path).map_err(missing)?;
        let meta = file.metadata().map_err(missing)?;
        if !meta.is_file() {
            return Err(self.bad(name, "is no plain file"));
        }
        if max_bytes < meta.len() {
            return Err(self.bad(name, &format!("is larger than {} MB", max_bytes >> 20)));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or_default());
        file.take(max_bytes).read_to_end(&mut bytes).map_err(missing)?;
        Ok(bytes)
    }
}
