//! Settings, in layers: defaults, the user's file, the workspace's `baton.toml`, the environment, options.
//!
//! A workspace may say how it is tested and how it likes its commits, never where text or keys go, nor what may be done
//! to the user's machine. Described for users in docs/configuration.md.

mod executor;
mod keys;
mod layer;
mod tool_servers;

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::Tokens;
use config::{Config, ConfigError};
use engine::{CommitConfig, Debating, EngineChoice, QdrantConfig, SearchConfig, When};
use models::{
    BudgetLimits, Cassette, Cooldown, ModelConfig, ModelName, ProviderConfig, Retry, Tiers,
    Timeouts,
};
use sandbox::{Limits, Setting};
use serde::Deserialize;
use tools::{Choices, Pick, Programs};

use crate::exit::usage;
use crate::outside::Outside;
use layer::Layer;

/// The name of the workspace's own file, in its root.
pub(crate) const WORKSPACE_FILE: &str = "baton.toml";

/// All settings, checked.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Settings {
    #[serde(default)]
    pub(crate) model: Option<ModelName>,
    #[serde(default, rename = "provider")]
    pub(crate) providers: Vec<ProviderConfig>,
    #[serde(default)]
    tiers: Tiers,
    #[serde(default)]
    models: Vec<ModelConfig>,
    #[serde(default)]
    budget: BudgetLimits,
    #[serde(default)]
    cooldown: Cooldown,
    #[serde(default)]
    cassette: Option<Cassette>,
    #[serde(default)]
    cache: Cache,
    #[serde(default = "Timeouts::usual")]
    timeouts: Timeouts,
    #[serde(default = "Retry::usual")]
    retry: Retry,
    #[serde(default = "yes")]
    keyring: bool,
    #[serde(default)]
    sandbox: Sandbox,
    #[serde(default)]
    container: executor::Container,
    #[serde(default = "three")]
    pub(crate) attempts: u32,
    #[serde(default = "usual_context")]
    pub(crate) context_tokens: usize,
    #[serde(default)]
    tests: Tests,
    #[serde(default)]
    format: Pick,
    #[serde(default)]
    lint: Pick,
    #[serde(default)]
    servers: Pick,
    #[serde(default)]
    programs: Programs,
    #[serde(default)]
    pub(crate) limits: Limits,
    #[serde(default)]
    debate: Debate,
    #[serde(default)]
    memory: Memory,
    #[serde(default)]
    coherence: Coherence,
    #[serde(default)]
    commit: Commit,
    #[serde(default)]
    search: Search,
    #[serde(default)]
    mcp: Vec<tool_servers::Table>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct Cache {
    #[serde(default)]
    responses: bool,
}

/// What was said on the command line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given {
    pub(crate) model: Option<ModelName>,
    pub(crate) cassette: Option<String>,
}

/// As it is written; `check` reads it.
#[derive(Debug, Clone, Default, Deserialize)]
struct Search {
    embedder: Option<String>,
    query_prefix: Option<String>,
    document_prefix: Option<String>,
    dimensions: Option<u32>,
    reranker: Option<String>,
    rerank_hits: Option<usize>,
    fusion: Option<String>,
    wait_ms: Option<u64>,
    engine: Option<String>,
    #[serde(default)]
    qdrant: QdrantTable,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct QdrantTable {
    url: Option<String>,
    api_key_env: Option<String>,
    prefix: Option<String>,
}

impl Search {
    /// # Errors
    /// In words, with the key.
    fn read(&self) -> Result<SearchConfig, String> {
        let mut config = SearchConfig::usual();
        let named = |key: &str| {
            let key = key.to_owned();
            move |error: String| format!("`search.{key}`: {error}")
        };
        if let Some(text) = &self.embedder {
            config.embedder = text.parse().map_err(named("embedder"))?;
        }
        if let Some(text) = &self.reranker {
            config.reranker = text.parse().map_err(named("reranker"))?;
        }
        if let Some(text) = &self.fusion {
            config.fusion = Some(engine::parse_fusion(text).map_err(named("fusion"))?);
        }
        if let Some(count) = self.rerank_hits {
            config.rerank_hits = in_range("rerank_hits", count, 1, 200)?;
        }
        if let Some(count) = self.dimensions {
            config.dimensions = Some(in_range("dimensions", count, 8, 8192)?);
        }
        if let Some(wait_ms) = self.wait_ms {
            config.wait = Duration::from_millis(in_range("wait_ms", wait_ms, 50, 60_000)?);
        }
        config.engine = self.engine()?;
        config.query_prefix.clone_from(&self.query_prefix);
        config.document_prefix.clone_from(&self.document_prefix);
        Ok(config)
    }

