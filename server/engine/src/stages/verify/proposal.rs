//! A patch that passed, with its evidence. Only this stage can make one; everybody else reads it.

use base::{Check, ContentHash, Evidence, Patch, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A verified patch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    id: String,
    patch: Patch,
    evidence: Evidence,
    message: String,
}

impl Proposal {
    pub(super) fn new(patch: Patch, evidence: Evidence, message: Option<&str>) -> Proposal {
        let message = message.and_then(tools::git::clean_message);
        let message = message.unwrap_or_else(|| tools::git::plain_message(&patch));
        let id = ContentHash::of(base::unified(&patch).as_bytes()).short();
        Proposal { id, patch, evidence, message }
    }

    /// Names the proposal within its run; the same patch has the same id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What would change.
    pub fn patch(&self) -> &Patch {
        &self.patch
    }

    /// What was checked, and how it went.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The commit message: the model's where it was usable, else a plain one.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether a check gave no answer: what it would have found is not known.
    pub fn is_partly_verified(&self) -> bool {
        self.evidence.checks.iter().any(|check| matches!(check.after, Verdict::NoAnswer(_)))
    }

    /// The evidence in one line.
    pub fn evidence_line(&self) -> String {
        evidence_line(&self.evidence)
    }
}

/// Evidence in one line.
pub(crate) fn evidence_line(evidence: &Evidence) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !evidence.fixed.is_empty() {
        parts.push(format!("fixes {}", crate::run::plural(evidence.fixed.len(), "test")));
    }
    if !evidence.checks.is_empty() {
        parts.push(checks_line(&evidence.checks));
    }
    parts.join(", ")
}

/// Checks in one line.
pub(super) fn checks_line(checks: &[Check]) -> String {
    let part = |check: &Check| match &check.after {
        Verdict::Clean => format!("{} clean", check.name),
        Verdict::Findings(found) => format!("{}: {} findings", check.name, found.len()),
        Verdict::NoAnswer(_) => format!("{}: no answer", check.name),
    };
    checks.iter().map(part).collect::<Vec<_>>().join(", ")
}
