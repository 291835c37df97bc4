//! A stretch of bytes; knows nothing of the text that it is in.

use std::fmt;
use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// Bytes `start..end` of a UTF-8 text; one with `end` at or before `start` is empty.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub struct ByteRange {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl ByteRange {
    /// The range `start..end`.
    pub fn new(start: usize, end: usize) -> ByteRange {
        ByteRange { start, end }
    }

    /// The empty range at `offset`.
    pub fn at(offset: usize) -> ByteRange {
        ByteRange::new(offset, offset)
    }

    /// Bytes in it.
    pub fn len(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the byte at `offset` lies in it.
    pub fn contains(&self, offset: usize) -> bool {
        self.start <= offset && offset < self.end
    }

    /// Whether they have a byte in common; an empty range has none.
    pub fn intersects(&self, other: &ByteRange) -> bool {
        self.start.max(other.start) < self.end.min(other.end)
    }

    /// As the standard library takes it; empty, not backwards, if `end` is before `start`.
    pub fn as_range(&self) -> Range<usize> {
        self.start..self.end.max(self.start)
    }
}

impl From<Range<usize>> for ByteRange {
    fn from(range: Range<usize>) -> ByteRange {
        ByteRange::new(range.start, range.end)
    }
}

impl From<ByteRange> for Range<usize> {
    fn from(range: ByteRange) -> Range<usize> {
        range.as_range()
    }
}

impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}
