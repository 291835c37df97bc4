//! Where a server is, what its collections are called, and the key for it: checked before anything is sent.
//! It reads no settings; whoever does must take them from the user, never from a workspace.

use std::fmt;
use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};
use tonic::transport::Uri;

use crate::error::AddressError;

/// A server's gRPC port as a URL, the key for it, and what its collections' names begin with.
#[derive(Clone)]
pub struct Address {
    /// Invariant: `http` or `https`, a host, no user, no path, no query.
    uri: Uri,
    /// Invariant: visible ASCII; only with `https`, or to this machine.
    key: Option<SecretString>,
    prefix: String,
}

impl Address {
    /// Checks what the user has written.
    ///
    /// # Errors
    /// As [`AddressError`] says: a URL that is none, or holds a user, a path or a query; a key that would go over the
    /// net unencrypted; a key or a prefix with characters that cannot be in one.
    pub fn new(
        url: &str,
        key: Option<SecretString>,
        prefix: &str,
    ) -> Result<Address, AddressError> {
        let not = |why| AddressError::NotAUrl { given: without_user(url), why };
        let uri: Uri = url.trim().parse().map_err(|_| not("it cannot be read"))?;
        let is_encrypted = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(not("it starts with neither http:// nor https://")),
        };
        let authority = uri.authority().ok_or_else(|| not("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(not("it has a user in it, and a key belongs into the environment"));
        }
        let host = authority.host().to_owned();
        if host.is_empty() {
            return Err(not("it has no host"));
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(not("it has more after the port"));
        }
        let address = Address { uri, key, prefix: prefix.to_owned() };
        if let Some(key) = &address.key {
            if !is_encrypted && !is_here(&host) {
                return Err(AddressError::KeyInTheOpen { address: address.to_string() });
            }
            let key = key.expose_secret();
            if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(AddressError::BadKey { address: address.to_string() });
            }
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if 64 < prefix.len() || !prefix.chars().all(is_name) {
            return Err(AddressError::BadPrefix { given: prefix.to_owned() });
        }
        Ok(address)
    }

    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_ref().map(ExposeSecret::expose_secret)
    }

    pub(crate) fn files(&self) -> String {
        format!("{}workspace_files", self.prefix)
    }

    pub(crate) fn functions(&self) -> String {
        format!("{}workspace_functions", self.prefix)
    }
}

/// Without the key.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.uri.to_string().trim_end_matches('/'))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// Whether what is sent to this host stays on this machine.
fn is_here(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    match literal.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

/// What may be repeated of a text that should have been a URL.
fn without_user(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://[secret]@{host}"),
        (None, Some((_, host))) => format!("[secret]@{host}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests;
