//! Cuts source text into chunks: one for each definition, with its name, signature and documentation.
//! What no definition covers is `windows`' part; what a chunk is good for is the index's.
//!
//! Captures of a chunk query: the definition, named for its kind (`@function @method @class @struct @enum @trait @impl
//! @interface @module @alias @constant @macro @test`), its name, and where they exist `@body` (else the node's `body`
//! field) and `@scope` (what the name is qualified with, besides what is around it). The name is one of:
//! - `@name`: the text of the node, without quotes;
//! - `@path`: a name with what qualifies it in front (`Outer::inner`, `module.table:method`);
//! - `@declarator`: a node with the name inside of it, as C has it; the name may be a path.
//!
//! `@namespace` qualifies what is in the node, or what follows when the node has no body; `@package` qualifies nothing.
//! Both are chunks (modules) only where they are documented, and then without what is in them.
//! `@documented` with `@doc` finds a docstring, `@skip` takes a node out. The first pattern that matches a node wins.
//! `@leading` is a node that belongs to the definition after it, like the kinds in `Language::leading`; `@doc` in it is
//! the documentation. `@signature` is the whole signature, where it is not what stands in front of the body.
//! `(#set! separator "#")` joins the name to what is around it with `#`. `(#set! clause)`: definitions of one name that
//! follow each other are one chunk, unless a `@leading` node stands between them.

mod docs;
mod find;
mod named;
mod names;
mod refs;
mod signature;
mod source;
mod walk;

pub(crate) use find::Part;
pub use named::{word_at, words};

use base::ByteRange;

use crate::chunks::find::{Finds, find};
use crate::chunks::source::Source;
use crate::language::Language;
use crate::parse::{Deadline, Parsed, parse};
use crate::windows::{gaps, windows};

/// A signature is read from the first bytes of a definition, a name from a node no longer than this.
const MAX_HEAD_BYTES: usize = 4096;

/// What a chunk defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChunkKind {
    /// A free function, or a function value with a name.
    Function,
    /// A function in a class, trait, impl, interface or object.
    Method,
    /// A class.
    Class,
    /// A struct or union.
    Struct,
    /// An enum.
    Enum,
    /// A trait.
    Trait,
    /// An `impl` block, named for its type.
    Impl,
    /// An interface.
    Interface,
    /// A name for another type.
    TypeAlias,
    /// A module or namespace with its content in the same file.
    Module,
    /// A constant, or another value bound at the top of a file.
    Constant,
    /// A macro.
    Macro,
    /// A test, or a group of tests.
    Test,
    /// Some lines of text that no definition covers.
    Window,
}

impl ChunkKind {
    /// In a word or two: `function`, `type alias`.
    pub fn name(self) -> &'static str {
        match self {
            ChunkKind::Function => "function",
            ChunkKind::Method => "method",
            ChunkKind::Class => "class",
            ChunkKind::Struct => "struct",
            ChunkKind::Enum => "enum",
            ChunkKind::Trait => "trait",
            ChunkKind::Impl => "impl",
            ChunkKind::Interface => "interface",
            ChunkKind::TypeAlias => "type alias",
            ChunkKind::Module => "module",
            ChunkKind::Constant => "constant",
            ChunkKind::Macro => "macro",
            ChunkKind::Test => "test",
            ChunkKind::Window => "text",
        }
    }

    /// Whether it mainly holds other definitions, so that its own text is what lies between them.
    pub fn is_container(self) -> bool {
        use ChunkKind::{Class, Enum, Impl, Interface, Module, Struct, Test, Trait};
        matches!(self, Class | Struct | Enum | Trait | Impl | Interface | Module | Test)
    }
}

/// A piece of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// What it defines.
    pub kind: ChunkKind,
    /// Its own name; empty for a window.
    pub name: String,
    /// The name with the names around it, joined as the language does: `Outer.inner`, `outer::inner`.
    pub qualified: String,
    /// The definition up to its body, on one line, without documentation; for a window its first line with text.
    pub signature: String,
    /// Documentation without comment marks: the docstring, else the comments right above.
    pub doc: Option<String>,
    /// All its bytes, with the comments, attributes and decorators in front, and the first line's indent.
    pub range: ByteRange,
    /// The body's bytes, with its braces, where there is a body.
    pub body: Option<ByteRange>,
    /// First and last line, from 1.
    pub lines: (u32, u32),
}

/// A file in pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut<'a> {
    /// Definitions, and windows over what none of them covers: sorted by start, an outer one before the ones inside it.
    pub chunks: Vec<Chunk>,
    /// What they refer to; sorted, each once. Empty where there is no grammar.
    pub refs: Vec<Ref<'a>>,
}

/// A chunk's own text calls a name, imports it, or uses it as a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ref<'a> {
    /// Without its path; not the chunk's own name.
    pub name: &'a str,
    /// Index of the chunk. A container leaves the definitions in it to themselves.
    pub chunk: usize,
}

/// The definitions in `text`, sorted by start, an outer one before the ones inside it.
///
/// Broken text gives what can be had; text that is too long or takes too long gives windows.
pub fn chunks(lang: &Language, text: &str) -> Vec<Chunk> {
    chunks_until(lang, text, Deadline::start())
}

/// All of `text` in pieces. Broken text, and text that is too long or takes too long, as [`chunks`].
pub fn cut<'a>(lang: &Language, text: &'a str) -> Cut<'a> {
    cut_until(lang, text, Deadline::start())
}

pub(crate) fn cut_until<'a>(lang: &Language, text: &'a str, deadline: Deadline) -> Cut<'a> {
    let Ok(parsed) = parse(lang, text, deadline) else {
        return Cut { chunks: windows(text), refs: Vec::new() };
    };
    let (mut chunks, names) = definitions(lang, text, &parsed, deadline);
    chunks.extend(gaps(text, &chunks));
    sort(&mut chunks);
    let refs = refs::of(&chunks, names);
    Cut { chunks, refs }
}

fn chunks_until(lang: &Language, text: &str, deadline: Deadline) -> Vec<Chunk> {
    let Ok(parsed) = parse(lang, text, deadline) else { return windows(text) };
    definitions(lang, text, &parsed, deadline).0
}

/// The definitions, and the names that are referred to anywhere.
fn definitions<'a>(
    lang: &Language,
    text: &'a str,
    parsed: &Parsed<'_>,
    deadline: Deadline,
) -> (Vec<Chunk>, Vec<(usize, &'a str)>) {
    let Finds { definitions, leading, refs } = find(lang, text, &parsed.tree, deadline);
    let source = Source::new(lang, text, parsed);
    let mut chunks = walk::walk(source, &parsed.tree, definitions, leading, deadline);
    sort(&mut chunks);
    (chunks, refs)
}

fn sort(chunks: &mut [Chunk]) {
    chunks.sort_by(|a, b| {
        (a.range.start, b.range.end, a.kind).cmp(&(b.range.start, a.range.end, b.kind))
    });
}

#[cfg(test)]
mod tests;
