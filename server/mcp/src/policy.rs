//! Whether a tool may be called: by the person's rules, and by what the server says of it where that narrows them.
//!
//! A server's hints are a stranger's word. They never allow anything; a rule that names many tools counts only for those that call
//! themselves read-only, and one that names a tool counts whatever the tool calls itself.

use globset::{Glob, GlobMatcher};
use serde::Serialize;

use crate::tool::Hints;

#[cfg(test)]
mod tests;

/// What may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It may be called.
    Allow,
    /// It may be called once a person has agreed to this call.
    Ask,
    /// It may not be called.
    Deny,
}

/// A decision and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// What may be done.
    pub decision: Decision,
    /// By which rule, in words.
    pub reason: String,
}

/// The `tools` of a server: names and globs that are allowed, and behind a `!` those that are denied.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    allowed: Vec<Rule>,
    denied: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    text: String,
    matcher: GlobMatcher,
    /// It names one tool and no other.
    is_name: bool,
}

impl Rules {
    /// Reads the rules; none of them means that every call is asked about.
    ///
    /// # Errors
    /// In words, with the rule.
    pub fn parse(texts: &[String]) -> Result<Rules, String> {
        let mut rules = Rules::default();
        for text in texts {
            let (to, pattern) = match text.strip_prefix('!') {
                Some(rest) => (&mut rules.denied, rest),
                None => (&mut rules.allowed, text.as_str()),
            };
            if pattern.is_empty() {
                return Err(format!("`{text}` names no tool"));
            }
            let glob = Glob::new(pattern).map_err(|error| format!("`{text}`: {error}"))?;
            let is_name = !pattern.contains(['*', '?', '[', ']', '{', '}', '\\']);
            to.push(Rule { text: text.clone(), matcher: glob.compile_matcher(), is_name });
        }
        Ok(rules)
    }

    /// What may be done with the tool of that name.
    pub(crate) fn decide(&self, name: &str, hints: &Hints) -> Policy {
        let fits = |rule: &&Rule| rule.matcher.is_match(name);
        let policy = |decision, reason: String| Policy { decision, reason };
        if let Some(rule) = self.denied.iter().find(fits) {
            return policy(Decision::Deny, format!("your `tools` deny it by `{}`", rule.text));
        }
        let allowed = || self.allowed.iter().filter(fits);
        if let Some(rule) = allowed().find(|rule| rule.is_name) {
            return policy(Decision::Allow, format!("your `tools` name `{}`", rule.text));
        }
        match allowed().next() {
            Some(rule) if hints.is_read_only() => policy(
                Decision::Allow,
                format!("your `tools` allow `{}`, and it says that it only reads", rule.text),
            ),
            Some(rule) => policy(
                Decision::Ask,
                format!(
                    "your `tools` allow `{}`, and it does not say that it only reads; name it to allow it",
                    rule.text
                ),
            ),
            None => policy(Decision::Ask, "your `tools` do not name it".to_owned()),
        }
    }
}