    fn engine(&self) -> Result<EngineChoice, String> {
        let QdrantTable { url, api_key_env, prefix } = &self.qdrant;
        match (self.engine.as_deref(), url) {
            (None | Some("embedded"), _) => Ok(EngineChoice::Embedded),
            (Some("qdrant"), Some(url)) => Ok(EngineChoice::Qdrant(QdrantConfig {
                url: url.clone(),
                api_key_env: api_key_env.clone(),
                prefix: prefix.clone().unwrap_or_default(),
            })),
            (Some("qdrant"), None) => Err(
                "`search.engine` is `qdrant`, and `search.qdrant.url` is not set; write the server's gRPC port there, such as \
                 http://127.0.0.1:6334"
                    .to_owned(),
            ),
            (Some(given), _) => {
                Err(format!("`search.engine` is `{given}`; it must be `embedded` or `qdrant`"))
            }
        }
    }
}

fn in_range<T: PartialOrd + Display>(key: &str, given: T, least: T, most: T) -> Result<T, String> {
    if given < least || most < given {
        return Err(format!("`search.{key}` is {given}; it must be {least} to {most}"));
    }
    Ok(given)
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Tests {
    #[serde(default)]
    command: Option<Vec<String>>,
    // Not as one flattened value: a complaint shall name the key and its file.
    #[serde(default, rename = "use")]
    only: Vec<String>,
    #[serde(default, rename = "skip")]
    never: Vec<String>,
    #[serde(default)]
    generate: bool,
}

/// What is kept for later runs.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Memory {
    #[serde(default = "yes")]
    enabled: bool,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory { enabled: true }
    }
}

/// When another model says whether a change is what was asked for.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct Coherence {
    when: When,
}

/// When a plan is debated, and by what rules: `docs/debate.md`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default)]
struct Debate {
    when: When,
    threshold: f64,
    confidence: f64,
    cycles: u32,
    tokens: u64,
}

impl Default for Debate {
    fn default() -> Debate {
        Debate { when: When::Auto, threshold: 0.7, confidence: 0.3, cycles: 2, tokens: 60_000 }
    }
}

impl Debate {
    fn rules(self) -> Debating {
        let Debate { when, threshold, confidence, cycles, tokens } = self;
        Debating { when, threshold, confidence, cycles, tokens }
    }

    fn check(self) -> anyhow::Result<()> {
        for (key, share) in [("threshold", self.threshold), ("confidence", self.confidence)] {
            if !(0.0..=1.0).contains(&share) {
                return Err(usage(format!("`debate.{key}` is {share}; it must be 0 to 1")));
            }
        }
        if 5 < self.cycles {
            let given = self.cycles;
            return Err(usage(format!("`debate.cycles` is {given}; it must be 0 to 5")));
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Deserialize)]
struct Commit {
    #[serde(default = "yes")]
    model_message: bool,
}

impl Default for Commit {
    fn default() -> Commit {
        Commit { model_message: true }
    }
}

fn yes() -> bool {
    true
}

/// Checked by hand: what is written here decides about the user's machine, so the message shall be clear.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
struct Sandbox(String);

impl Default for Sandbox {
    fn default() -> Sandbox {
        Sandbox("auto".into())
    }
}

fn three() -> u32 {
    3
}

fn usual_context() -> usize {
    2_500
}

/// Settings and how they came about.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub(crate) settings: Settings,
    /// Files that were read.
    pub(crate) files: Vec<PathBuf>,
    /// What the user should know about them.
    pub(crate) notes: Vec<String>,
}

