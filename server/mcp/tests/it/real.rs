//! Servers that others wrote: two of the protocol's own in Node, one with the official SDK in Python.

use std::path::PathBuf;

use base::AbsPathBuf;
use mcp::{Rules, ServerConfig, Via};
use sandbox::Network;
use serde_json::json;

use crate::support::{World, call, call_telling, names, server};

/// The folder of the servers that `cargo xtask test` installs.
fn installed(name: &str) -> Option<String> {
    let folder = std::env::var_os("MCP_SERVERS").map(PathBuf::from);
    let program = folder.map(|folder| folder.join(name)).filter(|program| program.is_file());
    if program.is_none() {
        eprintln!("passed over: no {name}; run `cargo xtask test`");
    }
    program?.canonicalize().ok()?.into_os_string().into_string().ok()
}

fn with_rules(server: ServerConfig, rules: &[&str]) -> ServerConfig {
    let rules: Vec<String> = rules.iter().map(|it| (*it).to_owned()).collect();
    ServerConfig { rules: Rules::parse(&rules).unwrap(), ..server }
}

#[tokio::test]
async fn the_protocols_own_server_of_everything() {
    let Some(world) = World::new().await else { return };
    let Some(program) = installed("mcp-server-everything") else { return };
    let pool = world.pool(vec![server("all", &[&program, "stdio"])]);
    let offered = names(&pool).await.unwrap();
    assert!(offered.contains(&"echo".to_owned()), "{offered:?}");
    assert_eq!(call(&pool, "all/echo", json!({"message": "hi"})).await, "answer: Echo: hi");
    let sum = call(&pool, "all/get-sum", json!({"a": 2, "b": 3})).await;
    assert!(sum.contains('5'), "{sum}");
    let wrong = call(&pool, "all/get-sum", json!({"a": "x"})).await;
    assert!(
        wrong.starts_with("no answer: the arguments for `all/get-sum` cannot be used"),
        "{wrong}"
    );
    let image = call(&pool, "all/get-tiny-image", json!({})).await;
    assert!(image.contains("[image: image/png, ") && image.len() < 1_000, "{image}");
    let mut told = Vec::new();
    let slow = json!({"duration": 1, "steps": 4});
    let said = call_telling(&pool, "all/trigger-long-running-operation", slow, &mut |it| {
        told.push(it.done)
    })
    .await;
    assert!(said.starts_with("answer: "), "{said}");
    assert!(2 <= told.len() && told.is_sorted(), "{told:?}");
    pool.stop().await;
    assert!(!world.is_running());
}

#[tokio::test]
async fn the_protocols_own_server_of_files_changes_none() {
    let Some(world) = World::new().await else { return };
    let Some(program) = installed("mcp-server-filesystem") else { return };
    let root = world.root.as_str();
    let pool = world.pool(vec![with_rules(server("files", &[&program, root]), &["*"])]);
    let listed = pool.list().await.remove(0).tools.unwrap();
    let of = |name: &str| {
        let offered = listed.tools.iter().find(|it| it.tool.name == name).unwrap();
        format!("{:?}", offered.policy.decision)
    };
    assert_eq!((of("read_text_file"), of("write_file")), ("Allow".to_owned(), "Ask".to_owned()));
    let path = world.root.as_std_path().join("kept.txt");
    let read = call(&pool, "files/read_text_file", json!({"path": path})).await;
    assert_eq!(read, "answer: kept");
    let written = call(&pool, "files/write_file", json!({"path": path, "content": "new"})).await;
    assert!(written.starts_with("answer: "), "{written}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "kept");
    let outside = call(&pool, "files/read_text_file", json!({"path": "/etc/shadow"})).await;
    assert!(outside.starts_with("tool error: "), "{outside}");
    pool.stop().await;
}

/// The Python that has the official SDK, and our server made with it.
fn notes() -> Option<(String, AbsPathBuf)> {
    let folder = sandbox::which("black")?.as_std_path().parent()?.to_owned();
    let python = folder.join("python3");
    if !python.is_file() || !folder.join("mcp").exists() {
        eprintln!("passed over: no Python with the official SDK; run `cargo xtask test`");
        return None;
    }
    let servers = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/mcp").canonicalize();
    Some((python.to_str()?.to_owned(), AbsPathBuf::try_from(servers.ok()?).ok()?))
}

#[tokio::test]
async fn a_server_of_the_official_python_sdk() {
    let Some(world) = World::new().await else { return };
    let Some((python, folder)) = notes() else { return };
    let script = format!("{folder}/notes.py");
    let mut notes = server("notes", &[&python, &script]);
    // It lies beside the workspace, so it is not seen until that is said.
    let blind = call(&world.pool(vec![notes.clone()]), "notes/add", json!({"a": 1, "b": 2})).await;
    assert!(blind.contains("No such file or directory"), "{blind}");
    let Via::Program(program) = &mut notes.via else { unreachable!() };
    program.folders.push(folder);
    let pool = world.pool(vec![notes]);
    assert_eq!(call(&pool, "notes/add", json!({"a": 1, "b": 2})).await, "answer: 3");
    let failed = call(&pool, "notes/fail", json!({"why": "of cheese"})).await;
    assert!(failed.starts_with("tool error: ") && failed.contains("of cheese"), "{failed}");
    let mut told = Vec::new();
    let slow =
        call_telling(&pool, "notes/slow", json!({"seconds": 0.4}), &mut |it| told.push(it.message))
            .await;
    assert_eq!(slow, "answer: done");
    assert!(told.contains(&"step 1".to_owned()), "{told:?}");
    let about = pool.list().await.remove(0).tools.unwrap().about;
    assert_eq!(about, "notes 1.2, MCP 2026-07-28");
    pool.stop().await;
    assert!(!world.is_running());
}

#[tokio::test]
async fn a_server_reaches_the_net_only_where_that_is_said() {
    let Some(world) = World::new().await else { return };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let reach = format!(
        "import socket\nfrom pathlib import Path\ntry:\n    socket.create_connection(('127.0.0.1', {port}), 5)\n    reached = 'yes'\n\
         except OSError as error:\n    reached = str(error)\n"
    );
    let faulty = include_str!("faulty.py").replace("\"fine\"", "reached");
    std::fs::write(world.dir.path().join("reach.py"), format!("{reach}\n{faulty}")).unwrap();
    let own = server("s", &["python3", "{workspace}/reach.py", "plain"]);
    let mut host = own.clone();
    let Via::Program(program) = &mut host.via else { unreachable!() };
    program.network = Network::Host;
    let said = call(&world.pool(vec![own]), "s/t", json!({})).await;
    assert_eq!(said, "answer: [Errno 111] Connection refused");
    assert_eq!(call(&world.pool(vec![host]), "s/t", json!({})).await, "answer: yes");
}

/// Our server in Python, for the tests over HTTP.
pub(crate) fn python_server() -> Option<(String, String)> {
    let (python, folder) = notes()?;
    Some((python, format!("{folder}/notes.py")))
}
