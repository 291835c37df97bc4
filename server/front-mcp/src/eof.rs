//! A reader that tells when its end is reached, so that work for a client that has gone can stop at once.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::sync::CancellationToken;

/// Reads through; cancels the token at the end of input or at an error.
pub(crate) struct UntilEof<R> {
    inner: R,
    gone: CancellationToken,
}

impl<R> UntilEof<R> {
    pub(crate) fn new(inner: R, gone: CancellationToken) -> UntilEof<R> {
        UntilEof { inner, gone }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for UntilEof<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let poll = Pin::new(&mut self.inner).poll_read(cx, buf);
        match &poll {
            Poll::Ready(Ok(())) if buf.filled().len() == before && buf.capacity() > before => {
                self.gone.cancel();
            }
            Poll::Ready(Err(_)) => self.gone.cancel(),
            Poll::Ready(Ok(())) | Poll::Pending => {}
        }
        poll
    }
}
