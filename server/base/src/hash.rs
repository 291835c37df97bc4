//! What a file's bytes were, in 32 bytes; says nothing about where they lie.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// BLAKE3 of a file's bytes; 64 lower-case hex digits when written out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// Hashes `bytes`.
    pub fn of(bytes: &[u8]) -> ContentHash {
        ContentHash(*blake3::hash(bytes).as_bytes())
    }

    /// All 64 hex digits.
    pub fn hex(&self) -> String {
        self.hasher_form().to_hex().as_str().to_owned()
    }

    /// The first 8 hex digits, for people.
    pub fn short(&self) -> String {
        self.hex()[..8].to_owned()
    }

    /// The hash itself.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn hasher_form(&self) -> blake3::Hash {
        blake3::Hash::from_bytes(self.0)
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({})", self.short())
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

impl FromStr for ContentHash {
    type Err = HashError;

    fn from_str(hex: &str) -> Result<ContentHash, HashError> {
        match blake3::Hash::from_hex(hex) {
            Ok(hash) => Ok(ContentHash(*hash.as_bytes())),
            Err(_) => Err(HashError(hex.chars().take(80).collect())),
        }
    }
}

impl TryFrom<String> for ContentHash {
    type Error = HashError;

    fn try_from(hex: String) -> Result<ContentHash, HashError> {
        hex.parse()
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> String {
        hash.hex()
    }
}

/// The text is not a content hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a content hash: 64 hex digits")]
pub struct HashError(String);
