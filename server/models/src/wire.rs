//! HTTP as all providers need it: one client, deadlines, caps, keys, refusals, and bodies cut into frames.
//!
//! What a frame means is the provider's (see `providers`), what a refusal means is in `classify`.

use std::{
    error::Error as _,
    sync::{Arc, OnceLock},
    time::Duration,
};

use eventsource_stream::{EventStream, EventStreamError};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use reqwest::{
    Client, Response, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue},
    redirect,
};
use secrecy::{ExposeSecret, SecretString};
use serde::de::IgnoredAny;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::{
    Config, Error, Kind, Phase, Site, Timeouts,
    classify::{self, Cx, MAX_ERROR_BYTES, Refusal},
    config::{Resolved, is_loopback},
    secret::{KeySource, Redactor, public_url, url_secrets},
};

/// One line of a stream.
const MAX_LINE_BYTES: usize = 1024 * 1024;
/// A body that comes in one piece.
const MAX_WHOLE_BYTES: usize = 4 * 1024 * 1024;
/// A streamed body with all its framing, which is many times the text in it.
const MAX_STREAM_BYTES: usize = 256 * 1024 * 1024;
/// Lists of models and bodies of errors are short, so a server that takes longer than this hangs.
const SHORT_ANSWER: Duration = Duration::from_secs(15);

