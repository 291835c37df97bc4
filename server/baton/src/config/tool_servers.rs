//! The `[[mcp]]` tables: servers of tools as they are written, and as `mcp` takes them.

use std::collections::BTreeSet;
use std::time::Duration;

use base::AbsPathBuf;
use mcp::{Http, MAX_SERVERS, Program, Rules, Secret, ServerConfig, Variable, Via};
use sandbox::Network;
use secrecy::SecretString;
use serde::Deserialize;

const TIMEOUT_MS: u64 = 60_000;
const OUTPUT_BYTES: usize = 64 << 10;

/// One table.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Table {
    #[serde(default)]
    name: String,
    command: Option<Vec<String>>,
    #[serde(default)]
    env: Vec<String>,
    #[serde(default)]
    folders: Vec<String>,
    #[serde(default)]
    network: bool,
    url: Option<String>,
    token_env: Option<String>,
    #[serde(default)]
    tools: Vec<String>,
    timeout_ms: Option<u64>,
    output_bytes: Option<usize>,
}

/// All servers, in their order. `var`: what is in a variable of Baton's own environment.
///
/// # Errors
/// In words, with the key.
pub(super) fn read_all(
    tables: &[Table],
    var: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<ServerConfig>, String> {
    if MAX_SERVERS < tables.len() {
        return Err(format!(
            "there are {} `[[mcp]]` tables; {MAX_SERVERS} is the most",
            tables.len()
        ));
    }
    let mut names = BTreeSet::new();
    let read = |table: &Table| {
        let server = table.read(var)?;
        server.check()?;
        if !names.insert(server.name.clone()) {
            return Err(format!("two `[[mcp]]` tables have the name `{}`", server.name));
        }
        Ok(server)
    };
    tables.iter().map(read).collect()
}

impl Table {
    fn read(&self, var: &dyn Fn(&str) -> Option<String>) -> Result<ServerConfig, String> {
        let named = |error: String| format!("`mcp` `{}`: {error}", self.name);
        let secret = |name: &str| Secret {
            name: name.to_owned(),
            value: var(name).map(|value| SecretString::from(value.trim().to_owned())),
        };
        let via = match (&self.command, &self.url) {
            (Some(argv), None) => {
                if self.token_env.is_some() {
                    return Err(named(
                        "`token_env` goes with `url`; a program gets variables by `env`".into(),
                    ));
                }
                let network = if self.network { Network::Host } else { Network::Own };
                let env =
                    self.env.iter().map(|text| variable(text, &secret)).collect::<Result<_, _>>();
                let folders =
                    self.folders.iter().map(|text| folder(text)).collect::<Result<_, _>>();
                let (env, folders) = (env.map_err(named)?, folders.map_err(named)?);
                Via::Program(Program { argv: argv.clone(), env, folders, network })
            }
            (None, Some(url)) => {
                if !self.env.is_empty() || !self.folders.is_empty() || self.network {
                    return Err(named("`env`, `folders` and `network` go with `command`".into()));
                }
                Via::Http(Http { url: url.clone(), token: self.token_env.as_deref().map(secret) })
            }
            (None, None) => {
                return Err(named(
                    "give it a `command` to start, or the `url` of one that runs".into(),
                ));
            }
            (Some(_), Some(_)) => {
                return Err(named("it has a `command` and a `url`; give it one of them".into()));
            }
        };
        Ok(ServerConfig {
            name: self.name.clone(),
            via,
            rules: Rules::parse(&self.tools).map_err(|error| named(format!("`tools`: {error}")))?,
            timeout: Duration::from_millis(self.timeout_ms.unwrap_or(TIMEOUT_MS)),
            output_bytes: self.output_bytes.unwrap_or(OUTPUT_BYTES),
        })
    }
}

/// `NAME`, handed through, or `NAME=value`.
fn variable(text: &str, secret: &dyn Fn(&str) -> Secret) -> Result<Variable, String> {
    let (name, value) =
        text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(is_name) {
        return Err("`env` is a list of NAME or NAME=value".into());
    }
    Ok(match value {
        Some(value) => Variable::Plain { name: name.to_owned(), value: value.to_owned() },
        None => Variable::Secret(secret(name)),
    })
}

fn folder(text: &str) -> Result<AbsPathBuf, String> {
    AbsPathBuf::new(text)
        .map_err(|error| format!("`folders` names `{text}`: {error}; write an absolute path"))
}
