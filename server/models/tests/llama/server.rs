//! A llama-server of the test's own, on a free port of this machine. Which program and which model is not decided here.

use std::{env, process::Stdio, time::Duration};

use models::{Config, Kind, Models, ProviderConfig};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStderr, Command},
    task::JoinSet,
    time::timeout,
};

/// What the server calls its model.
pub(crate) const MODEL: &str = "tiny";

pub(crate) const KEY: &str = "sk-very-secret-123456";

/// It takes half a second on an idle machine.
const STARTS_IN: Duration = Duration::from_secs(60);

/// Ends with the value.
pub(crate) struct Server {
    url: String,
    _process: Child,
    /// Reads what the server says, so that it never waits for a reader.
    _log: JoinSet<()>,
}

impl Server {
    /// `options`: those in which one test differs from the next. Nothing where there is no program to start.
    pub(crate) async fn start(options: &[&str]) -> Option<Server> {
        let (Some(program), Some(model)) =
            (env::var_os("LLAMA_SERVER"), env::var_os("LLAMA_MODEL"))
        else {
            eprintln!(
                "left out: `cargo xtask test --slow` builds llama-server and sets LLAMA_SERVER and LLAMA_MODEL"
            );
            return None;
        };
        let mut process = Command::new(program)
            .arg("--model")
            .arg(model)
            .args(["--alias", MODEL, "--api-key", KEY, "--host", "127.0.0.1", "--port", "0"])
            .args(["--jinja", "--no-warmup", "--offline", "--seed", "1", "--threads", "1"])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("LLAMA_SERVER names a program");
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let url = timeout(STARTS_IN, address(&mut lines)).await.expect("it listens in time");
        let mut log = JoinSet::new();
        log.spawn(async move { while next(&mut lines).await.is_some() {} });
        Some(Server { url, _process: process, _log: log })
    }

    /// Providers at this server by the names of their wire formats, which show `key`.
    pub(crate) fn models(&self, key: &str) -> Models {
        let key = key.to_owned();
        let mut config = Config::new(move |name| (name == "P_KEY").then(|| key.clone()));
        config.keyring = false;
        let providers = [
            ProviderConfig::open_ai(provider(Kind::OpenAi), &format!("{}/v1", self.url)),
            ProviderConfig::anthropic(provider(Kind::Anthropic), &self.url),
        ];
        let api_key_env = Some("P_KEY".to_owned());
        config.providers =
            providers.map(|it| ProviderConfig { api_key_env: api_key_env.clone(), ..it }).into();
        Models::from_config(&config).unwrap()
    }
}

/// The provider of a wire format. Neither is a preset's name, which would lend more than the format.
pub(crate) fn provider(kind: Kind) -> &'static str {
    if kind == Kind::Anthropic { "a" } else { "o" }
}

/// It says where it listens after it has loaded the model.
async fn address(lines: &mut Lines<BufReader<ChildStderr>>) -> String {
    loop {
        let line = next(lines).await.expect("it lives until it listens");
        if let Some((_, url)) = line.split_once("listening on ") {
            return url.trim().to_owned();
        }
    }
}

/// A line, which is shown where the test fails.
async fn next(lines: &mut Lines<BufReader<ChildStderr>>) -> Option<String> {
    let line = lines.next_line().await.unwrap()?;
    eprintln!("llama-server: {line}");
    Some(line)
}
