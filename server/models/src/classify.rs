//! From a server's refusal to an [`Error`]: statuses, headers and the many shapes of error bodies.
//!
//! No sockets: a refusal is data here, with secrets already taken out.

use std::{sync::Arc, time::Duration};

use jiff::{
    SignedDuration, Timestamp,
    fmt::{friendly, rfc2822},
};
use reqwest::header::{DATE, HeaderMap, LOCATION, RETRY_AFTER};
use serde_json::Value;

use crate::{Error, Kind, Site, error::excerpt, secret::Redactor};

/// Of an error's body, what is kept.
pub(crate) const MAX_ERROR_BYTES: usize = 8 * 1024;

/// What a server said in place of an answer.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// HTTP status; 200 for an error inside a stream.
    pub(crate) status: u16,
    /// What it asks to wait.
    pub(crate) retry_after: Option<Duration>,
    /// Where it redirects to, without user, password and query.
    pub(crate) location: Option<String>,
    /// Its body, bounded.
    pub(crate) body: String,
}

impl Refusal {
    /// An error object inside a stream that began well. A status in its `code` counts as the status.
    pub(crate) fn in_stream(error: &Value) -> Refusal {
        let code = error["code"].as_u64().or_else(|| error["code"].as_str()?.parse().ok());
        let status =
            code.and_then(|it| u16::try_from(it).ok()).filter(|it| (400..600).contains(it));
        let body = match error {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Refusal { status: status.unwrap_or(200), retry_after: None, location: None, body }
    }

    /// The field of the request that the server does not accept, if it names one.
    pub(crate) fn refused_field(&self) -> Option<String> {
        if !matches!(self.status, 400 | 422) {
            return None;
        }
        let value: Value = serde_json::from_str(&self.body).ok()?;
        let param = value["error"]["param"].as_str()?;
        Some(param.split(['.', '[']).next().unwrap_or(param).to_owned())
    }

    /// Decides what the refusal means.
    pub(crate) fn into_error(self, site: &Arc<Site>, cx: &Cx<'_>) -> Error {
        let site = Arc::clone(site);
        let said = Said::read(&self.body);
        let Refusal { status, retry_after, location, body: _ } = self;
        let reason = cx.redactor.quote(&said.message);
        // Gemini has no header for it.
        let retry_after = retry_after.or(said.retry_after);
        // What is free again soon is a rate, by whatever name.
        let is_quota = said.is_quota() && retry_after.is_none();
        if said.is_overflow() && matches!(status, 200 | 400 | 413 | 422 | 500..) {
            return Error::ContextOverflow { site, reason };
        }
        if said.is_no_model() && matches!(status, 200 | 400 | 404 | 422 | 500) {
            let hint = cx.no_model_hint(&site.model);
            return Error::NoSuchModel { site, reason, hint };
        }
        match status {
            300..=399 => {
                let to = location.unwrap_or_else(|| "nowhere".to_owned());
                let reason = format!("it redirects to {to}");
                let hint = "redirects are not followed, so that a key stays where it belongs; correct `base_url`";
                Error::BadRequest { site, status, reason, hint: hint.to_owned() }
            }
            402 => Error::Quota { site, reason },
            400 | 403 if is_quota => Error::Quota { site, reason },
            401 | 403 => Error::Auth { site, reason, hint: cx.key_hint() },
            400 if said.is_bad_key() => Error::Auth { site, reason, hint: cx.key_hint() },
            404 => {
                let hint = format!("check the provider's `base_url`; {}", cx.url_hint());
                Error::BadRequest { site, status, reason, hint }
            }
            408 | 425 => Error::Overloaded { site, retry_after, reason },
            429 if is_quota => Error::Quota { site, reason },
            429 => Error::RateLimited { site, retry_after, reason },
            503 | 529 => Error::Overloaded { site, retry_after, reason },
            200 if said.is_auth() => Error::Auth { site, reason, hint: cx.key_hint() },
            200 if is_quota => Error::Quota { site, reason },
            200 if said.is_rate_limit() => Error::RateLimited { site, retry_after, reason },
            200 if said.is_overload() => Error::Overloaded { site, retry_after, reason },
            200 | 500.. => {
                let body = bounded(cx.redactor.redact(&said.message));
                Error::Server { site, status, body }
            }
            _ => {
                let hint = "the server's own words say what it expects".to_owned();
                Error::BadRequest { site, status, reason, hint }
            }
        }
    }
}

/// Of a body inside a stream, which is as long as a line may be, as much as of any other.
fn bounded(mut body: String) -> String {
    body.truncate(body.floor_char_boundary(MAX_ERROR_BYTES));
    body
}

/// A body without words for people, with its escapes undone.
fn whole(value: &Value, body: &str) -> String {
    if value.is_null() { body.to_owned() } else { value.to_string() }
}

/// What hints depend on.
#[derive(Debug)]
pub(crate) struct Cx<'a> {
    pub(crate) kind: Kind,
    pub(crate) provider: &'a str,
    pub(crate) key_env: Option<&'a str>,
    pub(crate) loopback: bool,
    /// What is decoded may hold a secret that was not to be seen in the raw body.
    pub(crate) redactor: Redactor,
}

