//! A server that runs somewhere, over streamable HTTP. It is asked where it is configured to be, and nowhere else.

use std::error::Error;
use std::time::Duration;

use reqwest::{Client, redirect};
use rmcp::{
    service::ClientInitializeError,
    transport::{
        StreamableHttpClientTransport,
        streamable_http_client::{StreamableHttpClientTransportConfig, StreamableHttpError},
    },
};
use secrecy::ExposeSecret;

use crate::{config::Http, lines::MAX_MESSAGE};

const CONNECT: Duration = Duration::from_secs(10);

/// # Errors
/// What is missing, in words.
pub(crate) fn transport(http: &Http) -> Result<StreamableHttpClientTransport<Client>, String> {
    let url = http.parse()?;
    // reqwest panics without cryptography. An error says that the program has installed one already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .user_agent(concat!("baton/", env!("CARGO_PKG_VERSION")))
        // A token is for the server that was named.
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT)
        .build()
        .map_err(|error| format!("no client for HTTP: {}", innermost(&error)))?;
    let mut config = StreamableHttpClientTransportConfig::with_uri(url.as_str());
    config.max_sse_event_size = MAX_MESSAGE;
    if let Some(token) = &http.token {
        let value = token.value.as_ref().ok_or_else(|| {
            format!("the variable `{}` is not set where Baton was started", token.name)
        })?;
        config = config.auth_header(value.expose_secret());
    }
    Ok(StreamableHttpClientTransport::with_client(client, config))
}

/// Why there is no connection, in words that a person can use.
pub(crate) fn explain(error: &ClientInitializeError) -> String {
    if error.is_authorization_required() {
        return "it wants a token, or another one: name the variable that holds it in `token_env`"
            .into();
    }
    match error {
        ClientInitializeError::TransportError { error, .. } => innermost(error.error.as_ref()),
        ClientInitializeError::LegacyFallbackFailed { fallback, .. } => explain(fallback),
        error => error.to_string(),
    }
}

/// The last cause: the layers above it only say that something failed.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    loop {
        // It names its cause in words, and not as its source.
        let wrapped = match last.downcast_ref::<StreamableHttpError<reqwest::Error>>() {
            Some(StreamableHttpError::Client(error)) => Some(error as &(dyn Error + 'static)),
            _ => None,
        };
        match wrapped.or_else(|| last.source()) {
            Some(cause) => last = cause,
            None => return last.to_string(),
        }
    }
}
