//! Small changes to code that a test of it should notice: another operator, another constant, a condition that always holds.
//! Which kinds of nodes they are made of is data, one table for each family of languages in `mutations/tables.rs`.
//!
//! Does not say whether the result parses or compiles, and does not choose among them: `tools` does.

mod tables;

use base::ByteRange;
use tree_sitter::Node;

use crate::language::Language;
use crate::mutations::tables::Table;
use crate::parse::{Deadline, Error, parse};

/// A file of data has a constant on each line; this many places are enough to choose from.
const MAX_MUTATIONS: usize = 2_000;

/// What a mutation changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MutationKind {
    /// `<` is `<=`, `==` is `!=`.
    Comparison,
    /// `+` is `-`.
    Arithmetic,
    /// `and` is `or`, `not` is gone.
    Logic,
    /// A number or a truth value is another one.
    Constant,
    /// A condition always or never holds.
    Condition,
    /// What is returned is nothing.
    Return,
    /// A call for its effect is gone.
    Call,
    /// A string is empty.
    String,
}

/// One small change to a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutation {
    /// What it changes.
    pub kind: MutationKind,
    /// Bytes that are replaced.
    pub range: ByteRange,
    /// What comes in their place.
    pub text: String,
}

/// The mutations of `text` that begin in one of `ranges`, by position; `None` for a language that has no table.
///
/// # Errors
/// `TooLarge` and `Timeout` mean that there is no answer.
pub fn mutations(
    lang: &Language,
    text: &str,
    ranges: &[ByteRange],
) -> Result<Option<Vec<Mutation>>, Error> {
    let Some(table) = tables::of(lang.id) else { return Ok(None) };
    let deadline = Deadline::start();
    let tree = parse(lang, text, deadline)?.tree;
    let mut walk = Walk { table, text, ranges, found: Vec::new() };
    let mut cursor = tree.walk();
    let mut steps = 0_usize;
    'walk: while walk.found.len() < MAX_MUTATIONS {
        steps += 1;
        if steps.is_multiple_of(4096) && deadline.check().is_break() {
            return Err(Error::Timeout);
        }
        let node = cursor.node();
        let is_entered = walk.is_in_reach(node) && !table.skipped.contains(&node.kind());
        if is_entered {
            walk.visit(node);
        }
        if is_entered && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'walk;
            }
        }
    }
    let mut found = walk.found;
    found.sort_by(|a, b| (a.range.start, a.kind, &a.text).cmp(&(b.range.start, b.kind, &b.text)));
    Ok(Some(found))
}

struct Walk<'a> {
    table: &'static Table,
    text: &'a str,
    ranges: &'a [ByteRange],
    found: Vec<Mutation>,
}

