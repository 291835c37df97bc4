//! What the tools take, and its way into the engine's requests. The doc comments are what a client's model reads.

use base::{ByteRange, Diagnostic, HunkId, RelPath, Severity, Text};
use engine::{Answer, ChunkKind, Like, Part, Request, Selection, SymbolQuery, Workspace};
use schemars::JsonSchema;
use serde::Deserialize;

/// Arguments of `search_code`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Search {
    /// What to look for: words, identifiers, or an error message.
    pub(crate) query: String,
    /// How many hits at most.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 50))]
    pub(crate) limit: usize,
    /// Only files that match one of these globs, such as `src/**/*.rs`.
    #[serde(default)]
    pub(crate) paths: Vec<String>,
}

fn ten() -> usize {
    10
}

/// Arguments of `get_context`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Context {
    /// The task or question, in words.
    pub(crate) request: String,
    /// How many tokens the code may take.
    #[serde(default = "usual_tokens")]
    #[schemars(range(min = 100, max = 32_000))]
    pub(crate) tokens: usize,
    /// Only files that match one of these globs, such as `src/**/*.rs`.
    #[serde(default)]
    pub(crate) paths: Vec<String>,
}

fn usual_tokens() -> usize {
    2_500
}

/// Arguments of `find_symbol`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Symbol {
    /// The name, also qualified, such as `Parser.parse` or `parser::parse`.
    pub(crate) name: String,
    /// Only definitions of this kind.
    pub(crate) kind: Option<Kind>,
    /// Only names that are written the same; else also other cases, longer names and names with the same words.
    #[serde(default)]
    pub(crate) exact: bool,
    /// How many definitions at most.
    #[serde(default = "twenty")]
    #[schemars(range(min = 1, max = 100))]
    pub(crate) limit: usize,
}

fn twenty() -> usize {
    20
}

/// Kinds of definition.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Functions and methods.
    Function,
    /// Classes, structs, enums, traits, interfaces, implementations and names for types.
    Type,
    /// Constants and variables at the top of a file.
    Constant,
    /// Modules and namespaces.
    Module,
    /// Macros.
    Macro,
    /// Tests.
    Test,
}

impl Kind {
    fn kinds(self) -> &'static [ChunkKind] {
        use ChunkKind::{
            Class, Constant, Enum, Function, Impl, Interface, Macro, Method, Module, Struct, Test,
            Trait, TypeAlias,
        };
        match self {
            Kind::Function => &[Function, Method],
            Kind::Type => &[Class, Struct, Enum, Trait, Interface, TypeAlias, Impl],
            Kind::Constant => &[Constant],
            Kind::Module => &[Module],
            Kind::Macro => &[Macro],
            Kind::Test => &[Test],
        }
    }
}

impl Symbol {
    pub(crate) fn query(self) -> SymbolQuery {
        SymbolQuery {
            name: self.name,
            like: if self.exact { Like::Exact } else { Like::Fuzzy },
            kinds: self.kind.map_or(Vec::new(), |kind| kind.kinds().to_vec()),
            limit: self.limit.clamp(1, 100),
        }
    }
}

/// Arguments of `references`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct References {
    /// The name: `Cart.total`, `cart::total`, `src/cart.py#Cart.total`; or a place where it stands, `src/cart.py:12:5`, line and
    /// column counted from 1.
    pub(crate) symbol: String,
    /// How many places at most.
    #[serde(default = "fifty")]
    #[schemars(range(min = 1, max = 200))]
    pub(crate) limit: usize,
    /// How many places to pass over: those of the answers before.
    #[serde(default)]
    pub(crate) skip: usize,
}

fn fifty() -> usize {
    50
}

impl References {
    pub(crate) fn part(&self) -> Part {
        Part { skip: self.skip, limit: self.limit.clamp(1, 200) }
    }
}

/// Arguments of `diagnostics`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Diagnostics {
    /// Which files, relative to the workspace; at most 50.
    #[schemars(length(min = 1, max = 50))]
    pub(crate) files: Vec<String>,
    /// How many findings of each server at most.
    #[serde(default = "hundred")]
    #[schemars(range(min = 1, max = 500))]
    pub(crate) limit: usize,
}

fn hundred() -> usize {
    100
}

