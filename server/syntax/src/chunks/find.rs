//! Runs a language's queries over a tree: which nodes are definitions, where their parts are, and what is referred to.
//! It knows nothing of what is around a node; the walk in `chunks` does.

use std::collections::HashMap;

use tree_sitter::{Node, Tree};

use crate::chunks::{ChunkKind, refs};
use crate::language::Language;
use crate::parse::Deadline;
use crate::patterns::{Patterns, Setting};

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
pub(crate) enum What {
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

/// What a capture means.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// The definition.
    What(What),
    Name,
    Path,
    Declarator,
    Body,
    Scope,
    Doc,
    Signature,
    Documented,
    Leading,
    Ref,
}

impl Part {
    pub(crate) fn of(capture: &str) -> Option<Part> {
        Some(match capture {
            "name" => Part::Name,
            "path" => Part::Path,
            "declarator" => Part::Declarator,
            "body" => Part::Body,
            "scope" => Part::Scope,
            "doc" => Part::Doc,
            "signature" => Part::Signature,
            "documented" => Part::Documented,
            "leading" => Part::Leading,
            "ref" => Part::Ref,
            other => Part::What(what_of(other)?),
        })
    }
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

/// Both queries of `lang` as one. The first call reads them.
fn patterns(lang: &Language) -> &Patterns<Part> {
    lang.patterns.get_or_init(|| {
        let both = format!("{}\n{}", lang.chunk_query, lang.refs_query);
        Patterns::new(&lang.grammar.into(), &both, &Part::of)
            .expect("every query is read in the tests")
    })
}

/// Runs both queries of `lang`.
pub(super) fn find<'t, 'a>(
    lang: &'t Language,
    text: &'a str,
    tree: &'t Tree,
    deadline: Deadline,
) -> Finds<'t, 'a> {
    // The pattern that a node is taken from so far.
    let mut taken: HashMap<usize, usize> = HashMap::new();
    let mut docs: HashMap<usize, Node<'t>> = HashMap::new();
    let mut found: HashMap<usize, Found<'t>> = HashMap::new();
    let mut leading: HashMap<usize, Leading<'t>> = HashMap::new();
    let mut refs = Vec::new();
    patterns(lang).find(tree, text, deadline, &mut |hit| {
        let mut node = None;
        let mut before = None;
        let mut here = Found::default();
        for (part, at) in hit.captures.iter().copied() {
            match part {
                Part::Name => here.name = Some(Name::Plain(at)),
                Part::Path => here.name = Some(Name::Path(at)),
                Part::Declarator => here.name = Some(Name::Declarator(at)),
                Part::Body => here.body = Some(at),
                Part::Scope => here.scope = Some(at),
                Part::Doc => here.doc = Some(at),
                Part::Signature => here.signature = Some(at),
                Part::Documented => node = Some(at),
                Part::Leading => before = Some(at),
                Part::Ref => refs.extend(refs::name(lang, text, at)),
                Part::What(what) => {
                    here.what = what;
                    node = Some(at);
                }
            }
        }
        if let Some(before) = before {
            let start = before.start_byte();
            let before = leading.entry(before.id()).or_insert(Leading { start, doc: None });
            before.doc = before.doc.or(here.doc);
        }
        let Some(node) = node else { return };
        if let Some(doc) = here.doc {
            docs.insert(node.id(), doc);
        } else if taken.get(&node.id()).is_none_or(|pattern| hit.pattern < *pattern) {
            taken.insert(node.id(), hit.pattern);
            here.start = node.start_byte();
            here.body = here.body.or_else(|| body_of(node));
            for Setting { key, value } in hit.settings {
                match &**key {
                    "separator" => here.separator = value.as_deref(),
                    "clause" => here.is_clause = true,
                    _ => {}
                }
            }
            found.insert(node.id(), here);
        }
    });
    for (id, doc) in docs {
        if let Some(found) = found.get_mut(&id) {
            found.doc = Some(doc);
        }
    }
    found.retain(|_, found| !matches!(found.what, What::Skip));
    Finds { definitions: found, leading, refs }
}
