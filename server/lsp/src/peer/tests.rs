//! A conversation with a made-up program: replies, questions, noise, and ends of all kinds. Real programs are in `tests/it`.
#![allow(clippy::disallowed_methods, reason = "tests start tasks of their own")]

use std::sync::mpsc as heard;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{Ear, Failure, Peer, Said};
use crate::wire::{self, FrameReader};

const SOON: Duration = Duration::from_secs(10);

struct Notes(heard::Sender<String>);

impl Ear for Notes {
    fn hear(&mut self, said: Said) -> Result<Option<Value>, &'static str> {
        self.0.send(format!("{} {}", said.method, said.params)).unwrap();
        if said.method == "enough" {
            return Err("it says too much");
        }
        Ok((said.method == "known").then(|| json!([null])))
    }

    fn gone(&mut self, why: &str) {
        self.0.send(format!("gone: {why}")).unwrap();
    }
}

/// The other end of a conversation.
struct Program {
    frames: FrameReader<DuplexStream>,
    output: DuplexStream,
}

impl Program {
    async fn hears(&mut self) -> Value {
        timeout(SOON, self.frames.next()).await.unwrap().unwrap().unwrap()
    }

    async fn says(&mut self, message: Value) {
        self.output.write_all(&wire::encode(&message)).await.unwrap();
    }
}

fn talk() -> (Peer, Program, heard::Receiver<String>, JoinSet<()>) {
    let (ours, theirs) = duplex(1 << 16);
    let (output, input) = duplex(1 << 16);
    let (notes, heard) = heard::channel();
    let mut tasks = JoinSet::new();
    let peer = Peer::new(input, ours, Notes(notes), &mut tasks);
    (peer, Program { frames: FrameReader::new(theirs), output }, heard, tasks)
}

#[tokio::test]
async fn replies_find_their_requests_in_any_order() {
    let (peer, mut program, _heard, _tasks) = talk();
    let (first, second, ()) = tokio::join!(
        peer.request("first", json!({ "a": 1 })),
        peer.request("second", Value::Null),
        async {
            assert_eq!(
                program.hears().await,
                json!({ "jsonrpc": "2.0", "id": 1, "method": "first", "params": { "a": 1 } })
            );
            assert_eq!(
                program.hears().await,
                json!({ "jsonrpc": "2.0", "id": 2, "method": "second" })
            );
            program
                .says(
                    json!({ "jsonrpc": "2.0", "id": 2, "error": { "code": -3, "message": "no" } }),
                )
                .await;
            program.says(json!({ "jsonrpc": "2.0", "id": 99, "result": "nobody asked" })).await;
            program.says(json!({ "jsonrpc": "2.0", "id": 1, "result": 7 })).await;
        }
    );
    assert_eq!(first, Ok(json!(7)));
    assert_eq!(second, Err(Failure::Refused { code: -3, message: "no".to_owned() }));
}

#[tokio::test]
async fn what_it_asks_is_answered_whether_known_or_not() {
    let (_peer, mut program, heard, _tasks) = talk();
    program.says(json!({ "jsonrpc": "2.0", "id": "a", "method": "known", "params": {} })).await;
    program.says(json!({ "jsonrpc": "2.0", "id": 1, "method": "unknown" })).await;
    program.says(json!({ "jsonrpc": "2.0", "method": "news", "params": [1] })).await;
    assert_eq!(program.hears().await, json!({ "jsonrpc": "2.0", "id": "a", "result": [null] }));
    assert_eq!(program.hears().await["error"]["code"], -32601);
    let heard: Vec<String> = (0..3).map(|_| heard.recv_timeout(SOON).unwrap()).collect();
    assert_eq!(heard, ["known {}", "unknown null", "news [1]"]);
}

#[tokio::test]
async fn a_request_that_nobody_waits_for_is_cancelled() {
    let (peer, mut program, _heard, _tasks) = talk();
    let asked = timeout(Duration::from_millis(50), peer.request("slow", Value::Null)).await;
    assert!(asked.is_err());
    assert_eq!(program.hears().await["method"], "slow");
    assert_eq!(
        program.hears().await,
        json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": 1 } })
    );
    // A reply that comes too late harms nothing.
    program.says(json!({ "jsonrpc": "2.0", "id": 1, "result": 1 })).await;
    let (answer, ()) = tokio::join!(peer.request("next", Value::Null), async {
        program.hears().await;
        program.says(json!({ "jsonrpc": "2.0", "id": 2, "result": 2 })).await;
    });
    assert_eq!(answer, Ok(json!(2)));
}

#[tokio::test]
async fn the_end_of_the_program_ends_every_request() {
    let (peer, mut program, heard, _tasks) = talk();
    let (answer, ()) = tokio::join!(peer.request("first", Value::Null), async {
        program.hears().await;
        drop(program);
    });
    let gone = Failure::Gone("it closed its output".to_owned());
    assert_eq!(answer, Err(gone.clone()));
    assert_eq!(peer.request("second", Value::Null).await, Err(gone));
    assert_eq!(heard.recv_timeout(SOON).unwrap(), "gone: it closed its output");
}

#[tokio::test]
async fn noise_in_place_of_frames_ends_the_conversation_and_a_bad_body_does_not() {
    let (peer, mut program, _heard, _tasks) = talk();
    program.output.write_all(b"Content-Length: 3\r\n\r\n{{{").await.unwrap();
    let (answer, ()) = tokio::join!(peer.request("first", Value::Null), async {
        program.hears().await;
        program.output.write_all(b"Traceback (most recent call last):\n\n").await.unwrap();
    });
    let Err(Failure::Gone(why)) = answer else { panic!("{answer:?}") };
    assert!(why.starts_with("it does not speak LSP"), "{why}");
}

#[tokio::test]
async fn who_says_too_much_or_never_reads_is_not_listened_to() {
    let (peer, mut program, heard, _tasks) = talk();
    program.says(json!({ "jsonrpc": "2.0", "method": "enough" })).await;
    let hears = async {
        while heard.try_recv().ok().as_deref() != Some("gone: it says too much") {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, hears).await.unwrap();
    let gone = Failure::Gone("it says too much".to_owned());
    assert_eq!(peer.request("next", Value::Null).await, Err(gone));

    let (peer, _program, _heard, _tasks) = talk();
    let long = "x".repeat(1 << 16);
    (0..2_000).for_each(|_| peer.notify("news", json!([long])));
    let Err(Failure::Gone(why)) = peer.request("next", Value::Null).await else { panic!() };
    assert_eq!(why, "it does not read what it is told");
}

#[tokio::test]
async fn an_error_that_is_null_is_none() {
    let (peer, mut program, _heard, _tasks) = talk();
    let (answer, ()) = tokio::join!(peer.request("first", Value::Null), async {
        program.hears().await;
        program.says(json!({ "jsonrpc": "2.0", "id": 1, "result": 7, "error": null })).await;
    });
    assert_eq!(answer, Ok(json!(7)));
}
