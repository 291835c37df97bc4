//! Asks a person about each hunk, as `git add -p` does. It applies nothing: the answer goes to the run.

use std::collections::BTreeSet;

use base::{Hunk, HunkId, RelPath};
use engine::{Answer, Plan, Proposal, Question};
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};

use crate::outside::Outside;
use crate::render::out::Out;
use crate::render::safe::{safe_line, safe_text};
use crate::render::{diff, style};

/// What the keys do.
const HELP: &str = "\
  y  take this hunk
  n  leave this hunk
  a  take this hunk and the rest of this file
  d  leave this hunk and the rest of this file
  q  decide nothing now; the proposal waits
  r  take nothing and say what should be different; it is tried again
  ?  show this";

/// Where answers come from.
pub(crate) struct Answers {
    lines: Lines<BufReader<Stdin>>,
    /// By a person at a terminal, not from a pipe.
    pub(crate) typed: bool,
}

impl Answers {
    pub(crate) fn new(outside: &Outside) -> Answers {
        let lines = BufReader::new(tokio::io::stdin()).lines();
        Answers { lines, typed: outside.stdin_is_terminal }
    }

    /// `None` at the end of the input.
    pub(crate) async fn line(
        &mut self,
        prompt: &str,
        out: &mut Out,
    ) -> anyhow::Result<Option<String>> {
        out.prompt(prompt)?;
        let line = self.lines.next_line().await?;
        if line.is_none() || !self.typed {
            // Nobody has pressed return.
            out.say("")?;
        }
        Ok(line)
    }
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// This.
    Answer(Answer),
    /// Nothing: the proposal stays.
    Later,
}

/// Asks about every hunk of the proposal.
///
/// # Errors
/// Input or output that fails.
pub(crate) async fn ask(
    proposal: &Proposal,
    question: &str,
    commit: Option<bool>,
    answers: &mut Answers,
    out: &mut Out,
) -> anyhow::Result<Decision> {
    let mut asking = Asking::new(proposal.patch().hunks());
    out.say(&style::head(safe_line(question)))?;
    while let Some(hunk) = asking.hunk() {
        let (at, of) = asking.place();
        out.result(&diff::coloured(&hunk.hunk_diff(proposal.patch())))?;
        let prompt = format!("({at}/{of}) Take this hunk [y,n,a,d,q,r,?]? ");
        let Some(line) = answers.line(&prompt, out).await? else { return Ok(Decision::Later) };
        match asking.hear(&line) {
            Step::Next => {}
            Step::Help => out.say(HELP)?,
            Step::Later => return Ok(Decision::Later),
            Step::Feedback => match answers.line("What should be different? ", out).await? {
                Some(text) if !text.trim().is_empty() => {
                    let feedback = text.trim().to_owned();
                    return Ok(Decision::Answer(Answer::Revise { feedback }));
                }
                Some(_) => {}
                None => return Ok(Decision::Later),
            },
        }
    }
    Ok(Decision::Answer(asking.answer(commit)))
}

/// What the keys do where a plan is asked about.
const PLAN_HELP: &str = "\
  y       carry it out
  n       do not carry it out
  e FILE  carry out the plan in this file instead, in JSON as `baton --json runs show` prints it
  r       say what should be different; the architect thinks again
  q       decide nothing now; the plan waits
  ?       show this";

