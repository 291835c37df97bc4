//! What a status of the server becomes.

use expect_test::expect;
use qdrant_client::QdrantError;
use tonic::{Code, Status};

use crate::error::server_error;

#[test]
fn each_status_says_what_to_do() {
    let said = |code: Code, text: &str| {
        let error = QdrantError::ResponseError { status: Status::new(code, text) };
        server_error("URL", Some("s3cret"), &error).to_string() + "\n"
    };
    let all = [
        said(Code::Unavailable, "stopping"),
        said(Code::Internal, "Failed to connect to URL: inner state"),
        said(Code::DeadlineExceeded, ""),
        said(Code::NotFound, "Collection `x` doesn't exist!"),
        said(Code::PermissionDenied, "s3cret is not enough"),
        said(Code::Unimplemented, ""),
        said(Code::InvalidArgument, "Vector dimension error"),
        said(Code::Unknown, &format!("{}\n{}", "a".repeat(200), "b".repeat(200))),
    ];
    expect![[r#"
        URL is away: stopping; see that the server runs and can be reached
        URL is away: no connection; see that the server runs and can be reached
        URL is away: Deadline expired before operation could complete; see that the server runs and can be reached
        URL has lost its collections: Collection `x` doesn't exist!
        URL cannot be used: it does not accept the API key ([secret] is not enough); set the right one
        URL cannot be used: it does not speak Qdrant's gRPC (Operation is not implemented or not supported); name the gRPC port, usually 6334
        URL cannot be used: Vector dimension error
        URL is away: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…; see that the server runs and can be reached
    "#]].assert_eq(&all.concat());
}
