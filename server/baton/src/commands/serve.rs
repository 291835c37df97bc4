//! `baton lsp`, `baton mcp`: hands the workspace to a front, which talks over standard input and output until its client
//! leaves. Nothing else is printed there.

use crate::session::{Session, open_at};

/// Serves an editor. The client names the workspace; the options' root is where it does not.
///
/// # Errors
/// The root is no folder.
pub(crate) async fn lsp(session: &Session) -> anyhow::Result<i32> {
    let (outside, global) = (session.outside.clone(), session.global.clone());
    let fallback = session.root()?;
    let code = front_lsp::serve_stdio(
        move |root| {
            Box::pin(async move {
                let workspace = open_at(&outside, &global, root).await;
                workspace.map_err(|error| format!("{error:#}"))
            })
        },
        fallback,
    );
    Ok(code.await)
}

/// Serves an agent, on the workspace that the options name.
///
/// # Errors
/// Settings that cannot be used; those of the engine.
pub(crate) async fn mcp(session: &Session) -> anyhow::Result<i32> {
    let workspace = open_at(&session.outside, &session.global, session.root()?).await?;
    Ok(front_mcp::serve_stdio(workspace).await)
}
