//! Checks that the hash of a request is stable and tells requests apart.

use expect_test::expect;

use super::{Message, Request, Role};

#[test]
fn hash_is_stable_and_sensitive() {
    let request = Request {
        max_tokens: Some(10),
        temperature: Some(0.2),
        ..Request::of(vec![Message::user("why?")])
    };
    expect!["461417036bb1fec1"].assert_eq(&request.hash("m"));

    let mut other = request.clone();
    other.messages[0].role = Role::System;
    let warmer = Request { temperature: Some(0.3), ..request.clone() };
    for hash in [request.hash("n"), other.hash("m"), warmer.hash("m")] {
        assert_ne!(hash, request.hash("m"));
    }
}
