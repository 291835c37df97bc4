//! Output that is right, too much, or no MCP.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use tokio::io::AsyncReadExt;

use super::{MAX_BYTES, MAX_GARBAGE, MAX_LINES, MAX_MESSAGE, Measured, Meter};

/// How much of the output is read, and why no more.
async fn read(output: &[u8]) -> (usize, Option<String>) {
    let meter = Arc::new(Meter::default());
    let mut all = Vec::new();
    Measured::new(output, Arc::clone(&meter)).read_to_end(&mut all).await.unwrap();
    assert!(output.starts_with(&all));
    (all.len(), meter.fault())
}

#[tokio::test]
async fn messages_and_a_greeting_pass() {
    let output = b"Server running\n{\"a\":1}\r\n\n{\"b\":2}\n".repeat(50);
    assert_eq!(read(&output).await, (output.len(), None));
}

#[tokio::test]
async fn too_much_is_its_end() {
    let long = vec![b'{'; MAX_MESSAGE + 100];
    let many = b"{}\n".repeat(MAX_LINES as usize + 100);
    let garbage = b"hello\n".repeat(MAX_GARBAGE as usize + 100);
    let large = [vec![b'{'; 1 << 20], vec![b'\n']].concat().repeat((MAX_BYTES >> 20) as usize + 2);
    let cases = [(long, "8 MiB"), (many, "20000 messages"), (garbage, "no MCP"), (large, "32 MiB")];
    for (output, why) in cases {
        let (n_read, fault) = read(&output).await;
        assert!(n_read < output.len());
        assert!(fault.unwrap().contains(why), "{why}");
    }
}

#[tokio::test]
async fn a_request_begins_a_new_measure() {
    let meter = Arc::new(Meter::default());
    let output = b"{}\n".repeat(MAX_LINES as usize - 1);
    for _ in 0..3 {
        meter.reset();
        let mut all = Vec::new();
        Measured::new(&output[..], Arc::clone(&meter)).read_to_end(&mut all).await.unwrap();
        assert_eq!(all.len(), output.len());
    }
    assert_eq!(meter.fault(), None);
}
