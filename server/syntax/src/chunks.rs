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
mod names;
mod refs;

pub(crate) use find::Part;

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use base::ByteRange;
use tree_sitter::{Node, Tree};

use crate::chunks::find::{Finds, Found, Leading, What, find};
use crate::language::Language;
use crate::lines::Lines;
use crate::parse::{Deadline, Parsed, parse};
use crate::windows::{gaps, windows};

/// A definition inside a function is a chunk of its own from this many lines on; below that it reads better in place.
const MIN_NESTED_LINES: u32 = 5;

const MAX_SIGNATURE_CHARS: usize = 240;

/// A signature is read from the first bytes of a definition, a name from a node no longer than this.
const MAX_HEAD_BYTES: usize = 4096;

/// A longer name is not put in front of the names in it: of definitions that are nested as deep as a file is long, the
/// qualified names would be as long as the square of that.
const MAX_AROUND_BYTES: usize = 512;

/// Java, Kotlin and Scala keep `public`, `static` and annotations in a node of this kind, inside of the definition.
const MODIFIERS: &str = "modifiers";

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
    /// Names that its own text calls, imports or uses as types: without path and duplicates, without its own name,
    /// sorted, at most 64. A definition inside of a container speaks for itself. Empty where there is no grammar.
    pub refs: Vec<String>,
}

/// The definitions in `text`, sorted by start, an outer one before the ones inside it.
///
/// Broken text gives what can be had; text that is too long or takes too long gives windows.
pub fn chunks(lang: &Language, text: &str) -> Vec<Chunk> {
    chunks_until(lang, text, Deadline::start())
}

/// All of `text` in pieces: its definitions, and windows over what none of them covers. Sorted as [`chunks`].
pub fn cut(lang: &Language, text: &str) -> Vec<Chunk> {
    cut_until(lang, text, Deadline::start())
}

pub(crate) fn cut_until(lang: &Language, text: &str, deadline: Deadline) -> Vec<Chunk> {
    let Ok(parsed) = parse(lang, text, deadline) else { return windows(text) };
    let (mut chunks, refs) = definitions(lang, text, &parsed, deadline);
    chunks.extend(gaps(text, &chunks));
    sort(&mut chunks);
    refs::add(&mut chunks, refs);
    chunks
}

fn chunks_until(lang: &Language, text: &str, deadline: Deadline) -> Vec<Chunk> {
    let Ok(parsed) = parse(lang, text, deadline) else { return windows(text) };
    let (mut chunks, refs) = definitions(lang, text, &parsed, deadline);
    refs::add(&mut chunks, refs);
    chunks
}

