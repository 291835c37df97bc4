//! Reads a model's reply into edits while it streams, and turns the edits into a patch against a snapshot.
//! Does not write files, does not guess where an edit belongs, and does not judge whether it is right.
//!
//! # The reply format
//! ```text
//! path/to/file.py
//! <<<<<<< SEARCH
//! exact old lines
//! =======
//! new lines
//! >>>>>>> REPLACE
//!
//! path/to/new.py
//! <<<<<<< FILE
//! content
//! >>>>>>> FILE
//!
//! path/to/old.py
//! <<<<<<< DELETE
//! >>>>>>> DELETE
//! ```
//! A marker is seven signs at the start of a line, with nothing but white space after it. Accepted around blocks: prose,
//! code fences, a path as a heading, in bold, in backticks or after `File:`, several blocks under one path line, CRLF, a
//! missing final line break, and a `<think>` section at the start, which is never searched for blocks.
//!
//! # Markers inside content
//! - In a `FILE` block every line but our own opening and closing markers is content: `=======` and the conflict markers
//!   of git (`<<<<<<< HEAD`, `>>>>>>> branch`) included.
//! - In a `SEARCH` block they are content too. When `=======` stands there more than once, the block is cut at the line
//!   that gives the longest old text found in the file ([`resolve()`]).
//! - One of our own markers inside a block is refused: it is far more often a block that was never closed. A file that
//!   holds such lines can only be changed around them.

#![allow(
    clippy::result_large_err,
    reason = "a defect is made once a reply, and is what the caller wants"
)]

mod anchor;
mod lines;
mod path_line;
mod resolve;

#[cfg(test)]
mod tests;

use base::{Defect, DefectKind};

pub use resolve::resolve;

use path_line::path_of;

/// Longest reply that is read, in bytes.
pub const MAX_REPLY_BYTES: usize = 4 * 1024 * 1024;

/// Most blocks in one reply: each is looked for in the whole of its file.
const MAX_BLOCKS: usize = 1_000;

/// What a piece of the reply meant; lines are without their break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A line outside blocks.
    Prose(String),
    /// A block began; `path` is as the model wrote it, not yet checked.
    Started {
        /// As written.
        path: String,
        /// Which of the three forms.
        kind: BlockKind,
    },
    /// A line of old text.
    Search(String),
    /// A line of new text.
    Replace(String),
    /// The block that began last is whole.
    Completed,
}

/// The three forms of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// Old lines and new lines.
    Search,
    /// The whole content of a file.
    File,
    /// The file goes.
    Delete,
}

impl BlockKind {
    const ALL: [BlockKind; 3] = [BlockKind::Search, BlockKind::File, BlockKind::Delete];

    fn opener(self) -> &'static str {
        match self {
            BlockKind::Search => "<<<<<<< SEARCH",
            BlockKind::File => "<<<<<<< FILE",
            BlockKind::Delete => "<<<<<<< DELETE",
        }
    }

    fn closer(self) -> &'static str {
        match self {
            BlockKind::Search => ">>>>>>> REPLACE",
            BlockKind::File => ">>>>>>> FILE",
            BlockKind::Delete => ">>>>>>> DELETE",
        }
    }
}

const DIVIDER: &str = "=======";

/// One whole block, not yet matched against any file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelEdit {
    /// As the model wrote it; [`resolve()`] checks it.
    pub path: String,
    /// Line of the opening marker in the reply, 1-based.
    pub line: u32,
    /// What to do.
    pub action: Action,
}

/// What a block asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Everything between the opening and the closing marker, with the places where it can be cut in two.
    Replace {
        /// Lines without breaks, the dividing ones included.
        lines: Vec<String>,
        /// Indexes of `=======` lines in `lines`; never empty.
        dividers: Vec<usize>,
    },
    /// The whole new content, lines ended by `\n`.
    File(String),
    /// Remove the file.
    Delete,
}

/// Reads a reply piece by piece. Any cut of the same text gives the same events and edits.
#[derive(Debug, Default)]
pub struct Parser {
    /// The line that has not ended yet.
    partial: String,
    line_number: u32,
    seen_bytes: usize,
    state: State,
    /// The last line of prose and the blank and fence lines after it: perhaps a path line.
    held: Vec<String>,
    /// The path of the block before, for blocks that follow without a path line.
    path: Option<String>,
    edits: Vec<ModelEdit>,
    /// The first thing that was wrong; nothing is read after it.
    defect: Option<Defect>,
    started: bool,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Outside,
    Thinking,
    Inside(Block),
    /// Right after a block that stood in a fence: its closing fence is no prose.
    AfterFenced,
}

