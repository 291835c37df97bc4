//! What each chunk refers to: names that it calls, imports, or uses as types.
//! It resolves nothing: whether a name is defined anywhere is the index's question.
//!
//! A refs query has one capture, `@ref`: a name. Those that start with `_` are there for predicates.

use std::collections::HashSet;

use tree_sitter::Node;

use crate::chunks::{Chunk, Ref};
use crate::language::Language;

/// A chunk that names more than this says little by any one of them.
const MAX_REFS: usize = 64;

/// A longer name is data.
const MAX_NAME_BYTES: usize = 128;

/// So many definitions around a name may say it. Code does not nest them deep, a hostile file may.
const MAX_AROUND: usize = 64;

/// What the own text of each of `chunks` refers to.
///
/// `chunks`: sorted, an outer one before the ones inside it. `names`: offset and name.
pub(super) fn of<'a>(chunks: &[Chunk], mut names: Vec<(usize, &'a str)>) -> Vec<Ref<'a>> {
    names.sort_unstable();
    names.dedup();
    let mut seen: Vec<HashSet<&str>> = vec![HashSet::new(); chunks.len()];
    // The chunks around the present name, outermost first.
    let mut open: Vec<usize> = Vec::new();
    let mut next = 0;
    for (at, name) in names {
        while next < chunks.len() && chunks[next].range.start <= at {
            close(&mut open, chunks, chunks[next].range.start);
            open.push(next);
            next += 1;
        }
        close(&mut open, chunks, at);
        for (nth, idx) in open.iter().rev().take(MAX_AROUND).enumerate() {
            if 0 < nth && chunks[*idx].kind.is_container() {
                break;
            }
            let names = &mut seen[*idx];
            if names.len() < MAX_REFS && chunks[*idx].name != name {
                names.insert(name);
            }
        }
    }
    let all = seen.into_iter().enumerate();
    let refs =
        all.flat_map(|(chunk, names)| names.into_iter().map(move |name| Ref { name, chunk }));
    let mut refs: Vec<Ref<'a>> = refs.collect();
    refs.sort_unstable();
    refs
}

fn close(open: &mut Vec<usize>, chunks: &[Chunk], at: usize) {
    while open.last().is_some_and(|idx| chunks[*idx].range.end <= at) {
        open.pop();
    }
}

/// The last part of the name at a node, and the node's offset; `None` for what is no name of use.
pub(super) fn name<'a>(lang: &Language, text: &'a str, node: Node<'_>) -> Option<(usize, &'a str)> {
    let path = text.get(node.byte_range())?.trim_matches(['"', '\'', '`', ':']);
    let name = path.rsplit(lang.separator).next().unwrap_or(path);
    // One letter is a type parameter, most often.
    let is_name =
        1 < name.len() && name.len() <= MAX_NAME_BYTES && !name.contains(char::is_whitespace);
    is_name.then_some((node.start_byte(), name))
}

#[cfg(test)]
mod tests;
