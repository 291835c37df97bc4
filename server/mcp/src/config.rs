//! One configured server, checked; where the settings come from is the binary's affair.

use std::time::Duration;

use base::AbsPathBuf;
use reqwest::Url;
use sandbox::Network;
use secrecy::SecretString;

use crate::{policy::Rules, words::Redactor};

#[cfg(test)]
mod tests;

/// More servers than this are refused.
pub const MAX_SERVERS: usize = 16;
const MAX_NAME: usize = 32;
const TIMEOUT_MS: std::ops::RangeInclusive<u64> = 100..=600_000;
const OUTPUT_BYTES: std::ops::RangeInclusive<usize> = 1_024..=1 << 20;

/// One server of tools.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Before the `/` in the names of its tools.
    pub name: String,
    /// How it is reached.
    pub via: Via,
    /// Which of its tools may be called.
    pub rules: Rules,
    /// How long it may take to answer.
    pub timeout: Duration,
    /// Of a tool's answer, so much is kept.
    pub output_bytes: usize,
}

/// How a server is reached.
#[derive(Clone, Debug)]
pub enum Via {
    /// It is started in the sandbox and spoken to over its standard input and output.
    Program(Program),
    /// It runs somewhere, and is spoken to over HTTP.
    Http(Http),
}

/// A program to start.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program, by its name on the PATH or its absolute path, and its arguments.
    pub argv: Vec<String>,
    /// What its environment has beside what every command's has.
    pub env: Vec<Variable>,
    /// Folders beside the workspace that it sees. It can change nothing in them either.
    pub folders: Vec<AbsPathBuf>,
    /// Whether it reaches the net.
    pub network: Network,
}

/// One variable of a program.
#[derive(Clone, Debug)]
pub enum Variable {
    /// As it stands in the settings.
    Plain {
        /// Its name.
        name: String,
        /// What is in it.
        value: String,
    },
    /// Handed through from Baton's own environment, and kept out of every text.
    Secret(Secret),
}

/// A variable of Baton's own environment.
#[derive(Clone, Debug)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// What is in it; `None` if it is not set.
    pub value: Option<SecretString>,
}

/// A server that runs somewhere.
#[derive(Clone, Debug)]
pub struct Http {
    /// Where it answers.
    pub url: String,
    /// What it wants to see in return.
    pub token: Option<Secret>,
}

impl ServerConfig {
    /// # Errors
    /// In words, with the key, when something is out of its range.
    pub fn check(&self) -> Result<(), String> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        if self.name.is_empty() || MAX_NAME < self.name.len() || !self.name.chars().all(fits) {
            return Err(format!(
                "`mcp.name` is `{}`; it must be 1 to {MAX_NAME} of a-z, 0-9, `-` and `_`",
                crate::words::line(&self.name, 100)
            ));
        }
        let named = |error: String| format!("`mcp` `{}`: {error}", self.name);
        let timeout_ms = self.timeout.as_millis() as u64;
        if !TIMEOUT_MS.contains(&timeout_ms) {
            let (least, most) = (TIMEOUT_MS.start(), TIMEOUT_MS.end());
            return Err(named(format!(
                "`timeout_ms` is {timeout_ms}; it must be {least} to {most}"
            )));
        }
        if !OUTPUT_BYTES.contains(&self.output_bytes) {
            let (given, least, most) =
                (self.output_bytes, OUTPUT_BYTES.start(), OUTPUT_BYTES.end());
            return Err(named(format!("`output_bytes` is {given}; it must be {least} to {most}")));
        }
        match &self.via {
            Via::Program(program) => program.check().map_err(named),
            Via::Http(http) => http.check().map_err(named),
        }
    }

    pub(crate) fn redactor(&self) -> Redactor {
        match &self.via {
            Via::Program(program) => Redactor::new(program.secrets().collect()),
            Via::Http(http) => Redactor::new(http.secrets()),
        }
    }
}

impl Program {
    fn check(&self) -> Result<(), String> {
        let program = self.argv.first().map(String::as_str).unwrap_or_default();
        if program.trim().is_empty() {
            return Err("`command` is empty; write the program and its arguments as a list".into());
        }
        if program.contains('/') && !program.starts_with('/') {
            return Err(format!(
                "`command` begins with `{program}`, which would be a file of whatever workspace is open; write a name on the PATH, or \
                 an absolute path"
            ));
        }
        for variable in &self.env {
            let Variable::Plain { name, .. } = variable else { continue };
            let upper = name.to_ascii_uppercase();
            if ["TOKEN", "SECRET", "PASSWORD", "API_KEY"].iter().any(|it| upper.contains(it)) {
                return Err(format!(
                    "`env` gives `{name}` a value, and that looks like a secret; write its name alone, and set the variable where \
                     Baton is started"
                ));
            }
        }
        Ok(())
    }

    pub(crate) fn secrets(&self) -> impl Iterator<Item = SecretString> {
        self.env.iter().filter_map(|variable| match variable {
            Variable::Secret(secret) => secret.value.clone(),
            Variable::Plain { .. } => None,
        })
    }
}

impl Http {
    /// # Errors
    /// In words. The URL stays out of them: it may hold a key.
    pub(crate) fn parse(&self) -> Result<Url, String> {
        let url = Url::parse(&self.url).map_err(|error| format!("`url` is no URL: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err("`url` is neither http:// nor https://".into());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(
                "`url` has a password in it; name the variable with the token in `token_env`"
                    .into(),
            );
        }
        if url.scheme() == "http" && self.token.is_some() && !is_this_machine(&url) {
            return Err(
                "`url` is http://, and a token would be read by everybody on the way; use https://"
                    .into(),
            );
        }
        Ok(url)
    }

    fn check(&self) -> Result<(), String> {
        self.parse().map(drop)
    }

    fn secrets(&self) -> Vec<SecretString> {
        let url = Url::parse(&self.url).ok();
        let query = url.iter().flat_map(Url::query_pairs).map(|(_, value)| value.into_owned());
        let token = self.token.as_ref().and_then(|token| token.value.clone());
        query.map(SecretString::from).chain(token).collect()
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback())
}
