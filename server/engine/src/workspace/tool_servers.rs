//! Tools of servers that the user has configured, as plain data. What they say is a stranger's word.

use mcp::{Call, Offered, Outcome, Progress, ServerTools};
use tokio_util::sync::CancellationToken;

use super::Workspace;

impl Workspace {
    /// What each configured server offers, and whether it may be called; servers that do not run are started.
    pub async fn offered_tools(&self) -> Vec<ServerTools> {
        self.inner.tool_servers.list().await
    }

    /// One tool, by `server/tool`.
    ///
    /// # Errors
    /// There is no such tool, or its server does not say.
    pub async fn offered_tool(&self, name: &str) -> Result<Offered, mcp::Error> {
        self.inner.tool_servers.find(name).await
    }

    /// Calls a tool, where that is allowed or agreed to. `tell`: gets the progress.
    pub async fn call_tool(
        &self,
        call: Call,
        cancel: &CancellationToken,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Outcome {
        self.inner.tool_servers.call(call, cancel, tell).await
    }
}
