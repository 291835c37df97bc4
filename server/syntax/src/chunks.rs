//! Cuts source text into chunks: one for each definition, with its name, signature and documentation.
//! What no definition covers is `windows`' part; what a chunk is good for is the index's.
//!
//! Captures of a chunk query: the definition, named for its kind (`@function @method @class @struct @enum @trait @impl
//! @interface @module @alias @constant @macro @test`), its `@name`, and where they exist `@body` (else the node's `body` field) and
//! `@scope` (what the name is qualified with, besides what is around it). `@documented` with `@doc` finds a docstring,
//! `@skip` takes a node out. The first pattern that matches a node wins.

mod docs;

use std::collections::HashMap;
use std::ops::ControlFlow;

use base::ByteRange;
use tree_sitter::{
    Node, Query, QueryCursor, QueryCursorOptions, QueryCursorState, StreamingIterator, Tree,
};

use crate::language::Language;
use crate::lines::Lines;
use crate::parse::{Deadline, parse};
use crate::windows::windows;

/// A definition inside a function is a chunk of its own from this many lines on; below that it reads better in place.
const MIN_NESTED_LINES: u32 = 5;

const MAX_SIGNATURE_CHARS: usize = 240;

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
}

/// The definitions in `text`, sorted by start, an outer one before the ones inside it.
///
/// Broken text gives the definitions that can be told apart. Text that cannot be parsed within the limits gives
/// [`windows`].
pub fn chunks(lang: &Language, text: &str) -> Vec<Chunk> {
    chunks_until(lang, text, Deadline::start())
}

fn chunks_until(lang: &Language, text: &str, deadline: Deadline) -> Vec<Chunk> {
    let Ok(tree) = parse(lang, text, deadline) else { return windows(text) };
    let found = find(lang, text, &tree, deadline);
    let mut starts: Vec<usize> = found.values().map(|found| found.start).collect();
    starts.sort_unstable();
    let mut walk = Walk {
        starts,
        lang,
        text,
        lines: Lines::of(text),
        found,
        frames: Vec::new(),
        open: Vec::new(),
        chunks: Vec::new(),
    };
    walk.run(&tree, deadline);
    walk.chunks.sort_by(|a, b| {
        (a.range.start, b.range.end, a.kind).cmp(&(b.range.start, a.range.end, b.kind))
    });
    walk.chunks
}

/// What the query says of a node.
#[derive(Default)]
struct Found<'t> {
    /// Offset of the node's first byte.
    start: usize,
    /// `None` where `@skip` matched first.
    kind: Option<ChunkKind>,
    name: Option<Node<'t>>,
    body: Option<Node<'t>>,
    scope: Option<Node<'t>>,
    doc: Option<Node<'t>>,
}

fn kind_of(capture: &str) -> Option<ChunkKind> {
    Some(match capture {
        "function" => ChunkKind::Function,
        "method" => ChunkKind::Method,
        "class" => ChunkKind::Class,
        "struct" => ChunkKind::Struct,
        "enum" => ChunkKind::Enum,
        "trait" => ChunkKind::Trait,
        "impl" => ChunkKind::Impl,
        "interface" => ChunkKind::Interface,
        "alias" => ChunkKind::TypeAlias,
        "module" => ChunkKind::Module,
        "constant" => ChunkKind::Constant,
        "macro" => ChunkKind::Macro,
        "test" => ChunkKind::Test,
        _ => return None,
    })
}

