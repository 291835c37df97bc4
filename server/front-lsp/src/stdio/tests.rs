//! What a descriptor is taken for. The real standard streams are tried where the binary is started.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Kind, kind, socket};

#[test]
fn tells_pipes_sockets_and_the_rest_apart() {
    let (pipe, _writer) = std::io::pipe().unwrap();
    assert!(matches!(kind(Ok(pipe.into())), Kind::Pipe));
    let (socket, _peer) = UnixStream::pair().unwrap();
    assert!(matches!(kind(Ok(socket.into())), Kind::Socket(_)));
    assert!(matches!(kind(Ok(tempfile::tempfile().unwrap().into())), Kind::Other));
    assert!(matches!(kind(Err(std::io::ErrorKind::NotFound.into())), Kind::Other));
}

#[tokio::test]
async fn a_socket_is_read_and_written_without_blocking() {
    let (near, far) = UnixStream::pair().unwrap();
    let (mut near, mut far) = (socket(near.into()).unwrap(), socket(OwnedFd::from(far)).unwrap());
    let mut bytes = [0; 5];
    let (read, written) = tokio::join!(near.read_exact(&mut bytes), far.write_all(b"hello"));
    read.unwrap();
    written.unwrap();
    assert_eq!(&bytes, b"hello");
}
