//! One file for each tool: format, lint, parse check, probes, mutations, test, git, questions about code; and reading a diff, or the
//! edits of a model's reply.
//! Tools never call models, and start processes only through `sandbox`.

mod choices;
pub mod code;
mod delta;
pub mod diagnostics;
mod diff;
pub mod edits;
mod error;
pub mod format;
pub mod git;
pub mod lint;
pub mod mutate;
mod output;
pub mod parse;
pub mod probes;
pub mod prose;
pub mod shell;
pub mod tests;
mod version;

pub use choices::{Choices, Pick, Programs};
pub use diff::{ReadText, read_diff};
pub use error::Error;
pub use version::version;
