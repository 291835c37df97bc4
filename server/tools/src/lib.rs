//! One file for each tool: format, parse check, test, git.

pub mod edits;
mod error;
pub mod git;

pub use error::Error;
