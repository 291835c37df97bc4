//! What enters a model's context: typed pieces with a hard token cap, fenced so that data cannot pose as instruction.

use base::{Tokens, visible_line};

use crate::packet::shortened;

/// A title is cut: it may hold a name or a message of the workspace.
const TITLE_CHARS: usize = 1_000;

/// A piece of context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fragment {
    /// Shown above the fence; written by us.
    title: String,
    /// Data from the workspace or a tool; not trusted.
    text: String,
    cap: Tokens,
}

impl Fragment {
    /// Data under a title.
    pub(crate) fn data(title: impl Into<String>, text: impl Into<String>, cap: Tokens) -> Fragment {
        Fragment { title: title.into(), text: text.into(), cap }
    }

    /// The fragment as the model sees it, cut at lines where it is longer than its cap.
    pub(crate) fn render(&self) -> String {
        let text = cut(&self.text, self.cap);
        // A fence longer than any in the text cannot be closed by it.
        let fence = "`".repeat(longest_run(&text, '`').max(2) + 1);
        // A title may hold a file name or a test id: it stays one line and cannot open a fence of its own.
        let title = shortened(&visible_line(&self.title), TITLE_CHARS).replace('`', "'");
        let newline = if text.ends_with('\n') { "" } else { "\n" };
        format!("## {title}\n{fence}\n{text}{newline}{fence}\n")
    }
}

/// Keeps the head and the tail of a text that has too many tokens, and says how much was left out between them.
///
/// The tail gets twice the room of the head: tools report the verdict last.
pub(crate) fn cut(text: &str, cap: Tokens) -> String {
    if models::count_tokens(text) <= cap {
        return text.to_owned();
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let head = fill(lines.iter().copied(), cap.0 / 3);
    let rest = &lines[head.len()..];
    let mut tail = fill(rest.iter().rev().copied(), cap.0.saturating_sub(cap.0 / 3));
    tail.reverse();
    let left_out = rest.len() - tail.len();
    format!("{}[... {left_out} lines left out ...]\n{}", head.concat(), tail.concat())
}

/// As many lines as fit. A single line that is too long for the room is left out whole: half a line misleads.
fn fill<'a>(lines: impl Iterator<Item = &'a str>, room: usize) -> Vec<&'a str> {
    let mut used = 0;
    lines
        .take_while(|line| {
            used += models::count_tokens(line).0;
            used <= room
        })
        .collect()
}

fn longest_run(text: &str, of: char) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == of { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests;
