//! What goes wrong with a server, in words that name it and say what to do, and never with a key in them.

use index::ServerError;
use qdrant_client::QdrantError;
use tonic::{Code, Status};

/// Why an address is not used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no URL of a server.
    #[error(
        "`{given}` is no URL of a Qdrant server: {why}; write it like http://127.0.0.1:6334, the gRPC port"
    )]
    NotAUrl {
        /// As it was written, without what may be secret.
        given: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A key would be readable on its way.
    #[error("{address} would get the API key unencrypted; use https, or a server on this machine")]
    KeyInTheOpen {
        /// Where.
        address: String,
    },
    /// The key cannot be sent.
    #[error(
        "the API key for {address} has characters that cannot be sent; see that it was copied whole and alone"
    )]
    BadKey {
        /// Where.
        address: String,
    },
    /// The beginning of the collections' names cannot be one.
    #[error(
        "`{given}` cannot begin the name of a collection; use up to 64 letters, digits, `_` and `-`"
    )]
    BadPrefix {
        /// As it was written.
        given: String,
    },
    /// Something that the client needs from the system is not there.
    #[error("cannot make a client for {address}: {reason}")]
    Client {
        /// Where.
        address: String,
        /// What failed.
        reason: String,
    },
}

/// Longer messages of a server are cut.
const MAX_CHARS: usize = 300;

/// What `error` means for the index. `key`: never repeated, whoever does.
pub(crate) fn server_error(address: &str, key: Option<&str>, error: &QdrantError) -> ServerError {
    let address = address.to_owned();
    let status = match error {
        QdrantError::ResponseError { status }
        | QdrantError::ResourceExhaustedError { status, .. } => status,
        other => {
            let reason = clean(&other.to_string(), key);
            return ServerError::Refused { address, reason };
        }
    };
    let said = said(status, key);
    match status.code() {
        Code::NotFound => ServerError::Lost { address, reason: said },
        Code::Unauthenticated | Code::PermissionDenied => {
            let reason = format!("it does not accept the API key ({said}); set the right one");
            ServerError::Refused { address, reason }
        }
        Code::Unimplemented => {
            let reason = format!(
                "it does not speak Qdrant's gRPC ({said}); name the gRPC port, usually 6334"
            );
            ServerError::Refused { address, reason }
        }
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => {
            ServerError::Refused { address, reason: said }
        }
        _ => ServerError::Away { address, reason: said },
    }
}

/// A server that did not answer in time.
pub(crate) fn too_slow(address: &str, seconds: u64) -> ServerError {
    let reason = format!("no answer within {seconds} s");
    ServerError::Away { address: address.to_owned(), reason }
}

fn said(status: &Status, key: Option<&str>) -> String {
    let text = status.message();
    // What the client says of a connection holds its whole inner state.
    if text.starts_with("Failed to connect") {
        return "no connection".to_owned();
    }
    let text = if text.is_empty() { status.code().description() } else { text };
    clean(text, key)
}

fn clean(text: &str, key: Option<&str>) -> String {
    let text = match key {
        Some(key) if !key.is_empty() => text.replace(key, "[secret]"),
        _ => text.to_owned(),
    };
    let mut text: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_CHARS + 1).collect();
    if MAX_CHARS < text.chars().count() {
        text = text.chars().take(MAX_CHARS).chain(['…']).collect();
    }
    text
}

#[cfg(test)]
mod tests;
