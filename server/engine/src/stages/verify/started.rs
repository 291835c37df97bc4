//! What a check has started, for its evidence: name, version and command. A version is asked for once in a run.

use base::{RelPath, Tool};
use tools::lint::Plan;
use tools::tests::TestCommand;

use crate::cx::Cx;
use crate::error::Error;

pub(super) async fn formatter(
    cx: &Cx,
    name: String,
    mut program: Vec<String>,
    command: Vec<String>,
) -> Result<Tool, Error> {
    program.push("--version".to_owned());
    let version = version(cx, None, Some(program)).await?;
    Ok(Tool { name, version, command })
}

pub(super) async fn linter(cx: &Cx, plan: &Plan, command: Vec<String>) -> Result<Tool, Error> {
    let version = version(cx, plan.dir(), plan.version()).await?;
    Ok(Tool { name: plan.linter().name.to_owned(), version, command })
}

/// A runner of tests, recorded by the baseline already where that ran it.
pub(crate) async fn runner(cx: &Cx, command: &TestCommand) -> Result<Tool, Error> {
    let ask = command.version(cx.workspace.root());
    let version = version(cx, command.dir.as_ref(), ask).await?;
    let name = command.runner.name().to_owned();
    Ok(Tool { name, version, command: command.argv.clone() })
}

async fn version(
    cx: &Cx,
    dir: Option<&RelPath>,
    ask: Option<Vec<String>>,
) -> Result<Option<String>, Error> {
    let Some(argv) = ask else { return Ok(None) };
    let workspace = &cx.workspace;
    cx.step("version", &(dir, &argv), async {
        let (sandbox, root) = (workspace.sandbox(), workspace.root());
        Ok(tools::version(sandbox, root, dir, &argv, cx.cancel()).await)
    })
    .await
}
