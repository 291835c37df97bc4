//! The command line as types. It checks form only; what the words mean to a workspace is the commands' business.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use engine::{ModelName, Tier};

use crate::exit;

/// Takes a code change from a request to a verified diff.
#[derive(Debug, Parser)]
#[command(name = "baton", version, max_term_width = 100, after_help = exit::HELP, propagate_version = true)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The workspace [default: the git repository around the current directory, else that directory]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// Print one JSON object a line
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The model to ask, such as ollama/qwen2.5-coder
    #[arg(long, global = true, value_name = "PROVIDER/MODEL")]
    pub(crate) model: Option<ModelName>,
    /// The class of models to ask, whatever the request's complexity: fast, balanced or quality
    #[arg(long, global = true, value_name = "TIER")]
    pub(crate) tier: Option<Tier>,
    /// Keep all answers of models in a file, or answer from one: record:FILE or replay:FILE
    #[arg(long, global = true, value_name = "MODE:FILE")]
    pub(crate) cassette: Option<String>,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Print results only, no progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Also in files and pipes.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the whole way from a failing test to a commit, in a small repository of its own
    Demo(Demo),
    /// Start a run in the workspace
    #[command(subcommand)]
    Run(Run),
    /// Say what a change is worth: the uncommitted one, or that of a diff; changes no file and asks no model
    Verify(Verify),
    /// Search the workspace by words and meaning of names
    Search(Search),
    /// Print the code that a model would be given for a request
    Context(Context),
    /// Ask language servers about the workspace's code, and print edits that they propose; changes no file and asks no model
    #[command(subcommand)]
    Code(Code),
    /// Bring the search index up to the present files
    Index(Index),
    /// Decide about a proposal, hunk by hunk
    Review(Review),
    /// List, show, resume and cancel runs
    Runs(Runs),
    /// List, forget and export what runs have left behind for later ones
    Memory(Memory),
    /// Say what models have taken and what that has cost, in all workspaces
    Costs(Costs),
    /// Say what is there, what is missing and how to get it
    Doctor(Doctor),
    /// List the tools of the MCP servers that you have configured, or call one
    Tools(Tools),
    /// Let this workspace's baton.toml name the commands that test it
    Trust(Trust),
    /// Serve an editor: the Language Server Protocol on standard input and output
    Lsp(Serve),
    /// Serve an agent: the Model Context Protocol on standard input and output
    Mcp(Serve),
}

/// `baton demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Ask before the change is taken, as `run` does
    #[arg(long)]
    pub(crate) review: bool,
    /// Take the verified change without asking (the default)
    #[arg(long, conflicts_with = "review")]
    pub(crate) yes: bool,
    /// Keep the demo's folder (the default)
    #[arg(long)]
    pub(crate) keep: bool,
    /// Remove the demo's folder at the end
    #[arg(long, conflicts_with_all = ["keep", "review"])]
    pub(crate) remove: bool,
}

/// `baton run`.
#[derive(Debug, Subcommand)]
pub(crate) enum Run {
    /// Repair failing tests, or a problem described in words
    Fix(Fix),
    /// Write what is asked for
    Implement(Implement),
    /// Write tests of a place, or of what the words name; they have to notice small faults put into that code
    Test(About),
    /// Change how code is written and not what it does
    Refactor(About),
    /// Write comments, docstrings and pages; code that changes with them is refused
    Document(About),
    /// Carry out a goal item by item, each planned, debated, built, proved and delivered
    Mission(Mission),
    /// Answer a question about the code; changes no file
    Explain(Explain),
    /// Say what is wrong in the uncommitted change, a diff, a place, or what the words name; changes no file
    Review(Look),
}

/// `baton run fix`.
#[derive(Debug, Args)]
pub(crate) struct Fix {
    /// What is broken, in words [default: the tests that fail]
    pub(crate) text: Vec<String>,
    /// A failing test to repair, by its id or a part of it; may be given several times
    #[arg(long = "test", value_name = "ID")]
    pub(crate) tests: Vec<String>,
    /// The place in question
    #[arg(long, value_name = "FILE[:LINE[-LINE]]")]
    pub(crate) at: Option<Place>,
    /// What a tool says about that place
    #[arg(long, value_name = "DIAGNOSTIC", requires = "at")]
    pub(crate) message: Option<String>,
    /// Have a test written with the change, which fails without it and notices small faults in it
    #[arg(long)]
    pub(crate) with_tests: bool,
    #[command(flatten)]
    pub(crate) finish: Finish,
}

