//! A unit as a segment stores it: a record of fixed size, and its strings.
//! Where a record lies is `segment`'s part.

use syntax::{Chunk, ChunkKind};

use crate::segment::layout::u32_at;
use crate::varint::{Cursor, put, put_text};

pub(crate) const RECORD_BYTES: usize = 36;

const IS_TEST: u8 = 1;
const IS_IMPORTS: u8 = 2;
const HAS_BODY: u8 = 4;

/// In the order of their bytes; new kinds come last, and with a new format.
const KINDS: [ChunkKind; 14] = [
    ChunkKind::Function,
    ChunkKind::Method,
    ChunkKind::Class,
    ChunkKind::Struct,
    ChunkKind::Enum,
    ChunkKind::Trait,
    ChunkKind::Impl,
    ChunkKind::Interface,
    ChunkKind::TypeAlias,
    ChunkKind::Module,
    ChunkKind::Constant,
    ChunkKind::Macro,
    ChunkKind::Test,
    ChunkKind::Window,
];

/// What ranking asks of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) kind: ChunkKind,
    /// Its bytes in the file.
    pub(crate) range: (u32, u32),
    pub(crate) body: Option<(u32, u32)>,
    /// First and last line, from 1.
    pub(crate) lines: (u32, u32),
    /// Words in its own text.
    pub(crate) n_words: u32,
    /// It is a test, or lies inside of a test module.
    pub(crate) is_test: bool,
    /// A window with nothing but imports: it names everything and explains nothing.
    pub(crate) is_imports: bool,
}

/// A unit, and where its strings start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) unit: Unit,
    pub(crate) strings: u32,
}

impl Record {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let Record { unit, strings } = self;
        let body = unit.body.unwrap_or_default();
        let (range, lines) = (unit.range, unit.lines);
        for number in [range.0, range.1, body.0, body.1, lines.0, lines.1, unit.n_words, *strings] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        let kind = KINDS.iter().position(|kind| *kind == unit.kind).unwrap_or(KINDS.len() - 1);
        let flag = |flag: u8, holds: bool| if holds { flag } else { 0 };
        let flags = flag(IS_TEST, unit.is_test)
            | flag(IS_IMPORTS, unit.is_imports)
            | flag(HAS_BODY, unit.body.is_some());
        out.extend_from_slice(&[kind as u8, flags, 0, 0]);
    }

    pub(crate) fn read(bytes: &[u8]) -> Option<Record> {
        let &[kind, flags, ..] = bytes.get(32..RECORD_BYTES)? else { return None };
        let pair = |idx: usize| (u32_at(bytes, idx), u32_at(bytes, idx + 1));
        let unit = Unit {
            kind: *KINDS.get(usize::from(kind))?,
            range: pair(0),
            body: (flags & HAS_BODY != 0).then(|| pair(2)),
            lines: pair(4),
            n_words: u32_at(bytes, 6),
            is_test: flags & IS_TEST != 0,
            is_imports: flags & IS_IMPORTS != 0,
        };
        Some(Record { unit, strings: u32_at(bytes, 7) })
    }
}

/// The strings of a unit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strings<'a> {
    pub(crate) name: &'a str,
    around: &'a str,
    name_follows: bool,
    pub(crate) signature: &'a str,
    pub(crate) doc: Option<&'a str>,
}

impl<'a> Strings<'a> {
    pub(crate) fn write(chunk: &Chunk, out: &mut Vec<u8>) {
        put_text(out, &chunk.name);
        let around = chunk.qualified.strip_suffix(chunk.name.as_str());
        let (text, follows) = around.map_or((chunk.qualified.as_str(), 0), |around| (around, 1));
        put(out, (text.len() as u64) << 1 | follows);
        out.extend_from_slice(text.as_bytes());
        put_text(out, &chunk.signature);
        put(out, chunk.doc.as_ref().map_or(0, |doc| doc.len() as u64 + 1));
        out.extend_from_slice(chunk.doc.as_deref().unwrap_or_default().as_bytes());
    }

    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Option<Strings<'a>> {
        let name = cursor.text()?;
        let tag = cursor.number()?;
        let around = std::str::from_utf8(cursor.bytes(usize::try_from(tag >> 1).ok()?)?).ok()?;
        let signature = cursor.text()?;
        let doc = match usize::try_from(cursor.number()?).ok()? {
            0 => None,
            len => Some(std::str::from_utf8(cursor.bytes(len - 1)?).ok()?),
        };
        Some(Strings { name, around, name_follows: tag & 1 == 1, signature, doc })
    }

    pub(crate) fn qualified(&self) -> String {
        let name = if self.name_follows { self.name } else { "" };
        [self.around, name].concat()
    }
}
