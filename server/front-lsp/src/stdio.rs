//! This process's standard input and output as async streams, for a front that talks over them.
//!
//! It opens nothing else, and does not look at what is sent.

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;

#[cfg(test)]
mod tests;

/// Standard input and output.
///
/// Pipes and sockets (how editors start servers) are read and written without blocking a thread. Anything else falls
/// back to tokio's own, whose reading thread outlives a dropped read: end such a process with `std::process::exit`.
pub fn stdio() -> (Box<dyn AsyncRead + Send + Unpin>, Box<dyn AsyncWrite + Send + Unpin>) {
    (input(), output())
}

fn input() -> Box<dyn AsyncRead + Send + Unpin> {
    let stdin = std::io::stdin();
    match kind(stdin.as_fd().try_clone_to_owned()) {
        // Opening the pipe once more gives a file description of our own, so that `O_NONBLOCK` does not reach others
        // who share the inherited one.
        Kind::Pipe => match pipe::OpenOptions::new().open_receiver("/proc/self/fd/0") {
            Ok(pipe) => Box::new(pipe),
            Err(_) => Box::new(tokio::io::stdin()),
        },
        Kind::Socket(fd) => match socket(fd) {
            Ok(socket) => Box::new(socket),
            Err(_) => Box::new(tokio::io::stdin()),
        },
        Kind::Other => Box::new(tokio::io::stdin()),
    }
}

fn output() -> Box<dyn AsyncWrite + Send + Unpin> {
    let stdout = std::io::stdout();
    match kind(stdout.as_fd().try_clone_to_owned()) {
        Kind::Pipe => match pipe::OpenOptions::new().open_sender("/proc/self/fd/1") {
            Ok(pipe) => Box::new(pipe),
            Err(_) => Box::new(tokio::io::stdout()),
        },
        Kind::Socket(fd) => match socket(fd) {
            Ok(socket) => Box::new(socket),
            Err(_) => Box::new(tokio::io::stdout()),
        },
        Kind::Other => Box::new(tokio::io::stdout()),
    }
}

/// What a descriptor is connected to.
enum Kind {
    Pipe,
    Socket(OwnedFd),
    Other,
}

fn kind(fd: std::io::Result<OwnedFd>) -> Kind {
    let Ok(file) = fd.map(std::fs::File::from) else {
        return Kind::Other;
    };
    match file.metadata().map(|meta| meta.file_type()) {
        Ok(file_type) if file_type.is_fifo() => Kind::Pipe,
        Ok(file_type) if file_type.is_socket() => Kind::Socket(file.into()),
        _ => Kind::Other,
    }
}

fn socket(fd: OwnedFd) -> std::io::Result<UnixStream> {
    let socket = std::os::unix::net::UnixStream::from(fd);
    socket.set_nonblocking(true)?;
    UnixStream::from_std(socket)
}