/// The version of Anthropic's wire format that is spoken.
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// reqwest panics without cryptography; everything that makes a [`Wire`] calls this first.
pub(crate) fn provide_crypto() {
    // An error says that the program has installed one already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The way to one server.
#[derive(Debug)]
pub(crate) struct Wire {
    provider: String,
    kind: Kind,
    base: Url,
    keys: KeySource,
    timeouts: Timeouts,
    /// Made at the first call: it reads the system's certificates, which may fail where no server needs them.
    client: OnceLock<Result<Client, String>>,
}

/// A server's answer.
pub(crate) enum Answer {
    Body(Body),
    Refused(Refusal),
}

impl Wire {
    fn new(settings: &Resolved, base: Url, keys: KeySource, timeouts: Timeouts) -> Wire {
        Wire {
            provider: settings.name.clone(),
            kind: settings.kind,
            base,
            keys,
            timeouts,
            client: OnceLock::new(),
        }
    }

    /// The way to the server of these settings.
    pub(crate) fn of(settings: &Resolved, config: &Config) -> Wire {
        let Resolved { name, base_url, api_key_env, .. } = settings;
        let keys = KeySource::new(name, api_key_env.clone(), config.env.clone(), config.keyring);
        Wire::new(settings, base_url.clone(), keys, config.timeouts.clone())
    }

    pub(crate) fn provider(&self) -> &str {
        &self.provider
    }

    pub(crate) fn site(&self, model: &str) -> Arc<Site> {
        let (provider, model) = (self.provider.clone(), model.to_owned());
        Arc::new(Site { provider, model, url: public_url(&self.base) })
    }

    /// Takes out of `text` what is secret in calls to this server.
    pub(crate) fn redactor(&self) -> Redactor {
        let mut secrets = url_secrets(&self.base);
        secrets.extend(self.keys.known());
        Redactor::new(secrets)
    }

    /// Takes the key out of answers.
    pub(crate) fn key_redactor(&self) -> Redactor {
        let password = self.base.password().map(|it| SecretString::from(it.to_owned()));
        Redactor::of_answers(self.keys.known().into_iter().chain(password).collect())
    }

    /// Turns a refusal into an error with hints that fit this server.
    pub(crate) fn refused(&self, refusal: Refusal, site: &Arc<Site>) -> Error {
        refusal.into_error(site, &self.cx())
    }

    /// Posts `body` to `path` below the base URL; comes back with the headers of the answer.
    pub(crate) async fn post(
        &self,
        path: &[&str],
        body: &Value,
        site: &Arc<Site>,
    ) -> Result<Answer, Error> {
        let wait = Duration::from_millis(self.timeouts.first_byte_ms);
        self.call(path, Some(body), wait, site).await
    }

    /// Posts `body`; a refusal is an error.
    pub(crate) async fn accepted(
        &self,
        path: &[&str],
        body: &Value,
        site: &Arc<Site>,
    ) -> Result<Body, Error> {
        match self.post(path, body, site).await? {
            Answer::Refused(refusal) => Err(self.refused(refusal, site)),
            Answer::Body(answer) => Ok(answer),
        }
    }

    /// Gets the list at `path`: the array below `key`, or the bare array with which some servers answer.
    pub(crate) async fn list(&self, path: &[&str], key: &str) -> Result<Vec<Value>, Error> {
        let site = self.site("");
        match self.get(path, &site).await? {
            Value::Array(list) => Ok(list),
            mut answer => match answer.get_mut(key).map(Value::take) {
                Some(Value::Array(list)) => Ok(list),
                _ => {
                    let reason = format!("no list of models at /{}", path.join("/"));
                    Err(Error::Malformed { site, reason })
                }
            },
        }
    }

    /// Gets `path` below the base URL as JSON.
    pub(crate) async fn get(&self, path: &[&str], site: &Arc<Site>) -> Result<Value, Error> {
        let wait = SHORT_ANSWER.min(Duration::from_millis(self.timeouts.first_byte_ms));
        match self.call(path, None, wait, site).await? {
            Answer::Refused(refusal) => Err(self.refused(refusal, site)),
            Answer::Body(body) => {
                let text = body.whole().await?;
                serde_json::from_str(&text).map_err(|_| {
                    let reason = format!("no JSON but: {}", self.redactor().quote(&text));
                    Error::Malformed { site: Arc::clone(site), reason }
                })
            }
        }
    }

    async fn call(
        &self,
        path: &[&str],
        body: Option<&Value>,
        wait: Duration,
        site: &Arc<Site>,
    ) -> Result<Answer, Error> {
        let deadline = Instant::now() + wait;
        let late = |phase| Error::Timeout { site: Arc::clone(site), phase, after: wait };
        let client = self.client(site)?;
        let key = self.key(site).await?;
        let mut url = self.url(path);
        if self.kind == Kind::Gemini && body.is_some() {
            // Without this it streams one large array.
            url.query_pairs_mut().append_pair("alt", "sse");
        }
        let mut request = match body {
            Some(body) => client.post(url).json(body),
            None => client.get(url),
        };
        if self.kind == Kind::Anthropic {
            request = request.header("anthropic-version", ANTHROPIC_VERSION);
        }
        if let Some(key) = key {
            let (name, value) = self.credentials(&key)?;
            request = request.header(name, value);
        }
        let sent =
            timeout_at(deadline, request.send()).await.map_err(|_| late(Phase::FirstByte))?;
        let response = sent.map_err(|error| self.not_sent(&error, site))?;
        let redactor = self.redactor();
        if !response.status().is_success() {
            return Ok(Answer::Refused(refusal(response, &redactor).await));
        }
        let idle = Duration::from_millis(self.timeouts.idle_ms);
        let site = Arc::clone(site);
        let body = Body { response, deadline, wait, idle, site, redactor };
        if body.has_type("text/html") {
            return Err(body.page().await);
        }
        Ok(Answer::Body(body))
    }

    fn client(&self, site: &Arc<Site>) -> Result<&Client, Error> {
        let made = self.client.get_or_init(|| {
            let mut builder = Client::builder()
                .user_agent(concat!("baton/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(Duration::from_millis(self.timeouts.connect_ms))
                // A redirect could carry the key and the user's text to another host.
                .redirect(redirect::Policy::none())
                // What may be asked twice is decided in `retry` alone.
                .retry(reqwest::retry::never())
                .referer(false)
                .tcp_nodelay(true);
            if self.is_loopback() {
                // A proxy cannot reach this machine's own servers and has no business with what is sent to them.
                builder = builder.no_proxy();
            }
            if self.base.scheme() == "http" {
                // No certificates are needed, so a system without any is no obstacle.
                builder = builder.tls_certs_only([]);
            }
            builder.build().map_err(|error| deepest(&error))
        });
        made.as_ref().map_err(|reason| Error::Unreachable {
            site: Arc::clone(site),
            reason: format!("no HTTP client: {reason}"),
            hint: "check the system's certificates (on Debian: package ca-certificates)".to_owned(),
        })
    }

    async fn key(&self, site: &Arc<Site>) -> Result<Option<SecretString>, Error> {
        match (self.keys.find().await, self.keys.env_name()) {
            // A server on this machine may do without, whatever is configured.
            (None, Some(env)) if !self.is_loopback() => {
                Err(Error::NoKey { site: Arc::clone(site), env: env.to_owned() })
            }
            (key, _) => Ok(key),
        }
    }

    fn credentials(&self, key: &SecretString) -> Result<(HeaderName, HeaderValue), Error> {
        let key = key.expose_secret();
        let (name, value) = match self.kind {
            Kind::Anthropic => (HeaderName::from_static("x-api-key"), key.to_owned()),
            Kind::Gemini => (HeaderName::from_static("x-goog-api-key"), key.to_owned()),
            Kind::OpenAi | Kind::Ollama | Kind::Tei | Kind::Cohere => {
                (AUTHORIZATION, format!("Bearer {key}"))
            }
        };
        let mut value = HeaderValue::try_from(value).map_err(|_| {
            let from = self.keys.env_name().unwrap_or("the keyring");
            let message = format!("has a key that no HTTP header can carry; check {from}");
            Error::Config { provider: self.provider.clone(), message }
        })?;
        value.set_sensitive(true);
        Ok((name, value))
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    fn not_sent(&self, error: &reqwest::Error, site: &Arc<Site>) -> Error {
        let site = Arc::clone(site);
        let reason = self.redactor().redact(&deepest(error));
        if error.is_connect() && error.is_timeout() {
            let after = Duration::from_millis(self.timeouts.connect_ms);
            return Error::Timeout { site, phase: Phase::Connect, after };
        }
        if error.is_connect() {
            return Error::Unreachable { site, reason, hint: self.cx().unreachable_hint() };
        }
        if error.is_builder() {
            let message = format!("cannot be asked: {reason}; check its `base_url`");
            return Error::Config { provider: self.provider.clone(), message };
        }
        Error::Cut { site, reason }
    }

    fn cx(&self) -> Cx<'_> {
        Cx {
            kind: self.kind,
            provider: &self.provider,
            key_env: self.keys.env_name(),
            loopback: self.is_loopback(),
            redactor: self.redactor(),
        }
    }

    fn is_loopback(&self) -> bool {
        is_loopback(&self.base)
    }
}

/// The words at the bottom of an error: those above name the URL, which may hold a password.
fn deepest(error: &reqwest::Error) -> String {
    let mut source = error.source();
    let mut words = None;
    while let Some(it) = source {
        words = Some(it.to_string());
        source = it.source();
    }
    words.unwrap_or_else(|| {
        let kind = if error.is_builder() { "malformed request" } else { "failed request" };
        kind.to_owned()
    })
}

async fn refusal(mut response: Response, redactor: &Redactor) -> Refusal {
    let status = response.status().as_u16();
    let retry_after = classify::retry_after(response.headers());
    let location = classify::location(response.headers());
    let deadline = Instant::now() + SHORT_ANSWER;
    let mut bytes = Vec::new();
    // A body that breaks off, or is late, says as much as has come of it.
    while let Ok(Ok(Some(chunk))) = timeout_at(deadline, response.chunk()).await {
        bytes.extend_from_slice(&chunk);
        if MAX_ERROR_BYTES <= bytes.len() {
            bytes.truncate(MAX_ERROR_BYTES);
            break;
        }
    }
    let body = redactor.redact(&String::from_utf8_lossy(&bytes));
    Refusal { status, retry_after, location: location.map(|it| redactor.redact(&it)), body }
}

/// The body of an answer with a good status. Dropping it closes the connection.
pub(crate) struct Body {
    response: Response,
    /// For the first byte, which took `wait` by then.
    deadline: Instant,
    wait: Duration,
    idle: Duration,
    site: Arc<Site>,
    redactor: Redactor,
}

impl Body {
    pub(crate) fn is_json(&self) -> bool {
        self.has_type("application/json")
    }

    fn has_type(&self, wanted: &str) -> bool {
        let kind = self.response.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
        kind.is_some_and(|it| it.trim_start().starts_with(wanted))
    }

    /// A page for people in place of an answer: a login of a network, or a web site at the address.
    async fn page(self) -> Error {
        let (site, redactor) = (Arc::clone(&self.site), self.redactor.clone());
        let text = match self.whole().await {
            Ok(text) => redactor.quote(&text),
            Err(error) => return error,
        };
        Error::Malformed { site, reason: format!("a web page in place of an answer: {text}") }
    }

    /// The events; one with the whole body where a proxy answers in one piece although a stream was asked for.
    pub(crate) fn frames(self) -> BoxStream<'static, Result<String, Error>> {
        if self.is_json() { stream::once(self.whole()).boxed() } else { self.events() }
    }

    /// The data of each server-sent event.
    fn events(self) -> BoxStream<'static, Result<String, Error>> {
        let site = Arc::clone(&self.site);
        let malformed = move |reason: String| Error::Malformed { site: Arc::clone(&site), reason };
        let too_large = Arc::clone(&self.site);
        let mut size = EventSize::default();
        // An event may have any number of lines, and is put together before it is seen here.
        let bytes = self.bytes().map(move |chunk| match chunk {
            Ok(chunk) if size.is_over(&chunk) => {
                let reason = format!("an event of more than {} MB", MAX_LINE_BYTES / (1024 * 1024));
                Err(Error::TooLarge { site: Arc::clone(&too_large), reason })
            }
            chunk => chunk,
        });
        let events = EventStream::new(bytes);
        let data = events.map(move |event| match event {
            Ok(event) => Ok(event.data),
            Err(EventStreamError::Transport(error)) => Err(error),
            Err(EventStreamError::Utf8(_)) => Err(malformed("bytes that are no UTF-8".to_owned())),
            Err(EventStreamError::Parser(_)) => {
                Err(malformed("a line that is no event".to_owned()))
            }
        });
        data.boxed()
    }

    /// Each line that is not blank.
    pub(crate) fn lines(self) -> BoxStream<'static, Result<String, Error>> {
        let site = Arc::clone(&self.site);
        let lines = stream::unfold(Some((self.bytes(), Vec::new())), move |state| {
            let site = Arc::clone(&site);
            async move {
                let (mut bytes, mut buffer) = state?;
                loop {
                    let next = if let Some(end) = buffer.iter().position(|&it| it == b'\n') {
                        let rest = buffer.split_off(end + 1);
                        std::mem::replace(&mut buffer, rest)
                    } else {
                        match bytes.next().await {
                            Some(Ok(chunk)) => {
                                buffer.extend_from_slice(&chunk);
                                continue;
                            }
                            Some(Err(error)) => return Some((Err(error), None)),
                            None if buffer.is_empty() => return None,
                            // A last line needs no break, but it must be whole.
                            None if is_torn(&buffer) => {
                                let reason = "the body ended within a line".to_owned();
                                return Some((Err(Error::Cut { site, reason }), None));
                            }
                            None => std::mem::take(&mut buffer),
                        }
                    };
                    if next.trim_ascii().is_empty() {
                        continue;
                    }
                    return match String::from_utf8(next) {
                        Ok(line) => Some((Ok(line), Some((bytes, buffer)))),
                        Err(_) => {
                            let reason = "bytes that are no UTF-8".to_owned();
                            Some((Err(Error::Malformed { site, reason }), None))
                        }
                    };
                }
            }
        });
        lines.boxed()
    }

    /// All of it.
    pub(crate) async fn whole(self) -> Result<String, Error> {
        self.whole_up_to(MAX_WHOLE_BYTES).await
    }

    /// All of it, if it has no more than so many bytes.
    pub(crate) async fn whole_up_to(self, max_bytes: usize) -> Result<String, Error> {
        let site = Arc::clone(&self.site);
        let mut chunks = self.chunks(usize::MAX, max_bytes);
        let mut bytes = Vec::new();
        while let Some(chunk) = chunks.next().await {
            bytes.extend_from_slice(&chunk?);
        }
        String::from_utf8(bytes)
            .map_err(|_| Error::Malformed { site, reason: "bytes that are no UTF-8".to_owned() })
    }

    fn bytes(self) -> BoxStream<'static, Result<Vec<u8>, Error>> {
        self.chunks(MAX_LINE_BYTES, MAX_STREAM_BYTES)
    }

    /// The bytes as they come, within deadlines and caps; nothing after an error.
    fn chunks(
        self,
        max_line: usize,
        max_total: usize,
    ) -> BoxStream<'static, Result<Vec<u8>, Error>> {
        let (deadline, wait) = (self.deadline, self.wait);
        let chunks =
            stream::unfold((Some(self), 0, 0), move |(body, n_line, n_total)| async move {
                let mut body = body?;
                let (deadline, phase, after) = match n_total {
                    0 => (deadline, Phase::FirstByte, wait),
                    _ => (Instant::now() + body.idle, Phase::Idle, body.idle),
                };
                let site = || Arc::clone(&body.site);
                let error = match timeout_at(deadline, body.response.chunk()).await {
                    Err(_) => Error::Timeout { site: site(), phase, after },
                    Ok(Err(error)) => {
                        Error::Cut { site: site(), reason: body.redactor.redact(&deepest(&error)) }
                    }
                    Ok(Ok(None)) => return None,
                    Ok(Ok(Some(chunk))) => {
                        let n_total = n_total + chunk.len();
                        let n_line = match chunk.iter().rposition(|&it| it == b'\n') {
                            Some(end) => chunk.len() - end - 1,
                            None => n_line + chunk.len(),
                        };
                        let cap = match () {
                            () if max_line < n_line => Some(("a line", max_line)),
                            () if max_total < n_total => Some(("a body", max_total)),
                            () => None,
                        };
                        let Some((what, cap)) = cap else {
                            return Some((Ok(chunk.to_vec()), (Some(body), n_line, n_total)));
                        };
                        let reason = format!("{what} of more than {} MB", cap / (1024 * 1024));
                        Error::TooLarge { site: site(), reason }
                    }
                };
                Some((Err(error), (None, 0, 0)))
            });
        chunks.boxed()
    }
}

/// How long the event is that has begun: the bytes since the last blank line.
#[derive(Default)]
struct EventSize {
    n_bytes: usize,
    in_line: bool,
}

impl EventSize {
    fn is_over(&mut self, chunk: &[u8]) -> bool {
        for byte in chunk {
            self.n_bytes += 1;
            match byte {
                b'\n' if !self.in_line => self.n_bytes = 0,
                b'\n' => self.in_line = false,
                b'\r' => {}
                _ => self.in_line = true,
            }
            if MAX_LINE_BYTES < self.n_bytes {
                return true;
            }
        }
        false
    }
}

/// Whether this is the beginning of a JSON text, and not all of it.
fn is_torn(line: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(line).is_err_and(|error| error.is_eof())
}

#[cfg(test)]
mod tests;