/// `baton run implement`.
#[derive(Debug, Args)]
pub(crate) struct Implement {
    /// What to write, in words
    #[arg(required = true)]
    pub(crate) text: Vec<String>,
    /// The place in question
    #[arg(long, value_name = "FILE[:LINE[-LINE]]")]
    pub(crate) at: Option<Place>,
    /// Have a test written with the change, which notices small faults in it
    #[arg(long, conflicts_with_all = ["plan", "approve_plan"])]
    pub(crate) with_tests: bool,
    /// Have a plan made and debated first, and its tasks built beside each other
    #[arg(long)]
    pub(crate) plan: bool,
    /// Ask before the plan is carried out
    #[arg(long, conflicts_with = "yes")]
    pub(crate) approve_plan: bool,
    #[command(flatten)]
    pub(crate) finish: Finish,
}

/// `baton run mission`.
#[derive(Debug, Args)]
pub(crate) struct Mission {
    /// The goal, in words
    #[arg(required_unless_present = "roadmap")]
    pub(crate) text: Vec<String>,
    /// A file with the items, one a line; without it a model makes them of the goal
    #[arg(long, value_name = "FILE")]
    pub(crate) roadmap: Option<PathBuf>,
    /// Ask before each plan is carried out
    #[arg(long, conflicts_with = "yes")]
    pub(crate) approve_plan: bool,
    #[command(flatten)]
    pub(crate) finish: Finish,
}

/// `baton run test`, `refactor` and `document`.
#[derive(Debug, Args)]
pub(crate) struct About {
    /// What is meant, in words
    #[arg(required_unless_present = "at")]
    pub(crate) text: Vec<String>,
    /// The place in question; for `test` and `document` a line stands for the definition around it
    #[arg(long, value_name = "FILE[:LINE[-LINE]]")]
    pub(crate) at: Option<Place>,
    #[command(flatten)]
    pub(crate) finish: Finish,
}

/// `baton run explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The question [default: what the place does, and how]
    #[arg(required_unless_present = "at")]
    pub(crate) text: Vec<String>,
    /// The place in question
    #[arg(long, value_name = "FILE[:LINE[-LINE]]")]
    pub(crate) at: Option<Place>,
}

/// `baton run review`.
#[derive(Debug, Args)]
pub(crate) struct Look {
    /// What to look at, or what for, in words
    pub(crate) text: Vec<String>,
    /// The place in question
    #[arg(long, value_name = "FILE[:LINE[-LINE]]", conflicts_with = "diff")]
    pub(crate) at: Option<Place>,
    /// A unified diff for the files as they are, or `-` for standard input [default, without words and a place: what is not
    /// committed]
    #[arg(long, value_name = "FILE")]
    pub(crate) diff: Option<PathBuf>,
}

/// What to do with a proposal.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Finish {
    /// Take every hunk of a verified proposal without asking
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Leave the proposal for `baton review`
    #[arg(long, conflicts_with = "yes")]
    pub(crate) no_review: bool,
    /// Commit what is accepted
    #[arg(long)]
    pub(crate) commit: bool,
}

/// `baton verify`.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A unified diff for the files as they are, or `-` for standard input [default: what is not committed]
    #[arg(long, value_name = "FILE")]
    pub(crate) diff: Option<PathBuf>,
}

/// `baton search`.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// What to look for
    #[arg(required_unless_present = "bench")]
    pub(crate) text: Vec<String>,
    /// How many hits at most
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) limit: u16,
    /// Only files that match this glob; may be given several times
    #[arg(long = "path", value_name = "GLOB")]
    pub(crate) paths: Vec<String>,
    /// Answer the questions in the file QUERIES about the folder WS into the file OUT, for measuring
    #[arg(long, num_args = 3, value_names = ["WS", "QUERIES", "OUT"], conflicts_with_all = ["text", "limit", "paths"])]
    pub(crate) bench: Option<Vec<PathBuf>>,
}

/// `baton context`.
#[derive(Debug, Args)]
pub(crate) struct Context {
    /// The task or the question
    #[arg(required = true)]
    pub(crate) text: Vec<String>,
    /// How many tokens it may take [default: the setting `context_tokens`]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) tokens: Option<u32>,
    /// Only files that match this glob; may be given several times
    #[arg(long = "path", value_name = "GLOB")]
    pub(crate) paths: Vec<String>,
}

