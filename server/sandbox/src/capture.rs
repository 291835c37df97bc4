//! Reads a stream to its end and keeps a bounded part of it: the beginning and the end; knows nothing of processes.

use std::{collections::VecDeque, sync::Mutex};

use tokio::io::{AsyncRead, AsyncReadExt};

#[cfg(test)]
mod tests;

/// How much one read takes at most.
const BLOCK: usize = 64 * 1024;

/// A stream has more in it than anybody will ever want.
#[derive(Debug)]
pub(crate) struct Flood;

/// What is kept of one stream.
pub(crate) struct Capture {
    cap: usize,
    /// Of the stream so far; written by the reader, taken when the job has ended, even if the reader has not.
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: u64,
}

impl Capture {
    /// Keeps at most `cap` bytes.
    pub(crate) fn new(cap: usize) -> Capture {
        Capture { cap, kept: Mutex::default() }
    }

    /// Reads until the end. A stream that cannot be read has ended.
    ///
    /// # Errors
    /// [`Flood`] once more than `flood` bytes have come; the rest stays unread.
    pub(crate) async fn read(
        &self,
        mut stream: impl AsyncRead + Unpin,
        flood: u64,
    ) -> Result<(), Flood> {
        let mut block = vec![0; BLOCK];
        loop {
            let n_bytes = stream.read(&mut block).await.unwrap_or(0);
            if n_bytes == 0 {
                return Ok(());
            }
            if flood < self.push(&block[..n_bytes]) {
                return Err(Flood);
            }
        }
    }

    /// Adds to the end; returns how long the stream is by now.
    fn push(&self, mut bytes: &[u8]) -> u64 {
        let mut kept = self.kept.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        kept.total += bytes.len() as u64;
        let head_cap = self.cap.div_ceil(2);
        let room = head_cap - kept.head.len();
        let (head, rest) = bytes.split_at(room.min(bytes.len()));
        kept.head.extend_from_slice(head);
        bytes = rest;
        let tail_cap = self.cap - head_cap;
        bytes = &bytes[bytes.len().saturating_sub(tail_cap)..];
        let excess = (kept.tail.len() + bytes.len()).saturating_sub(tail_cap);
        kept.tail.drain(..excess);
        kept.tail.extend(bytes);
        kept.total
    }

    /// What was kept so far, and whether something was dropped; a line says so where it was.
    pub(crate) fn take(&self) -> (Vec<u8>, bool) {
        let kept =
            std::mem::take(&mut *self.kept.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
        let mut bytes = kept.head;
        let dropped = kept.total - (bytes.len() + kept.tail.len()) as u64;
        if 0 < dropped {
            bytes.extend_from_slice(format!("\n[{dropped} bytes of output dropped]\n").as_bytes());
        }
        bytes.extend(kept.tail);
        (bytes, 0 < dropped)
    }
}
