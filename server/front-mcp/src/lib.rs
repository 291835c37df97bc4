//! Translates between the Model Context Protocol and the engine, nothing else: tools to search, and to start, follow and
//! decide about runs. A question of a run is never asked mid-request: a client reads it with `run_status` and answers it
//! with `proposal_resolve`, which every revision of the protocol allows.

mod code;
mod eof;
mod found;
mod input;
mod output;
mod render;
mod server;
mod watch;

use engine::Workspace;
use rmcp::ServiceExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::eof::UntilEof;
use crate::server::Server;

/// The input schema, output schema and annotations of every tool, as clients see them; sorted by name.
pub fn tools() -> Vec<rmcp::model::Tool> {
    Server::all_tools().list_all()
}

/// Serves one client over standard input and output, and parks every run once it has gone.
///
/// Returns the exit code: 0 after the client has gone, 1 if it never spoke the protocol.
pub async fn serve_stdio(workspace: Workspace) -> i32 {
    let (reader, writer) = rmcp::transport::io::stdio_pipes();
    let code = serve(workspace.clone(), reader, writer).await;
    workspace.shutdown().await;
    code
}

/// Serves one client until it closes its side. Several clients may be served on one workspace, so its runs go on; whoever
/// owns the workspace parks them.
///
/// Returns the exit code, as [`serve_stdio`].
pub async fn serve<R, W>(workspace: Workspace, reader: R, writer: W) -> i32
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    // The library lets calls in flight go on for seconds after the client has gone; ours end at once.
    let gone = CancellationToken::new();
    let reader = UntilEof::new(reader, gone.clone());
    match Server::new(workspace, gone).serve((reader, writer)).await {
        Ok(service) => {
            // An error here is a panic inside the library; the client is gone either way.
            let _ = service.waiting().await;
            0
        }
        Err(e) => {
            tracing::error!("no session with the client: {e}");
            1
        }
    }
}

#[cfg(test)]
mod tests;
