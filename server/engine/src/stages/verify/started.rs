//! What a check has started, for its evidence: name, version and command. A version is asked for once in a run.

use base::{RelPath, Tool};
use tools::format::Found;
use tools::lint::Plan;
use tools::tests::TestCommand;

use crate::cx::Cx;
use crate::error::Error;

pub(super) async fn formatter(cx: &Cx, found: &Found) -> Result<Tool, Error> {
    let mut ask = found.program.clone();
    ask.push("--version".to_owned());
    let version = version(cx, None, Some(ask)).await?;
    Ok(Tool { name: found.name.to_owned(), version, command: found.command.clone() })
}

/// The version of a linter, whose command depends on the files.
pub(super) async fn linter(cx: &Cx, plan: &Plan) -> Result<Option<String>, Error> {
    version(cx, plan.dir(), plan.version()).await
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
