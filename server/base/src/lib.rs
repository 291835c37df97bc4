//! Values shared by every crate: paths, ranges, text, edits, patches, hunks, evidence; no IO.

mod change;
mod defect;
mod diagnostic;
mod edit;
mod evidence;
mod hash;
mod hunk;
mod lines;
mod patch;
mod paths;
mod range;
mod rebase;
#[cfg(test)]
mod samples;
mod text;
mod tokens;
mod unified;
mod visible;

pub use change::{BaseText, BaseTextError, FileChange};
pub use defect::{Defect, DefectKind};
pub use diagnostic::{Diagnostic, Severity};
pub use edit::{EditError, TextEdit, TextEdits};
pub use evidence::{Check, Evidence, Tool, Verdict};
pub use hash::{ContentHash, HashError};
pub use hunk::{Hunk, HunkId, HunkIdError, HunkKind};
pub use patch::{FileStat, Patch, PatchError};
pub use paths::{AbsPathBuf, PathError, RelPath};
pub use range::ByteRange;
pub use rebase::{Conflict, Rebased, rebase};
pub use text::{LineCol, PositionEncoding, Text};
pub use tokens::Tokens;
pub use unified::unified;
pub use visible::{visible, visible_line};