#[derive(Debug)]
struct Block {
    path: String,
    kind: BlockKind,
    line: u32,
    fenced: bool,
    lines: Vec<String>,
    dividers: Vec<usize>,
}

impl Parser {
    /// An empty reply so far.
    pub fn new() -> Parser {
        Parser::default()
    }

    /// Takes the next piece, of any size, cut anywhere between characters.
    pub fn feed(&mut self, piece: &str) -> Vec<Event> {
        let mut events = Vec::new();
        self.seen_bytes = self.seen_bytes.saturating_add(piece.len());
        if MAX_REPLY_BYTES < self.seen_bytes {
            self.refuse(
                format!("the reply is longer than {MAX_REPLY_BYTES} bytes"),
                "send only the changed lines, in SEARCH blocks",
            );
            self.partial = String::new();
            return events;
        }
        let mut rest = piece;
        while let Some(at) = rest.find('\n') {
            self.partial.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let line = std::mem::take(&mut self.partial);
            self.line(line, &mut events);
        }
        self.partial.push_str(rest);
        events
    }

    /// Ends the reply.
    ///
    /// # Errors
    /// `MalformedReply`: no block, a block without a path, one that was not closed, or a stray closing marker.
    pub fn finish(mut self) -> (Vec<Event>, Result<Vec<ModelEdit>, Defect>) {
        let mut events = Vec::new();
        if !self.partial.is_empty() {
            let line = std::mem::take(&mut self.partial);
            self.line(line, &mut events);
        }
        self.flush(&mut events);
        if let State::Inside(block) = &self.state {
            let (line, kind) = (block.line, block.kind);
            self.refuse(
                format!("the block that begins at line {line} of the reply was not closed"),
                &format!("end every block with a line `{}`", kind.closer()),
            );
        }
        if self.defect.is_none() && self.edits.is_empty() {
            self.refuse(
                "the reply holds no edit block".to_owned(),
                "write the path on its own line and below it a SEARCH, FILE or DELETE block",
            );
        }
        let res = match self.defect {
            Some(defect) => Err(defect),
            None => Ok(self.edits),
        };
        (events, res)
    }

    fn line(&mut self, line: String, events: &mut Vec<Event>) {
        self.line_number = self.line_number.saturating_add(1);
        if self.defect.is_some() {
            return;
        }
        let line = match line.strip_suffix('\r') {
            Some(cut) => cut.to_owned(),
            None => line,
        };
        match std::mem::take(&mut self.state) {
            State::Thinking => self.thinking(line, events),
            State::Inside(block) => self.inside(block, line, events),
            State::Outside => self.outside(line, events),
            State::AfterFenced if is_fence(&line) => {}
            State::AfterFenced if line.trim().is_empty() => self.state = State::AfterFenced,
            State::AfterFenced => self.outside(line, events),
        }
    }

    fn thinking(&mut self, line: String, events: &mut Vec<Event>) {
        if !line.contains("</think>") {
            self.state = State::Thinking;
        }
        events.push(Event::Prose(line));
    }

    fn outside(&mut self, line: String, events: &mut Vec<Event>) {
        let mark = line.trim_end();
        if !self.started && !mark.is_empty() {
            self.started = true;
            if mark.trim_start().starts_with("<think>") {
                self.thinking(line, events);
                return;
            }
        }
        if let Some(kind) = BlockKind::ALL.into_iter().find(|kind| kind.opener() == mark) {
            self.open(kind, events);
            return;
        }
        if let Some(kind) = BlockKind::ALL.into_iter().find(|kind| kind.closer() == mark) {
            self.refuse(
                format!(
                    "line {} of the reply, `{}`, closes no block",
                    self.line_number,
                    kind.closer()
                ),
                "a block must not hold its own closing marker; leave such lines out of the edit",
            );
            return;
        }
        if mark.trim_start().is_empty() || is_fence(mark) {
            self.held.push(line);
            return;
        }
        // An opening fence above the path line stays with it.
        if let Some(at) =
            self.held.iter().position(|line| !line.trim().is_empty() && !is_fence(line))
        {
            events.extend(self.held.drain(..=at).map(Event::Prose));
        }
        self.held.push(line);
    }

