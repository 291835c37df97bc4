//! Commands that go on and are talked to.

use std::{
    io,
    time::{Duration, Instant},
};

use sandbox::{End, Error, Level, Session, Streams};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{ChildStderr, ChildStdout},
    time::timeout,
};

use crate::support::{Fixture, at, full, is_alive};

const SOON: Duration = Duration::from_secs(30);

/// A program that answers each line, and leaves a daemon of its own behind.
const ECHO: &str =
    "sleep 86333 & setsid sleep 86333 & while read line; do echo \"$line\" $(cat kept.txt); done";

struct Talk {
    session: Session,
    input: tokio::net::unix::pipe::Sender,
    output: Lines<BufReader<ChildStdout>>,
    /// Unread: little is said.
    _errors: ChildStderr,
}

async fn open(fixture: &Fixture, script: &str) -> Talk {
    let (session, Streams { input, output, errors }) =
        fixture.sandbox.open(&fixture.sh(script)).await.unwrap();
    Talk { session, input, output: BufReader::new(output).lines(), _errors: errors }
}

impl Talk {
    async fn ask(&mut self, line: &str) -> Option<String> {
        self.input.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        timeout(SOON, self.output.next_line()).await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn answers_while_it_runs_and_leaves_nothing() {
    let Some(fixture) = full().await else { return };
    let mut talk = open(&fixture, ECHO).await;
    assert_eq!(talk.ask("one").await.unwrap(), "one kept");
    // Files of the user are seen as they are by then.
    fixture.put("kept.txt", "changed");
    assert_eq!(talk.ask("two").await.unwrap(), "two changed");
    assert!(is_alive("sleep 86333"));
    assert_eq!(talk.session.stop().await.unwrap(), End::Cancelled);
    assert_eq!(timeout(SOON, talk.output.next_line()).await.unwrap().unwrap(), None);
    assert!(!is_alive("sleep 86333"));
}

#[tokio::test]
async fn says_how_it_ended() {
    let Some(fixture) = full().await else { return };
    let mut talk = open(&fixture, "read line; exit 3").await;
    assert_eq!(talk.ask("go").await, None);
    assert_eq!(talk.session.stop().await.unwrap(), End::Exit(3));

    let mut talk = open(&fixture, "read line; exec no-such-program").await;
    assert_eq!(talk.ask("go").await, None);
    assert_eq!(talk.session.stop().await.unwrap(), End::Exit(127));

    let (session, streams) = fixture.sandbox.open(&fixture.job(["no-such-program"])).await.unwrap();
    drop(streams.input);
    let mut output = BufReader::new(streams.output).lines();
    assert_eq!(timeout(SOON, output.next_line()).await.unwrap().unwrap(), None);
    let error = session.stop().await.unwrap_err();
    assert!(matches!(&error, Error::NotFound(program) if program == "no-such-program"), "{error}");
}

#[tokio::test]
async fn the_end_of_its_input_reaches_it() {
    let Some(fixture) = full().await else { return };
    let mut talk = open(&fixture, "cat; echo over").await;
    assert_eq!(talk.ask("one").await.unwrap(), "one");
    drop(talk.input);
    assert_eq!(talk.output.next_line().await.unwrap().unwrap(), "over");
    assert_eq!(talk.output.next_line().await.unwrap(), None);
    assert_eq!(talk.session.stop().await.unwrap(), End::Exit(0));
}

#[tokio::test]
async fn dropped_it_ends_with_all_its_processes() {
    let Some(fixture) = full().await else { return };
    let mut talk = open(&fixture, &ECHO.replace("86333", "86334")).await;
    talk.ask("one").await.unwrap();
    drop(talk);
    let started = Instant::now();
    while is_alive("sleep 86334") {
        assert!(started.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn limits_hold_while_it_runs() {
    let Some(fixture) = full().await else { return };
    // Two processes, each of them below the limit.
    let hold = |n: u32| {
        format!(
            "python3 -c 'import time; x = [b\"x\" * (64 << 20) for _ in range({n})]; time.sleep(60)' & "
        )
    };
    let hog = format!("read line; {}{}cat", hold(4), hold(6));
    let mut talk = open(&fixture, &hog).await;
    talk.input.write_all(b"go\n").await.unwrap();
    let ended = async { while let Ok(Some(_)) = talk.output.next_line().await {} };
    timeout(SOON, ended).await.unwrap();
    assert_eq!(talk.session.stop().await.unwrap(), End::Memory);
}

#[tokio::test]
async fn what_it_writes_stays_its_own() {
    let Some(fixture) = full().await else { return };
    let before = fixture.tree();
    let mut talk =
        open(&fixture, "while read line; do echo \"$line\" > kept.txt; cat kept.txt; done").await;
    assert_eq!(talk.ask("mine").await.unwrap(), "mine");
    talk.session.stop().await.unwrap();
    assert_eq!(fixture.tree(), before);
}

#[tokio::test]
async fn refused_where_there_are_no_namespaces() {
    let Some(fixture) = at(Level::Restricted).await else { return };
    let error = fixture.sandbox.open(&fixture.sh("cat")).await.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
}

#[tokio::test]
async fn a_write_to_one_that_has_ended_is_an_error_and_no_signal() {
    let Some(fixture) = full().await else { return };
    let mut talk = open(&fixture, "exit 0").await;
    assert_eq!(timeout(SOON, talk.output.next_line()).await.unwrap().unwrap(), None);
    let error = talk.input.write_all(b"one\n").await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}
