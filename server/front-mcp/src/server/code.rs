//! The tools that ask language servers: they change nothing and need no model. A server starts with the first question, in the
//! sandbox.

use base::RelPath;
use rmcp::handler::server::tool::schema_for_output;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::{tool, tool_router};

use super::{LONGEST_WAIT, Reply, Server, Shown, explain, refuse};
use crate::code::{Diagnosed, Used};
use crate::input::{Diagnostics, References};

/// So many files at once.
const MOST_FILES: usize = 50;

#[tool_router(router = code_router, vis = "pub(crate)")]
impl Server {
    /// Find where a function, class or other name is used, and where it is defined: every place with its line and the function
    /// around it, unsaved editor changes included. A language server answers; where there is none, names alone do, and `by` says so.
    #[tool(
        output_schema = schema_for_output::<Used>(),
        annotations(
            title = "Find uses of a name",
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn references(&self, Parameters(asked): Parameters<References>) -> Reply<Used> {
        let code = self.workspace.code(LONGEST_WAIT).await.map_err(explain)?;
        let said = code.references(&asked.symbol, asked.part()).await.map_err(explain)?;
        Ok(Shown(Used::new(said)))
    }

    /// Read what the language servers find wrong in files: errors and warnings with their lines, unsaved editor changes included.
    /// No answer from a server is not a clean file. It runs no tests and no linters: verify_patch does.
    #[tool(
        output_schema = schema_for_output::<Diagnosed>(),
        annotations(
            title = "Find problems in files",
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn diagnostics(&self, Parameters(asked): Parameters<Diagnostics>) -> Reply<Diagnosed> {
        if asked.files.is_empty() || MOST_FILES < asked.files.len() {
            return Err(refuse(&format!("`files`: give 1 to {MOST_FILES} of them")));
        }
        let paths = asked.files.iter().map(|file| RelPath::parse(file));
        let paths: Vec<RelPath> = paths
            .collect::<Result<_, _>>()
            .map_err(|error| refuse(&format!("`files`: {error}")))?;
        let code = self.workspace.code(LONGEST_WAIT).await.map_err(explain)?;
        let said = code.diagnostics(&paths, asked.limit.clamp(1, 500)).await.map_err(explain)?;
        Ok(Shown(Diagnosed::new(said)))
    }
}
