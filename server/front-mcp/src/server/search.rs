//! The tools that look things up: they change nothing and need no model.

use base::Tokens;
use engine::{Patience, Query};
use rmcp::handler::server::tool::schema_for_output;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::ProgressNotificationParam;
use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};

use super::{LONGEST_WAIT, Reply, Server, Shown, explain, refuse};
use crate::found::{ContextFound, Found, SymbolsFound};
use crate::input::{Context, Search, Symbol};

/// After this the answer is of what is in the index by then: it says so, and the index goes on growing.
const PATIENCE: Patience = Patience::Within(LONGEST_WAIT);

/// What may be asked for as context, in tokens.
const CONTEXT: (usize, usize) = (100, 32_000);

#[tool_router(router = search_router, vis = "pub(crate)")]
impl Server {
    /// Search the workspace's code, unsaved editor changes included: functions, classes and text by words, identifiers or an
    /// error message. Returns the code with its place and why it matched.
    #[tool(
        output_schema = schema_for_output::<Found>(),
        annotations(
            title = "Search code",
            read_only_hint = true,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn search_code(
        &self,
        Parameters(search): Parameters<Search>,
        context: RequestContext<RoleServer>,
    ) -> Reply<Found> {
        if search.query.trim().is_empty() {
            return Err(refuse("`query` is empty; give words, an identifier or an error message"));
        }
        let limit = search.limit.clamp(1, 50);
        let query = Query { limit, paths: search.paths, ..Query::new(search.query) };
        let result = self.with_progress(&context, self.workspace.search(query, PATIENCE)).await;
        Ok(Shown(Found::new(result.map_err(explain)?)))
    }

    /// Read the code that matters for a task, as much as fits a budget of tokens: the best parts of the best files, whole where
    /// possible. Use it before a change or an explanation; search_code shows more places in less depth.
    #[tool(
        output_schema = schema_for_output::<ContextFound>(),
        annotations(
            title = "Read context",
            read_only_hint = true,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn get_context(
        &self,
        Parameters(asked): Parameters<Context>,
        context: RequestContext<RoleServer>,
    ) -> Reply<ContextFound> {
        if asked.request.trim().is_empty() {
            return Err(refuse("`request` is empty; say what the task or the question is"));
        }
        let budget = Tokens(asked.tokens.clamp(CONTEXT.0, CONTEXT.1));
        let query = Query { paths: asked.paths, ..Query::new(asked.request) };
        let result = self.workspace.context(query, budget, PATIENCE);
        let (pack, searched) = self.with_progress(&context, result).await.map_err(explain)?;
        Ok(Shown(ContextFound::new(pack, searched)))
    }

    /// Find where a function, class or other definition is, by its name: exact matches first, then other cases, longer names and
    /// names with the same words. Returns places and signatures without code.
    #[tool(
        output_schema = schema_for_output::<SymbolsFound>(),
        annotations(
            title = "Find a definition",
            read_only_hint = true,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn find_symbol(
        &self,
        Parameters(symbol): Parameters<Symbol>,
        context: RequestContext<RoleServer>,
    ) -> Reply<SymbolsFound> {
        if symbol.name.trim().is_empty() {
            return Err(refuse(
                "`name` is empty; give the name of a function, class or other definition",
            ));
        }
        let result = self.workspace.symbols(symbol.query(), PATIENCE);
        let result = self.with_progress(&context, result).await;
        Ok(Shown(SymbolsFound::new(result.map_err(explain)?)))
    }
}

impl Server {
    /// Waits for `answer`; a client that asked for progress hears meanwhile how far the index is.
    async fn with_progress<T>(
        &self,
        context: &RequestContext<RoleServer>,
        answer: impl Future<Output = T>,
    ) -> T {
        let Some(token) = context.meta.get_progress_token() else { return answer.await };
        let mut indexing = self.workspace.indexing();
        let mut answer = std::pin::pin!(answer);
        let mut told = 0;
        loop {
            tokio::select! {
                biased;
                answer = &mut answer => return answer,
                Ok(()) = indexing.changed() => {}
            }
            let Some(at) = *indexing.borrow_and_update() else { continue };
            // Each must say more than the one before; another update may begin anew.
            if at.done <= told {
                continue;
            }
            told = at.done;
            let left = at.left().unwrap_or_default().as_secs();
            let message = format!("indexing: {} of {} files, {left} s left", at.done, at.total);
            let param = ProgressNotificationParam::new(token.clone(), at.done as f64)
                .with_total(at.total as f64)
                .with_message(message);
            // A client that has gone is noticed elsewhere.
            let _ = context.peer.notify_progress(param).await;
        }
    }
}
