//! Finds where patterns match: each node is tried with those whose root it can be.
//! Of one pattern at one node, matches come in the order of the children that they chose.

use std::num::NonZeroU16;
use std::ops::Range;

use tree_sitter::{Node, Tree, TreeCursor};

use crate::parse::Deadline;
use crate::patterns::{Check, Child, Kind, Pattern, Patterns, Setting, Shape, Step};

/// Attempts between two looks at the clock.
const ATTEMPTS: usize = 1024;

/// Nodes whose children are remembered; a pattern that goes through all that a file holds would search among too many.
const MAX_KNOWN: usize = 8;

/// One way in which a pattern fits.
pub(crate) struct Match<'p, 'm, 't, C> {
    /// The pattern's place among all.
    pub(crate) pattern: usize,
    pub(crate) settings: &'p [Setting],
    /// In the order in which the pattern has them.
    pub(crate) captures: &'m [(C, Node<'t>)],
}

/// A child, and the field that it is in.
type Inner<'t> = (Node<'t>, Option<NonZeroU16>);

/// Calls what is left of a pattern; says whether that fits.
type Then<'f, 't, C> = &'f mut dyn FnMut(&mut Vec<(C, Node<'t>)>) -> bool;

impl<C: Copy> Patterns<C> {
    /// Calls `each` with every match in `tree`, the tree of `text`, until the `deadline`.
    pub(crate) fn find<'p, 't>(
        &'p self,
        tree: &'t Tree,
        text: &str,
        deadline: Deadline,
        each: &mut dyn FnMut(&Match<'p, '_, 't, C>),
    ) {
        let mut cursor = tree.walk();
        let mut search = Search {
            text,
            cursor: tree.walk(),
            inner: Vec::new(),
            known: Vec::new(),
            deadline,
            n_attempts: 0,
            is_over: false,
        };
        let mut captures = Vec::new();
        while !search.is_over() {
            let node = cursor.node();
            let kind = usize::from(node.kind_id());
            search.inner.clear();
            search.known.clear();
            for pattern in self.by_kind.get(kind).unwrap_or(&self.of_any_kind) {
                let Pattern { root, settings } = &self.all[*pattern];
                search.fit(root, node, &mut captures, &mut |captures| {
                    each(&Match { pattern: *pattern, settings, captures });
                    true
                });
            }
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }
}

struct Search<'s, 't> {
    text: &'s str,
    cursor: TreeCursor<'t>,
    /// Children of nodes in and below the one that patterns are tried with now, which most of them look at again.
    inner: Vec<Inner<'t>>,
    /// Whose they are, by id, and where in `inner`.
    known: Vec<(usize, Range<usize>)>,
    deadline: Deadline,
    n_attempts: usize,
    is_over: bool,
}

impl<'t> Search<'_, 't> {
    /// Counts an attempt; whether it comes too late.
    fn is_over(&mut self) -> bool {
        self.n_attempts += 1;
        if self.n_attempts.is_multiple_of(ATTEMPTS) {
            self.is_over |= self.deadline.check().is_break();
        }
        self.is_over
    }

    /// Calls `then` for each way in which `node` is as `step` says; returns whether one of the calls did.
    fn fit<C: Copy>(
        &mut self,
        step: &Step<C>,
        node: Node<'t>,
        captures: &mut Vec<(C, Node<'t>)>,
        then: Then<'_, 't, C>,
    ) -> bool {
        if !self.is_itself(step, node) {
            return false;
        }
        let n_before = captures.len();
        captures.extend(step.captures.iter().map(|capture| (*capture, node)));
        let fits = match &step.shape {
            Shape::OneOf(steps) => {
                let mut fits = false;
                for step in steps {
                    fits |= self.fit(step, node, captures, then);
                }
                fits
            }
            Shape::Node { children, .. } if children.is_empty() => then(captures),
            Shape::Node { children, is_to_end, .. } => {
                let inner = self.inner(node);
                let left = Left { children, is_to_end: *is_to_end, inner: inner.clone() };
                let fits = self.fit_children(left, captures, then);
                if self.known.iter().all(|(_, known)| *known != inner) {
                    // Nor is any list behind it known.
                    self.inner.truncate(inner.start);
                }
                fits
            }
        };
        captures.truncate(n_before);
        fits
    }

    /// Whether `node` is as `step` says, apart from what is in it.
    fn is_itself<C>(&mut self, step: &Step<C>, node: Node<'t>) -> bool {
        let is_of_kind = match &step.shape {
            Shape::Node { kind, .. } => kind.is(node),
            Shape::OneOf(_) => true,
        };
        if !is_of_kind || self.is_over() {
            return false;
        }
        if step.checks.is_empty() {
            return true;
        }
        let text = self.text.get(node.byte_range()).unwrap_or_default();
        step.checks.iter().all(|check: &Check| check.holds(text))
    }

    fn fit_children<C: Copy>(
        &mut self,
        left: Left<'_, C>,
        captures: &mut Vec<(C, Node<'t>)>,
        then: Then<'_, 't, C>,
    ) -> bool {
        let Left { children, is_to_end, inner } = left;
        let Some((child, children)) = children.split_first() else {
            let is_end = !is_to_end || self.inner[inner].iter().all(|(node, _)| !node.is_named());
            return is_end && then(captures);
        };
        let is_next_loose = children.first().is_none_or(|next| !next.is_next);
        let mut fits = false;
        for idx in inner.clone() {
            let (node, field) = self.inner[idx];
            if self.is_over() {
                return false;
            }
            if child.field.is_none_or(|wanted| field == Some(wanted)) {
                let rest = Left { children, is_to_end, inner: idx + 1..inner.end };
                fits |= self.fit_child(child, node, rest, captures, then);
            }
            if child.is_next && node.is_named() || fits && child.is_mute && is_next_loose {
                break;
            }
        }
        if !fits && child.is_optional {
            return self.fit_children(Left { children, is_to_end, inner }, captures, then);
        }
        fits
    }

    /// The child, and with each way in which it fits what comes behind it.
    fn fit_child<C: Copy>(
        &mut self,
        child: &Child<C>,
        node: Node<'t>,
        rest: Left<'_, C>,
        captures: &mut Vec<(C, Node<'t>)>,
        then: Then<'_, 't, C>,
    ) -> bool {
        let n_before = captures.len();
        // Most often there is one way, if any.
        if let Shape::Node { children, .. } = &child.step.shape
            && children.is_empty()
        {
            if !self.is_itself(&child.step, node) {
                return false;
            }
            captures.extend(child.step.captures.iter().map(|capture| (*capture, node)));
            let fits = self.fit_children(rest, captures, then);
            captures.truncate(n_before);
            return fits;
        }
        let mut ways = Vec::new();
        self.fit(&child.step, node, captures, &mut |captures| {
            ways.push(captures[n_before..].to_vec());
            true
        });
        let mut fits = false;
        for way in ways {
            captures.extend(way);
            fits |= self.fit_children(rest.clone(), captures, then);
            captures.truncate(n_before);
        }
        fits
    }

    /// Where the children of `node` are in `inner`.
    fn inner(&mut self, node: Node<'t>) -> Range<usize> {
        if let Some((_, inner)) = self.known.iter().find(|(id, _)| *id == node.id()) {
            return inner.clone();
        }
        let start = self.inner.len();
        self.cursor.reset(node);
        if self.cursor.goto_first_child() {
            loop {
                self.inner.push((self.cursor.node(), self.cursor.field_id()));
                if !self.cursor.goto_next_sibling() {
                    break;
                }
            }
        }
        let inner = start..self.inner.len();
        if self.known.len() < MAX_KNOWN {
            self.known.push((node.id(), inner.clone()));
        }
        inner
    }
}

/// What is still to be found of a node's children, and where.
struct Left<'l, C> {
    children: &'l [Child<C>],
    is_to_end: bool,
    /// Where in [`Search::inner`].
    inner: Range<usize>,
}

impl<C> Clone for Left<'_, C> {
    fn clone(&self) -> Self {
        Left { inner: self.inner.clone(), ..*self }
    }
}

impl Kind {
    fn is(self, node: Node<'_>) -> bool {
        match self {
            Kind::Any => !node.is_error(),
            Kind::Named => node.is_named() && !node.is_error(),
            Kind::Id(id) => node.kind_id() == id,
        }
    }
}
