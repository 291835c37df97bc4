//! Which files a query may look at.
//! It matches paths only; a pattern that is no glob is taken as plain text.

use globset::{Glob, GlobSet, GlobSetBuilder};

/// The compiled `paths` of a query, see [`Query::paths`](crate::Query::paths).
pub struct Filter {
    /// `None`: all files.
    include: Option<GlobSet>,
    /// `None`: none of them. An empty set would look at each path all the same.
    exclude: Option<GlobSet>,
}

impl Filter {
    /// A filter that knows no wrong pattern: what is no glob is plain text.
    pub fn new(patterns: &[String]) -> Filter {
        let (exclude, include): (Vec<&str>, Vec<&str>) = patterns
            .iter()
            .map(|pattern| pattern.trim())
            .filter(|pattern| !pattern.is_empty())
            .partition(|pattern| pattern.starts_with('!'));
        let include = (!include.is_empty()).then(|| compile(include.into_iter()));
        let exclude = (!exclude.is_empty())
            .then(|| compile(exclude.into_iter().map(|pattern| &pattern[1..])));
        Filter { include, exclude }
    }

    /// Whether there is a pattern at all.
    pub(crate) fn is_open(&self) -> bool {
        self.include.is_none() && self.exclude.is_none()
    }

    /// Whether the query may look at this file.
    pub fn allows(&self, path: &str) -> bool {
        self.include.as_ref().is_none_or(|set| set.is_match(path))
            && !self.exclude.as_ref().is_some_and(|set| set.is_match(path))
    }
}

fn compile<'a>(patterns: impl Iterator<Item = &'a str>) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let pattern = pattern.trim_start_matches("./").trim_start_matches('/');
        let is_glob = pattern.contains(['*', '?', '[', '{']);
        let bare = pattern.trim_end_matches('/');
        let candidates = match (is_glob, bare.contains('/')) {
            (true, true) => vec![bare.to_owned(), format!("{bare}/**")],
            (true, false) => vec![format!("**/{bare}")],
            (false, true) => vec![bare.to_owned(), format!("{bare}/**")],
            (false, false) => vec![format!("**/{bare}"), format!("**/{bare}/**")],
        };
        for candidate in candidates {
            let glob = Glob::new(&candidate).or_else(|_| Glob::new(&escape(&candidate)));
            if let Ok(glob) = glob {
                set.add(glob);
            }
        }
    }
    set.build().unwrap_or_default()
}

/// The pattern with its brackets and braces as plain characters.
fn escape(pattern: &str) -> String {
    let mut escaped = String::new();
    for c in pattern.chars() {
        match c {
            '[' | ']' | '{' | '}' => escaped.extend(['[', c, ']']),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
