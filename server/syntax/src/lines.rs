//! Where the lines of a text begin. A line ends with `\n`, `\r\n` or a lone `\r`, as in the Language Server Protocol.
//! Columns are `base::Text`'s business.

use base::ByteRange;

/// The line starts of one text.
#[derive(Clone, Debug)]
pub struct Lines {
    /// Offset of each line's first byte; the first one is 0. A final line break starts no further line.
    starts: Vec<usize>,
    len: usize,
}

impl Lines {
    /// Finds the lines of `text`; an empty text has one empty line.
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let ends = bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n');
            if ends && at + 1 < bytes.len() {
                starts.push(at + 1);
            }
        }
        Self { starts, len: bytes.len() }
    }

    /// Number of lines, at least 1.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The line of a byte offset, from 1; offsets past the end are on the last line.
    pub fn line(&self, offset: usize) -> u32 {
        let line = self.starts.partition_point(|start| *start <= offset);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// First and last line of a range, from 1; an empty range is on one line.
    pub fn span(&self, range: ByteRange) -> (u32, u32) {
        let last = range.end.saturating_sub(1).max(range.start);
        (self.line(range.start), self.line(last))
    }

    /// The bytes of a line, from 1, with its line break. Lines past the end are empty.
    pub fn range(&self, line: u32) -> ByteRange {
        let idx = (line as usize).saturating_sub(1);
        let start = self.starts.get(idx).copied().unwrap_or(self.len);
        let end = self.starts.get(idx + 1).copied().unwrap_or(self.len);
        ByteRange { start, end }
    }
}

#[cfg(test)]
mod tests;