/// Arguments of `verify_patch`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verify {
    /// A unified diff, as `git diff` writes it, for the files as they are now; left out: what is not committed.
    pub(crate) diff: Option<String>,
}

impl Verify {
    /// Reads the files that the change is about.
    ///
    /// # Errors
    /// A diff that is none or does not fit; nothing to examine.
    pub(crate) fn request(self, workspace: &Workspace) -> Result<Request, String> {
        let change = match self.diff {
            Some(diff) => workspace.change_of_diff(diff.as_bytes()).map_err(|e| e.to_string())?,
            None => {
                let uncommitted = workspace.uncommitted().map_err(|e| e.to_string())?;
                uncommitted.change.ok_or("everything is committed; give a `diff`")?
            }
        };
        Ok(Request { change: Some(change), ..Request::new("verify", "", "mcp") })
    }
}

/// Arguments of `run_start`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    /// What sort of change.
    pub(crate) workflow: Workflow,
    /// What is wanted, in words. May be left out for `fix` when tests fail or a diagnostic is given.
    #[serde(default)]
    pub(crate) request: String,
    /// The file that the request is about, relative to the workspace.
    pub(crate) file: Option<String>,
    /// First line of the part in question, counted from 1.
    #[schemars(range(min = 1))]
    pub(crate) line: Option<u32>,
    /// Last line of the part in question; the first line alone when left out.
    #[schemars(range(min = 1))]
    pub(crate) end_line: Option<u32>,
    /// The message of a compiler or linter about that part.
    pub(crate) diagnostic: Option<String>,
    /// Failing tests to repair, by id or part of an id; all that fail when left out.
    #[serde(default)]
    pub(crate) tests: Vec<String>,
    /// Whether the change comes with a test of its own; as the settings say when left out.
    pub(crate) with_tests: Option<bool>,
    /// `provider/model` instead of the configured one.
    pub(crate) model: Option<String>,
    /// Whether accepted hunks are committed.
    #[serde(default)]
    pub(crate) commit: bool,
}

/// Sorts of change.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Workflow {
    /// Repair a diagnostic or failing tests.
    Fix,
    /// Write what is asked for.
    Implement,
    /// Write tests of a part of a file, or of what the request names. They must notice small faults put into that code.
    Test,
    /// Change how code is written and not what it does.
    Refactor,
    /// Write comments, docstrings and pages; the code stays as it is.
    Document,
    /// Carry out a goal item by item, each planned, debated, built and proved.
    Mission,
    /// Answer a question about the code.
    Explain,
    /// Say what is wrong in a file or a part of it, or in what the request names.
    Review,
}

impl Workflow {
    fn name(self) -> &'static str {
        match self {
            Workflow::Fix => "fix",
            Workflow::Implement => "implement",
            Workflow::Test => "test",
            Workflow::Refactor => "refactor",
            Workflow::Document => "document",
            Workflow::Mission => "mission",
            Workflow::Explain => "explain",
            Workflow::Review => "review",
        }
    }
}

impl Start {
    /// The file that has to be read before the request can be made.
    ///
    /// # Errors
    /// A path outside of the workspace; a place without a file; a last line without a first one.
    pub(crate) fn path(&self) -> Result<Option<RelPath>, String> {
        if self.end_line.is_some() && self.line.is_none() {
            return Err("`end_line` needs a `line`: the first one".into());
        }
        match &self.file {
            Some(file) => RelPath::parse(file).map(Some).map_err(|e| format!("`file`: {e}")),
            None if self.line.is_some() || self.end_line.is_some() || self.diagnostic.is_some() => {
                Err("`line`, `end_line` and `diagnostic` need a `file`".into())
            }
            None => Ok(None),
        }
    }

    /// `place`: the file of [`Start::path`] with its present text.
    ///
    /// # Errors
    /// A model name that is none; lines that the file does not have.
    pub(crate) fn request(self, place: Option<(RelPath, &str)>) -> Result<Request, String> {
        let mut request = Request::new(self.workflow.name(), &self.request, "mcp");
        request.commit = self.commit;
        request.tests = self.tests;
        request.with_tests = self.with_tests;
        request.model = match self.model {
            Some(name) => Some(name.parse().map_err(|e| format!("`model`: {e}"))?),
            None => None,
        };
        let Some((path, text)) = place else { return Ok(request) };
        let range = match self.line {
            Some(line) => lines(text, line, self.end_line.unwrap_or(line))?,
            None => ByteRange::new(0, text.len()),
        };
        match self.diagnostic {
            Some(message) => {
                let (line, severity) = (self.line.unwrap_or(1), Severity::Error);
                let (source, code) = ("the client".into(), None);
                request.diagnostic =
                    Some(Diagnostic { path, range, line, severity, source, code, message });
            }
            None => request.selection = Some(Selection { path, range }),
        }
        Ok(request)
    }
}

