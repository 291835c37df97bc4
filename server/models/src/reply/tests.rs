//! Caps, ends and counts, whatever the wire format.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};

use super::{Counted, MAX_CALL_BYTES, MAX_REPLY_BYTES, Piece, Read, deltas};
use crate::{
    Config, Delta, Done, Error, Finish, Message, ProviderConfig, Request, ToolCall,
    config::Resolved, wire::Wire,
};

const KEY: &str = "sk-very-secret-123456";

const MEGABYTE: usize = 1024 * 1024;

fn read_all(frames: Vec<String>, read: Read) -> BoxStream<'static, Result<Delta, Error>> {
    let mut config = Config::new(|_| None);
    config.keyring = false;
    config.env = crate::Env::new(|_| Some(KEY.to_owned()));
    let api_key_env = Some("KEY".to_owned());
    config.providers = vec![ProviderConfig {
        api_key_env,
        ..ProviderConfig::open_ai("own", "http://127.0.0.1:1/v1")
    }];
    let settings = Resolved::all(&config).unwrap();
    let wire = Arc::new(Wire::of(&settings[0], &config));
    let site = wire.site("m");
    let request = Arc::new(Request::of(vec![Message::user("a question")]));
    deltas(stream::iter(frames.into_iter().map(Ok)).boxed(), read, wire, site, request)
}

/// How many deltas come, and how the answer ends.
async fn ends(frames: Vec<String>, read: Read) -> (usize, Result<Delta, Error>) {
    let mut all: Vec<_> = read_all(frames, read).collect().await;
    let last = all.pop().unwrap();
    assert!(all.iter().all(Result::is_ok), "nothing follows an error");
    (all.len(), last)
}

#[tokio::test]
async fn text_and_thinking_have_one_limit() {
    let read: Read = |frame| {
        let (first, rest) = frame.split_at(1);
        Ok(vec![Piece::Thinking(first.to_owned()), Piece::Text(rest.to_owned())])
    };
    let most = MAX_REPLY_BYTES / MEGABYTE;
    let (n, last) = ends(vec!["x".repeat(MEGABYTE); most + 1], read).await;
    assert_eq!(n, 2 * most);
    assert_eq!(last.unwrap_err().kind(), "too_large");
}

#[tokio::test]
async fn arguments_of_all_calls_have_one_limit() {
    let read: Read = |frame| {
        let arguments = format!("\"{frame}\"");
        Ok(vec![Piece::WholeCall { id: None, name: "write".to_owned(), arguments }])
    };
    let (n, last) = ends(vec!["x".repeat(MEGABYTE); MAX_CALL_BYTES / MEGABYTE + 1], read).await;
    assert_eq!(n, 0);
    assert!(last.unwrap_err().to_string().contains("more than 4 MB of arguments"));
}

#[tokio::test]
async fn a_call_that_the_limit_has_cut_off_is_not_made() {
    let read: Read = |frame| {
        let whole = |arguments: &str| {
            let (name, arguments) = ("write".to_owned(), arguments.to_owned());
            vec![Piece::WholeCall { id: None, name, arguments }]
        };
        Ok(match frame {
            "end" => vec![Piece::Finish(Finish::Length), Piece::End],
            arguments => whole(arguments),
        })
    };
    let frames = [r#"{"path": "a"}"#, r#"{"path": "#, "end"].map(str::to_owned).to_vec();
    let all: Vec<_> = read_all(frames, read).map(Result::unwrap).collect().await;
    let [Delta::Call(ToolCall { arguments, .. }), Delta::Done(Done { finish, .. })] = &all[..]
    else {
        panic!("{all:?}");
    };
    assert_eq!((arguments.as_str(), finish), (r#"{"path": "a"}"#, &Finish::Length));
}

#[tokio::test]
async fn a_key_in_pieces_is_taken_out_though_empty_pieces_are_between() {
    let read: Read = |frame| match frame {
        "end" => Ok(vec![Piece::Finish(Finish::Stop), Piece::End]),
        text => Ok(vec![Piece::Thinking(String::new()), Piece::Text(text.to_owned())]),
    };
    let frames = ["it is ", KEY.split_at(7).0, KEY.split_at(7).1, ".", "end"];
    let all = read_all(frames.map(str::to_owned).to_vec(), read).map(Result::unwrap);
    let texts = all.filter_map(async |it| match it {
        Delta::Text(text) => Some(text),
        _ => None,
    });
    assert_eq!(texts.collect::<String>().await, "it is [secret].");
}

#[tokio::test]
async fn counts_that_cannot_be_are_our_own() {
    let read: Read = |frame| {
        let all = Some(u64::MAX);
        let counted = Counted { input: all, output: all, cached: all, written: all };
        let end = Piece::Finish(Finish::Stop);
        Ok(vec![Piece::Text(frame.to_owned()), Piece::Usage(counted), end, Piece::End])
    };
    let (_, last) = ends(vec!["one two three".to_owned()], read).await;
    let Delta::Done(Done { usage, .. }) = last.unwrap() else { panic!("no end") };
    assert_eq!((usage.input, usage.output, usage.cached, usage.written), (2, 3, 0, 0));
    assert!(usage.estimated);
}