/// Asks about the plan that was shown last.
///
/// # Errors
/// Input or output that fails.
pub(crate) async fn plan(
    question: &Question,
    answers: &mut Answers,
    out: &mut Out,
) -> anyhow::Result<Decision> {
    out.say(&style::head(safe_line(&question.text)))?;
    loop {
        let Some(line) = answers.line("Carry it out [y,n,e,r,q,?]? ", out).await? else {
            return Ok(Decision::Later);
        };
        let (key, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        match key {
            "y" => {
                return Ok(Decision::Answer(Answer::Accept { hunks: None, commit: None }));
            }
            "n" => return Ok(Decision::Answer(Answer::Reject { reason: None })),
            "q" => return Ok(Decision::Later),
            "e" => match edited(rest.trim()) {
                Ok(plan) => return Ok(Decision::Answer(Answer::Edit { plan })),
                Err(why) => out.say(&safe_text(&why))?,
            },
            "r" => match answers.line("What should be different? ", out).await? {
                Some(text) if !text.trim().is_empty() => {
                    let feedback = text.trim().to_owned();
                    return Ok(Decision::Answer(Answer::Revise { feedback }));
                }
                Some(_) => {}
                None => return Ok(Decision::Later),
            },
            _ => out.say(PLAN_HELP)?,
        }
    }
}

/// The plan in a file; in words why there is none.
fn edited(path: &str) -> Result<Plan, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let plan: Plan = serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
    plan.check().map_err(|why| format!("{path}: this plan cannot be carried out: {why}"))?;
    Ok(plan)
}

/// Asks for one of the choices, by its number or its first letters.
///
/// # Errors
/// Input or output that fails.
pub(crate) async fn choose(
    question: &Question,
    answers: &mut Answers,
    out: &mut Out,
) -> anyhow::Result<Decision> {
    out.say(&style::head(safe_text(&question.text)))?;
    let named = question.choices.iter().zip(1..);
    let named: Vec<String> =
        named.map(|(choice, n)| format!("{n}: {}", safe_line(choice))).collect();
    let prompt = format!("({})? ", named.join(", "));
    loop {
        let Some(line) = answers.line(&prompt, out).await? else { return Ok(Decision::Later) };
        if let Some(choice) = chosen(&question.choices, &line) {
            return Ok(Decision::Answer(Answer::Choose { choice: choice.to_owned() }));
        }
    }
}

/// The only choice that a line means.
fn chosen<'a>(choices: &'a [String], line: &str) -> Option<&'a str> {
    let line = line.trim().to_lowercase();
    if let Ok(number) = line.parse::<usize>() {
        return choices.get(number.checked_sub(1)?).map(String::as_str);
    }
    let mut meant = choices.iter().filter(|it| it.to_lowercase().starts_with(&line));
    let first = meant.next().filter(|_| !line.is_empty())?;
    meant.next().is_none().then_some(first)
}

/// The state of a review: which hunk is asked about and what was decided before.
#[derive(Debug)]
struct Asking {
    hunks: Vec<Hunk>,
    next: usize,
    taken: BTreeSet<HunkId>,
}

/// What a line of input leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Next,
    Help,
    Feedback,
    Later,
}

impl Asking {
    fn new(hunks: Vec<Hunk>) -> Asking {
        Asking { hunks, next: 0, taken: BTreeSet::new() }
    }

    fn hunk(&self) -> Option<&Hunk> {
        self.hunks.get(self.next)
    }

    /// The number of this hunk and of all.
    fn place(&self) -> (usize, usize) {
        (self.next + 1, self.hunks.len())
    }

    fn hear(&mut self, line: &str) -> Step {
        match line.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => self.decide_one(true),
            "n" | "no" => self.decide_one(false),
            "a" | "all" => self.decide_file(true),
            "d" => self.decide_file(false),
            "q" | "quit" => return Step::Later,
            "r" | "revise" => return Step::Feedback,
            _ => return Step::Help,
        }
        Step::Next
    }

    fn decide_one(&mut self, take: bool) {
        let Some(hunk) = self.hunks.get(self.next) else { return };
        if take {
            self.taken.insert(hunk.id.clone());
        }
        self.next += 1;
    }

    fn decide_file(&mut self, take: bool) {
        let Some(path) = self.hunk().map(|hunk| hunk.path.clone()) else { return };
        let same = |hunk: Option<&Hunk>| hunk.map(|hunk| &hunk.path) == Some::<&RelPath>(&path);
        while same(self.hunk()) {
            self.decide_one(take);
        }
    }

    fn answer(self, commit: Option<bool>) -> Answer {
        if self.taken.is_empty() {
            return Answer::Reject { reason: None };
        }
        let all = self.taken.len() == self.hunks.len();
        Answer::Accept { hunks: (!all).then_some(self.taken), commit }
    }
}

#[cfg(test)]
mod tests;
