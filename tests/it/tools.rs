//! `baton tools` with servers that are right, wrong, and Baton itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{World, slow, wait};

const FILES: &str = "//- /shapes.py\ndef area_of_a_circle(radius):\n    return 3 * radius\n";
/// A server that does what its argument says.
const FAULTY: &str = include_str!("../../server/mcp/tests/it/faulty.py");

/// A workspace with the server in it; `None` where there is no sandbox for it, or slow tests are not wanted.
fn world(servers: &str) -> Option<World> {
    if !slow() {
        return None;
    }
    let world = World::without_model(FILES);
    std::fs::write(world.root().join("faulty.py"), FAULTY).unwrap();
    world.configure(servers);
    let level = world.events(&["doctor"]).0.remove(0)["sandbox"]["level"].clone();
    (level == "full").then_some(world)
}

fn faulty(name: &str, mode: &str, more: &str) -> String {
    format!(
        "[[mcp]]\nname = \"{name}\"\ncommand = [\"python3\", \"{{workspace}}/faulty.py\", \"{mode}\"]\n{more}\n"
    )
}

/// The code, the output, and the errors.
fn run(world: &World, args: &[&str]) -> (i32, String, String) {
    let output = world.baton(args);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Whether a process works in the workspace, or was started with something of it.
fn is_running(world: &World) -> bool {
    let root = world.root();
    std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        let started = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(&root))
            || String::from_utf8_lossy(&started).contains(&*root.to_string_lossy())
    })
}

#[test]
fn servers_are_listed_with_what_may_be_called() {
    let servers = [
        faulty("liar", "lies", "tools = [\"*\", \"!destroy\"]"),
        faulty("nasty", "escapes", ""),
        faulty("dead", "dies", ""),
    ];
    let Some(world) = world(&servers.concat()) else { return };
    let (code, out, err) = run(&world, &["tools"]);
    assert_eq!(code, 4, "{out}{err}");
    let expected = "liar  faulty[31m 1, MCP 2025-11-25\n  deny   liar/destroy  d\n  allow  liar/read     d\n  ask    liar/write    d\n";
    assert!(out.starts_with(expected), "{out}");
    assert!(
        out.contains(
            "dead  no answer: dead has ended: it left with code 3; its last words: fatal error"
        ),
        "{out}"
    );
    assert!(!out.contains('\u{1b}') && !out.contains('\u{202e}'), "{out:?}");
    let (events, _) = world.events(&["tools"]);
    let names: Vec<&Value> = events.iter().map(|event| &event["server"]).collect();
    assert_eq!(names, ["liar", "nasty", "dead"]);
    let read = &events[0]["tools"][1];
    assert_eq!(
        (&read["full_name"], &read["safe_name"]),
        (&json!("liar/read"), &json!("liar__read"))
    );
    assert_eq!(read["policy"]["decision"], "allow");
    assert_eq!(events[2]["no_answer"]["kind"], "gone");
    let doctor = world.events(&["doctor"]).0.remove(0);
    let answers: Vec<&Value> =
        doctor["tool_servers"].as_array().unwrap().iter().map(|it| &it["answers"]).collect();
    assert_eq!(answers, [&json!(true), &json!(true), &json!(false)]);
    assert!(!is_running(&world));
}

#[test]
fn a_call_ends_by_what_came_of_it() {
    let servers = [
        faulty("good", "plain", "tools = [\"t\"]"),
        faulty("asked", "plain", ""),
        faulty("failing", "fails", "tools = [\"t\"]"),
        faulty("dying", "dies-in-call", "tools = [\"t\"]"),
        faulty("slow", "hangs", "tools = [\"t\"]\ntimeout_ms = 500"),
        faulty("denied", "plain", "tools = [\"!*\"]"),
    ];
    let Some(world) = world(&servers.concat()) else { return };
    let call = |tool: &str| run(&world, &["tools", "call", tool]);
    assert_eq!(call("good/t"), (0, "fine\n".to_owned(), String::new()));
    let (code, out, err) = call("asked/t");
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("nobody is there to be asked; `--yes` agrees"), "{err}");
    assert_eq!(run(&world, &["tools", "call", "asked/t", "--yes"]).0, 0);
    let (code, out, err) = call("failing/t");
    assert_eq!((code, out.as_str()), (1, "fine\n"), "{err}");
    for (tool, code, why) in [
        ("dying/t", 4, "it left with code 7; its last words: Error: out of cheese"),
        ("slow/t", 4, "had not answered the call of `t` after 500 ms"),
        ("none/t", 2, "there is no server of tools `none`"),
        ("good/none", 2, "offers no tool `none`"),
    ] {
        let (was, out, err) = call(tool);
        assert_eq!((was, out.as_str()), (code, ""), "{tool}: {err}");
        assert!(err.contains("no answer: ") && err.contains(why), "{tool}: {err}");
    }
    let (code, _, err) = run(&world, &["tools", "call", "denied/t", "--yes"]);
    assert!(code == 2 && err.contains("deny it by `!*`"), "{code}: {err}");
    let (code, _, err) = run(&world, &["tools", "call", "good/t", "--args", "{"]);
    assert!(code == 2 && err.contains("`--args` is no JSON"), "{code}: {err}");
    let (code, _, err) = run(&world, &["tools", "call", "good/t", "--args", "[1]"]);
    assert!(code == 2 && err.contains("they must be a JSON object"), "{code}: {err}");
    let piped = world.baton_hears("{}", &["--json", "tools", "call", "good/t", "--args", "-"]);
    let said: Value = serde_json::from_slice(&piped.stdout).unwrap();
    assert_eq!(
        said,
        json!({"tool": "good/t", "outcome": "answer", "text": "fine", "is_truncated": false})
    );
    let (events, code) = world.events(&["tools", "call", "dying/t"]);
    assert_eq!((code, &events[0]["no_answer"]["kind"]), (4, &json!("gone")));
    assert!(!is_running(&world));
}

