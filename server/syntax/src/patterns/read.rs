//! Reads patterns as they are written. A check stands behind what it is about, so each comes to its capture at the end.

use std::num::NonZeroU16;

use regex::Regex;

use crate::patterns::{Check, Child, Kind, Pattern, PatternError, Setting, Shape, Step};

type Outcome<T> = Result<T, PatternError>;

/// As written: its captures are names, and those that begin so are for checks only.
type Written = Step<String>;
const FOR_CHECKS: char = '_';

/// What every grammar calls a node that is none of its own.
const ERROR: u16 = u16::MAX;

const ANCHORED: &str = "`.` and `?` do not go together";

pub(super) fn patterns<C: Copy>(
    grammar: &tree_sitter::Language,
    text: &str,
    meaning: &dyn Fn(&str) -> Option<C>,
) -> Outcome<Vec<Pattern<C>>> {
    let mut reader = Reader { grammar, text, at: 0, checks: Vec::new(), settings: Vec::new() };
    let mut all = Vec::new();
    while reader.peek().is_some() {
        let (mut written, is_optional) = reader.step()?;
        if is_optional {
            return Err(reader.error("a pattern is never optional as a whole"));
        }
        for (name, check) in std::mem::take(&mut reader.checks) {
            if !add_check(&mut written, &name, &check) {
                return Err(reader.error(format!("`@{name}` is checked and not captured")));
            }
        }
        let root = settled(written, meaning)
            .map_err(|name| reader.error(format!("`@{name}` means nothing")))?;
        all.push(Pattern { root, settings: std::mem::take(&mut reader.settings) });
    }
    Ok(all)
}

/// Adds `check` to the steps with that capture; whether there are any.
fn add_check(step: &mut Written, name: &str, check: &Check) -> bool {
    let mut has_it = step.captures.iter().any(|capture| capture == name);
    if has_it {
        step.checks.push(check.clone());
    }
    match &mut step.shape {
        Shape::OneOf(steps) => {
            steps.iter_mut().for_each(|step| has_it |= add_check(step, name, check));
        }
        Shape::Node { children, .. } => {
            let steps = children.iter_mut().map(|child| &mut child.step);
            steps.for_each(|step| has_it |= add_check(step, name, check));
        }
    }
    has_it
}

/// With meanings in the place of names; or the name that has none.
fn settled<C: Copy>(step: Written, meaning: &dyn Fn(&str) -> Option<C>) -> Result<Step<C>, String> {
    let said = step.captures.into_iter().filter(|name| !name.starts_with(FOR_CHECKS));
    let captures = said.map(|name| meaning(&name).ok_or(name)).collect::<Result<_, String>>()?;
    let shape = match step.shape {
        Shape::OneOf(steps) => {
            let steps = steps.into_iter().map(|step| settled(step, meaning));
            Shape::OneOf(steps.collect::<Result<_, String>>()?)
        }
        Shape::Node { kind, children, is_to_end } => {
            let children = children.into_iter().map(|child| {
                let Child { step, field, is_next, is_optional, .. } = child;
                let step = settled(step, meaning)?;
                let is_mute = !has_captures(&step);
                Ok(Child { step, field, is_next, is_optional, is_mute })
            });
            Shape::Node { kind, children: children.collect::<Result<_, String>>()?, is_to_end }
        }
    };
    Ok(Step { shape, captures, checks: step.checks })
}

fn has_captures<C>(step: &Step<C>) -> bool {
    let is_inside = match &step.shape {
        Shape::OneOf(steps) => steps.iter().any(has_captures),
        Shape::Node { children, .. } => children.iter().any(|child| has_captures(&child.step)),
    };
    is_inside || !step.captures.is_empty()
}

struct Reader<'t> {
    grammar: &'t tree_sitter::Language,
    text: &'t str,
    at: usize,
    /// Of the present pattern: checks with the capture that each is about.
    checks: Vec<(String, Check)>,
    settings: Vec<Setting>,
}

impl<'t> Reader<'t> {
    /// A step, and whether `?` stands behind it.
    fn step(&mut self) -> Outcome<(Written, bool)> {
        let shape = match self.peek() {
            Some('(') => {
                self.at += 1;
                match self.peek() {
                    Some('(' | '[' | '"') => {
                        let (group, is_optional) = self.step()?;
                        self.checks_only()?;
                        return self.behind(group, is_optional);
                    }
                    _ => self.node()?,
                }
            }
            Some('[') => {
                self.at += 1;
                let mut steps = Vec::new();
                while !self.takes(']') {
                    let (step, is_optional) = self.step()?;
                    if is_optional {
                        return Err(self.error("an alternative is never optional"));
                    }
                    steps.push(step);
                }
                Shape::OneOf(steps)
            }
            Some('"') => {
                let text = self.string()?;
                leaf(Kind::Id(self.kind(&text, false)?))
            }
            _ => match self.word()? {
                "_" => leaf(Kind::Any),
                other => {
                    return Err(self.error(format!("`{other}` stands where a node is to stand")));
                }
            },
        };
        self.behind(Step { shape, captures: Vec::new(), checks: Vec::new() }, false)
    }

    /// What may stand behind a step.
    fn behind(&mut self, mut step: Written, mut is_optional: bool) -> Outcome<(Written, bool)> {
        loop {
            match self.peek() {
                Some('?') => {
                    self.at += 1;
                    is_optional = true;
                }
                Some('@') => {
                    self.at += 1;
                    let name = self.word()?.to_owned();
                    step.captures.push(name);
                }
                Some('*' | '+') => return Err(self.error("nodes are not repeated here")),
                _ => return Ok((step, is_optional)),
            }
        }
    }

