//! What the binary decides before the engine starts. Passed in whole; the engine reads no environment and no options.

use std::path::PathBuf;

use base::Tokens;

use crate::meaning::SearchConfig;

/// Settings of one workspace. The binary fills every field; there is no default here on purpose.
#[derive(Debug, Clone)]
pub struct Config {
    /// Providers and the model to ask.
    pub models: models::Config,
    /// Whether the user has switched the sandbox off; never read from the workspace.
    pub sandbox: sandbox::Setting,
    /// How often the model may try before the run gives up.
    pub attempts: u32,
    /// Budget of the retrieved context.
    pub context: Tokens,
    /// Which programs are started, where that is not to be detected. Commands are from the workspace's own file only once it is
    /// trusted.
    pub choices: tools::Choices,
    /// Whether `fix` and `implement` have a test written with each change, where the request does not say.
    pub generate_tests: bool,
    /// When a plan is debated, and by what rules.
    pub debate: Debating,
    /// When a model that has not written a change says whether it does what was asked.
    pub coherence: When,
    /// Whether what runs have come to is kept for later ones, and told to them.
    pub remember: bool,
    /// Limits on every command that runs in the sandbox.
    pub limits: sandbox::Limits,
    /// Commits.
    pub commit: CommitConfig,
    /// What search finds meaning by. Never read from the workspace: it decides where code is sent.
    pub search: SearchConfig,
    /// Servers of tools. Never read from the workspace: they are programs to start, and places to send text to.
    pub tool_servers: Vec<mcp::ServerConfig>,
    /// Where this workspace's database, logs and caches live.
    pub data_dir: PathBuf,
    /// Where the record of calls to models lives, which is one for all workspaces of the user.
    pub calls_dir: PathBuf,
    /// The program that is started again as the sandbox's helper: Baton itself.
    pub helper: PathBuf,
}

/// When a plan is debated, and by what rules.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Debating {
    /// When.
    pub when: When,
    /// A plan with a lower score is rejected, 0 to 1.
    pub threshold: f64,
    /// A vote of a lower confidence does not count, 0 to 1.
    pub confidence: f64,
    /// How often the plan may be revised.
    pub cycles: u32,
    /// No further round begins once so many tokens are spent.
    pub tokens: u64,
}

/// When something is done that costs time and money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// Whenever it can be.
    Always,
    /// Where much depends on it.
    #[default]
    Auto,
    /// Never.
    Never,
}

/// How commits are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitConfig {
    /// Use the model's message where it is usable; otherwise a plain one is made from the patch.
    pub model_message: bool,
}