/// Runs the chunk query: node id to what was found there.
fn find<'t>(
    lang: &Language,
    text: &str,
    tree: &'t Tree,
    deadline: Deadline,
) -> HashMap<usize, Found<'t>> {
    let query = lang.compiled.get_or_init(|| {
        Query::new(&lang.grammar.into(), lang.chunk_query)
            .expect("every chunk query is compiled in the tests")
    });
    let names = query.capture_names();
    let mut cursor = QueryCursor::new();
    let mut progress = |_: &QueryCursorState| -> ControlFlow<()> { deadline.check() };
    let options = QueryCursorOptions::new().progress_callback(&mut progress);
    let mut matches =
        cursor.matches_with_options(query, tree.root_node(), text.as_bytes(), options);
    // The pattern that a node is taken from so far.
    let mut taken: HashMap<usize, usize> = HashMap::new();
    let mut docs: HashMap<usize, Node<'t>> = HashMap::new();
    let mut found: HashMap<usize, Found<'t>> = HashMap::new();
    while let Some(hit) = matches.next() {
        let mut node = None;
        let mut here = Found::default();
        for capture in hit.captures() {
            match names[capture.index as usize] {
                "name" => here.name = Some(capture.node),
                "body" => here.body = Some(capture.node),
                "scope" => here.scope = Some(capture.node),
                "doc" => here.doc = Some(capture.node),
                "documented" | "skip" => node = Some(capture.node),
                other => {
                    if let Some(kind) = kind_of(other) {
                        here.kind = Some(kind);
                        node = Some(capture.node);
                    }
                }
            }
        }
        let Some(node) = node else { continue };
        if let Some(doc) = here.doc {
            docs.insert(node.id(), doc);
        } else if taken.get(&node.id()).is_none_or(|pattern| hit.pattern_index < *pattern) {
            taken.insert(node.id(), hit.pattern_index);
            here.start = node.start_byte();
            here.body = here.body.or_else(|| node.child_by_field_name("body"));
            found.insert(node.id(), here);
        }
    }
    for (id, doc) in docs {
        if let Some(found) = found.get_mut(&id) {
            found.doc = Some(doc);
        }
    }
    found.retain(|_, found| found.kind.is_some());
    found
}

/// A node on the way from the root to the present one.
struct Frame<'t> {
    node: Node<'t>,
    /// The comments, attributes and decorators right in front of it.
    leading: Vec<Node<'t>>,
    /// No other named node of its parent comes before it, apart from `leading` kinds.
    is_first: bool,
    /// What its children have shown so far.
    children_leading: Vec<Node<'t>>,
    children_seen: bool,
}

