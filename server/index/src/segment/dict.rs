//! A sorted dictionary that is searched where it lies: blocks of keys, each key stored by what it does not share with
//! the one before it. What a key stands for is a stretch of another section.

use crate::segment::bytes::{Damaged, Span};
use crate::segment::layout::u32_at;
use crate::varint::{Cursor, put};

/// Keys in a block: a lookup reads one block from its start.
const BLOCK: usize = 16;

/// Collects keys in ascending order.
#[derive(Debug, Default)]
pub(crate) struct DictWriter {
    /// Where each block starts, u32 each, and the end of the last one.
    blocks: Vec<u8>,
    keys: Vec<u8>,
    last: Vec<u8>,
    n_keys: usize,
    /// Where the next key's value starts.
    value_at: u64,
}

impl DictWriter {
    /// `value_len`: bytes of its value, which follow those of the key before.
    pub(crate) fn push(&mut self, key: &[u8], value_len: usize) {
        let shared = if self.n_keys.is_multiple_of(BLOCK) {
            self.blocks.extend_from_slice(&(self.keys.len() as u32).to_le_bytes());
            put(&mut self.keys, self.value_at);
            0
        } else {
            self.last.iter().zip(key).take_while(|(a, b)| a == b).count()
        };
        put(&mut self.keys, shared as u64);
        put(&mut self.keys, (key.len() - shared) as u64);
        self.keys.extend_from_slice(&key[shared..]);
        put(&mut self.keys, value_len as u64);
        self.last.clear();
        self.last.extend_from_slice(key);
        self.value_at += value_len as u64;
        self.n_keys += 1;
    }

    /// The blocks, then the keys.
    pub(crate) fn finish(mut self) -> (Vec<u8>, Vec<u8>) {
        self.blocks.extend_from_slice(&(self.keys.len() as u32).to_le_bytes());
        (self.blocks, self.keys)
    }
}

/// A dictionary in a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dict<'a> {
    pub(crate) blocks: Span<'a>,
    pub(crate) keys: Span<'a>,
}

/// Where the value of a key lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) start: usize,
    pub(crate) len: usize,
}

impl<'a> Dict<'a> {
    pub(crate) fn find(&self, key: &[u8]) -> Result<Option<Value>, Damaged> {
        let mut keys = self.from(key)?;
        let found = keys.next()?;
        Ok(found.filter(|_| keys.key() == key))
    }

    /// The keys at and after `key`.
    pub(crate) fn from(&self, key: &[u8]) -> Result<Keys<'a>, Damaged> {
        // The last block whose first key is not greater.
        let (mut low, mut high) = (0, self.n_blocks());
        while 1 < high - low {
            let middle = (low + high) / 2;
            match self.first_key(middle)? {
                Some(first) if first <= key => low = middle,
                _ => high = middle,
            }
        }
        let mut keys = self.block(low)?;
        while let Some(value) = keys.next()? {
            if key <= keys.key() {
                keys.pending = Some(value);
                break;
            }
        }
        Ok(keys)
    }

    /// All keys.
    pub(crate) fn all(&self) -> Result<Keys<'a>, Damaged> {
        self.block(0)
    }

    fn n_blocks(&self) -> usize {
        (self.blocks.len() / 4).saturating_sub(1)
    }

    fn block(&self, block: usize) -> Result<Keys<'a>, Damaged> {
        let mut keys = Keys {
            dict: *self,
            block,
            cursor: Cursor::new(&[]),
            left: 0,
            key: Vec::new(),
            value_at: 0,
            pending: None,
        };
        keys.enter()?;
        Ok(keys)
    }

    fn bytes(&self, block: usize) -> Result<&'a [u8], Damaged> {
        if self.n_blocks() <= block {
            return Ok(&[]);
        }
        let bounds = self.blocks.get(block * 4, 8)?;
        let (start, end) = (u32_at(bounds, 0) as usize, u32_at(bounds, 1) as usize);
        self.keys.get(start, end.saturating_sub(start))
    }

    fn first_key(&self, block: usize) -> Result<Option<&'a [u8]>, Damaged> {
        let mut cursor = Cursor::new(self.bytes(block)?);
        let mut read = || {
            let (_value_at, _shared) = (cursor.number()?, cursor.number()?);
            let len = cursor.number()?;
            cursor.bytes(usize::try_from(len).ok()?)
        };
        Ok(read())
    }
}

/// Goes through keys in order.
#[derive(Debug)]
pub(crate) struct Keys<'a> {
    dict: Dict<'a>,
    /// The block that is being read.
    block: usize,
    cursor: Cursor<'a>,
    /// Keys that may still follow in the block.
    left: usize,
    key: Vec<u8>,
    /// Where the next key's value starts.
    value_at: u64,
    /// Read already, and next in turn.
    pending: Option<Value>,
}

impl Keys<'_> {
    /// The key that `next` came to; empty after the last one.
    pub(crate) fn key(&self) -> &[u8] {
        &self.key
    }

    pub(crate) fn next(&mut self) -> Result<Option<Value>, Damaged> {
        if let Some(value) = self.pending.take() {
            return Ok(Some(value));
        }
        if self.cursor.rest().is_empty() || self.left == 0 {
            self.block += 1;
            self.enter()?;
        }
        let Some(len) = self.read() else {
            self.key.clear();
            self.cursor = Cursor::new(&[]);
            return Ok(None);
        };
        self.left -= 1;
        let start = self.value_at as usize;
        self.value_at += len as u64;
        Ok(Some(Value { start, len }))
    }

    /// Reads one key, and returns the length of its value.
    fn read(&mut self) -> Option<usize> {
        let shared = usize::try_from(self.cursor.number()?).ok()?;
        let len = usize::try_from(self.cursor.number()?).ok()?;
        let tail = self.cursor.bytes(len)?;
        self.key.truncate(shared);
        self.key.extend_from_slice(tail);
        usize::try_from(self.cursor.number()?).ok()
    }

    fn enter(&mut self) -> Result<(), Damaged> {
        self.cursor = Cursor::new(self.dict.bytes(self.block)?);
        self.value_at = self.cursor.number().unwrap_or_default();
        self.left = BLOCK;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
