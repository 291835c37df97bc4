//! Servers that end, hang, or were never there: no answer, with a reason, and nothing left behind.

use std::collections::BTreeMap;
use std::time::Duration;

use lsp::{Choice, Error, Pool, Server, Start, servers};
use sandbox::{Programs, View};

use crate::support::{LONG, Workspace, is_running, processes_in, rel};

const ANY: &str = "//- /a.py\nx = 1\n";

#[tokio::test]
async fn a_server_that_ends_gives_no_answer() {
    let Some(workspace) = Workspace::new(ANY).await else { return };
    // In place of the real one, in the project's own folder of programs.
    workspace
        .put("node_modules/.bin/pyright-langserver", "#!/bin/sh\necho 'out of luck' >&2\nexit 3\n");
    let program = workspace.dir.path().join("node_modules/.bin/pyright-langserver");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(program, mode).unwrap();
    let error = workspace.start("pyright").await.unwrap_err();
    assert!(matches!(&error, Error::Gone { why, .. } if why.contains("out of luck")), "{error}");
}

#[tokio::test]
async fn a_server_that_is_killed_gives_no_answer() {
    let Some(workspace) = Workspace::new(ANY).await else { return };
    let server = workspace.start("ruff").await.unwrap();
    assert_eq!(workspace.diagnose(&server, &[("a.py", "x = 1\n")]).await, "");
    kill_all_over(workspace.root.as_str());
    let said = workspace.diagnose(&server, &[("a.py", "x = 2\n")]).await;
    assert!(said.starts_with("no answer: ruff has ended"), "{said}");
    assert!(matches!(server.gone(), Some(Error::Gone { .. })));
    server.stop().await;
}

/// Ends the server over this folder, as a crash would.
fn kill_all_over(root: &str) {
    for pid in processes_in(root) {
        let exe = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
        if exe.ends_with("ruff") {
            let status =
                std::process::Command::new("kill").args(["-KILL", &pid.to_string()]).status();
            assert!(status.unwrap().success());
        }
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_late() {
    let Some(workspace) = Workspace::new(ANY).await else { return };
    let server = workspace.start("pyright").await.unwrap();
    let texts = BTreeMap::from([(rel("a.py"), "x: int = ''\n".into())]);
    let turn = server.turn(&workspace.vfs.snapshot(), &texts).await;
    let error = turn.diagnostics(Duration::from_millis(1)).await.unwrap_err();
    assert!(matches!(error, Error::Late { .. }), "{error}");
    // It is not the worse for that.
    assert_eq!(turn.diagnostics(LONG).await.unwrap().len(), 1);
    drop(turn);
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_not_installed() {
    let Some(workspace) = Workspace::new(ANY).await else { return };
    let server = servers::named("jdtls").unwrap();
    if sandbox::which("jdtls").is_some() {
        return;
    }
    let (sandbox, root) = (&workspace.sandbox, &workspace.root);
    let snapshot = workspace.vfs.snapshot();
    let view = View::default();
    let programs = &Programs::default();
    let start = Start { server, sandbox, root, programs, folder: None, view, snapshot: &snapshot };
    let error = Server::start(start).await.unwrap_err();
    assert_eq!(error.to_string(), "`jdtls` is not installed");
}

/// One server for two who ask at once; a new one when it has crashed.
#[tokio::test]
async fn a_pool_keeps_one_server_and_replaces_it_when_it_has_crashed() {
    let Some(workspace) = Workspace::new(ANY).await else { return };
    let pool = Pool::new(workspace.sandbox.clone(), workspace.root.clone());
    let server = servers::named("ruff").unwrap();
    let choice = Choice { server, folder: None, is_trusted: false };
    let snapshot = workspace.vfs.snapshot();
    let (one, two) = tokio::join!(pool.get(&choice, &snapshot), pool.get(&choice, &snapshot));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert!(std::sync::Arc::ptr_eq(&one, &two));
    drop(two);
    kill_all_over(workspace.root.as_str());
    let said = workspace.diagnose(&one, &[("a.py", "x = 2\n")]).await;
    assert!(said.starts_with("no answer: ruff has ended"), "{said}");
    drop(one);
    // It rests for a second after that.
    let rested = async {
        loop {
            match pool.get(&choice, &snapshot).await {
                Ok(again) => break again,
                Err(error) => assert!(matches!(error, Error::Resting { times: 1, .. }), "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let again = tokio::time::timeout(LONG, rested).await.expect("a server after its rest");
    let said = workspace.diagnose(&again, &[("a.py", "x = y\n")]).await;
    assert!(said.contains("F821"), "{said}");
    drop(again);
    pool.stop().await;
    assert!(!is_running(workspace.root.as_str()));
}
