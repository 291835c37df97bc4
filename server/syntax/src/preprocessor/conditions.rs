//! Hides conditional directives (`#if … #else … #endif`), and of their branches those that do not fit together.
//! It evaluates no condition, but for `#if 0` and what is there for another language.
//!
//! A grammar sees all branches at once. That is right where each branch is whole (`;` or `}` at its end, as many opened as
//! closed brackets): then all of them stay, and what they define is found. Else only the first one stays.

use crate::preprocessor::{Masked, lines};

/// Groups that are nested deeper lose only their directives: hiding their branches would cost the depth of the nesting.
const MAX_DEPTH: usize = 32;

/// What is not hidden of a group of branches so far.
struct Group {
    /// The scanner where the group began, and where its first branch ended.
    before: Scanner,
    first: Option<Scanner>,
    /// Where its branches begin and end, behind and before their directives.
    branches: Vec<(usize, usize)>,
    /// The present branch's start.
    start: usize,
    /// The first branch is dead.
    is_dead: bool,
    /// Every branch so far is whole.
    is_whole: bool,
}

/// Hides what cannot be read together. `is_dead` says which conditions do not hold, by the words behind the `#`.
pub(super) fn hide(text: &str, masked: &mut Masked<'_>, is_dead: fn(&str) -> bool) {
    let mut groups: Vec<Group> = Vec::new();
    let mut scanner = Scanner::default();
    // The directive of the line before goes on, and is one of those that are hidden.
    let (mut goes_on, mut is_condition) = (false, false);
    for (at, line) in lines(text) {
        let end = at + line.len();
        let directive = line.trim_start().strip_prefix('#').filter(|_| !scanner.in_comment);
        let Some(directive) = directive.map(str::trim).filter(|_| !goes_on) else {
            // A directive may take several lines; what it says is no code.
            if goes_on {
                goes_on = line.trim_end().ends_with('\\');
                if is_condition {
                    masked.fill(at, end, b' ');
                }
            } else {
                scanner.read(line);
            }
            continue;
        };
        goes_on = directive.ends_with('\\');
        is_condition = ["if", "el", "endif"].iter().any(|word| directive.starts_with(word));
        if directive.starts_with("if") {
            groups.push(Group {
                before: scanner.clone(),
                first: None,
                branches: Vec::new(),
                start: end,
                is_dead: is_dead(directive),
                is_whole: true,
            });
        } else if directive.starts_with("el") || directive.starts_with("endif") {
            let Some(group) = groups.last_mut() else { continue };
            group.branches.push((group.start, at));
            group.start = end;
            group.is_whole &= scanner.is_whole_since(&group.before);
            if group.first.is_none() {
                group.first = Some(scanner.clone());
            }
            if directive.starts_with("endif") {
                if let Some(group) = groups.pop() {
                    let is_read = groups.len() < MAX_DEPTH;
                    scanner = if is_read { close(group, scanner, masked) } else { scanner };
                }
            } else {
                scanner = group.before.clone();
            }
        }
        if is_condition {
            masked.fill(at, end, b' ');
        }
    }
}

/// Hides the branches that do not stay, and gives the state of the scanner behind those that do.
fn close(group: Group, last: Scanner, masked: &mut Masked<'_>) -> Scanner {
    let Group { before, first, branches, is_dead, is_whole, .. } = group;
    let has_others = 1 < branches.len();
    let hidden = match (is_dead, has_others && !is_whole) {
        // The first one, and of the others those behind the second.
        (true, true) => [&branches[..1], &branches[2..]].concat(),
        (true, false) => branches[..1].to_vec(),
        (false, true) => branches[1..].to_vec(),
        (false, false) => Vec::new(),
    };
    for (start, end) in hidden {
        masked.fill(start, end, b' ');
    }
    match (is_dead, has_others) {
        (true, false) => before,
        (true, true) | (false, false) => last,
        (false, true) => first.unwrap_or(last),
    }
}

/// Counts brackets outside of comments and strings.
#[derive(Clone, Default)]
struct Scanner {
    in_comment: bool,
    /// Open curly brackets less closed ones, and all others.
    curly: i64,
    other: i64,
    /// The last character that is neither space nor comment; `None` at the start.
    last: Option<char>,
    /// How many such characters there were.
    n_read: usize,
}

impl Scanner {
    fn is_whole_since(&self, before: &Scanner) -> bool {
        let ends = matches!(self.last, None | Some(';' | '}' | ':' | ','));
        let is_empty = self.n_read == before.n_read;
        is_empty || (ends && self.curly == before.curly && self.other == before.other)
    }

    fn read(&mut self, line: &str) {
        let mut chars = line.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, next)| *next);
            if self.in_comment {
                if c == '*' && next == Some('/') {
                    self.in_comment = false;
                    chars.next();
                }
                continue;
            }
            match (c, next) {
                ('/', Some('/')) => return,
                ('/', Some('*')) => {
                    self.in_comment = true;
                    chars.next();
                    continue;
                }
                ('{', _) => self.curly += 1,
                ('}', _) => self.curly -= 1,
                ('(' | '[', _) => self.other += 1,
                (')' | ']', _) => self.other -= 1,
                // A string ends with its line at the latest; `'` may also stand between digits.
                ('"' | '\'', _) => {
                    if let Some(len) = quoted_len(&line[at..], c) {
                        while chars.peek().is_some_and(|(next, _)| *next < at + len) {
                            chars.next();
                        }
                    }
                }
                _ => {}
            }
            if !c.is_whitespace() {
                self.last = Some(c);
                self.n_read += 1;
            }
        }
    }
}

/// Length of what is in quotes at the start of `text`, quotes included.
fn quoted_len(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !is_escaped {
            return Some(at + 1);
        }
        if quote == '\'' && 12 < at {
            return None;
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    None
}