impl Cx<'_> {
    fn no_model_hint(&self, model: &str) -> String {
        match self.kind {
            Kind::Ollama => format!("run `ollama pull {model}` or choose one of `ollama list`"),
            // It has one model only, whatever it is called.
            Kind::Tei => "the server has no such model".to_owned(),
            Kind::Cohere => "its documentation lists the models that rate texts".to_owned(),
            Kind::OpenAi | Kind::Anthropic | Kind::Gemini => {
                format!(
                    "`baton doctor --model {}/{model}` lists what the server has",
                    self.provider
                )
            }
        }
    }

    fn key_hint(&self) -> String {
        match self.key_env {
            Some(env) => format!(
                "check {env} (or the keyring's entry, service `baton`, account `{}`)",
                self.provider
            ),
            None => format!(
                "name the variable of its key in `api_key_env` of provider `{}`",
                self.provider
            ),
        }
    }

    fn url_hint(&self) -> &'static str {
        match self.kind {
            Kind::Ollama => "for Ollama it has no path",
            Kind::Tei => "for Text Embeddings Inference it has no path",
            Kind::Cohere => "for Cohere it has no path",
            Kind::Anthropic => "for Anthropic it has no path",
            Kind::Gemini => "for Gemini it ends in /v1beta",
            Kind::OpenAi => "it usually ends in /v1",
        }
    }

    pub(crate) fn unreachable_hint(&self) -> String {
        match (self.kind, self.loopback) {
            (Kind::Ollama, true) => "start it with `ollama serve`".to_owned(),
            (_, true) => {
                format!("start the server, or correct `base_url` of provider `{}`", self.provider)
            }
            (_, false) => {
                format!("check the network and `base_url` of provider `{}`", self.provider)
            }
        }
    }
}

/// The words of an error body for a person, in one line.
pub(crate) fn message(body: &str) -> String {
    excerpt(&Said::read(body).message)
}

/// What a body says, in whatever shape.
struct Said {
    message: String,
    /// Lower case: type, code, status and message together.
    all: String,
    /// What it asks to wait.
    retry_after: Option<Duration>,
}

impl Said {
    fn read(body: &str) -> Said {
        let value: Value = serde_json::from_str(body).unwrap_or(Value::Null);
        // {"error": {..}} of OpenAI, {"error": "text"} of Ollama, {..} of vLLM and of errors inside streams, {"detail": ..} of FastAPI.
        let error = [&value["error"], &value["detail"]]
            .into_iter()
            .find(|it| !it.is_null())
            .unwrap_or(&value);
        let message = match error {
            Value::String(text) => text.clone(),
            _ => ["message", "msg", "error"]
                .iter()
                .find_map(|key| error[key].as_str())
                .map_or_else(|| whole(&value, body), str::to_owned),
        };
        let word = |key: &str| match &error[key] {
            Value::String(text) => text.clone(),
            _ => String::new(),
        };
        let words = [word("type"), word("code"), word("status"), message.clone()];
        let all = words.join(" ").to_lowercase();
        // Source: google.rpc, `RetryInfo`; a duration is written `34.5s`.
        let details = error["details"].as_array().into_iter().flatten();
        let retry_after = details.filter_map(|it| it["retryDelay"].as_str()).find_map(seconds);
        Said { message, all, retry_after }
    }