    fn open(&mut self, kind: BlockKind, events: &mut Vec<Event>) {
        let named = self
            .held
            .iter()
            .find(|line| !line.trim().is_empty() && !is_fence(line))
            .and_then(|line| path_of(line));
        let fenced = self.held.iter().filter(|line| is_fence(line)).count() % 2 == 1;
        if named.is_some() {
            self.held.clear();
            self.path = named;
        } else {
            if fenced && let Some(at) = self.held.iter().rposition(|line| is_fence(line)) {
                self.held.remove(at);
            }
            self.flush(events);
        }
        let Some(path) = self.path.clone() else {
            self.refuse(
                format!("the block at line {} of the reply has no path above it", self.line_number),
                "write the path of the file on the line above the block",
            );
            return;
        };
        events.push(Event::Started { path: path.clone(), kind });
        self.state = State::Inside(Block {
            path,
            kind,
            line: self.line_number,
            fenced,
            lines: Vec::new(),
            dividers: Vec::new(),
        });
    }

    fn inside(&mut self, mut block: Block, line: String, events: &mut Vec<Event>) {
        let mark = line.trim_end();
        let is_ours =
            BlockKind::ALL.into_iter().any(|kind| mark == kind.opener() || mark == kind.closer());
        if mark == block.kind.closer() {
            self.close(block, events);
            return;
        }
        if is_ours {
            self.refuse(
                format!(
                    "the block that begins at line {} of the reply was not closed before `{mark}` at line {}",
                    block.line, self.line_number
                ),
                &format!("end it with a line `{}`; a block cannot hold one of the markers", block.kind.closer()),
            );
            return;
        }
        match block.kind {
            BlockKind::Delete if mark.is_empty() => {}
            BlockKind::Delete => {
                self.refuse(
                    format!("the DELETE block at line {} of the reply holds text", block.line),
                    "DELETE removes the whole file and stays empty; to remove lines use SEARCH with nothing below `=======`",
                );
                return;
            }
            BlockKind::File => {
                events.push(Event::Replace(line.clone()));
                block.lines.push(line);
            }
            BlockKind::Search => {
                let first = block.dividers.is_empty();
                if mark == DIVIDER {
                    block.dividers.push(block.lines.len());
                }
                match (first, mark == DIVIDER) {
                    (true, true) => {}
                    (true, false) => events.push(Event::Search(line.clone())),
                    (false, _) => events.push(Event::Replace(line.clone())),
                }
                block.lines.push(line);
            }
        }
        self.state = State::Inside(block);
    }

    fn close(&mut self, block: Block, events: &mut Vec<Event>) {
        let Block { path, kind, line, fenced, lines, dividers } = block;
        let action = match kind {
            BlockKind::Delete => Action::Delete,
            BlockKind::File => Action::File(whole_text(&path, &lines)),
            BlockKind::Search if dividers.is_empty() => {
                self.refuse(
                    format!("the SEARCH block at line {line} of the reply has no `=======` line"),
                    "put `=======` between the old and the new lines, also when there are no new ones",
                );
                return;
            }
            BlockKind::Search => Action::Replace { lines, dividers },
        };
        if self.edits.len() == MAX_BLOCKS {
            self.refuse(
                format!("the reply holds more than {MAX_BLOCKS} edit blocks"),
                "change less at once, or send a file that changes everywhere in one FILE block",
            );
            return;
        }
        self.edits.push(ModelEdit { path, line, action });
        events.push(Event::Completed);
        self.state = if fenced { State::AfterFenced } else { State::Outside };
    }

    fn flush(&mut self, events: &mut Vec<Event>) {
        events.extend(self.held.drain(..).map(Event::Prose));
    }

    fn refuse(&mut self, summary: String, suggestion: &str) {
        self.state = State::Outside;
        if self.defect.is_none() {
            self.defect = Some(malformed(summary, suggestion));
        }
    }
}

/// Reads a whole reply.
///
/// # Errors
/// As [`Parser::finish`].
pub fn parse(reply: &str) -> Result<Vec<ModelEdit>, Defect> {
    let mut parser = Parser::new();
    parser.feed(reply);
    parser.finish().1
}

fn malformed(summary: String, suggestion: &str) -> Defect {
    Defect {
        kind: DefectKind::MalformedReply,
        summary,
        detail: String::new(),
        paths: Vec::new(),
        tests: Vec::new(),
        suggestion: suggestion.to_owned(),
    }
}

fn is_fence(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("```") || line.starts_with("~~~")
}

/// Joins the lines of a FILE block. Models often put a fence inside the block as well: it goes, except in Markdown, where
/// it may be meant.
fn whole_text(path: &str, lines: &[String]) -> String {
    let markdown = path.ends_with(".md") || path.ends_with(".mdx") || path.ends_with(".markdown");
    let inner = match lines {
        [first, inner @ .., last]
            if !markdown && first.starts_with("```") && last.trim_end() == "```" =>
        {
            inner
        }
        _ => lines,
    };
    inner.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}