/// Bytes of lines `first` to `last`, counted from 1, with the last one's break.
fn lines(text: &str, first: u32, last: u32) -> Result<ByteRange, String> {
    let text = Text::new(text);
    let there = text.len_lines();
    let (first, last) = (first as usize, last as usize);
    if first == 0 || last < first {
        return Err(format!("`line` {first} to `end_line` {last}: lines count from 1 upwards"));
    }
    if there < last {
        return Err(format!("`line`: the file has {there} lines, there is no line {last}"));
    }
    Ok(ByteRange::new(text.line_start(first - 1), text.line_start(last)))
}

/// Arguments of `run_status`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Status {
    /// The run, as `run_start` named it.
    pub(crate) run: String,
    /// How long to wait for the run to need a decision or to end, in seconds. At most 45, because many clients give a call
    /// a minute.
    #[serde(default = "longest")]
    #[schemars(range(min = 0, max = 45))]
    pub(crate) wait_seconds: u64,
    /// The `cursor` of the last answer: only later events are told.
    #[serde(default)]
    pub(crate) cursor: u64,
}

fn longest() -> u64 {
    45
}

/// Arguments of `proposal_show`, `run_resume` and `run_cancel`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfRun {
    /// The run, as `run_start` named it.
    pub(crate) run: String,
}

/// Arguments of `proposal_resolve`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resolve {
    /// The run, as `run_start` named it.
    pub(crate) run: String,
    /// The `id` of the question that `proposal_show` gave, so that a newer proposal is not decided about unseen.
    pub(crate) question: String,
    /// What to do with the proposal.
    pub(crate) decision: Decision,
    /// With `accept`: the ids of the hunks to take; all of them when left out.
    pub(crate) hunks: Option<Vec<String>>,
    /// With `accept`: whether to commit; as `run_start` said when left out.
    pub(crate) commit: Option<bool>,
    /// With `reject`: why. With `revise`: what should be different.
    pub(crate) feedback: Option<String>,
    /// With `choose`: one of the question's `choices`.
    pub(crate) choice: Option<String>,
}

/// What to do with a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    /// Apply it to the files.
    Accept,
    /// Leave the files as they are and end the run.
    Reject,
    /// Try again with the feedback in mind.
    Revise,
    /// Take one of the choices that the question has.
    Choose,
}

impl Resolve {
    /// # Errors
    /// Arguments that contradict the decision, hunk ids that are none, `revise` without feedback.
    pub(crate) fn answer(&self) -> Result<Answer, String> {
        let takes = self.decision == Decision::Accept;
        if !takes && (self.hunks.is_some() || self.commit == Some(true)) {
            return Err("`hunks` and `commit` belong to `accept` only".into());
        }
        if takes && self.hunks.as_ref().is_some_and(Vec::is_empty) {
            return Err("`hunks` is empty; leave it out to take all, or use `reject`".into());
        }
        let feedback = self.feedback.as_deref().map(str::trim).filter(|text| !text.is_empty());
        Ok(match self.decision {
            Decision::Accept => {
                let ids = self.hunks.as_ref().map(|ids| ids.iter().map(|id| id.parse::<HunkId>()));
                let hunks = ids.map(Iterator::collect).transpose();
                Answer::Accept {
                    hunks: hunks.map_err(|e| format!("`hunks`: {e}"))?,
                    commit: self.commit,
                }
            }
            Decision::Reject => Answer::Reject { reason: feedback.map(str::to_owned) },
            Decision::Choose => Answer::Choose {
                choice: self
                    .choice
                    .clone()
                    .ok_or("`choose` needs `choice`: one of the question's")?,
            },
            Decision::Revise => Answer::Revise {
                feedback: feedback
                    .ok_or("`revise` needs `feedback`: what should be different?")?
                    .to_owned(),
            },
        })
    }
}

#[cfg(test)]
mod tests;
