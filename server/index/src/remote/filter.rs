//! A query's path patterns as conditions that a vector server can check by itself.
//! What cannot be said exactly is not said: such a query is answered here.

use crate::remote::server::{Conditions, PathTest};

/// The same as [`crate::filter::Filter`] of these patterns; `None` if a pattern is more than a place, a name or an
/// ending.
pub(crate) fn conditions(patterns: &[String]) -> Option<Conditions> {
    let mut all = Conditions::default();
    for pattern in patterns.iter().map(|pattern| pattern.trim()).filter(|it| !it.is_empty()) {
        match pattern.strip_prefix('!') {
            Some(pattern) => all.none.push(test(pattern)?),
            None => all.any.push(test(pattern)?),
        }
    }
    Some(all)
}

fn test(pattern: &str) -> Option<PathTest> {
    let pattern = pattern.trim_start_matches("./").trim_start_matches('/');
    let bare = pattern.trim_end_matches('/');
    let special = ['*', '?', '[', ']', '{', '}', '\\'];
    if let Some(end) = bare.strip_prefix("*.") {
        let is_plain = !end.is_empty() && !end.contains(special) && !end.contains('/');
        return is_plain.then(|| PathTest::Ends(end.to_owned()));
    }
    if bare.is_empty() || bare.contains(special) {
        return None;
    }
    Some(match bare.contains('/') {
        true => PathTest::Under(bare.to_owned()),
        false => PathTest::Named(bare.to_owned()),
    })
}

#[cfg(test)]
mod tests;
