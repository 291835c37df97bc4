//! `file` URIs and paths. A URI of the client is kept as it was spelled: it is read here, never rewritten.
//!
//! By spelling alone: no link is followed and no file looked at.

use base::{AbsPathBuf, PathError};
use gen_lsp_types::Uri;
use thiserror::Error;

#[cfg(test)]
mod tests;

/// Why a URI names no file of ours.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UriError {
    /// Another scheme, such as `untitled`, `git` or `vscode-notebook-cell`.
    #[error("`{0}` is not a file: Baton works on `file` URIs only")]
    NotAFile(String),
    /// A file of another machine, where this one has no such notion.
    #[error("`{uri}` is on the host `{host}`; Baton works on local files only")]
    Host {
        /// As the client spells it.
        uri: String,
        /// Its authority.
        host: String,
    },
    /// A query or fragment: a client that means a `?` or `#` in a name has to escape it.
    #[error("`{0}` has a query or fragment; write `?` as `%3F` and `#` as `%23` in file names")]
    Extra(String),
    /// The escapes are no UTF-8, or the path is not absolute.
    #[error("`{uri}` does not name a file: {source}")]
    Path {
        /// As the client spells it.
        uri: String,
        /// What is wrong.
        source: PathError,
    },
    /// The escapes are no UTF-8.
    #[error("`{0}` does not name a file: its escapes are not UTF-8")]
    NotUtf8(String),
    /// Not below the workspace's root.
    #[error("`{uri}` is outside of the workspace {root}")]
    Outside {
        /// As the client spells it.
        uri: String,
        /// The workspace.
        root: String,
    },
    /// No folder was given yet.
    #[error("no workspace is open")]
    NoWorkspace,
}

/// The file that `uri` names.
///
/// # Errors
/// Every [`UriError`] but `Outside` and `NoWorkspace`.
pub fn to_path(uri: &Uri) -> Result<AbsPathBuf, UriError> {
    let path = spelled_path(&uri.0, cfg!(windows))?;
    AbsPathBuf::new(path).map_err(|source| UriError::Path { uri: uri.0.clone(), source })
}

/// The path as the system writes it; `windows` says which one.
fn spelled_path(uri: &str, windows: bool) -> Result<String, UriError> {
    let not_a_file = || UriError::NotAFile(uri.to_owned());
    let (scheme, rest) = uri.split_once(':').ok_or_else(not_a_file)?;
    if !scheme.eq_ignore_ascii_case("file") {
        return Err(not_a_file());
    }
    if rest.contains(['?', '#']) {
        return Err(UriError::Extra(uri.to_owned()));
    }
    let (host, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    let path = decode(path).ok_or_else(|| UriError::NotUtf8(uri.to_owned()))?;
    let is_local = host.is_empty() || host.eq_ignore_ascii_case("localhost");
    match (is_local, windows) {
        (true, false) => Ok(path),
        (true, true) => Ok(drive_path(&path)),
        (false, true) => Ok(format!("//{host}{path}")),
        (false, false) => Err(UriError::Host { uri: uri.to_owned(), host: host.to_owned() }),
    }
}

/// `/c:/x` is `C:/x`: clients disagree about the letter's case, and one file must have one path.
fn drive_path(path: &str) -> String {
    match path.as_bytes() {
        [b'/', letter, b':', ..] if letter.is_ascii_alphabetic() => {
            format!("{}{}", char::from(letter.to_ascii_uppercase()), &path[2..])
        }
        _ => path.to_owned(),
    }
}

/// Resolves `%xx`; a `%` without two hexadecimal digits stands for itself, as simple clients write it.
fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digit = |idx: usize| char::from(*bytes.get(idx)?).to_digit(16);
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(u8::try_from(high * 16 + low).ok()?);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).ok()
}

/// The URI of a file that the client has not named itself.
pub fn of_path(path: &AbsPathBuf) -> Uri {
    let mut uri = String::from("file://");
    let spelled = path.as_str().replace('\\', "/");
    if !spelled.starts_with('/') {
        uri.push('/');
    }
    for &byte in spelled.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~:".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    Uri(uri)
}
