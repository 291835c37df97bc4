//! Names of tools: `server/tool` for people, and one for models and other protocols, which allow fewer characters.

use base::ContentHash;

#[cfg(test)]
mod tests;

/// Longer names of tools are not taken.
pub(crate) const MAX_TOOL: usize = 128;
/// What providers of models allow.
const MAX_SAFE: usize = 64;
/// Digits of the hash that tells names apart that would be the same.
const HASH: usize = 8;

/// Whether a server's name for a tool can be shown, typed and passed on.
pub(crate) fn is_tool_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    !name.is_empty() && name.len() <= MAX_TOOL && name.chars().all(fits)
}

/// The server and the tool of `server/tool`; a tool's own name may have further slashes.
pub fn split_name(name: &str) -> Option<(&str, &str)> {
    name.split_once('/').filter(|(server, tool)| !server.is_empty() && !tool.is_empty())
}

/// The same in at most 64 letters, digits, `_` and `-`: `server__tool`. Different names stay different.
pub fn safe_name(server: &str, tool: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let whole = format!("{server}__{tool}");
    let safe: String = whole.chars().map(plain).collect();
    // `__` in a name could be taken for the one between two.
    let is_clear = safe == whole && safe.len() <= MAX_SAFE && whole.matches("__").count() == 1;
    if is_clear && !server.ends_with('_') && !tool.starts_with('_') {
        return safe;
    }
    let hash = ContentHash::of(format!("{server}/{tool}").as_bytes()).hex();
    let kept = safe.len().min(MAX_SAFE - HASH - 1);
    format!("{}_{}", &safe[..kept], &hash[..HASH])
}