#[test]
fn an_interrupted_call_leaves_nothing() {
    let Some(world) = world(&faulty("slow", "hangs", "tools = [\"t\"]")) else { return };
    let mut command = world.command(&["tools", "call", "slow/t"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    while !is_calling(&world) {
        assert!(started.elapsed() < Duration::from_secs(60), "it is not called");
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(wait(&mut child, "baton tools call").code(), Some(130));
    assert!(!is_running(&world));
}

/// Whether the workspace's server has heard of a call.
fn is_calling(world: &World) -> bool {
    std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        let started = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let log = std::fs::read_to_string(entry.path().join("root/run/baton/out/log"));
        String::from_utf8_lossy(&started).contains(&*world.root().to_string_lossy())
            && log.is_ok_and(|log| log.contains("tools/call"))
    })
}

#[test]
fn a_person_at_a_terminal_is_asked() {
    let Some(world) = world(&faulty("asked", "plain", "")) else { return };
    for (typed, code, said) in
        [("y\n", 0, "fine"), ("n\n", 2, "you did not agree"), ("\n", 2, "you did not agree")]
    {
        let baton = env!("CARGO_BIN_EXE_baton");
        let command = world.command(&[]);
        let mut script = Command::new("script");
        script.args([
            "-qefc",
            &format!("{baton} tools call asked/t --args '{{\"a\": \"b\\u001b[2J\"}}'"),
            "/dev/null",
        ]);
        script.current_dir(world.root()).env("TERM", "dumb");
        script.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let spawned =
            script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = spawned.expect("`script` of Debian's bsdutils");
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen).contains("[y,N]?") {
            let read = output.fill_buf().unwrap().to_vec();
            assert!(!read.is_empty(), "{}", String::from_utf8_lossy(&seen));
            output.consume(read.len());
            seen.extend(read);
        }
        let asked = String::from_utf8_lossy(&seen).into_owned();
        assert!(
            asked.contains("\"a\": \"b\\u001b[2J\"") && !asked.contains("\u{1b}[2J"),
            "{asked:?}"
        );
        let mut input = child.stdin.take().unwrap();
        input.write_all(typed.as_bytes()).unwrap();
        input.flush().unwrap();
        let mut rest = String::new();
        let _ = output.read_to_string(&mut rest);
        assert_eq!(wait(&mut child, "script").code(), Some(code), "{typed:?}: {rest}");
        assert!(rest.contains(said), "{typed:?}: {rest}");
    }
}

#[test]
fn baton_itself_is_a_server_of_tools() {
    let baton = env!("CARGO_BIN_EXE_baton");
    let server = format!(
        "[[mcp]]\nname = \"me\"\ncommand = [\"{baton}\", \"--root\", \"{{workspace}}\", \"mcp\"]\ntools = [\"*\"]\n"
    );
    let Some(world) = world(&server) else { return };
    let (events, code) = world.events(&["tools"]);
    assert_eq!(code, 0, "{events:?}");
    assert_eq!(events[0]["about"], format!("baton {}, MCP 2026-07-28", env!("CARGO_PKG_VERSION")));
    let decision = |name: &str| {
        let tools = events[0]["tools"].as_array().unwrap();
        tools.iter().find(|it| it["name"] == name).unwrap()["policy"]["decision"].clone()
    };
    assert_eq!((decision("search_code"), decision("run_start")), (json!("allow"), json!("ask")));
    let args = json!({"query": "area of a circle"}).to_string();
    let (code, out, err) = run(&world, &["tools", "call", "me/search_code", "--args", &args]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("shapes.py"), "{out}");
    assert!(!is_running(&world));
}

#[test]
fn a_workspace_cannot_name_a_server() {
    let world = World::without_model(FILES);
    std::fs::write(world.root().join("baton.toml"), faulty("evil", "plain", "")).unwrap();
    let (code, _, err) = run(&world, &["tools"]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("`mcp` in ") && err.contains("a workspace may not set it"), "{err}");
    std::fs::remove_file(world.root().join("baton.toml")).unwrap();
    let (code, out, err) = run(&world, &["tools"]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(err.contains("no server of tools is configured"), "{err}");
}
