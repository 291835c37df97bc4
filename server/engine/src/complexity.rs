//! How much work a request is, as far as its words and the code that was found for it tell. A plan knows better.

use std::collections::BTreeSet;

use base::RelPath;
use models::Work;

use crate::request::Request;

/// A request without a place changes about so many lines of a file.
const USUAL_LINES: u32 = 20;

/// Files that a request is about, at most: what is found further down is there for reading.
const MAX_FILES: usize = 5;

/// A request that is estimated.
pub(crate) struct Estimate<'a> {
    pub(crate) request: &'a Request,
    /// Lines of the places that the request names.
    pub(crate) named_lines: usize,
    /// Files that the request or a failing test names.
    pub(crate) named: &'a [RelPath],
    /// Files that were found for it, best first.
    pub(crate) found: &'a [RelPath],
}

impl Estimate<'_> {
    /// What it involves.
    pub(crate) fn work(&self) -> Work {
        let text = format!(
            "{} {}",
            self.request.text,
            self.request.diagnostic.as_ref().map_or("", |it| it.message.as_str())
        );
        let words = words(&text);
        let files = self.files(&text);
        let count = |known: &[&str]| known.iter().filter(|it| words.contains(**it)).count() as u32;
        let languages: BTreeSet<&str> =
            files.iter().filter_map(|path| Some(syntax::detect(path, None)?.id)).collect();
        let named_lines = u32::try_from(self.named_lines).unwrap_or(u32::MAX);
        Work {
            lines: named_lines.max(USUAL_LINES.saturating_mul(files.len() as u32)),
            files: files.len().max(1) as u32,
            dependencies: count(DEPENDENCIES),
            apis: count(APIS),
            database: 0 < count(DATABASE),
            authentication: 0 < count(AUTHENTICATION),
            languages: languages.len() as u32,
        }
    }

    /// Those that are named; where none is, the best one that was found. Whoever names no file and says `all`, `each` or
    /// `every` means more than one.
    fn files(&self, text: &str) -> Vec<&RelPath> {
        let is_named = |path: &&RelPath| self.named.contains(path) || text.contains(path.as_str());
        let mut files: Vec<&RelPath> =
            self.named.iter().chain(self.found.iter().filter(is_named)).collect();
        if files.is_empty() {
            let words = words(text);
            let is_wide = WIDE.iter().any(|it| words.contains(*it));
            files.extend(self.found.iter().take(if is_wide { MAX_FILES } else { 1 }));
        }
        files.sort_unstable();
        files.dedup();
        files.truncate(MAX_FILES);
        files
    }
}

fn words(text: &str) -> BTreeSet<String> {
    let parts = text.split(|it: char| !it.is_alphanumeric());
    parts.filter(|it| !it.is_empty()).map(str::to_lowercase).collect()
}

const WIDE: &[&str] = &["all", "each", "every", "everywhere", "throughout", "across"];

/// Something of others is to be used that may not be there yet.
const DEPENDENCIES: &[&str] = &[
    "dependency",
    "dependencies",
    "package",
    "packages",
    "crate",
    "crates",
    "library",
    "npm",
    "pip",
    "gem",
];

const APIS: &[&str] = &[
    "api",
    "apis",
    "endpoint",
    "endpoints",
    "graphql",
    "grpc",
    "http",
    "https",
    "rest",
    "rpc",
    "webhook",
    "websocket",
];

const DATABASE: &[&str] = &[
    "database",
    "databases",
    "migration",
    "migrations",
    "mongodb",
    "mysql",
    "orm",
    "postgres",
    "postgresql",
    "redis",
    "sql",
    "sqlite",
];

const AUTHENTICATION: &[&str] = &[
    "auth",
    "authentication",
    "authenticate",
    "authorization",
    "authorize",
    "credential",
    "credentials",
    "jwt",
    "login",
    "oauth",
    "password",
    "passwords",
    "permission",
    "permissions",
    "session",
    "sessions",
    "sso",
];

#[cfg(test)]
mod tests;
