//! Goes through a tree once, and makes a chunk of each definition that the query found, with what its place says.
//! Where its text begins and ends is `source`'s part.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use base::ByteRange;
use tree_sitter::{Node, Tree};

use crate::chunks::find::{self, Found, Leading, What};
use crate::chunks::source::{Source, is_comment, trimmed_end};
use crate::chunks::{Chunk, ChunkKind, MAX_HEAD_BYTES, docs, names, signature};
use crate::parse::Deadline;

/// A definition inside a function is a chunk of its own from this many lines on; below that it reads better in place.
const MIN_NESTED_LINES: u32 = 5;

/// A longer name is not put in front of the names in it: of definitions that are nested as deep as a file is long, the
/// qualified names would be as long as the square of that.
const MAX_AROUND_BYTES: usize = 512;

/// The chunks of what was found, as the walk comes to them; those in reach until `deadline`.
pub(super) fn walk<'t>(
    source: Source<'_>,
    tree: &'t Tree,
    found: HashMap<usize, Found<'t>>,
    leading: HashMap<usize, Leading<'t>>,
    deadline: Deadline,
) -> Vec<Chunk> {
    let mut starts: Vec<usize> = found.values().map(|found| found.start).collect();
    starts.extend(leading.values().map(|leading| leading.start));
    starts.sort_unstable();
    let mut walk = Walk {
        source,
        found,
        leading,
        starts,
        frames: Vec::new(),
        open: Vec::new(),
        chunks: Vec::new(),
    };
    walk.run(tree, deadline);
    walk.chunks
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
    source: Source<'a>,
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
        let leading = self.source.attached(&frame.leading, frame.node.start_byte());
        let start = self.source.with_indent(leading.first().unwrap_or(&frame.node).start_byte());
        let range =
            ByteRange { start, end: self.source.with_semicolon(start, frame.node.end_byte()) };
        let lines = self.source.lines.span(range);
        let parent = self.open.iter().rev().find_map(|open| open.chunk);
        let parent = parent.map(|idx| &self.chunks[idx]);
        // `void Shelf::put() {}` stands outside of its class.
        let kind = match (kind, found.name, &scope) {
            (ChunkKind::Function, Some(find::Name::Declarator(_)), Some(_)) => ChunkKind::Method,
            _ => kind,
        };
        let Some(kind) = self.settle_kind(kind, &name, leading, parent, lines) else { return };
        let doc = match found.doc {
            Some(node) => docs::from_string(self.source.slice(node)),
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
            Some(node) => signature::on_one_line(self.source.lang, self.source.slice(node), false),
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
        chunk.lines = self.source.lines.span(chunk.range);
        let start = chunk.body.map(|body| body.start).or(body.map(|body| body.start_byte()));
        chunk.body = start.map(|start| ByteRange { start, end });
        let qualified = chunk.qualified.clone();
        self.open.push(Open { depth: self.frames.len(), qualified, chunk: Some(before) });
    }

    fn emit_namespace(&mut self, found: &Found<'t>, qualifies: Qualifies) {
        let Some(names::Name { scope, name }) = self.name(found) else { return };
        let Some(frame) = self.frames.last() else { return };
        let qualified = self.qualified(scope.as_deref(), None, &name);
        let leading = self.source.attached(&frame.leading, frame.node.start_byte());
        let doc = self.doc_of(leading).filter(|doc| !docs::is_licence(doc));
        let mut depth = self.frames.len();
        if let Some(doc) = doc {
            let first = leading.first().unwrap_or(&frame.node);
            let start = self.source.with_indent(first.start_byte());
            let end = match found.body {
                Some(body) => trimmed_end(self.source.text, start, body.start_byte()),
                None => self.source.with_semicolon(start, frame.node.end_byte()),
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
                lines: self.source.lines.span(range),
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
        let short = |range: Range<usize>| {
            self.source.text.get(range).filter(|text| text.len() <= MAX_HEAD_BYTES)
        };
        let mut name = match found.name? {
            find::Name::Plain(node) => names::plain(short(node.byte_range())?),
            find::Name::Path(node) => {
                names::path(short(node.byte_range())?, self.source.lang.separator)
            }
            find::Name::Declarator(node) => {
                let text = short(names::in_declarator(node))?;
                let name = names::path(text, self.source.lang.separator);
                names::is_plausible(&name).then_some(name)?
            }
        };
        if let Some(scope) = found.scope {
            name.scope = names::scope(short(scope.byte_range())?, self.source.lang.separator);
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
        parts.join(self.source.lang.separator)
            + separator.unwrap_or(self.source.lang.separator)
            + name
    }

    fn is_leading(&self, node: Node<'_>) -> bool {
        self.source.lang.leading.contains(&node.kind()) || self.leading.contains_key(&node.id())
    }

    fn doc_of(&self, leading: &[Node<'t>]) -> Option<String> {
        let mut strings = leading.iter().filter_map(|node| self.leading.get(&node.id())?.doc);
        if let Some(string) = strings.next_back() {
            return docs::from_string(self.source.slice(string));
        }
        let comments = leading.iter().filter(|node| is_comment(**node));
        docs::from_comments(
            self.source.lang.line_comment,
            comments.map(|node| self.source.slice(*node)),
        )
    }

    fn signature(&self, kind: ChunkKind, outermost: usize, body: Option<Node<'t>>) -> String {
        let chain: Vec<Node<'t>> =
            self.frames[outermost..].iter().map(|frame| frame.node).collect();
        signature::of(&self.source, kind, &chain, body)
    }

    /// Index of the frame of the widest node that belongs to the present definition.
    fn outermost(&self) -> usize {
        let mut at = self.frames.len() - 1;
        while 0 < at
            && self.frames[at].is_first
            && self.source.lang.wrappers.contains(&self.frames[at - 1].node.kind())
        {
            at -= 1;
        }
        at
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
            && self.source.lang.test_prefixes.iter().any(|prefix| {
                name.strip_prefix(prefix)
                    .and_then(|rest| rest.chars().next())
                    .is_some_and(|next| next == '_' || next.is_uppercase())
            });
        named
            || leading.iter().filter(|node| !is_comment(**node)).any(|node| {
                let path = self.source.slice(*node).trim_start_matches(['#', '[', '@', ' ']);
                let path = path.split(['(', ']', ' ', '=']).next().unwrap_or_default();
                let last = path.rsplit("::").next().unwrap_or_default();
                self.source.lang.test_attributes.contains(&last)
            })
    }
}

/// Whether a namespace is part of the names in it.
#[derive(Clone, Copy)]
enum Qualifies {
    Yes,
    No,
}
