//! Servers of tools: which of the configured ones answer, and why not.

use std::time::Duration;

use base::AbsPathBuf;
use mcp::{Pool, ServerConfig};
use sandbox::Sandbox;
use serde::Serialize;

/// How long they all get.
const TIMEOUT: Duration = Duration::from_secs(20);

/// One server and what came of asking it.
#[derive(Debug, Serialize)]
pub(super) struct ToolServer {
    pub(super) server: String,
    /// Whether it answered.
    pub(super) answers: bool,
    /// What it is and has, or why it does not answer.
    pub(super) said: String,
}

/// Starts or reaches each server, asks for its tools, and ends it.
pub(super) async fn ask(
    sandbox: &Sandbox,
    root: &AbsPathBuf,
    servers: Vec<ServerConfig>,
) -> Vec<ToolServer> {
    let asked = servers.into_iter().map(|server| ask_one(sandbox, root, server));
    futures::future::join_all(asked).await
}

async fn ask_one(sandbox: &Sandbox, root: &AbsPathBuf, config: ServerConfig) -> ToolServer {
    let server = config.name.clone();
    let pool = Pool::new(sandbox.clone(), root.clone(), vec![config]);
    let listed = tokio::time::timeout(TIMEOUT, pool.list()).await;
    pool.stop().await;
    let (answers, said) = match listed.map(|mut all| all.remove(0).tools) {
        Ok(Ok(tools)) => (true, format!("{}; {} tools", tools.about, tools.tools.len())),
        Ok(Err(error)) => (false, error.to_string()),
        Err(_) => (false, format!("no answer in {} s", TIMEOUT.as_secs())),
    };
    ToolServer { server, answers, said }
}
