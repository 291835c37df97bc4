//! What is kept of streams of every length around the cap.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use expect_test::{Expect, expect};

use super::Capture;

fn check(cap: usize, pieces: &[&str], expect: Expect) {
    let capture = Capture::new(cap);
    for piece in pieces {
        capture.push(piece.as_bytes());
    }
    let (bytes, truncated) = capture.take();
    expect.assert_eq(&format!("{truncated} {:?}", String::from_utf8(bytes).unwrap()));
}

#[test]
fn keeps_the_beginning_and_the_end() {
    check(8, &[], expect![[r#"false """#]]);
    check(8, &["12345678"], expect![[r#"false "12345678""#]]);
    check(8, &["123", "45", "678"], expect![[r#"false "12345678""#]]);
    check(8, &["123456789"], expect![[r#"true "1234\n[1 bytes of output dropped]\n6789""#]]);
    check(
        8,
        &["1", "2345678", "9", "0"],
        expect![[r#"true "1234\n[2 bytes of output dropped]\n7890""#]],
    );
    check(1, &["12"], expect![[r#"true "1\n[1 bytes of output dropped]\n""#]]);
    check(0, &["12"], expect![[r#"true "\n[2 bytes of output dropped]\n""#]]);
}

#[tokio::test]
async fn stops_reading_a_flood() {
    let capture = Capture::new(4);
    assert!(capture.read(&b"12345678"[..], 8).await.is_ok());
    assert!(capture.read(tokio::io::repeat(b'x'), 1000).await.is_err());
}
