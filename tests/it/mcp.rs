//! `baton mcp` with the official Python client, and its manners at the end of its input.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use fixture::Scripted;
use serde_json::{Value, json};

use crate::support::{World, edit, slow, wait};

const FILES: &str = r#"
//- /shapes.py
def area(width, height):
    return width + height
//- /test_shapes.py
import shapes


def test_area():
    assert shapes.area(2, 3) == 6
"#;

#[test]
fn serves_the_official_client_of_2025() {
    official("legacy");
}

#[test]
fn serves_the_official_client_of_2026() {
    official("auto");
}

fn official(mode: &str) {
    if !slow() {
        return;
    }
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let python = repository.join(".cache/venv/bin/python");
    assert!(python.exists(), "there is no {}; run `cargo xtask test` once", python.display());
    let right = edit("shapes.py", "    return width + height", "    return width * height");
    let world = World::new(FILES, vec![Scripted::Text(right)]);
    let environment = world.command(&[]);
    let mut client = Command::new(python);
    client.arg(repository.join("tests/clients/mcp_client.py"));
    client.arg(environment.get_program()).arg(world.root()).arg(mode);
    client.envs(environment.get_envs().filter_map(|(name, value)| Some((name, value?))));
    client.env_remove("BATON_MODEL").stdin(Stdio::null());
    let mut child = client.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait(&mut child, "the official client");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn ends_with_its_input_also_while_a_call_waits() {
    let world = World::new(FILES, vec![Scripted::Stall]);
    for (requests, code) in [(0, 1), (1, 0), (2, 0), (3, 0)] {
        let mut child = world
            .command(&["mcp"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut run = Value::Null;
        for request in 1..=requests {
            let (method, params) = match request {
                1 => ("initialize", initialize()),
                2 => (
                    "tools/call",
                    call("run_start", json!({"workflow": "implement", "request": "x"})),
                ),
                _ => ("tools/call", call("run_status", json!({"run": run}))),
            };
            let message =
                json!({"jsonrpc": "2.0", "id": request, "method": method, "params": params});
            writeln!(input, "{message}").unwrap();
            // The last one of three waits for a model that never answers.
            if request < 3 {
                let answer: Value = serde_json::from_str(&output.next().unwrap().unwrap()).unwrap();
                assert_eq!(answer["id"], request, "{answer:#}");
                run = answer["result"]["structuredContent"]["run"].clone();
            }
        }
        let started = Instant::now();
        drop(input);
        wait(&mut child, "baton mcp");
        let took = started.elapsed();
        assert_eq!(child.wait().unwrap().code(), Some(code), "after {requests} requests");
        assert!(took.as_millis() < 1500, "took {took:?} after {requests} requests");
    }
    // What was under way is parked, not lost.
    let runs = world.events(&["runs"]).0;
    assert_eq!(runs.len(), 2, "{runs:?}");
    assert!(runs.iter().all(|run| run["interrupted"] == true), "{runs:?}");
}

fn initialize() -> Value {
    let client = json!({"name": "test", "version": "1"});
    json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client})
}

fn call(name: &str, arguments: Value) -> Value {
    json!({"name": name, "arguments": arguments})
}
