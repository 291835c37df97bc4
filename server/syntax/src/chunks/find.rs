//! Runs a language's queries over a tree: which nodes are definitions, where their parts are, and what is referred to.
//! It knows nothing of what is around a node; the walk in `chunks` does.

use std::collections::HashMap;
use std::ops::ControlFlow;

use tree_sitter::{
    Node, Query, QueryCursor, QueryCursorOptions, QueryCursorState, StreamingIterator, Tree,
};

use crate::chunks::{ChunkKind, refs};
use crate::language::Language;
use crate::parse::Deadline;

/// What the query says of a node.
#[derive(Default)]
pub(super) struct Found<'t> {
    /// Offset of the node's first byte.
    pub(super) start: usize,
    pub(super) what: What,
    pub(super) name: Option<Name<'t>>,
    pub(super) body: Option<Node<'t>>,
    pub(super) scope: Option<Node<'t>>,
    pub(super) doc: Option<Node<'t>>,
    /// The whole signature, where it does not stand between the node's start and its body.
    pub(super) signature: Option<Node<'t>>,
    /// Joins the name to what it is qualified with, in place of the language's separator.
    pub(super) separator: Option<&'t str>,
    /// It continues a definition of the same name right before it.
    pub(super) is_clause: bool,
}

/// A node in front of a definition.
pub(super) struct Leading<'t> {
    /// Offset of the node's first byte.
    pub(super) start: usize,
    /// The string in it that documents the definition.
    pub(super) doc: Option<Node<'t>>,
}

/// What a node is good for.
#[derive(Clone, Copy, Default)]
pub(super) enum What {
    Chunk(ChunkKind),
    /// Qualifies what is in it.
    Namespace,
    /// Qualifies nothing.
    Package,
    /// `@skip` matched first.
    #[default]
    Skip,
}

/// The node that a name is read from, and how.
#[derive(Clone, Copy)]
pub(super) enum Name<'t> {
    Plain(Node<'t>),
    Path(Node<'t>),
    Declarator(Node<'t>),
}

fn what_of(capture: &str) -> Option<What> {
    Some(What::Chunk(match capture {
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
        "namespace" => return Some(What::Namespace),
        "package" => return Some(What::Package),
        "skip" => return Some(What::Skip),
        _ => return None,
    }))
}

/// The body of a definition: the field of that name, or what comes last where the grammar has no such field.
fn body_of(node: Node<'_>) -> Option<Node<'_>> {
    node.child_by_field_name("body").or_else(|| {
        let last = u32::try_from(node.named_child_count()).ok()?.checked_sub(1)?;
        node.named_child(last).filter(|child| child.kind().ends_with("_body"))
    })
}

/// What the queries find: the definitions by the id of their node, and where names are referred to.
pub(super) struct Finds<'t, 'a> {
    pub(super) definitions: HashMap<usize, Found<'t>>,
    /// Nodes that belong to the definition after them.
    pub(super) leading: HashMap<usize, Leading<'t>>,
    /// Offset and name, in no order.
    pub(super) refs: Vec<(usize, &'a str)>,
}

/// Both queries of `lang` as one. The first call compiles it, others wait for that.
pub(super) fn compiled(lang: &Language) -> &Query {
    lang.compiled.get_or_init(|| {
        Query::new(&lang.grammar.into(), &format!("{}\n{}", lang.chunk_query, lang.refs_query))
            .expect("every query is compiled in the tests")
    })
}

/// Runs both queries of `lang`.
pub(super) fn find<'t, 'a>(
    lang: &'t Language,
    text: &'a str,
    tree: &'t Tree,
    deadline: Deadline,
) -> Finds<'t, 'a> {
    let query = compiled(lang);
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
    let mut leading: HashMap<usize, Leading<'t>> = HashMap::new();
    let mut refs = Vec::new();
    while let Some(hit) = matches.next() {
        let mut node = None;
        let mut before = None;
        let mut here = Found::default();
        for capture in hit.captures() {
            match names[capture.index as usize] {
                "name" => here.name = Some(Name::Plain(capture.node)),
                "path" => here.name = Some(Name::Path(capture.node)),
                "declarator" => here.name = Some(Name::Declarator(capture.node)),
                "body" => here.body = Some(capture.node),
                "scope" => here.scope = Some(capture.node),
                "doc" => here.doc = Some(capture.node),
                "signature" => here.signature = Some(capture.node),
                "documented" => node = Some(capture.node),
                "leading" => before = Some(capture.node),
                "ref" => refs.extend(refs::name(lang, text, capture.node)),
                other => {
                    if let Some(what) = what_of(other) {
                        here.what = what;
                        node = Some(capture.node);
                    }
                }
            }
        }
        if let Some(before) = before {
            let start = before.start_byte();
            let before = leading.entry(before.id()).or_insert(Leading { start, doc: None });
            before.doc = before.doc.or(here.doc);
        }
        let Some(node) = node else { continue };
        if let Some(doc) = here.doc {
            docs.insert(node.id(), doc);
        } else if taken.get(&node.id()).is_none_or(|pattern| hit.pattern_index < *pattern) {
            taken.insert(node.id(), hit.pattern_index);
            here.start = node.start_byte();
            here.body = here.body.or_else(|| body_of(node));
            for property in query.property_settings(hit.pattern_index) {
                match &*property.key {
                    "separator" => here.separator = property.value.as_deref(),
                    "clause" => here.is_clause = true,
                    _ => {}
                }
            }
            found.insert(node.id(), here);
        }
    }
    for (id, doc) in docs {
        if let Some(found) = found.get_mut(&id) {
            found.doc = Some(doc);
        }
    }
    found.retain(|_, found| !matches!(found.what, What::Skip));
    Finds { definitions: found, leading, refs }
}