    /// A node, behind its `(`.
    fn node(&mut self) -> Outcome<Shape<String>> {
        let kind = match self.word()? {
            "_" => Kind::Named,
            name => Kind::Id(self.kind(name, true)?),
        };
        let mut children: Vec<Child<String>> = Vec::new();
        let mut is_next = false;
        loop {
            let is_after_optional = children.last().is_some_and(|last| last.is_optional);
            if self.takes(')') {
                break;
            } else if self.takes('.') {
                is_next = true;
            } else if self.is_check() {
                self.check()?;
                continue;
            } else {
                let field = self.field()?;
                let (step, is_optional) = self.step()?;
                if is_optional && is_next {
                    return Err(self.error(ANCHORED));
                }
                children.push(Child { step, field, is_next, is_optional, is_mute: false });
                is_next = false;
            }
            if is_next && is_after_optional {
                return Err(self.error(ANCHORED));
            }
        }
        if is_next && children.is_empty() {
            return Err(self.error("`.` stands beside nothing"));
        }
        Ok(Shape::Node { kind, children, is_to_end: is_next })
    }

    /// `name:` in front of a child.
    fn field(&mut self) -> Outcome<Option<NonZeroU16>> {
        self.peek();
        let start = self.at;
        let Ok(name) = self.word() else { return Ok(None) };
        if !self.takes(':') {
            self.at = start;
            return Ok(None);
        }
        let field = self.grammar.field_id_for_name(name);
        field.map(Some).ok_or_else(|| self.error(format!("there is no field `{name}`")))
    }

    fn is_check(&mut self) -> bool {
        self.peek() == Some('(') && self.text[self.at + 1..].starts_with('#')
    }

    /// What may stand behind a node in a group.
    fn checks_only(&mut self) -> Outcome<()> {
        while !self.takes(')') {
            if !self.is_check() {
                return Err(self.error("a group has one node, and checks behind it"));
            }
            self.check()?;
        }
        Ok(())
    }

    /// `(#name …)`.
    fn check(&mut self) -> Outcome<()> {
        self.at += "(#".len();
        let start = self.at;
        self.at += self.text[start..].find(char::is_whitespace).unwrap_or_default();
        let name = &self.text[start..self.at];
        let (is_wanted, base) = match name.strip_prefix("not-") {
            Some(base) => (false, base),
            None => (true, name),
        };
        match base {
            "set!" if is_wanted => {
                let key = self.word()?.to_owned();
                let value = (self.peek() == Some('"')).then(|| self.string()).transpose()?;
                self.settings.push(Setting { key, value });
            }
            "eq?" | "any-of?" => {
                let (about, texts) = self.about()?;
                if base == "eq?" && texts.len() != 1 {
                    return Err(self.error("one text is to be the same"));
                }
                let texts = texts.into_iter().collect();
                self.checks.push((about, Check::OneOf { texts, is_wanted }));
            }
            "match?" => {
                let (about, texts) = self.about()?;
                let [written] = &*texts else {
                    return Err(self.error("one expression is to be matched"));
                };
                let regex = Regex::new(written).map_err(|err| self.error(err.to_string()))?;
                self.checks.push((about, Check::Matches { regex, is_wanted }));
            }
            _ => return Err(self.error(format!("there is no check `#{name}`"))),
        }
        if self.takes(')') { Ok(()) } else { Err(self.error("`)` is missing")) }
    }

    /// The capture of a check, and its texts.
    fn about(&mut self) -> Outcome<(String, Vec<String>)> {
        if !self.takes('@') {
            return Err(self.error("a check is about a capture"));
        }
        let about = self.word()?.to_owned();
        let mut texts = Vec::new();
        while self.peek() == Some('"') {
            texts.push(self.string()?);
        }
        Ok((about, texts))
    }

    fn kind(&self, name: &str, is_named: bool) -> Outcome<u16> {
        match self.grammar.id_for_node_kind(name, is_named) {
            0 | ERROR => Err(self.error(format!("there is no node `{name}`"))),
            id if self.grammar.node_kind_is_supertype(id) => {
                Err(self.error(format!("`{name}` stands for several nodes")))
            }
            id => Ok(id),
        }
    }

    fn word(&mut self) -> Outcome<&'t str> {
        self.peek();
        let rest = &self.text[self.at..];
        let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
        let word = rest.split(|c| !is_of_word(c)).next().unwrap_or_default();
        if word.is_empty() {
            return Err(self.error("a name is missing"));
        }
        self.at += word.len();
        Ok(word)
    }

    /// A string, at its first quote.
    fn string(&mut self) -> Outcome<String> {
        let mut said = String::new();
        let mut chars = self.text[self.at..].char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += at + 1;
                    return Ok(said);
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => said.push('\n'),
                    Some((_, 't')) => said.push('\t'),
                    Some((_, other)) => said.push(other),
                    None => break,
                },
                other => said.push(other),
            }
        }
        Err(self.error("a string has no end"))
    }

    fn takes(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        self.at += if is_there { wanted.len_utf8() } else { 0 };
        is_there
    }

    /// The next character that says something, which `at` stands at then.
    fn peek(&mut self) -> Option<char> {
        loop {
            let rest = &self.text[self.at..];
            let start = rest.trim_start();
            self.at += rest.len() - start.len();
            if !start.starts_with(';') {
                return start.chars().next();
            }
            self.at += start.find('\n').unwrap_or(start.len());
        }
    }

    fn error(&self, what: impl Into<String>) -> PatternError {
        let line = self.text[..self.at].matches('\n').count() + 1;
        PatternError { line, what: what.into() }
    }
}

fn leaf(kind: Kind) -> Shape<String> {
    Shape::Node { kind, children: Vec::new(), is_to_end: false }
}