/// One pass over the tree. It asks no node for its parent or sibling: those calls cost the depth of the tree.
struct Walk<'t, 'a> {
    lang: &'a Language,
    text: &'a str,
    lines: Lines,
    found: HashMap<usize, Found<'t>>,
    /// Where the found nodes start, sorted.
    starts: Vec<usize>,
    frames: Vec<Frame<'t>>,
    /// Chunks around the present node: number of frames at the chunk's node, and its index in `chunks`.
    open: Vec<(usize, usize)>,
    chunks: Vec<Chunk>,
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
        let mut leading = Vec::new();
        let mut is_first = true;
        if let Some(parent) = self.frames.last_mut() {
            if self.lang.leading.contains(&node.kind()) {
                parent.children_leading.push(node);
            } else {
                leading = std::mem::take(&mut parent.children_leading);
                is_first = !parent.children_seen;
                parent.children_seen |= node.is_named();
            }
        }
        self.frames.push(Frame {
            node,
            leading,
            is_first,
            children_leading: Vec::new(),
            children_seen: false,
        });
        if let Some(found) = self.found.remove(&node.id()) {
            self.emit(&found);
        }
    }

    fn leave(&mut self) {
        if self.open.last().is_some_and(|(depth, _)| *depth == self.frames.len()) {
            self.open.pop();
        }
        self.frames.pop();
    }

    fn emit(&mut self, found: &Found<'t>) {
        let (Some(kind), Some(name)) = (found.kind, found.name) else { return };
        let name = self.slice(name).trim_matches(['"', '\'', '`']).trim();
        let outermost = self.outermost();
        let frame = &self.frames[outermost];
        let leading = self.attached(&frame.leading, frame.node.start_byte());
        let start = self.with_indent(leading.first().unwrap_or(&frame.node).start_byte());
        let range = ByteRange { start, end: trimmed_end(self.text, start, frame.node.end_byte()) };
        let lines = self.lines.span(range);
        let parent = self.open.last().map(|(_, idx)| &self.chunks[*idx]);
        let Some(kind) = self.settle_kind(kind, name, leading, parent, lines) else { return };
        if name.is_empty() {
            return;
        }
        let doc = match found.doc {
            Some(node) => docs::from_string(self.slice(node)),
            None => docs::from_comments(
                leading.iter().filter(|n| n.kind().contains("comment")).map(|n| self.slice(*n)),
            ),
        };
        let mut qualified = String::new();
        let scope = found.scope.map(|node| self.slice(node));
        for part in parent.map(|parent| parent.qualified.as_str()).into_iter().chain(scope) {
            qualified.push_str(part);
            qualified.push_str(self.lang.separator);
        }
        qualified.push_str(name);
        let chunk = Chunk {
            kind,
            name: name.to_owned(),
            qualified,
            signature: self.signature(outermost, found.body),
            doc,
            range,
            body: found
                .body
                .map(|body| ByteRange { start: body.start_byte(), end: body.end_byte() }),
            lines,
        };
        self.open.push((self.frames.len(), self.chunks.len()));
        self.chunks.push(chunk);
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
            if node.kind().contains("comment") {
                let breaks =
                    self.lines.line(next).saturating_sub(self.lines.line(end.saturating_sub(1)));
                let line_start = self.lines.range(self.lines.line(node.start_byte())).start;
                let before = self.text.get(line_start..node.start_byte()).unwrap_or_default();
                let is_about_outside =
                    ["//!", "/*!", "#!"].iter().any(|mark| self.slice(node).starts_with(mark));
                if 1 < breaks
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

    /// `start`, moved back over the indent of its line, so that a chunk's text is whole lines where it can be.
    fn with_indent(&self, start: usize) -> usize {
        let line_start = self.lines.range(self.lines.line(start)).start;
        let before = self.text.get(line_start..start).unwrap_or_default();
        if before.trim().is_empty() { line_start } else { start }
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
            Class, Constant, Enum, Function, Impl, Interface, Method, Struct, Test, Trait,
            TypeAlias,
        };
        let outer = parent.map(|parent| parent.kind);
        match (kind, outer) {
            // Associated types are read with their trait or impl.
            (TypeAlias, Some(Trait | Impl))
            | (Constant | TypeAlias, Some(Function | Method | Test | Constant)) => {
                return None;
            }
            (Function | Method, Some(Function | Method | Constant))
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
            || leading.iter().filter(|node| !node.kind().contains("comment")).any(|node| {
                let path = self.slice(*node).trim_start_matches(['#', '[', '@', ' ']);
                let path = path.split(['(', ']', ' ', '=']).next().unwrap_or_default();
                let last = path.rsplit("::").next().unwrap_or_default();
                self.lang.test_attributes.contains(&last)
            })
    }

    /// The text from the first token that is neither comment, attribute nor decorator to the body, else to the end of
    /// the first line.
    fn signature(&self, outermost: usize, body: Option<Node<'t>>) -> String {
        let chain = &self.frames[outermost..];
        let mut start = chain[0].node.start_byte();
        for (idx, frame) in chain.iter().enumerate() {
            let mut cursor = frame.node.walk();
            let first = frame
                .node
                .children(&mut cursor)
                .find(|child| !self.lang.leading.contains(&child.kind()));
            let Some(first) = first else { break };
            start = first.start_byte();
            if chain.get(idx + 1).is_none_or(|next| next.node.id() != first.id()) {
                break;
            }
        }
        let end = chain[0].node.end_byte();
        let text = match body {
            Some(body) => self.text.get(start..body.start_byte()),
            None => self.text.get(start..end).and_then(|text| text.lines().next()),
        };
        let mut signature = String::new();
        for word in text
            .unwrap_or_default()
            .lines()
            .flat_map(|line| self.without_comment(line).split_whitespace())
        {
            if !signature.is_empty() {
                signature.push(' ');
            }
            signature.push_str(word);
        }
        let tidy = signature.trim_end_matches("=>").trim_end_matches(['{', ':', ' ']);
        tidy.char_indices()
            .nth(MAX_SIGNATURE_CHARS)
            .map_or_else(|| tidy.to_owned(), |(cut, _)| format!("{}…", &tidy[..cut]))
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

/// `end`, moved back over white space; some grammars let a node end after its line break.
fn trimmed_end(text: &str, start: usize, end: usize) -> usize {
    text.get(start..end).map_or(end, |slice| start + slice.trim_end().len())
}

#[cfg(test)]
mod tests;
