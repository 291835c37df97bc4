//! Every setting by name, and who may set it. What a setting means is written in docs/configuration.md; a test compares.

/// Where a setting may come from, beside the user's own file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// From the user's own file alone: it decides what may be done to the user's machine.
    UserFile,
    /// Also from the environment: it decides where text and keys go, so never from a workspace.
    User,
    /// Also from a workspace.
    Anyone,
    /// Also from a workspace, but only to less than what the user allows.
    Downwards,
    /// Also from a workspace that the user trusts: it names a command.
    Trusted,
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// Dotted path.
    pub(super) path: &'static str,
    pub(super) reach: Reach,
}

const fn key(path: &'static str, reach: Reach) -> Key {
    Key { path, reach }
}

/// All settings, sorted by path. The tables of `provider` are a list, see [`PROVIDER`].
pub(super) const ALL: &[Key] = &[
    key("attempts", Reach::Anyone),
    key("budget.day_tokens", Reach::User),
    key("budget.day_usd", Reach::User),
    key("budget.month_tokens", Reach::User),
    key("budget.month_usd", Reach::User),
    key("budget.run_tokens", Reach::User),
    key("budget.run_usd", Reach::User),
    key("cache.responses", Reach::User),
    key("cassette", Reach::User),
    key("coherence.when", Reach::User),
    key("commit.model_message", Reach::Anyone),
    key("container.context", Reach::UserFile),
    key("container.image", Reach::UserFile),
    key("container.namespace", Reach::UserFile),
    key("container.program", Reach::UserFile),
    key("container.runtime", Reach::UserFile),
    key("context_tokens", Reach::Anyone),
    key("cooldown.first_ms", Reach::User),
    key("cooldown.most_ms", Reach::User),
    key("cooldown.probe_ms", Reach::User),
    key("debate.confidence", Reach::User),
    key("debate.cycles", Reach::User),
    key("debate.threshold", Reach::User),
    key("debate.tokens", Reach::User),
    key("debate.when", Reach::User),
    key("format.skip", Reach::Anyone),
    key("format.use", Reach::Anyone),
    key("keyring", Reach::User),
    key("limits.file_bytes", Reach::Downwards),
    key("limits.memory_bytes", Reach::Downwards),
    key("limits.open_files", Reach::Downwards),
    key("limits.output_bytes", Reach::Downwards),
    key("limits.processes", Reach::Downwards),
    key("limits.scratch_bytes", Reach::Downwards),
    key("limits.wall_ms", Reach::Downwards),
    key("lint.skip", Reach::Anyone),
    key("lint.use", Reach::Anyone),
    key("mcp", Reach::UserFile),
    key("memory.enabled", Reach::User),
    key("model", Reach::User),
    key("models", Reach::UserFile),
    key("programs", Reach::Trusted),
    key("provider", Reach::UserFile),
    key("retry.attempts", Reach::User),
    key("retry.max_wait_ms", Reach::User),
    key("retry.pause_ms", Reach::User),
    key("sandbox", Reach::UserFile),
    key("search.dimensions", Reach::User),
    key("search.document_prefix", Reach::User),
    key("search.embedder", Reach::User),
    key("search.engine", Reach::User),
    key("search.fusion", Reach::Anyone),
    key("search.qdrant.api_key_env", Reach::User),
    key("search.qdrant.prefix", Reach::User),
    key("search.qdrant.url", Reach::User),
    key("search.query_prefix", Reach::User),
    key("search.rerank_hits", Reach::User),
    key("search.reranker", Reach::User),
    key("search.wait_ms", Reach::User),
    key("servers.skip", Reach::Anyone),
    key("servers.use", Reach::Anyone),
    key("tests.command", Reach::Trusted),
    key("tests.generate", Reach::Anyone),
    key("tests.skip", Reach::Anyone),
    key("tests.use", Reach::Anyone),
    key("tiers.balanced", Reach::User),
    key("tiers.fallback", Reach::User),
    key("tiers.fast", Reach::User),
    key("tiers.quality", Reach::User),
    key("timeouts.connect_ms", Reach::User),
    key("timeouts.first_byte_ms", Reach::User),
    key("timeouts.idle_ms", Reach::User),
];

/// The keys of one `[[provider]]` table.
pub(super) const PROVIDER: &[&str] = &[
    "api_key_env",
    "base_url",
    "concurrency",
    "context_tokens",
    "keep_alive",
    "kind",
    "name",
    "requests_per_minute",
    "swap_ms",
    "tokens_per_minute",
    "vram_mb",
];

/// The keys of one `[[mcp]]` table.
pub(super) const MCP: &[&str] = &[
    "command",
    "env",
    "folders",
    "name",
    "network",
    "output_bytes",
    "timeout_ms",
    "token_env",
    "tools",
    "url",
];

/// The keys of one `[[models]]` table.
pub(super) const MODELS: &[&str] =
    &["context_tokens", "name", "output_tokens", "price", "schema", "tokenizer", "tools"];

/// A table with a key for each program that something stands for.
pub(super) const PROGRAMS: &str = "programs";

/// The setting of that path.
pub(super) fn find(path: &str) -> Option<Key> {
    let is_program = |key: &Key| {
        key.path == PROGRAMS && path.strip_prefix(PROGRAMS).is_some_and(|it| it.starts_with('.'))
    };
    ALL.iter().copied().find(|key| key.path == path && path != PROGRAMS || is_program(key))
}

/// The names that may follow `table` (empty: at the top), for messages.
pub(super) fn below(table: &str, allowed: impl Fn(Reach) -> bool) -> String {
    let prefix = if table.is_empty() { String::new() } else { format!("{table}.") };
    let mut names: Vec<&str> = ALL
        .iter()
        .filter(|key| allowed(key.reach))
        .filter_map(|key| key.path.strip_prefix(&prefix))
        .map(|rest| rest.split('.').next().unwrap_or(rest))
        .collect();
    names.dedup();
    names.join(", ")
}
