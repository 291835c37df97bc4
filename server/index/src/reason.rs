//! Says in words why a chunk was found, from what really matched.
//! It decides nothing.

use syntax::Chunk;

use crate::document::Counts;
use crate::symbols::Match;

/// Words that are listed for one part at most.
const MAX_LISTED: usize = 6;

/// Below this, two texts have no more in common than any two.
const LEAST_COSINE: f32 = 0.2;

/// What matched in one unit.
pub(crate) struct Evidence {
    /// It defines a name in the query.
    pub(crate) defines: Option<Match>,
    /// Terms in the unit, by index, with their counts.
    pub(crate) words: Vec<(usize, Counts)>,
    /// Terms in the path, by index.
    pub(crate) path_words: Vec<usize>,
    /// Of its vector and the query's, where there is an embedder.
    pub(crate) cosine: Option<f32>,
    pub(crate) is_boosted: bool,
}

/// One line; each word is named once, at the most telling part that has it.
pub(crate) fn describe(evidence: &Evidence, chunk: &Chunk, terms: &[&str]) -> String {
    let mut parts = Vec::new();
    match evidence.defines {
        Some(Match::Exact) => parts.push(format!("name match `{}`", chunk.name)),
        Some(_) => parts.push(format!("name match `{}`, written differently", chunk.name)),
        None => {}
    }
    let mut name = Vec::new();
    let mut signature = Vec::new();
    let mut doc = Vec::new();
    let mut body = Vec::new();
    for (idx, counts) in &evidence.words {
        let list = match counts {
            Counts { name: 1.., .. } => &mut name,
            Counts { signature: 1.., .. } => &mut signature,
            Counts { doc: 1.., .. } => &mut doc,
            _ => &mut body,
        };
        list.push(terms[*idx]);
    }
    if evidence.defines.is_some() {
        name.clear();
    }
    let path = evidence.path_words.iter().map(|idx| terms[*idx]).collect();
    for (part, mut words) in
        [("name", name), ("signature", signature), ("doc", doc), ("body", body), ("path", path)]
    {
        if words.is_empty() {
            continue;
        }
        let more = words.len().saturating_sub(MAX_LISTED);
        words.truncate(MAX_LISTED);
        let more = if 0 < more { format!(" and {more} more") } else { String::new() };
        parts.push(format!("{part}: {}{more}", words.join(", ")));
    }
    if let Some(cosine) = evidence.cosine
        && LEAST_COSINE <= cosine
    {
        parts.push(format!("meaning {cosine:.2}"));
    }
    if evidence.is_boosted {
        parts.push("named by the request".to_owned());
    }
    parts.join("; ")
}
