//! A workspace on disk, the sandbox, and a pool of servers over both.

use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs};

use base::AbsPathBuf;
use mcp::{
    Call, Consent, Error, Http, Outcome, Pool, Program, Progress, Rules, Secret, ServerConfig,
    Variable, Via,
};
use sandbox::{Level, Network, Sandbox, Setting};
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A server that does what its argument says.
const FAULTY: &str = include_str!("faulty.py");
/// No test waits longer for anything.
pub(crate) const LONG: Duration = Duration::from_secs(120);

pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) root: AbsPathBuf,
    pub(crate) sandbox: Sandbox,
}

impl World {
    /// `None`, and a word about it, where a test cannot run.
    pub(crate) async fn new() -> Option<World> {
        if env::var_os("RUN_SLOW_TESTS").is_none() {
            eprintln!("passed over: set RUN_SLOW_TESTS=1");
            return None;
        }
        let helper = PathBuf::from(env!("CARGO_BIN_EXE_mcp-helper"));
        let sandbox = Sandbox::preflight(Setting::Auto, helper).await;
        if sandbox.level() != Level::Full {
            eprintln!("passed over: the sandbox is {} here", sandbox.level());
            return None;
        }
        let dir = TempDir::with_prefix("workspace ").unwrap();
        fs::write(dir.path().join("faulty.py"), FAULTY).unwrap();
        fs::write(dir.path().join("kept.txt"), "kept").unwrap();
        let root = AbsPathBuf::try_from(dir.path().canonicalize().unwrap()).unwrap();
        Some(World { dir, root, sandbox })
    }

    pub(crate) fn pool(&self, servers: Vec<ServerConfig>) -> Pool {
        for server in &servers {
            server.check().unwrap();
        }
        Pool::new(self.sandbox.clone(), self.root.clone(), servers)
    }

    /// A pool with one server `s` that behaves like this.
    pub(crate) fn faulty(&self, mode: &str) -> Pool {
        self.pool(vec![faulty(mode)])
    }

    /// Whether a process works in the workspace, or was started with something of it.
    pub(crate) fn is_running(&self) -> bool {
        let root = self.root.to_string();
        fs::read_dir("/proc").unwrap().flatten().any(|entry| {
            let cwd = fs::read_link(entry.path().join("cwd")).unwrap_or_default();
            let started = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            cwd.to_string_lossy().starts_with(&root)
                || String::from_utf8_lossy(&started).contains(&root)
        })
    }
}

/// A server `s` that behaves like this, whose tools may all be called.
pub(crate) fn faulty(mode: &str) -> ServerConfig {
    server("s", &["python3", "{workspace}/faulty.py", mode])
}

pub(crate) fn server(name: &str, argv: &[&str]) -> ServerConfig {
    let argv = argv.iter().map(|it| (*it).to_owned()).collect();
    let program = Program { argv, env: Vec::new(), folders: Vec::new(), network: Network::Own };
    config(name, Via::Program(program))
}

pub(crate) fn over_http(name: &str, url: &str, token: Option<&str>) -> ServerConfig {
    let token = token.map(|token| Secret {
        name: "TOKEN".to_owned(),
        value: Some(SecretString::from(token.to_owned())),
    });
    config(name, Via::Http(Http { url: url.to_owned(), token }))
}

fn config(name: &str, via: Via) -> ServerConfig {
    ServerConfig {
        name: name.to_owned(),
        via,
        rules: Rules::parse(&[]).unwrap(),
        timeout: Duration::from_secs(30),
        output_bytes: 16 << 10,
    }
}

pub(crate) fn with_env(mut server: ServerConfig, variables: Vec<Variable>) -> ServerConfig {
    let Via::Program(program) = &mut server.via else { panic!("a program") };
    program.env = variables;
    server
}

pub(crate) fn secret(name: &str, value: Option<&str>) -> Variable {
    let value = value.map(|value| SecretString::from(value.to_owned()));
    Variable::Secret(Secret { name: name.to_owned(), value })
}

/// What came of a call that somebody has agreed to, in words.
pub(crate) async fn call(pool: &Pool, tool: &str, arguments: Value) -> String {
    call_telling(pool, tool, arguments, &mut |_| {}).await
}

pub(crate) async fn call_telling(
    pool: &Pool,
    tool: &str,
    arguments: Value,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> String {
    let call = Call { tool: tool.to_owned(), arguments, consent: Consent::Given };
    let cancel = CancellationToken::new();
    let outcome = tokio::time::timeout(LONG, pool.call(call, &cancel, tell)).await.unwrap();
    in_words(&outcome)
}

pub(crate) fn in_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answer(answer) => format!("answer: {}", answer.text),
        Outcome::ToolError(answer) => format!("tool error: {}", answer.text),
        Outcome::NoAnswer(error) => format!("no answer: {error}"),
    }
}

/// What the one server of a pool offers, or why nobody knows.
pub(crate) async fn names(pool: &Pool) -> Result<Vec<String>, Error> {
    let mut all = tokio::time::timeout(LONG, pool.list()).await.unwrap();
    let tools = all.remove(0).tools?;
    Ok(tools.tools.into_iter().map(|offered| offered.tool.name).collect())
}

pub(crate) fn nothing() -> Value {
    json!({})
}
