//! What a server writes, on its way to whoever reads messages: a server that writes without measure is cut off, and why is kept.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, ReadBuf};

#[cfg(test)]
mod tests;

/// One message. A picture fits.
pub(crate) const MAX_MESSAGE: usize = 8 << 20;
/// Between one request of ours and the next.
const MAX_BYTES: u64 = 32 << 20;
const MAX_LINES: u64 = 20_000;
/// Lines that are no messages: some servers greet whoever reads.
const MAX_GARBAGE: u64 = 200;

/// How much a server has written since it was last asked something, and why it is not listened to any more.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    bytes: AtomicU64,
    lines: AtomicU64,
    garbage: AtomicU64,
    /// Set once, by the reader.
    fault: Mutex<Option<String>>,
}

impl Meter {
    /// It was asked something: what it says may be the answer.
    pub(crate) fn reset(&self) {
        self.bytes.store(0, Relaxed);
        self.lines.store(0, Relaxed);
    }

    /// Why it is not listened to any more.
    pub(crate) fn fault(&self) -> Option<String> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Passes on what `inner` reads until it is too much; that is then its end.
#[derive(Debug)]
pub(crate) struct Measured<R> {
    inner: R,
    meter: Arc<Meter>,
    /// Bytes of the line that has begun.
    line: usize,
}

impl<R> Measured<R> {
    pub(crate) fn new(inner: R, meter: Arc<Meter>) -> Measured<R> {
        Measured { inner, meter, line: 0 }
    }

    /// Counts what was read.
    ///
    /// # Errors
    /// Why that is too much.
    fn count(&mut self, read: &[u8]) -> Result<(), String> {
        let meter = &self.meter;
        let bytes = meter.bytes.fetch_add(read.len() as u64, Relaxed) + read.len() as u64;
        for piece in read.split_inclusive(|byte| *byte == b'\n') {
            // A message is an object; batches were one revision's, and are arrays.
            let is_garbage = self.line == 0 && !matches!(piece[0], b'{' | b'[' | b'\n' | b'\r');
            if is_garbage && MAX_GARBAGE <= meter.garbage.fetch_add(1, Relaxed) {
                return Err(
                    "its output is no MCP: a server must write nothing else there".to_owned()
                );
            }
            self.line += piece.len();
            if MAX_MESSAGE < self.line {
                return Err(format!("it wrote a message of more than {} MiB", MAX_MESSAGE >> 20));
            }
            if piece.ends_with(b"\n") {
                self.line = 0;
                if MAX_LINES <= meter.lines.fetch_add(1, Relaxed) {
                    return Err(format!("it wrote more than {MAX_LINES} messages for one request"));
                }
            }
        }
        if MAX_BYTES < bytes {
            return Err(format!("it wrote more than {} MiB for one request", MAX_BYTES >> 20));
        }
        Ok(())
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Measured<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.meter.lock().is_some() {
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        if let Poll::Ready(Ok(())) = read
            && let Err(fault) = self.count(&buf.filled()[before..])
        {
            buf.set_filled(before);
            *self.meter.lock() = Some(fault);
        }
        read
    }
}
