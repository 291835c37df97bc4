//! Framing of the LSP base protocol: bytes to JSON values and back.
//!
//! It knows neither requests nor responses, and answers nothing.

use serde::Serialize;
use serde_json::Value;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt};

#[cfg(test)]
mod tests;

/// Largest accepted body, in bytes. A whole-document `didChange` of the largest indexed file is far below it.
pub const MAX_FRAME_BYTES: usize = 64 << 20;

/// Largest accepted header block, in bytes; real ones have about 25.
const MAX_HEADER_BYTES: usize = 8 << 10;

/// How much is asked of the input at once.
const READ_BYTES: usize = 64 << 10;

/// An emptied buffer larger than this is given back, so that one big message is not paid for ever after.
const KEEP_BYTES: usize = 1 << 20;

/// Why a frame could not be had.
#[derive(Debug, Error)]
pub enum FrameError {
    /// The body is no JSON; the next frame is unaffected.
    #[error("the body is not JSON: {0}")]
    NotJson(#[source] serde_json::Error),
    /// The body was skipped; the next frame is unaffected.
    #[error("charset `{0}` is not supported; send utf-8")]
    Charset(String),
    /// A header line without a colon.
    #[error("bad header line `{0}`; expected `Name: value`")]
    Header(String),
    /// `Content-Length` is no number, or was given twice with different values.
    #[error("bad Content-Length `{0}`; expected one decimal number of bytes")]
    Length(String),
    /// A header block without `Content-Length`.
    #[error("missing Content-Length header")]
    NoLength,
    /// The header block does not end within its limit.
    #[error("header block above {MAX_HEADER_BYTES} bytes")]
    HeaderTooLong,
    /// The announced body is above the limit.
    #[error("frame of {0} bytes; the limit is {1}")]
    TooLarge(usize, usize),
    /// The input ended inside a frame.
    #[error("input ended inside a frame")]
    Truncated,
    /// The input failed.
    #[error("cannot read: {0}")]
    Io(#[from] std::io::Error),
}

impl FrameError {
    /// Whether the next frame can still be found.
    pub fn is_recoverable(&self) -> bool {
        matches!(self, FrameError::NotJson(_) | FrameError::Charset(_))
    }
}

/// Reads frames from an input.
pub struct FrameReader<R> {
    input: R,
    /// Bytes read; those before `start` are used up.
    buffer: Vec<u8>,
    start: usize,
    /// Header of the frame whose body is still arriving.
    head: Option<Head>,
    /// Largest accepted body.
    most: usize,
}

/// What a header block said.
struct Head {
    body_len: usize,
    /// Set if the body cannot be understood.
    bad_charset: Option<String>,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// Starts at a frame boundary of `input`.
    pub fn new(input: R) -> Self {
        Self::with_limit(input, MAX_FRAME_BYTES)
    }

    /// The same for bodies of at most `most` bytes, and no more than [`MAX_FRAME_BYTES`].
    pub fn with_limit(input: R, most: usize) -> Self {
        Self { input, buffer: Vec::new(), start: 0, head: None, most }
    }

    /// The next body, or `None` at the end of the input. Cancel-safe: bytes read so far stay in the reader.
    ///
    /// # Errors
    /// After one that [`FrameError::is_recoverable`], read on; after any other the input is of no more use.
    pub async fn next(&mut self) -> Result<Option<Value>, FrameError> {
        loop {
            if let Some(body) = self.buffered()? {
                return Ok(Some(body));
            }
            self.compact();
            self.buffer.reserve(READ_BYTES);
            if self.input.read_buf(&mut self.buffer).await? == 0 {
                let at_boundary = self.head.is_none() && self.buffer.trim_ascii().is_empty();
                return if at_boundary { Ok(None) } else { Err(FrameError::Truncated) };
            }
        }
    }

    /// Takes one body out of what has been read, if it is all there.
    fn buffered(&mut self) -> Result<Option<Value>, FrameError> {
        if self.head.is_none() {
            let Some((head, n_bytes)) = parse_head(&self.buffer[self.start..])? else {
                return Ok(None);
            };
            if self.most < head.body_len {
                return Err(FrameError::TooLarge(head.body_len, self.most));
            }
            self.start += n_bytes;
            self.head = Some(head);
        }
        let unread = &self.buffer[self.start..];
        let Some(head) = self.head.take_if(|head| head.body_len <= unread.len()) else {
            return Ok(None);
        };
        let body = &unread[..head.body_len];
        let res = match head.bad_charset {
            None => serde_json::from_slice(body).map(Some).map_err(FrameError::NotJson),
            Some(charset) => Err(FrameError::Charset(charset)),
        };
        self.start += head.body_len;
        res
    }

    /// Moves what is unread to the front.
    fn compact(&mut self) {
        self.buffer.drain(..self.start);
        self.start = 0;
        if self.buffer.is_empty() && KEEP_BYTES < self.buffer.capacity() {
            self.buffer = Vec::new();
        }
    }
}

/// Parses a header block; returns it with its length in bytes, or `None` if it has not ended yet.
///
/// Lines may end in a bare line feed, and empty lines before the block are skipped: some clients send both.
fn parse_head(bytes: &[u8]) -> Result<Option<(Head, usize)>, FrameError> {
    let mut body_len = None;
    let mut bad_charset = None;
    let mut any_header = false;
    let mut line_start = 0;
    while let Some(line_len) = bytes[line_start..].iter().position(|&byte| byte == b'\n') {
        let line = bytes[line_start..line_start + line_len].trim_ascii();
        line_start += line_len + 1;
        if MAX_HEADER_BYTES < line_start {
            return Err(FrameError::HeaderTooLong);
        }
        if line.is_empty() {
            if !any_header {
                continue;
            }
            let body_len = body_len.ok_or(FrameError::NoLength)?;
            return Ok(Some((Head { body_len, bad_charset }, line_start)));
        }
        any_header = true;
        let line = String::from_utf8_lossy(line);
        let Some((name, value)) = line.split_once(':') else {
            return Err(FrameError::Header(excerpt(&line)));
        };
        match (name.trim().to_ascii_lowercase().as_str(), value.trim()) {
            ("content-length", value) => body_len = Some(parse_length(value, body_len)?),
            ("content-type", value) => bad_charset = foreign_charset(value),
            _ => {}
        }
    }
    if MAX_HEADER_BYTES < bytes.len() { Err(FrameError::HeaderTooLong) } else { Ok(None) }
}

/// Parses the value of `Content-Length`; `before` is what an earlier line of the same block said.
fn parse_length(value: &str, before: Option<usize>) -> Result<usize, FrameError> {
    let bad = || FrameError::Length(excerpt(value));
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad());
    }
    // All digits, so it can only be too large for the type, hence for us.
    let len = value.parse().unwrap_or(usize::MAX);
    if before.is_some_and(|before| before != len) {
        return Err(bad());
    }
    if MAX_FRAME_BYTES < len { Err(FrameError::TooLarge(len, MAX_FRAME_BYTES)) } else { Ok(len) }
}

/// The charset of a content type, unless it is UTF-8 (also in its old spelling `utf8`) or not given.
fn foreign_charset(content_type: &str) -> Option<String> {
    let charset = content_type.split(';').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    })?;
    let is_utf8 = ["utf-8", "utf8"].iter().any(|name| charset.eq_ignore_ascii_case(name));
    (!is_utf8).then(|| excerpt(charset))
}

/// The start of `text`, short enough for an error message.
fn excerpt(text: &str) -> String {
    text.chars().take(80).collect()
}

/// One message as a frame, ready to be written.
pub fn encode(message: &impl Serialize) -> Vec<u8> {
    let body =
        serde_json::to_vec(message).expect("messages have string keys and no failing serializers");
    let mut frame = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    frame.extend_from_slice(&body);
    frame
}
