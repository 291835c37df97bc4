//! How a run ended, in words for the editor's user. Pure.

use base::Diagnostic;
use engine::{Outcome, Proposal};
use tower_lsp::gen_lsp_types::MessageType;

#[cfg(test)]
mod tests;

/// Most files and conflicts that a message lists.
const LISTED: usize = 5;

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    /// For the end of the progress.
    pub(crate) short: String,
    /// To be shown, if the user does not know it already.
    pub(crate) message: Option<(MessageType, String)>,
}

/// Puts an outcome into words; `proposal` is what was delivered. No outcome: the run was parked.
pub(crate) fn describe(outcome: Option<&Outcome>, proposal: Option<&Proposal>) -> Ending {
    match outcome {
        Some(Outcome::Delivered { files, commit, conflicts }) => {
            let mut conflicts: Vec<String> = conflicts
                .iter()
                .map(|conflict| format!("{}: {}", conflict.path, conflict.reason))
                .collect();
            // The hunks of one file often have one reason.
            conflicts.dedup();
            if files.is_empty() {
                return nothing_applied(&conflicts);
            }
            let evidence = proposal.map(Proposal::evidence_line);
            let files: Vec<String> = files.iter().map(ToString::to_string).collect();
            delivered(&files, evidence.as_deref(), commit.as_deref(), &conflicts)
        }
        Some(Outcome::Verified { evidence: _, defect }) => match defect {
            None => Ending { short: "examined".into(), message: None },
            Some(defect) => Ending {
                short: "refused".into(),
                message: Some((MessageType::Warning, defect.summary.clone())),
            },
        },
        Some(Outcome::Explained { text }) => {
            Ending { short: "answered".into(), message: Some((MessageType::Info, text.clone())) }
        }
        Some(Outcome::Reviewed { findings, .. }) => Ending {
            short: format!("findings: {}", findings.len()),
            message: Some((MessageType::Info, reviewed(findings))),
        },
        Some(Outcome::Mission { items }) => {
            let n_done = items.iter().filter(|item| item.is_done).count();
            let said: Vec<String> =
                items.iter().map(|item| format!("{}: {}", item.title, item.note)).collect();
            Ending {
                short: format!("{n_done} of {} items", items.len()),
                message: Some((MessageType::Info, format!("Baton: {}", list(&said, "; ")))),
            }
        }
        Some(Outcome::PlanRejected { why }) => Ending {
            short: "the plan was rejected".into(),
            message: why
                .as_ref()
                .map(|why| (MessageType::Warning, format!("Baton: the plan was rejected: {why}"))),
        },
        Some(Outcome::Rejected) => Ending { short: "rejected".into(), message: None },
        Some(Outcome::Cancelled) => Ending { short: "cancelled".into(), message: None },
        Some(Outcome::NothingToDo { why }) => Ending {
            short: "nothing to do".into(),
            message: Some((MessageType::Info, format!("Baton: nothing to do: {why}"))),
        },
        Some(Outcome::Failed { failure }) => Ending {
            short: format!("failed: {}", failure.message),
            message: Some((MessageType::Error, format!("Baton: {}", failure.message))),
        },
        None => Ending { short: "stopped; it can be resumed".into(), message: None },
    }
}

fn reviewed(findings: &[Diagnostic]) -> String {
    let said: Vec<String> = findings.iter().map(ToString::to_string).collect();
    match said.as_slice() {
        [] => "Baton: nothing was found".to_owned(),
        said => format!("Baton: {}", list(said, "\n")),
    }
}

fn nothing_applied(conflicts: &[String]) -> Ending {
    let why = match conflicts {
        [] => "no change was taken".to_owned(),
        conflicts => list(conflicts, "; "),
    };
    Ending {
        short: "nothing was applied".into(),
        message: Some((MessageType::Warning, format!("Baton: nothing was applied: {why}"))),
    }
}

fn delivered(
    files: &[String],
    evidence: Option<&str>,
    commit: Option<&str>,
    conflicts: &[String],
) -> Ending {
    let short = format!("changed {}", list(files, ", "));
    let mut message = format!("Baton {short}");
    if let Some(evidence) = evidence.filter(|line| !line.is_empty()) {
        message.push_str(&format!(" ({evidence})"));
    }
    if let Some(commit) = commit {
        message.push_str(&format!(", commit {}", &commit[..commit.len().min(10)]));
    }
    if conflicts.is_empty() {
        return Ending { short, message: Some((MessageType::Info, message)) };
    }
    message.push_str(&format!(". Not applied: {}", list(conflicts, "; ")));
    Ending {
        short: format!("{short}; a part was not applied"),
        message: Some((MessageType::Warning, message)),
    }
}

/// The first few of `items`, and how many there are more.
pub(crate) fn list(items: &[String], separator: &str) -> String {
    let shown = items.iter().take(LISTED).cloned().collect::<Vec<_>>().join(separator);
    match items.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown}{separator}{more} more"),
    }
}
