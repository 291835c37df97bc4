//! Keys: where they come from, and keeping them out of every text.
//!
//! Keys are never written anywhere. The environment comes from the binary (see `Env`), the keyring is the system's.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Config, Env,
    error::{excerpt, plain},
};

/// What stands in place of a secret.
const REDACTED: &str = "[secret]";

/// Anything shorter is a placeholder ("none", "EMPTY") or too small a piece of a secret to be of use, and taking it out
/// of a text would only garble it.
const MIN_PIECE: usize = 6;

/// No server gives out shorter keys.
const MIN_KEY: usize = 16;

/// The keyring may show a dialog or hang with its bus; an answer later than this is no answer.
const KEYRING_DEADLINE: Duration = Duration::from_secs(2);

/// The key for a server that is no model's: from the variable `env_name`, or else from the keyring, where `config` allows
/// that, under the name `account`. It is never written anywhere; whoever sends it answers for where it goes.
pub async fn find_key(config: &Config, account: &str, env_name: &str) -> Option<SecretString> {
    let env_name = Some(env_name.to_owned());
    KeySource::new(account, env_name, config.env.clone(), config.keyring).find().await
}

/// Finds the key of one provider.
#[derive(Debug)]
pub(crate) struct KeySource {
    provider: String,
    /// The variable that holds the key; absent where none is needed.
    env_name: Option<String>,
    env: Env,
    keyring: bool,
    /// Guards what the keyring said, so that it is asked once.
    remembered: Mutex<Remembered>,
}

#[derive(Clone, Debug)]
enum Remembered {
    Nothing,
    Key(SecretString),
    /// It hung; it is not asked again in this process.
    Hung,
}

impl KeySource {
    pub(crate) fn new(
        provider: &str,
        env_name: Option<String>,
        env: Env,
        keyring: bool,
    ) -> KeySource {
        let remembered = Mutex::new(Remembered::Nothing);
        KeySource { provider: provider.to_owned(), env_name, env, keyring, remembered }
    }

    pub(crate) fn env_name(&self) -> Option<&str> {
        self.env_name.as_deref()
    }

    /// The key, from the environment or else the keyring. White space around it is dropped.
    pub(crate) async fn find(&self) -> Option<SecretString> {
        let env_name = self.env_name.as_deref()?;
        if let Some(key) = self.env.get(env_name).and_then(trimmed) {
            return Some(key);
        }
        if !self.keyring {
            return None;
        }
        let remembered = self.remembered().clone();
        match remembered {
            Remembered::Key(key) => Some(key),
            Remembered::Hung => None,
            Remembered::Nothing => self.ask_keyring().await,
        }
    }

    /// The key as far as it is known without waiting, for redaction.
    pub(crate) fn known(&self) -> Option<SecretString> {
        let from_env =
            self.env_name.as_deref().and_then(|name| self.env.get(name)).and_then(trimmed);
        from_env.or_else(|| match &*self.remembered() {
            Remembered::Key(key) => Some(key.clone()),
            Remembered::Nothing | Remembered::Hung => None,
        })
    }

    async fn ask_keyring(&self) -> Option<SecretString> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let account = self.provider.clone();
        // Not `spawn_blocking`: a runtime waits for those when it ends, and a hung bus must not hold up the exit.
        let thread = std::thread::Builder::new().name("keyring".to_owned());
        let started = thread.spawn(move || {
            // The receiver may have given up; then nobody wants the key.
            let _ = sender.send(keyring_entry(&account).and_then(trimmed));
        });
        started.ok()?;
        let answer = tokio::time::timeout(KEYRING_DEADLINE, receiver).await;
        let (res, remember) = match answer {
            Ok(Ok(Some(key))) => (Some(key.clone()), Remembered::Key(key)),
            // No entry yet, or no keyring: the next call asks again, since the person may have added one.
            Ok(_) => (None, Remembered::Nothing),
            Err(_) => {
                tracing::warn!(
                    provider = self.provider,
                    "the system's keyring does not answer; it is not asked again"
                );
                (None, Remembered::Hung)
            }
        };
        *self.remembered() = remember;
        res
    }

    /// A panic elsewhere leaves a whole value behind, so a poisoned lock is as good as any.
    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn trimmed(key: String) -> Option<SecretString> {
    let key = key.trim();
    (!key.is_empty()).then(|| SecretString::from(key.to_owned()))
}

#[cfg(feature = "keyring")]
fn keyring_entry(account: &str) -> Option<String> {
    match keyring::Entry::new("baton", account).and_then(|entry| entry.get_password()) {
        Ok(key) => Some(key),
        Err(keyring::Error::NoEntry) => None,
        Err(error) => {
            tracing::debug!(account, %error, "no key from the system's keyring");
            None
        }
    }
}

