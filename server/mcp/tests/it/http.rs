//! Servers that run somewhere, over streamable HTTP on this machine.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mcp::ServerConfig;
use serde_json::json;

use crate::real::python_server;
use crate::support::{World, call, call_telling, over_http};

/// A server in Python, outside of any sandbox; it ends with this.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start() -> Option<Served> {
        let (python, script) = python_server()?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(python);
        command.args([script, port.to_string()]).stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let served = Served { child, url: format!("http://127.0.0.1:{port}/mcp") };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(60), "it does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(served)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Answers every request with these bytes; returns its address, and what it was sent.
fn answering(response: String) -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/mcp?key=sk-query-0123456789", listener.local_addr().unwrap());
    let (sender, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 8_192];
            let length = stream.read(&mut request).unwrap_or(0);
            let _ = sender.send(String::from_utf8_lossy(&request[..length]).into_owned());
            let _ = stream.write_all(response.as_bytes());
        }
    });
    (url, heard)
}

#[tokio::test]
async fn a_server_of_the_official_sdk_over_http() {
    let Some(world) = World::new().await else { return };
    let Some(served) = Served::start() else { return };
    let pool = world.pool(vec![over_http("web", &served.url, None)]);
    assert_eq!(call(&pool, "web/add", json!({"a": 1, "b": 2})).await, "answer: 3");
    let failed = call(&pool, "web/fail", json!({"why": "of cheese"})).await;
    assert!(failed.starts_with("tool error: ") && failed.contains("of cheese"), "{failed}");
    let mut told = 0;
    let slow = call_telling(&pool, "web/slow", json!({"seconds": 0.4}), &mut |_| told += 1).await;
    assert_eq!(slow, "answer: done");
    assert!(0 < told);
    // One that goes away is said to be away, and found again.
    let url = served.url.clone();
    drop(served);
    let away = call(&pool, "web/add", json!({"a": 1, "b": 2})).await;
    assert!(away.starts_with("no answer: web "), "{away}");
    pool.stop().await;
    let pool = world.pool(vec![over_http("web", &url, None)]);
    let refused = call(&pool, "web/add", json!({})).await;
    assert!(
        refused.starts_with("no answer: web cannot be used: ") && refused.contains("refused"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_slow_call_over_http_is_given_up() {
    let Some(world) = World::new().await else { return };
    let Some(served) = Served::start() else { return };
    let web = over_http("web", &served.url, None);
    let pool = world.pool(vec![ServerConfig { timeout: Duration::from_millis(1_500), ..web }]);
    let late = call(&pool, "web/slow", json!({"seconds": 60})).await;
    assert!(late.contains("had not answered the call of `slow` after 1500 ms"), "{late}");
    pool.stop().await;
}

#[tokio::test]
async fn a_token_goes_to_the_server_that_was_named_and_nowhere_else() {
    let Some(world) = World::new().await else { return };
    let (elsewhere, heard_elsewhere) =
        answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".into());
    let (url, heard) = answering(format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n"
    ));
    let pool = world.pool(vec![over_http("web", &url, Some("sk-0123456789abcdef"))]);
    let error = call(&pool, "web/t", json!({})).await;
    assert!(error.starts_with("no answer: web cannot be used: "), "{error}");
    assert!(!error.contains("sk-0123456789abcdef") && !error.contains("sk-query"), "{error}");
    let request = heard.recv_timeout(Duration::from_secs(10)).unwrap();
    assert!(request.contains("authorization: Bearer sk-0123456789abcdef"), "{request}");
    assert!(heard_elsewhere.try_recv().is_err(), "it was sent on");
}

#[tokio::test]
async fn a_server_that_wants_a_token_is_said_to() {
    let Some(world) = World::new().await else { return };
    for (status, header) in [("401 Unauthorized", "WWW-Authenticate: Bearer\r\n"), ("503 Away", "")]
    {
        let (url, _heard) =
            answering(format!("HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\n\r\n"));
        let error = call(&world.pool(vec![over_http("web", &url, None)]), "web/t", json!({})).await;
        let expected = if header.is_empty() { "503" } else { "`token_env`" };
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("sk-query"), "{error}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_none() {
    let Some(world) = World::new().await else { return };
    let (url, _heard) = answering(format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n{{\"a\":\"{}",
        "x".repeat(40 << 20)
    ));
    let error = call(&world.pool(vec![over_http("web", &url, None)]), "web/t", json!({})).await;
    assert!(error.starts_with("no answer: web cannot be used: "), "{error}");
}