/// Reads every layer.
///
/// `is_trusted` is asked only where the workspace names a command.
///
/// # Errors
/// A usage error that names the file, the key and what is known there.
pub(crate) fn load(
    outside: &Outside,
    root: &Path,
    given: &Given,
    is_trusted: impl FnOnce() -> anyhow::Result<bool>,
) -> anyhow::Result<Loaded> {
    let (mut files, mut notes) = (Vec::new(), Vec::new());
    let user_file = outside.user_config()?;
    let user = Layer::user_file(&user_file)?;
    files.extend(user.is_some().then_some(user_file));
    let user = user.unwrap_or_default();
    let workspace_file = root.join(WORKSPACE_FILE);
    let workspace = Layer::workspace_file(&workspace_file)?;
    files.extend(workspace.is_some().then_some(workspace_file));
    let mut workspace = workspace.unwrap_or_default();
    let commands = workspace.commands();
    if !commands.is_empty() && !is_trusted()? {
        notes.push(format!(
            "{WORKSPACE_FILE} sets `{}`, which is not used because this workspace is not trusted; look at it, then run \
             `baton trust`",
            commands.join("`, `"),
        ));
        for path in commands {
            workspace.values.remove(&path);
        }
    }
    let environment = Layer::environment(&outside.vars)?;
    let options = Layer::options(given);
    let without = build([user.clone(), Layer::default(), environment.clone(), options.clone()])?;
    let is_one_wanted =
        options.has("model") || environment.has("model") && !environment.has("tiers");
    let mut settings = build([user, workspace, environment, options])?;
    if is_one_wanted {
        // Whoever names a model for this time means it for everything, whatever the tiers say.
        let Tiers { fallback, .. } = settings.tiers;
        settings.tiers = Tiers { fallback, ..Tiers::default() };
    }
    settings.limits = at_most(&settings.limits, &without.limits);
    settings.check()?;
    Ok(Loaded { settings, files, notes })
}

/// Later layers lie above earlier ones.
fn build(layers: [Layer; 4]) -> anyhow::Result<Settings> {
    let builder =
        layers.into_iter().fold(Config::builder(), |builder, layer| builder.add_source(layer));
    let settings = builder.build().and_then(Config::try_deserialize::<Settings>);
    settings.map_err(|error: ConfigError| usage(format!("the settings cannot be used: {error}")))
}

/// What a workspace asks for, and no more than `allowed`.
fn at_most(asked: &Limits, allowed: &Limits) -> Limits {
    Limits {
        wall_ms: asked.wall_ms.min(allowed.wall_ms),
        memory_bytes: asked.memory_bytes.min(allowed.memory_bytes),
        processes: asked.processes.min(allowed.processes),
        file_bytes: asked.file_bytes.min(allowed.file_bytes),
        open_files: asked.open_files.min(allowed.open_files),
        output_bytes: asked.output_bytes.min(allowed.output_bytes),
        scratch_bytes: asked.scratch_bytes.min(allowed.scratch_bytes),
    }
}