/// The definitions, without their refs, and the names that are referred to anywhere.
fn definitions<'a>(
    lang: &Language,
    text: &'a str,
    parsed: &Parsed<'_>,
    deadline: Deadline,
) -> (Vec<Chunk>, Vec<(usize, &'a str)>) {
    let Finds { definitions: found, leading, refs } = find(lang, text, &parsed.tree, deadline);
    let mut starts: Vec<usize> = found.values().map(|found| found.start).collect();
    starts.extend(leading.values().map(|leading| leading.start));
    starts.sort_unstable();
    let mut walk = Walk {
        starts,
        lang,
        text,
        seen: &parsed.seen,
        lines: Lines::of(text),
        found,
        leading,
        frames: Vec::new(),
        open: Vec::new(),
        chunks: Vec::new(),
    };
    walk.run(&parsed.tree, deadline);
    sort(&mut walk.chunks);
    (walk.chunks, refs)
}

fn sort(chunks: &mut [Chunk]) {
    chunks.sort_by(|a, b| {
        (a.range.start, b.range.end, a.kind).cmp(&(b.range.start, a.range.end, b.kind))
    });
}

/// A node on the way from the root to the present one.
struct Frame<'t> {
    node: Node<'t>,
    /// The comments, attributes and decorators right in front of it. Each first child has those of its parent, so that a
    /// copy for each would be the depth of the tree times their number.
    leading: Rc<[Node<'t>]>,
    /// No other named node of its parent comes before it, apart from `leading` kinds.
    is_first: bool,
    /// What its children have shown so far.
    children_leading: Vec<Node<'t>>,
    children_seen: bool,
    /// The query says that it defines something.
    is_found: bool,
    /// Index in `chunks` of the last definition that one of its children has made.
    last_chunk: Option<usize>,
}

/// One pass over the tree. It asks no node for its parent or sibling: those calls cost the depth of the tree.
struct Walk<'t, 'a> {
    lang: &'a Language,
    text: &'a str,
    /// The text as the grammar saw it.
    seen: &'a str,
    lines: Lines,
    found: HashMap<usize, Found<'t>>,
    /// The nodes that the query calls leading, and the documentation in them.
    leading: HashMap<usize, Leading<'t>>,
    /// Where the found and the leading nodes start, sorted.
    starts: Vec<usize>,
    frames: Vec<Frame<'t>>,
    /// The chunks and namespaces around the present node, outermost first.
    open: Vec<Open>,
    chunks: Vec<Chunk>,
}

/// A chunk or namespace that is not over yet.
struct Open {
    /// Number of frames at the node that it ends with.
    depth: usize,
    qualified: String,
    /// Its index in `chunks`; a namespace has none.
    chunk: Option<usize>,
}

impl<'t> Walk<'t, '_> {
    fn run(&mut self, tree: &'t Tree, deadline: Deadline) {
        let mut cursor = tree.walk();
        let mut steps = 0_usize;
        loop {
            steps += 1;
            if steps.is_multiple_of(4096) && deadline.check().is_break() {
                return;
            }
            let node = cursor.node();
            self.enter(node);
            if self.has_found_inside(node) && cursor.goto_first_child() {
                continue;
            }
            self.leave();
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                self.leave();
            }
        }
    }

    /// Most nodes are expressions that define nothing; the walk leaves them out.
    fn has_found_inside(&self, node: Node<'_>) -> bool {
        let at = self.starts.partition_point(|start| *start < node.start_byte());
        self.starts.get(at).is_some_and(|start| *start < node.end_byte())
    }

    fn enter(&mut self, node: Node<'t>) {
        let mut leading: Rc<[Node<'t>]> = Rc::default();
        let mut is_first = true;
        let is_leading = self.is_leading(node);
        if let Some(parent) = self.frames.last_mut() {
            if is_leading {
                parent.children_leading.push(node);
            } else {
                if !parent.children_leading.is_empty() {
                    leading = std::mem::take(&mut parent.children_leading).into();
                }
                is_first = !parent.children_seen;
                if is_first && !parent.is_found && node.start_byte() == parent.node.start_byte() {
                    // Some grammars keep what is in front of a block's first line out of the block.
                    leading = Rc::clone(&parent.leading);
                }
                parent.children_seen |= node.is_named();
            }
        }
        let found = self.found.remove(&node.id());
        self.frames.push(Frame {
            node,
            leading,
            is_first,
            children_leading: Vec::new(),
            children_seen: false,
            is_found: found.is_some(),
            last_chunk: None,
        });
        if let Some(found) = found {
            match found.what {
                What::Skip => {}
                What::Chunk(kind) => self.emit(kind, &found),
                What::Namespace => self.emit_namespace(&found, Qualifies::Yes),
                What::Package => self.emit_namespace(&found, Qualifies::No),
            }
        }
    }

    fn leave(&mut self) {
        while self.open.last().is_some_and(|open| self.frames.len() <= open.depth) {
            self.open.pop();
        }
        let Some(left) = self.frames.pop() else { return };
        if let Some(parent) = self.frames.last_mut().filter(|_| !left.is_found) {
            // What leads, and has nothing after it in its own node, belongs to what follows that node.
            let at_end = left.children_leading.into_iter();
            parent
                .children_leading
                .extend(at_end.filter(|node| self.leading.contains_key(&node.id())));
        }
    }

    fn emit(&mut self, kind: ChunkKind, found: &Found<'t>) {
        let Some(names::Name { scope, name }) = self.name(found) else { return };
        let outermost = self.outermost();
        let frame = &self.frames[outermost];
        let leading = self.attached(&frame.leading, frame.node.start_byte());
        let start = self.with_indent(leading.first().unwrap_or(&frame.node).start_byte());
        let range = ByteRange { start, end: self.with_semicolon(start, frame.node.end_byte()) };
        let lines = self.lines.span(range);
        let parent = self.open.iter().rev().find_map(|open| open.chunk);
        let parent = parent.map(|idx| &self.chunks[idx]);
        // `void Shelf::put() {}` stands outside of its class.
        let kind = match (kind, found.name, &scope) {
            (ChunkKind::Function, Some(find::Name::Declarator(_)), Some(_)) => ChunkKind::Method,
            _ => kind,
        };
        let Some(kind) = self.settle_kind(kind, &name, leading, parent, lines) else { return };
        let doc = match found.doc {
            Some(node) => docs::from_string(self.slice(node)),
            None => self.doc_of(leading),
        };
        let around = outermost.checked_sub(1);
        let before = around.and_then(|around| self.frames[around].last_chunk);
        if let Some(before) = before.filter(|before| {
            found.is_clause
                && self.chunks[*before].name == name
                && self
                    .chunks
                    .last()
                    .is_some_and(|last| last.range.end <= self.chunks[*before].range.end)
                && !leading.iter().any(|node| self.leading.contains_key(&node.id()))
        }) {
            self.extend(before, found.body, range.end);
            return;
        }
        let signature = match found.signature {
            Some(node) => self.on_one_line(self.slice(node), false),
            None => self.signature(kind, outermost, found.body),
        };
        let chunk = Chunk {
            kind,
            qualified: self.qualified(scope.as_deref(), found.separator, &name),
            name,
            signature,
            doc,
            range,
            // Some grammars let a body end after its line break.
            body: found.body.map(|body| ByteRange {
                start: body.start_byte().min(range.end),
                end: body.end_byte().min(range.end),
            }),
            lines,
            refs: Vec::new(),
        };
        self.open.push(Open {
            depth: self.frames.len(),
            qualified: chunk.qualified.clone(),
            chunk: Some(self.chunks.len()),
        });
        if let Some(around) = around {
            self.frames[around].last_chunk = Some(self.chunks.len());
        }
        self.chunks.push(chunk);
    }

    /// One more clause of a definition: what is in it belongs to that one.
    fn extend(&mut self, before: usize, body: Option<Node<'t>>, end: usize) {
        let chunk = &mut self.chunks[before];
        chunk.range.end = end;
        chunk.lines = self.lines.span(chunk.range);
        let start = chunk.body.map(|body| body.start).or(body.map(|body| body.start_byte()));
        chunk.body = start.map(|start| ByteRange { start, end });
        let qualified = chunk.qualified.clone();
        self.open.push(Open { depth: self.frames.len(), qualified, chunk: Some(before) });
    }

    fn emit_namespace(&mut self, found: &Found<'t>, qualifies: Qualifies) {
        let Some(names::Name { scope, name }) = self.name(found) else { return };
        let Some(frame) = self.frames.last() else { return };
        let qualified = self.qualified(scope.as_deref(), None, &name);
        let leading = self.attached(&frame.leading, frame.node.start_byte());
        let doc = self.doc_of(leading).filter(|doc| !docs::is_licence(doc));
        let mut depth = self.frames.len();
        if let Some(doc) = doc {
            let first = leading.first().unwrap_or(&frame.node);
            let start = self.with_indent(first.start_byte());
            let end = match found.body {
                Some(body) => trimmed_end(self.text, start, body.start_byte()),
                None => self.with_semicolon(start, frame.node.end_byte()),
            };
            let range = ByteRange { start, end };
            self.chunks.push(Chunk {
                kind: ChunkKind::Module,
                name,
                qualified: qualified.clone(),
                signature: self.signature(ChunkKind::Module, self.frames.len() - 1, found.body),
                doc: Some(doc),
                range,
                body: None,
                lines: self.lines.span(range),
                refs: Vec::new(),
            });
        }
        if let Qualifies::No = qualifies {
            return;
        }
        if found.body.is_none() {
            // `namespace A;`: what follows, up to the end of what it stands in. A second one takes the place of the first.
            depth -= 1;
            if self.open.last().is_some_and(|open| open.depth == depth && open.chunk.is_none()) {
                self.open.pop();
            }
        }
        self.open.push(Open { depth, qualified, chunk: None });
    }

    fn name(&self, found: &Found<'t>) -> Option<names::Name> {
        let short =
            |range: Range<usize>| self.text.get(range).filter(|text| text.len() <= MAX_HEAD_BYTES);
        let mut name = match found.name? {
            find::Name::Plain(node) => names::plain(short(node.byte_range())?),
            find::Name::Path(node) => names::path(short(node.byte_range())?, self.lang.separator),
            find::Name::Declarator(node) => {
                let text = short(names::in_declarator(node))?;
                let name = names::path(text, self.lang.separator);
                names::is_plausible(&name).then_some(name)?
            }
        };
        if let Some(scope) = found.scope {
            name.scope = names::scope(short(scope.byte_range())?, self.lang.separator);
        }
        (!name.name.is_empty()).then_some(name)
    }

    /// `separator`: stands before the name, if it is not the language's.
    fn qualified(&self, scope: Option<&str>, separator: Option<&str>, name: &str) -> String {
        let around = self.open.last().map(|open| open.qualified.as_str());
        let around = around.filter(|around| around.len() <= MAX_AROUND_BYTES);
        let parts: Vec<&str> = around.into_iter().chain(scope).collect();
        if parts.is_empty() {
            return name.to_owned();
        }
        parts.join(self.lang.separator) + separator.unwrap_or(self.lang.separator) + name
    }

    fn is_leading(&self, node: Node<'_>) -> bool {
        self.lang.leading.contains(&node.kind()) || self.leading.contains_key(&node.id())
    }

    fn doc_of(&self, leading: &[Node<'t>]) -> Option<String> {
        let mut strings = leading.iter().filter_map(|node| self.leading.get(&node.id())?.doc);
        if let Some(string) = strings.next_back() {
            return docs::from_string(self.slice(string));
        }
        let comments = leading.iter().filter(|node| is_comment(**node));
        docs::from_comments(self.lang.line_comment, comments.map(|node| self.slice(*node)))
    }

    /// Index of the frame of the widest node that belongs to the present definition.
    fn outermost(&self) -> usize {
        let mut at = self.frames.len() - 1;
        while 0 < at
            && self.frames[at].is_first
            && self.lang.wrappers.contains(&self.frames[at - 1].node.kind())
        {
            at -= 1;
        }
        at
    }

    /// The tail of `leading` that touches the definition: a blank line separates comments from what follows, and a
    /// comment at the end of a line of code belongs to that code.
    fn attached<'l>(&self, leading: &'l [Node<'t>], definition: usize) -> &'l [Node<'t>] {
        let mut next = definition;
        let mut first = leading.len();
        while 0 < first {
            let node = leading[first - 1];
            let end = trimmed_end(self.text, node.start_byte(), node.end_byte());
            if is_comment(node) {
                let between = self.text.get(end..next).unwrap_or_default();
                let line_start = self.lines.range(self.lines.line(node.start_byte())).start;
                let before = self.text.get(line_start..node.start_byte()).unwrap_or_default();
                let comment = self.slice(node);
                let is_about_outside = comment.starts_with("#!")
                    || self.lang.inner_docs.iter().any(|mark| comment.starts_with(mark));
                if has_blank_line(between)
                    || !before.trim_start_matches('\u{feff}').trim().is_empty()
                    || is_about_outside
                {
                    break;
                }
            }
            next = node.start_byte();
            first -= 1;
        }
        &leading[first..]
    }

    /// `start`, moved back over the indent of its line, so that a chunk's text is whole lines where it can be, and over
    /// lines in front that are hidden from the grammar but for directives: macros of the definition.
    fn with_indent(&self, start: usize) -> usize {
        let blank =
            |start, end| self.seen.get(start..end).is_some_and(|text| text.trim().is_empty());
        let mut line = self.lines.line(start);
        if !blank(self.lines.range(line).start, start) {
            return start;
        }
        while 1 < line {
            let above = self.lines.range(line - 1);
            let text = self.text.get(above.as_range()).unwrap_or_default().trim();
            if !blank(above.start, above.end) || text.is_empty() || text.starts_with('#') {
                break;
            }
            line -= 1;
        }
        self.lines.range(line).start
    }

    /// `end` without white space in front of it, and past a `;` that follows at once: some grammars leave it out.
    fn with_semicolon(&self, start: usize, end: usize) -> usize {
        let end = trimmed_end(self.text, start, end);
        end + usize::from(self.text.as_bytes().get(end) == Some(&b';'))
    }

    /// The kind in its surroundings; `None` where the definition is not worth a chunk.
    fn settle_kind(
        &self,
        kind: ChunkKind,
        name: &str,
        leading: &[Node<'t>],
        parent: Option<&Chunk>,
        lines: (u32, u32),
    ) -> Option<ChunkKind> {
        use ChunkKind::{
            Class, Constant, Enum, Function, Impl, Interface, Macro, Method, Struct, Test, Trait,
            TypeAlias,
        };
        let outer = parent.map(|parent| parent.kind);
        match (kind, outer) {
            // Associated types are read with their trait or impl.
            (TypeAlias, Some(Trait | Impl))
            | (Constant | TypeAlias, Some(Function | Method | Test | Constant)) => {
                return None;
            }
            (Function | Method | Macro, Some(Function | Method | Constant | Macro))
                if lines.1 - lines.0 + 1 < MIN_NESTED_LINES =>
            {
                return None;
            }
            _ => {}
        }
        if matches!(kind, Function | Method) && self.is_test(name, leading, parent) {
            return Some(Test);
        }
        Some(match (kind, outer) {
            (Function, Some(Class | Struct | Enum | Trait | Impl | Interface)) => Method,
            _ => kind,
        })
    }

    fn is_test(&self, name: &str, leading: &[Node<'t>], parent: Option<&Chunk>) -> bool {
        // `test_mode` in an ordinary class is no test.
        let may_be_named = parent.is_none_or(|parent| parent.signature.contains("Test"));
        let named = may_be_named
            && self.lang.test_prefixes.iter().any(|prefix| {
                name.strip_prefix(prefix)
                    .and_then(|rest| rest.chars().next())
                    .is_some_and(|next| next == '_' || next.is_uppercase())
            });
        named
            || leading.iter().filter(|node| !is_comment(**node)).any(|node| {
                let path = self.slice(*node).trim_start_matches(['#', '[', '@', ' ']);
                let path = path.split(['(', ']', ' ', '=']).next().unwrap_or_default();
                let last = path.rsplit("::").next().unwrap_or_default();
                self.lang.test_attributes.contains(&last)
            })
    }

    /// The text from the first token that is neither comment, attribute nor decorator to the body; without a body to the
    /// end, or for a value to the end of the first line.
    fn signature(&self, kind: ChunkKind, outermost: usize, body: Option<Node<'t>>) -> String {
        let chain = &self.frames[outermost..];
        let mut start = chain[0].node.start_byte();
        for (idx, frame) in chain.iter().enumerate() {
            let mut cursor = frame.node.walk();
            let first = frame.node.children(&mut cursor).find(|child| {
                !self.lang.leading.contains(&child.kind()) && !self.is_only_leading(*child)
            });
            let Some(first) = first else { break };
            start = self.past_leading(first);
            if chain.get(idx + 1).is_none_or(|next| next.node.id() != first.id()) {
                break;
            }
        }
        // What is shown of it is short, however long it is.
        let cut = |end: usize| end.min(self.text.floor_char_boundary(start + MAX_HEAD_BYTES));
        let end = cut(chain[0].node.end_byte());
        let text = match (body, kind) {
            (Some(body), _) => self.text.get(start..cut(body.start_byte())),
            // The text of a value or a macro is no part of its signature.
            (None, ChunkKind::Constant | ChunkKind::Macro) => {
                self.text.get(start..end).and_then(|text| text.lines().next())
            }
            (None, ChunkKind::TypeAlias) => self.text.get(start..end),
            (None, _) => self.text.get(start..end).and_then(|text| text.split('{').next()),
        };
        self.on_one_line(text.unwrap_or_default(), body.is_some())
    }

    fn on_one_line(&self, text: &str, has_body: bool) -> String {
        let mut signature = String::new();
        for word in text.lines().flat_map(|line| self.without_comment(line).split_whitespace()) {
            if !signature.is_empty() {
                signature.push(' ');
            }
            signature.push_str(word);
        }
        let tidy = signature.trim_end_matches("=>").trim_end_matches(['{', ':', ' ']);
        let tidy = if has_body { tidy.trim_end_matches(['=', ' ']) } else { tidy };
        let tidy = tidy.strip_suffix(", do").unwrap_or(tidy);
        tidy.char_indices()
            .nth(MAX_SIGNATURE_CHARS)
            .map_or_else(|| tidy.to_owned(), |(cut, _)| format!("{}…", &tidy[..cut]))
    }

    /// A list of modifiers with nothing but annotations in it.
    fn is_only_leading(&self, node: Node<'_>) -> bool {
        let mut cursor = node.walk();
        node.kind() == MODIFIERS
            && node.children(&mut cursor).all(|child| self.lang.leading.contains(&child.kind()))
    }

    /// Where `node` begins; a list of modifiers after its annotations.
    fn past_leading(&self, node: Node<'_>) -> usize {
        let mut cursor = node.walk();
        let own = (node.kind() == MODIFIERS)
            .then(|| {
                node.children(&mut cursor).find(|child| !self.lang.leading.contains(&child.kind()))
            })
            .flatten();
        own.unwrap_or(node).start_byte()
    }

    /// A line of a signature up to its comment; a comment mark that may stand in a string stays.
    fn without_comment<'l>(&self, line: &'l str) -> &'l str {
        match line.find(self.lang.line_comment) {
            Some(at) if !line[..at].contains(['"', '\'']) => &line[..at],
            _ => line,
        }
    }

    fn slice(&self, node: Node<'_>) -> &str {
        self.text.get(node.start_byte()..node.end_byte()).unwrap_or_default()
    }
}

fn is_comment(node: Node<'_>) -> bool {
    node.kind().contains("comment") || node.kind() == "haddock"
}

/// Whether there is a line without text between two others. Not so for one that is only hidden from the grammar.
fn has_blank_line(between: &str) -> bool {
    let text = between.replace("\r\n", "\n").replace('\r', "\n");
    let n_lines = text.split('\n').count();
    text.split('\n')
        .enumerate()
        .any(|(idx, line)| 0 < idx && idx + 1 < n_lines && line.trim().is_empty())
}

/// Whether a namespace is part of the names in it.
#[derive(Clone, Copy)]
enum Qualifies {
    Yes,
    No,
}

/// `end`, moved back over white space; some grammars let a node end after its line break.
fn trimmed_end(text: &str, start: usize, end: usize) -> usize {
    text.get(start..end).map_or(end, |slice| start + slice.trim_end().len())
}

#[cfg(test)]
mod tests;