/// `baton code`. An address is `FILE:LINE:COLUMN`, a name such as `Cart.total`, or `FILE#NAME`.
#[derive(Debug, Subcommand)]
pub(crate) enum Code {
    /// Say what a name is
    Hover {
        /// FILE:LINE:COLUMN, a name such as Cart.total, or FILE#NAME
        address: String,
    },
    /// Find where a name is defined
    Definition {
        /// FILE:LINE:COLUMN, a name such as Cart.total, or FILE#NAME
        address: String,
        #[command(flatten)]
        told: Told,
    },
    /// Find where a name is used, and where it is defined
    References {
        /// FILE:LINE:COLUMN, a name such as Cart.total, or FILE#NAME
        address: String,
        #[command(flatten)]
        told: Told,
    },
    /// Find where an interface, a trait or a method is implemented
    Implementations {
        /// FILE:LINE:COLUMN, a name such as Cart.total, or FILE#NAME
        address: String,
        #[command(flatten)]
        told: Told,
    },
    /// List what a file defines
    Symbols {
        /// The file
        file: String,
        #[command(flatten)]
        told: Told,
    },
    /// Find what is called so in the workspace, as one of its language servers understands it; `search` needs none
    Find {
        /// A name, or a part of one
        name: String,
        /// A file: its server is asked
        #[arg(long, value_name = "FILE")]
        of: String,
        #[command(flatten)]
        told: Told,
    },
    /// List what is wrong in files; with errors the exit code is 1
    Diagnostics {
        /// The files
        #[arg(required = true)]
        files: Vec<String>,
        #[command(flatten)]
        told: Told,
    },
    /// Print the diff that gives a thing another name everywhere
    Rename {
        /// FILE:LINE:COLUMN, a name such as Cart.total, or FILE#NAME
        address: String,
        /// The new name
        name: String,
        /// Also say what the change is worth, as `verify` does
        #[arg(long)]
        verify: bool,
    },
    /// List the edits that are offered for a place, or print the diff of one
    Actions {
        /// FILE:LINE:COLUMN, FILE:LINE, a name such as Cart.total, or FILE#NAME
        address: String,
        /// Print the diff of this one, by its number, its title, or the beginning of that
        #[arg(long, value_name = "WHICH")]
        apply: Option<String>,
        /// Also say what the change is worth, as `verify` does
        #[arg(long, requires = "apply")]
        verify: bool,
    },
    /// Print the diff that formats a file
    Format {
        /// The file
        file: String,
        /// Also say what the change is worth, as `verify` does
        #[arg(long)]
        verify: bool,
    },
}

/// Which of many things are told.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Told {
    /// How many at most
    #[arg(long, short = 'n', value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) limit: u16,
    /// How many of the first to leave out
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) skip: u16,
}

/// `baton index`.
#[derive(Debug, Args)]
pub(crate) struct Index {
    /// Also say what is in it
    #[arg(long)]
    pub(crate) stats: bool,
    /// Wait until all vectors are made and a vector server has them
    #[arg(long)]
    pub(crate) wait: bool,
}

/// `baton costs`.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Costs {
    /// From when on
    #[arg(long, value_name = "TIME", default_value = "month")]
    pub(crate) since: Since,
    /// What to sum up by
    #[arg(long, value_name = "WHAT", default_value = "model")]
    pub(crate) by: CostSum,
}

/// When a time begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Since {
    /// Last midnight.
    Day,
    /// The first of this month.
    Month,
    /// The first call of all.
    Ever,
}

/// What calls are summed up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CostSum {
    /// The model that was asked.
    Model,
    /// The run that asked.
    Run,
    /// The workspace of the run.
    Workspace,
}

/// `baton doctor`.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Doctor {
    /// Only which models Ollama has in memory, and how full the graphics cards are
    #[arg(long)]
    pub(crate) vram: bool,
}

/// `baton review`.
#[derive(Debug, Args)]
pub(crate) struct Review {
    /// The run, by a part of its id [default: the one that waits]
    pub(crate) run: Option<String>,
    /// Take every hunk without asking
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Commit what is accepted
    #[arg(long)]
    pub(crate) commit: bool,
}

/// `baton runs`.
#[derive(Debug, Args)]
pub(crate) struct Runs {
    #[command(subcommand)]
    pub(crate) action: Option<RunsAction>,
}