impl Settings {
    /// Ranges that no type holds. A workspace can set some of these, and each attempt costs the user money.
    fn check(&self) -> anyhow::Result<()> {
        executor::read(&self.sandbox.0, &self.container).map_err(usage)?;
        if !(1..=20).contains(&self.attempts) {
            return Err(usage(format!("`attempts` is {}; it must be 1 to 20", self.attempts)));
        }
        self.debate.check()?;
        if !(200..=100_000).contains(&self.context_tokens) {
            let given = self.context_tokens;
            return Err(usage(format!("`context_tokens` is {given}; it must be 200 to 100000")));
        }
        if self
            .tests
            .command
            .as_ref()
            .is_some_and(|argv| argv.iter().all(|arg| arg.trim().is_empty()))
        {
            return Err(usage(
                "`tests.command` is empty; write the program and its arguments as a list",
            ));
        }
        self.choices().check().map_err(usage)?;
        self.budget.check().map_err(usage)?;
        // Without an environment: what is in it is looked up when a server is started.
        tool_servers::read_all(&self.mcp, &|_| None).map_err(usage)?;
        self.search.read().map(drop).map_err(usage)
    }

    fn choices(&self) -> Choices {
        Choices {
            format: self.format.clone(),
            lint: self.lint.clone(),
            servers: self.servers.clone(),
            tests: Pick { only: self.tests.only.clone(), never: self.tests.never.clone() },
            test_command: self.tests.command.clone(),
            programs: self.programs.clone(),
        }
    }

    /// Every model of the tiers, each once.
    pub(crate) fn tier_models(&self) -> Vec<ModelName> {
        let Tiers { fast, balanced, quality, fallback } = &self.tiers;
        let mut all: Vec<ModelName> = Vec::new();
        for name in fast.iter().chain(balanced).chain(quality).chain(fallback) {
            if !all.contains(name) {
                all.push(name.clone());
            }
        }
        all
    }

    /// Leaves `model` alone to be asked, for nothing, and what it says is kept nowhere.
    pub(crate) fn ask_only_that(&mut self) {
        self.tiers = Tiers::default();
        self.budget = BudgetLimits::default();
        self.cassette = None;
        self.cache = Cache::default();
    }

    /// What the user asks of the sandbox.
    pub(crate) fn sandbox(&self) -> Setting {
        // What cannot be read was refused by `check`.
        executor::read(&self.sandbox.0, &self.container).unwrap_or(Setting::Auto)
    }

    /// The servers of tools, with what the environment has for them.
    pub(crate) fn tool_servers(&self, outside: &Outside) -> Vec<mcp::ServerConfig> {
        // What cannot be read was refused by `check`.
        tool_servers::read_all(&self.mcp, &|name| outside.var(name).map(str::to_owned))
            .unwrap_or_default()
    }

    /// As the engine takes them.
    pub(crate) fn into_engine(self, outside: &Outside, data_dir: PathBuf) -> engine::Config {
        let (vars, sandbox) = (outside.vars.clone(), self.sandbox());
        let tool_servers = self.tool_servers(outside);
        // What cannot be read was refused by `check`.
        let choices = self.choices();
        let search = self.search.read().unwrap_or_else(|_| SearchConfig::usual());
        let mut models = models::Config::new(move |name| vars.get(name).cloned());
        models.default = self.model;
        models.tiers = self.tiers;
        models.providers = self.providers;
        models.models = self.models;
        models.budget = self.budget;
        models.cooldown = self.cooldown;
        models.cassette = self.cassette;
        models.cache_dir = self.cache.responses.then(|| data_dir.join("answers"));
        models.timeouts = self.timeouts;
        models.retry = self.retry;
        models.keyring = self.keyring;
        engine::Config {
            models,
            sandbox,
            attempts: self.attempts,
            context: Tokens(self.context_tokens),
            choices,
            generate_tests: self.tests.generate,
            debate: self.debate.rules(),
            coherence: self.coherence.when,
            remember: self.memory.enabled,
            limits: self.limits,
            commit: CommitConfig { model_message: self.commit.model_message },
            search,
            tool_servers,
            // Beside the folders of all workspaces.
            calls_dir: data_dir.parent().unwrap_or(&data_dir).to_path_buf(),
            data_dir,
            helper: outside.exe.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