    fn has(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.all.contains(part))
    }

    fn is_overflow(&self) -> bool {
        self.has(&[
            "context_length_exceeded",
            "exceed_context_size",
            "contextwindowexceeded",
            "maximum context length",
            "context window",
            "context length",
            "context size",
            "prompt is too long",
            "prompt too long",
            "input is too long",
            "exceeds the maximum number of tokens",
            // Embedding servers: llama.cpp, and Text Embeddings Inference.
            "too large to process",
            "must have less than",
        ])
    }

    fn is_no_model(&self) -> bool {
        self.has(&[
            "model_not_found",
            "model not exist",
            "unknown model",
            "invalid model",
            "is not a valid model",
        ]) || self.has(&["model"])
            && self.has(&["not found", "does not exist", "no such model", "not_found_error"])
    }

    fn is_quota(&self) -> bool {
        self.has(&[
            "insufficient_quota",
            "insufficient balance",
            "insufficient credit",
            "exceeded your current quota",
            "credit balance is too low",
        ])
    }

    /// Gemini says so with the status of a malformed request.
    fn is_bad_key(&self) -> bool {
        self.has(&["api key not valid", "api_key_invalid"])
    }

    fn is_auth(&self) -> bool {
        self.has(&["invalid_api_key", "authentication", "incorrect api key", "unauthorized"])
    }

    fn is_rate_limit(&self) -> bool {
        self.has(&["rate_limit", "rate limit", "too many requests", "resource_exhausted"])
    }

    fn is_overload(&self) -> bool {
        self.has(&["overloaded", "unavailable", "loading model"])
    }
}

/// What the headers ask to wait: seconds (also broken ones), milliseconds in `retry-after-ms`, or an HTTP date; else the
/// moment at which a used-up limit is free again.
///
/// A date is compared with the server's own `Date`, so a wrong clock here does no harm. Source: RFC 9110, 10.2.3.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let number =
        |text: &str| text.parse::<f64>().ok().and_then(|it| Duration::try_from_secs_f64(it).ok());
    if let Some(millis) = text("retry-after-ms").and_then(number) {
        return Some(millis / 1000);
    }
    let date = |text: &str| rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    let now = text(DATE.as_str()).and_then(date).unwrap_or_else(Timestamp::now);
    // A moment that has passed means: at once.
    let until = |then: Timestamp| Duration::try_from(then.duration_since(now)).unwrap_or_default();
    if let Some(value) = text(RETRY_AFTER.as_str()) {
        return number(value).or_else(|| date(value).map(until));
    }
    // Several limits may be used up; the last one to be free again counts.
    LIMITS
        .iter()
        .filter_map(|(remaining, reset)| {
            let is_used_up = text(remaining)?.parse::<f64>().ok()? <= 0.0;
            let reset = text(reset).filter(|_| is_used_up)?;
            seconds(reset).or_else(|| reset.parse::<Timestamp>().ok().map(until))
        })
        .max()
}

/// Headers with what is left of a limit, and when all of it is there again. Source: API references, "Rate limits", of OpenAI
/// (Groq and others have the same), where the moment is written `6m0s`, and of Anthropic, where it is a date by RFC 3339.
const LIMITS: &[(&str, &str)] = &[
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
    ("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"),
    ("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"),
];

/// A duration with units, such as `6m0s`, `1.5s` or `20ms`.
fn seconds(text: &str) -> Option<Duration> {
    let span: SignedDuration = friendly::SpanParser::new().parse_duration(text.trim()).ok()?;
    Duration::try_from(span).ok()
}

/// Where a redirect leads, fit for a message.
pub(crate) fn location(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(LOCATION)?.to_str().ok()?;
    match reqwest::Url::parse(text) {
        Ok(url) => Some(crate::secret::public_url(&url)),
        // A relative one: nothing but a path, of which the query may hold anything.
        Err(_) => Some(excerpt(text.split(['?', '#']).next().unwrap_or(text))),
    }
}

#[cfg(test)]
mod tests;
