//! One place that settings come from, checked by itself: every key is known and may be set there.
//!
//! Values are checked later, when the layers lie on each other; each remembers where it came from.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use config::{ConfigError, Environment, File, FileFormat, Map, Source, Value, ValueKind};

use super::Given;
use super::keys::{self, Reach};
use crate::exit::usage;

/// Larger settings files are surely something else.
const MAX_BYTES: u64 = 256 * 1024;

/// Settings from one place, by dotted path.
#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    pub(super) values: BTreeMap<String, Value>,
}

impl Layer {
    /// The user's own file; empty if there is none.
    pub(super) fn user_file(path: &Path) -> anyhow::Result<Option<Layer>> {
        let Some(values) = read(path, Links::Follow)? else { return Ok(None) };
        let layer = Layer { values };
        layer.check(&path.display().to_string(), |_| true, "")?;
        Ok(Some(layer))
    }

    /// The workspace's file; empty if there is none.
    pub(super) fn workspace_file(path: &Path) -> anyhow::Result<Option<Layer>> {
        let Some(values) = read(path, Links::Refuse)? else { return Ok(None) };
        let layer = Layer { values };
        let allowed = |reach| matches!(reach, Reach::Anyone | Reach::Downwards | Reach::Trusted);
        let why = "a workspace may not set it; write it into your own configuration file";
        layer.check(&path.display().to_string(), allowed, why)?;
        Ok(Some(layer))
    }

    /// `BATON_MODEL`, and `BATON__TABLE__KEY` for every other setting.
    pub(super) fn environment(vars: &BTreeMap<String, String>) -> anyhow::Result<Layer> {
        let mine = vars.iter().filter(|(name, _)| name.starts_with("BATON__"));
        let mine: Map<String, String> =
            mine.map(|(name, value)| (name.clone(), value.clone())).collect();
        let source = Environment::with_prefix("BATON")
            .prefix_separator("__")
            .separator("__")
            .try_parsing(true)
            .ignore_empty(true)
            .source(Some(mine));
        let mut values: BTreeMap<String, Value> = source.collect()?.into_iter().collect();
        if let Some(model) = vars.get("BATON_MODEL").filter(|model| !model.is_empty()) {
            let origin = "the environment variable BATON_MODEL".to_owned();
            let value = Value::new(Some(&origin), ValueKind::String(model.clone()));
            values.insert("model".into(), value);
        }
        let layer = Layer { values };
        let why = "it cannot be set there; write it into your own configuration file";
        layer.check("the environment (BATON__...)", |reach| reach != Reach::UserFile, why)?;
        Ok(layer)
    }

    /// The options `--model` and `--cassette`.
    pub(super) fn options(given: &Given) -> Layer {
        let model = given.model.as_ref().map(|it| ("model", it.to_string()));
        let cassette = given.cassette.as_ref().map(|it| ("cassette", it.clone()));
        let value = |(key, text): (&str, String)| {
            let origin = format!("--{key}");
            (key.to_owned(), Value::new(Some(&origin), ValueKind::String(text)))
        };
        Layer { values: model.into_iter().chain(cassette).map(value).collect() }
    }

    /// Whether a key, or one in the table of that name, is set here.
    pub(super) fn has(&self, key: &str) -> bool {
        let in_table = |path: &str| path.strip_prefix(key).is_some_and(|it| it.starts_with('.'));
        self.values.keys().any(|path| path == key || in_table(path))
    }

    /// The settings here that name a command.
    pub(super) fn commands(&self) -> Vec<String> {
        let is_trusted =
            |path: &&String| keys::find(path).is_some_and(|key| key.reach == Reach::Trusted);
        self.values.keys().filter(is_trusted).cloned().collect()
    }