#[cfg(not(feature = "keyring"))]
fn keyring_entry(_account: &str) -> Option<String> {
    None
}

/// Takes secrets out of texts that others wrote.
#[derive(Clone, Debug, Default)]
pub(crate) struct Redactor {
    secrets: Arc<[SecretString]>,
}

impl Redactor {
    pub(crate) fn new(secrets: Vec<SecretString>) -> Redactor {
        Redactor { secrets: secrets.into() }
    }

    /// For answers: what is too short to be a key may be a word that the answer needs, such as `ollama` or a version in the
    /// query of an address.
    pub(crate) fn of_answers(secrets: Vec<SecretString>) -> Redactor {
        let is_key = |it: &SecretString| MIN_KEY <= it.expose_secret().len();
        Redactor::new(secrets.into_iter().filter(is_key).collect())
    }

    /// Those that are worth hiding.
    fn long(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(ExposeSecret::expose_secret).filter(|it| MIN_PIECE <= it.len())
    }

    /// `text` without any secret, also where a cut at its end left only the beginning of one.
    pub(crate) fn redact(&self, text: &str) -> String {
        let mut res = text.to_owned();
        for secret in self.long() {
            res = res.replace(secret, REDACTED);
            let ends = secret.char_indices().map(|(at, _)| at).rev();
            let cut =
                ends.take_while(|&at| MIN_PIECE <= at).find(|&at| res.ends_with(&secret[..at]));
            if let Some(at) = cut {
                res.truncate(res.len() - at);
                res.push_str(REDACTED);
            }
        }
        res
    }
}

impl Redactor {
    /// What a person may read of `text`: one short line, without any secret, also where characters that a terminal does not
    /// show, or a cut, would have hidden one.
    pub(crate) fn quote(&self, text: &str) -> String {
        excerpt(&self.redact(&plain(text)))
    }
}

/// Takes secrets out of a text that comes in pieces, and holds back what may be the beginning of one. For texts that become
/// somebody's files: see [`Redactor::of_answers`].
#[derive(Debug)]
pub(crate) struct Sieve {
    redactor: Redactor,
    held: String,
}

impl Sieve {
    pub(crate) fn new(redactor: Redactor) -> Sieve {
        Sieve { redactor, held: String::new() }
    }

    /// What can be shown by now.
    pub(crate) fn push(&mut self, piece: String) -> String {
        if self.held.is_empty() && self.redactor.secrets.is_empty() {
            return piece;
        }
        self.held.push_str(&piece);
        for secret in self.redactor.long() {
            if self.held.contains(secret) {
                self.held = self.held.replace(secret, REDACTED);
            }
        }
        let begun = |secret: &str| {
            let starts = secret.char_indices().map(|(at, _)| at).rev();
            starts.take_while(|&at| 0 < at).find(|&at| self.held.ends_with(&secret[..at]))
        };
        let open = self.redactor.long().filter_map(begun).max().unwrap_or(0);
        let rest = self.held.split_off(self.held.len() - open);
        std::mem::replace(&mut self.held, rest)
    }

    /// What was held back, when nothing follows.
    pub(crate) fn rest(&mut self) -> String {
        self.redactor.redact(&std::mem::take(&mut self.held))
    }
}

/// A URL fit for messages: no user, password, query or fragment, no slash at the end.
pub(crate) fn public_url(url: &Url) -> String {
    let mut url = url.clone();
    // These fail only for URLs without a host, which hold no password either.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.as_str().trim_end_matches('/').to_owned()
}

/// What of a URL must not be repeated, as it is written there and as the server reads it. A user's name may be a token.
pub(crate) fn url_secrets(url: &Url) -> Vec<SecretString> {
    let mut all: Vec<String> = [url.username(), url.password().unwrap_or_default()]
        .into_iter()
        .flat_map(|text| [text.to_owned(), decoded(url, text)])
        .collect();
    for (_, value) in url.query_pairs() {
        all.push(value.into_owned());
    }
    for pair in url.query().unwrap_or_default().split('&') {
        all.extend(pair.split_once('=').map(|(_, value)| value.to_owned()));
    }
    all.retain(|it| MIN_PIECE <= it.len());
    // A longer one may have another in it.
    all.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    all.dedup();
    all.into_iter().map(SecretString::from).collect()
}

/// `text` without percent signs: read as a query, in which `&` and `+` would mean something else.
fn decoded(url: &Url, text: &str) -> String {
    let mut url = url.clone();
    url.set_query(Some(&format!("x={}", text.replace('&', "%26").replace('+', "%2B"))));
    url.query_pairs().map(|(_, value)| value.into_owned()).collect()
}

#[cfg(test)]
mod tests;