/// What to do with runs.
#[derive(Debug, Subcommand)]
pub(crate) enum RunsAction {
    /// The newest runs (the default)
    List {
        /// How many at most
        #[arg(long, short = 'n', value_name = "N", default_value_t = 20)]
        limit: usize,
    },
    /// Everything that happened in a run
    Show {
        /// A part of its id
        run: String,
    },
    /// See a run again as it happened, in its own time
    Replay {
        /// A part of its id
        run: String,
        /// How many times faster than it was
        #[arg(long, value_name = "N", default_value_t = 1.0)]
        speed: f64,
        /// Longest wait between two events, in seconds
        #[arg(long, value_name = "SECONDS", default_value_t = 3.0)]
        pause: f64,
    },
    /// Go on with a run that was interrupted or failed for an outside cause
    Resume {
        /// A part of its id
        run: String,
        #[command(flatten)]
        finish: Finish,
    },
    /// End a run that waits or was interrupted; nothing of it is applied
    Cancel {
        /// A part of its id
        run: String,
    },
}

/// `baton memory`.
#[derive(Debug, Args)]
pub(crate) struct Memory {
    #[command(subcommand)]
    pub(crate) action: Option<MemoryAction>,
}

/// What to do with what is remembered.
#[derive(Debug, Subcommand)]
pub(crate) enum MemoryAction {
    /// The newest turns of agents: what was to be done, and what became of it (the default)
    List {
        /// Only turns that have all these words in their task, their text or the names of their files
        words: Vec<String>,
        /// How many at most
        #[arg(long, short = 'n', value_name = "N", default_value_t = 20)]
        limit: usize,
    },
    /// Remove what is remembered; the record of the run itself stays
    Forget(ForgetMemory),
    /// Print everything that is remembered, one JSON object a line
    Export,
}

/// `baton memory forget`.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct ForgetMemory {
    /// A turn, by a part of its name
    pub(crate) turn: Option<String>,
    /// All that a run has left, by a part of the run's id
    #[arg(long)]
    pub(crate) run: Option<String>,
    /// Everything of this workspace
    #[arg(long)]
    pub(crate) all: bool,
}

/// `baton tools`.
#[derive(Debug, Args)]
pub(crate) struct Tools {
    #[command(subcommand)]
    pub(crate) action: Option<ToolsAction>,
}

/// What to do with tools.
#[derive(Debug, Subcommand)]
pub(crate) enum ToolsAction {
    /// All servers and their tools, and which of them may be called (the default)
    List,
    /// Call one tool and print what it says
    Call(CallTool),
}

/// `baton tools call`.
#[derive(Debug, Args)]
pub(crate) struct CallTool {
    /// The tool
    #[arg(value_name = "SERVER/TOOL")]
    pub(crate) tool: String,
    /// Its arguments, a JSON object, or `-` for standard input [default: {}]
    #[arg(long, value_name = "JSON")]
    pub(crate) args: Option<String>,
    /// Agree to the call, where the tool wants to be asked about
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// `baton trust`.
#[derive(Debug, Args)]
pub(crate) struct Trust {
    /// Take the trust back
    #[arg(long)]
    pub(crate) revoke: bool,
}

/// `baton lsp`, `baton mcp`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Accepted because many clients add it; there is no other way to talk
    #[arg(long, hide = true)]
    pub(crate) stdio: bool,
}

/// `FILE`, `FILE:LINE` or `FILE:LINE-LINE`; lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// As typed: relative to the current directory or to the workspace, or absolute.
    pub(crate) file: String,
    /// First and last line; the whole file if absent.
    pub(crate) lines: Option<(u32, u32)>,
}

impl std::str::FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Place, String> {
        let wrong = || format!("`{text}` is not FILE, FILE:LINE or FILE:LINE-LINE");
        let Some((file, lines)) = text.rsplit_once(':') else {
            let is_file = !text.is_empty();
            return if is_file {
                Ok(Place { file: text.to_owned(), lines: None })
            } else {
                Err(wrong())
            };
        };
        let (first, last) = lines.split_once('-').unwrap_or((lines, lines));
        let first: u32 = first.parse().map_err(|_| wrong())?;
        let last: u32 = last.parse().map_err(|_| wrong())?;
        if file.is_empty() || first == 0 || last < first {
            return Err(format!("{}; lines count from 1", wrong()));
        }
        Ok(Place { file: file.to_owned(), lines: Some((first, last)) })
    }
}

#[cfg(test)]
mod tests;