    fn check(
        &self,
        place: &str,
        allowed: impl Fn(Reach) -> bool + Copy,
        why_not: &str,
    ) -> anyhow::Result<()> {
        for (path, value) in &self.values {
            match keys::find(path) {
                Some(key) if allowed(key.reach) => {}
                Some(_) => return Err(usage(format!("`{path}` in {place}: {why_not}"))),
                None if !keys::below(path, allowed).is_empty() => {
                    let known = keys::below(path, allowed);
                    return Err(usage(format!(
                        "`{path}` in {place} is a table; known in it: {known}"
                    )));
                }
                None => {
                    let table = path.rsplit_once('.').map_or("", |(table, _)| table);
                    let known = keys::below(table, allowed);
                    // A key in an unknown table, or a table in the place of a value: name the tables.
                    let known = if known.is_empty() { keys::below("", allowed) } else { known };
                    return Err(usage(format!(
                        "unknown key `{path}` in {place}; known there: {known}"
                    )));
                }
            }
            match path.as_str() {
                "provider" => check_tables(place, path, value, keys::PROVIDER)?,
                "mcp" => check_tables(place, path, value, keys::MCP)?,
                "models" => check_tables(place, path, value, keys::MODELS)?,
                _ => {}
            }
        }
        Ok(())
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.values.clone().into_iter().collect())
    }
}

fn check_tables(place: &str, list: &str, value: &Value, known: &[&str]) -> anyhow::Result<()> {
    let no_list = || usage(format!("`{list}` in {place} is a list of tables: write [[{list}]]"));
    let ValueKind::Array(tables) = &value.kind else { return Err(no_list()) };
    for table in tables {
        let ValueKind::Table(table) = &table.kind else { return Err(no_list()) };
        let mut names: Vec<&String> = table.keys().collect();
        names.sort();
        if let Some(stray) = names.into_iter().find(|name| !known.contains(&name.as_str())) {
            let known = known.join(", ");
            return Err(usage(format!(
                "unknown key `{list}.{stray}` in {place}; known there: {known}"
            )));
        }
    }
    Ok(())
}

/// Whether a symbolic link may stand in for a file.
#[derive(Debug, Clone, Copy)]
enum Links {
    /// The user's own file, which many keep elsewhere.
    Follow,
    /// The workspace's: it must neither have another file read nor block us with a pipe.
    Refuse,
}

fn read(path: &Path, links: Links) -> anyhow::Result<Option<BTreeMap<String, Value>>> {
    let name = path.display();
    let meta = match links {
        Links::Follow => path.metadata(),
        Links::Refuse => path.symlink_metadata(),
    };
    let meta = match meta {
        Ok(meta) => meta,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {name}")),
    };
    if !meta.is_file() {
        return Err(usage(format!("{name} is not a plain file")));
    }
    if MAX_BYTES < meta.len() {
        return Err(usage(format!("{name} is larger than {MAX_BYTES} bytes")));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| usage(format!("{name} cannot be read: {error}")))?;
    let table = File::from_str(&text, FileFormat::Toml).collect();
    let table = table.map_err(|error| usage(format!("{name} cannot be read: {error}")))?;
    let origin = name.to_string();
    let mut values = BTreeMap::new();
    for (key, value) in table {
        flatten(key, from_there(value, &origin), &mut values);
    }
    Ok(Some(values))
}

/// Every value remembers its file, so that a later complaint can name it.
fn from_there(value: Value, origin: &String) -> Value {
    let kind = match value.kind {
        ValueKind::Table(table) => ValueKind::Table(
            table.into_iter().map(|(key, value)| (key, from_there(value, origin))).collect(),
        ),
        ValueKind::Array(values) => {
            ValueKind::Array(values.into_iter().map(|value| from_there(value, origin)).collect())
        }
        plain => plain,
    };
    Value::new(Some(origin), kind)
}

/// Tables become dotted paths; lists stay as they are. A key with a dot of its own cannot be a known one.
fn flatten(path: String, value: Value, values: &mut BTreeMap<String, Value>) {
    match value.kind {
        ValueKind::Table(table) if !table.is_empty() => {
            for (key, value) in table {
                let key = if key.contains('.') { format!("\"{key}\"") } else { key };
                flatten(format!("{path}.{key}"), value, values);
            }
        }
        // An empty table says nothing, unless nothing has that name.
        ValueKind::Table(_)
            if path == keys::PROGRAMS || !keys::below(&path, |_| true).is_empty() => {}
        _ => {
            values.insert(path, value);
        }
    }
}
