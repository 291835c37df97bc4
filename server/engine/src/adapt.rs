//! What a refusal changes: the kind of failure rewrites the query, the guidance and what must be shown. Pure data in and out.

use base::{Defect, DefectKind, RelPath};
use serde::{Deserialize, Serialize};

/// What retrieval looks for, and what it must show in any case.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Focus {
    /// The search query.
    pub(crate) query: String,
    /// Files whose hits count for more.
    pub(crate) boost: Vec<RelPath>,
    /// Files that are shown whatever their score.
    pub(crate) show: Vec<RelPath>,
}

/// The focus of the next attempt, and what the model is told to do differently.
pub(crate) fn adapt(focus: &Focus, defect: &Defect) -> (Focus, String) {
    let mut next = focus.clone();
    next.boost.extend(defect.paths.iter().cloned());
    next.show.clear();
    let guidance = match defect.kind {
        DefectKind::MalformedReply => {
            "The reply could not be read. Use the block format exactly: a path line, then the markers on lines of their own."
        }
        DefectKind::EmptyPatch => {
            "The edit changes nothing. Replace the lines that cause the problem by different ones."
        }
        DefectKind::BadPath => {
            "Use only paths inside the workspace, relative to it, as they are shown above the code."
        }
        DefectKind::AnchorMissing | DefectKind::AnchorAmbiguous => {
            // The model has not seen the file as it is: it is shown whole.
            next.show.extend(defect.paths.iter().cloned());
            "Copy the SEARCH lines from the file as shown below, and take enough of them to be found exactly once."
        }
        DefectKind::Syntax | DefectKind::Format => {
            "The result must parse. Check brackets, indentation and the ends of the replaced region."
        }
        DefectKind::Secret => {
            "The edit writes a secret into a file. Read it at run time, from the environment or from a file that is not committed."
        }
        DefectKind::Lint => {
            "The project's own linter calls something new an error. Resolve it without switching the rule off, and keep the rest of the edit."
        }
        DefectKind::Diagnostic => {
            "The edit brought new findings of the language's own tools. Resolve them as well."
        }
        DefectKind::TestStillFails => {
            // What the failure names now is a better query than what it named before the first attempt.
            next.query = format!("{} {} {}", focus.query, defect.tests.join(" "), defect.detail);
            "The failing test still fails with this edit. The cause is somewhere else, or the edit is not complete: read the failure again."
        }
        DefectKind::TestBroke => {
            next.query = format!("{} {} {}", focus.query, defect.tests.join(" "), defect.detail);
            "The edit breaks tests that passed before. Keep their behaviour."
        }
        DefectKind::WeakTest => {
            next.query = format!("{} {}", focus.query, defect.detail);
            "The tests of the edit do not show yet what they are there for."
        }
        DefectKind::OutOfScope => {
            "The edit does more than was asked for. Leave everything else exactly as it is."
        }
        DefectKind::Incoherent => {
            next.query = format!("{} {}", focus.query, defect.detail);
            "The edit works, and is not what was asked for. Keep what is right of it, add what is missing, and leave out what nobody asked for."
        }
        DefectKind::Command => "The commands failed. Read what they wrote.",
        DefectKind::Rejected => "What was tried before was given up. Do it another way.",
        DefectKind::Timeout => {
            "The tests did not end in time with this edit. Look for a loop that does not end or work that grows too fast."
        }
        DefectKind::Feedback => {
            next.query = format!("{} {}", focus.query, defect.detail);
            "A person looked at the edit and wants it to be different."
        }
    };
    // The defect's own suggestion is more precise than the general one, so it comes last, where it is read last.
    let guidance = [guidance, defect.suggestion.as_str()].join(" ").trim().to_owned();
    next.boost.dedup();
    (next, guidance)
}

#[cfg(test)]
mod tests;