impl Walk<'_> {
    /// Whether something in the node may begin in a range.
    fn is_in_reach(&self, node: Node<'_>) -> bool {
        let (start, end) = (node.start_byte(), node.end_byte());
        self.ranges.iter().any(|range| range.start < end && start < range.end)
    }

    fn add(&mut self, kind: MutationKind, node: Node<'_>, text: &str) {
        self.replace(kind, ByteRange::new(node.start_byte(), node.end_byte()), text);
    }

    fn replace(&mut self, kind: MutationKind, range: ByteRange, text: &str) {
        let is_wanted = self.ranges.iter().any(|wanted| wanted.contains(range.start));
        if is_wanted && self.slice(range) != text {
            self.found.push(Mutation { kind, range, text: text.to_owned() });
        }
    }

    fn slice(&self, range: ByteRange) -> &str {
        self.text.get(range.start..range.end).unwrap_or_default()
    }

    fn of(&self, node: Node<'_>) -> &str {
        self.slice(ByteRange::new(node.start_byte(), node.end_byte()))
    }

    fn visit(&mut self, node: Node<'_>) {
        if node.has_error() && node.child_count() == 0 {
            return;
        }
        let (kind, table) = (node.kind(), self.table);
        if table.binary.contains(&kind) {
            self.operators(node);
        }
        if table.unary.contains(&kind) {
            self.negation(node);
        }
        if table.literals.contains(&kind) {
            self.truth(node);
        }
        if table.numbers.contains(&kind) {
            self.number(node);
        }
        if table.strings.contains(&kind) {
            self.string(node);
        }
        if let Some((_, loops)) = table.conditions.iter().find(|(it, _)| *it == kind) {
            self.condition(node, *loops);
        }
        if table.returns.contains(&kind) {
            self.returned(node);
        }
        if table.bodies.contains(&kind) {
            self.last_value(node);
        }
        if table.statements.contains(&kind) {
            self.call(node);
        }
    }

    /// The operator between two operands, or of an assignment.
    fn operators(&mut self, node: Node<'_>) {
        let has_string = children(node).any(|child| self.table.strings.contains(&child.kind()));
        for token in children(node) {
            // In C# the operator of an assignment is a node with a name.
            if token.is_named() && token.child_count() != 0 && token.kind() != "assignment_operator"
            {
                continue;
            }
            let was = self.of(token);
            let Some((_, kind, now)) = self.table.operators.iter().find(|(it, ..)| *it == was)
            else {
                continue;
            };
            // What joins strings is no sum: a difference of them only crashes.
            if *kind == MutationKind::Arithmetic && has_string {
                continue;
            }
            self.add(*kind, token, now);
        }
    }

    fn negation(&mut self, node: Node<'_>) {
        let Some(operator) = node.child(0) else { return };
        let Some(operand) = children(node).find(|child| child.is_named()) else { return };
        if ["!", "not"].contains(&self.of(operator)) {
            let range = ByteRange::new(operator.start_byte(), operand.start_byte());
            self.replace(MutationKind::Logic, range, "");
        }
    }

    fn truth(&mut self, node: Node<'_>) {
        let (yes, no) = self.table.truth;
        let now = match self.of(node) {
            it if it == yes => no,
            it if it == no => yes,
            // Where truth is a number, the words may still be there.
            "true" => "false",
            "false" => "true",
            _ => return,
        };
        self.add(MutationKind::Constant, node, now);
    }

    /// Whole numbers in the decimal system; what says their type stays.
    fn number(&mut self, node: Node<'_>) {
        let written = self.of(node);
        let n_digits = written.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = written.split_at(n_digits);
        let is_other = ['x', 'X', 'b', 'B', 'o', 'O', '.', 'e', 'E', '_', '\''];
        let is_octal = 1 < n_digits && digits.starts_with('0');
        let is_decimal = !is_octal && !rest.starts_with(is_other);
        let Some(value) = digits.parse::<u64>().ok().filter(|_| is_decimal) else { return };
        let next = match value {
            1 => 0,
            value => value.saturating_add(1),
        };
        self.add(MutationKind::Constant, node, &format!("{next}{rest}"));
    }

    /// What is between the quotes goes. A string that is a statement is documentation, one that is imported a name.
    fn string(&mut self, node: Node<'_>) {
        let parent = node.parent();
        let is_statement = parent.is_some_and(|it| self.table.statements.contains(&it.kind()));
        let is_imported = parent.is_some_and(|it| {
            let call = it.parent().and_then(|call| call.child_by_field_name("function"));
            it.kind() == "export_statement" || call.is_some_and(|call| self.of(call) == "require")
        });
        if is_statement || is_imported {
            return;
        }
        let last = node.child_count().checked_sub(1).and_then(|idx| node.child(idx));
        let (Some(open), Some(close)) = (node.child(0), last) else { return };
        let range = ByteRange::new(open.end_byte(), close.start_byte());
        if range.start < range.end {
            self.replace(MutationKind::String, range, "");
        }
    }

    fn condition(&mut self, node: Node<'_>, loops: bool) {
        let Some(condition) = node.child_by_field_name("condition") else { return };
        // `if let` binds what the branch uses.
        if condition.kind().starts_with("let_") || self.table.literals.contains(&condition.kind()) {
            return;
        }
        let (yes, no) = self.table.truth;
        let is_wrapped =
            ["parenthesized_expression", "condition_clause"].contains(&condition.kind());
        // A loop whose condition always holds says nothing but that it does not end.
        for value in if loops { vec![no] } else { vec![yes, no] } {
            let text = if is_wrapped { format!("({value})") } else { value.to_owned() };
            self.add(MutationKind::Condition, condition, &text);
        }
    }

    fn returned(&mut self, node: Node<'_>) {
        let Some(nothing) = self.table.nothing else { return };
        let mut values = children(node).filter(|child| child.is_named() && !child.is_extra());
        if let (Some(value), None) = (values.next(), values.next()) {
            self.add(MutationKind::Return, value, nothing);
        }
    }

    /// The value of a function that returns it without a word for that.
    fn last_value(&mut self, node: Node<'_>) {
        let Some(nothing) = self.table.nothing else { return };
        let Some(body) = node.child_by_field_name("body") else { return };
        if !["block", "statement_block"].contains(&body.kind()) {
            self.add(MutationKind::Return, body, nothing);
            return;
        }
        let value = children(body).filter(|child| child.is_named() && !child.is_extra()).last();
        let is_value = |kind: &str| {
            !["_statement", "_declaration", "_item", "_invocation"]
                .iter()
                .any(|end| kind.ends_with(end))
        };
        if let Some(value) = value.filter(|it| body.kind() == "block" && is_value(it.kind())) {
            self.add(MutationKind::Return, value, nothing);
        }
    }

    /// A call that stands alone.
    fn call(&mut self, node: Node<'_>) {
        let mut inner = children(node).filter(|child| child.is_named() && !child.is_extra());
        let (Some(first), None) = (inner.next(), inner.next()) else { return };
        let is_call = |kind: &str| self.table.calls.contains(&kind);
        let awaited = children(first).find(|child| is_call(child.kind()));
        if is_call(first.kind()) || (first.kind().starts_with("await") && awaited.is_some()) {
            let empty = self.table.empty_statement;
            self.add(MutationKind::Call, node, empty);
        }
    }
}

fn children<'t>(node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    (0..node.child_count()).filter_map(move |idx| node.child(idx))
}

#[cfg(test)]
mod tests;
