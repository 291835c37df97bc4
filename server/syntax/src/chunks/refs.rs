//! Fills in what each chunk refers to: names that it calls, imports, or uses as types.
//! It resolves nothing: whether a name is defined anywhere is the index's question.
//!
//! Every capture of a refs query is a name, but those that start with `_`, which are there for predicates.

use std::collections::HashSet;
use std::ops::ControlFlow;

use tree_sitter::{
    Query, QueryCursor, QueryCursorOptions, QueryCursorState, StreamingIterator, Tree,
};

use crate::chunks::Chunk;
use crate::language::Language;
use crate::parse::Deadline;

/// A chunk that names more than this says little by any one of them.
const MAX_REFS: usize = 64;

/// A longer name is data.
const MAX_NAME_BYTES: usize = 128;

/// Adds to each of `chunks` what its own text refers to: a container leaves the definitions in it to themselves.
///
/// `chunks`: sorted, an outer one before the ones inside it.
pub(super) fn add(
    lang: &Language,
    text: &str,
    tree: &Tree,
    deadline: Deadline,
    chunks: &mut [Chunk],
) {
    if chunks.is_empty() {
        return;
    }
    let mut seen: Vec<HashSet<&str>> = vec![HashSet::new(); chunks.len()];
    // The chunks around the present name, outermost first.
    let mut open: Vec<usize> = Vec::new();
    let mut next = 0;
    for (at, name) in names(lang, text, tree, deadline) {
        while next < chunks.len() && chunks[next].range.start <= at {
            close(&mut open, chunks, chunks[next].range.start);
            open.push(next);
            next += 1;
        }
        close(&mut open, chunks, at);
        for (nth, idx) in open.iter().rev().enumerate() {
            if 0 < nth && chunks[*idx].kind.is_container() {
                break;
            }
            let names = &mut seen[*idx];
            if names.len() < MAX_REFS && chunks[*idx].name != name {
                names.insert(name);
            }
        }
    }
    for (chunk, names) in chunks.iter_mut().zip(seen) {
        chunk.refs = names.into_iter().map(str::to_owned).collect();
        chunk.refs.sort_unstable();
    }
}

fn close(open: &mut Vec<usize>, chunks: &[Chunk], at: usize) {
    while open.last().is_some_and(|idx| chunks[*idx].range.end <= at) {
        open.pop();
    }
}

/// The names that the refs query finds and where they are, by position.
fn names<'a>(
    lang: &Language,
    text: &'a str,
    tree: &Tree,
    deadline: Deadline,
) -> Vec<(usize, &'a str)> {
    let query = lang.compiled_refs.get_or_init(|| {
        Query::new(&lang.grammar.into(), lang.refs_query)
            .expect("every refs query is compiled in the tests")
    });
    let is_name: Vec<bool> =
        query.capture_names().iter().map(|name| !name.starts_with('_')).collect();
    let mut cursor = QueryCursor::new();
    let mut progress = |_: &QueryCursorState| -> ControlFlow<()> { deadline.check() };
    let options = QueryCursorOptions::new().progress_callback(&mut progress);
    let mut matches =
        cursor.matches_with_options(query, tree.root_node(), text.as_bytes(), options);
    let mut names = Vec::new();
    while let Some(hit) = matches.next() {
        for capture in hit.captures().iter().filter(|capture| is_name[capture.index as usize]) {
            let range = capture.node.byte_range();
            let name = text.get(range.clone()).unwrap_or_default();
            let name = name.trim_matches(['"', '\'', '`']);
            if !name.is_empty()
                && name.len() <= MAX_NAME_BYTES
                && !name.contains(char::is_whitespace)
            {
                names.push((range.start, name));
            }
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests;
