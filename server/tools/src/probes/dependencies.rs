//! Dependencies that a manifest names after a patch and did not name before. Lock files are left out: they follow.

use std::collections::BTreeMap;

use base::Patch;
use regex::Regex;
use serde_json::Value as Json;
use toml::Value as Toml;

use super::{Finding, Probe};

/// Versions by name.
type Named = BTreeMap<String, String>;

pub(super) fn find(patch: &Patch) -> Vec<Finding> {
    let mut findings = Vec::new();
    for change in patch.changes() {
        let path = change.path();
        let Some(read) = reader(path.file_name()) else { continue };
        let Some(after) = change.new_text() else { continue };
        // A manifest that cannot be read has no dependencies to tell of; whoever builds the project says so.
        let after = read(&after).unwrap_or_default();
        let before = change.old_text().and_then(read).unwrap_or_default();
        for (name, version) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
            let (name, version) = (shown(name), shown(version));
            let space = if version.is_empty() { "" } else { " " };
            findings.push(Finding {
                probe: Probe::Dependency,
                path: Some(path.clone()),
                line: None,
                message: format!("adds the dependency {name}{space}{version}"),
                refuses: false,
            });
        }
    }
    findings
}

/// Of an address only that it is one: there may be a name and a password in it.
fn shown(part: &str) -> String {
    const MOST: usize = 60;
    match part.contains("://") || part.contains('@') && part.contains(':') {
        true => "from an address".to_owned(),
        false => part.chars().take(MOST).collect(),
    }
}

fn reader(file_name: &str) -> Option<fn(&str) -> Option<Named>> {
    Some(match file_name {
        "Cargo.toml" => cargo,
        "package.json" => npm,
        "pyproject.toml" => pyproject,
        "go.mod" => go,
        "pom.xml" => maven,
        "build.gradle" | "build.gradle.kts" => gradle,
        "CMakeLists.txt" => cmake,
        name if name.starts_with("requirements") && name.ends_with(".txt") => requirements,
        _ => return None,
    })
}

fn cargo(text: &str) -> Option<Named> {
    let manifest: toml::Table = text.parse().ok()?;
    let mut named = Named::new();
    let mut add = |table: Option<&Toml>| {
        for (name, value) in table.and_then(Toml::as_table).into_iter().flatten() {
            let version = value.as_str().or_else(|| value.get("version")?.as_str());
            named.insert(name.clone(), version.unwrap_or_default().to_owned());
        }
    };
    let targets = manifest.get("target").and_then(Toml::as_table).into_iter().flatten();
    let workspace = manifest.get("workspace").and_then(Toml::as_table);
    let holders = targets.filter_map(|(_, target)| target.as_table()).chain(workspace);
    for holder in holders.chain([&manifest]) {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            add(holder.get(kind));
        }
    }
    Some(named)
}

fn npm(text: &str) -> Option<Named> {
    let manifest: Json = serde_json::from_str(text).ok()?;
    let kinds = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
    let tables = kinds.iter().filter_map(|kind| manifest.get(kind)?.as_object()).flatten();
    let version = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    Some(tables.map(|(name, value)| (name.clone(), version(value))).collect())
}

fn pyproject(text: &str) -> Option<Named> {
    let manifest: toml::Table = text.parse().ok()?;
    let at = |keys: &[&str]| {
        let mut value = manifest.get(*keys.first()?)?;
        for key in &keys[1..] {
            value = value.get(*key)?;
        }
        Some(value)
    };
    let list = |value: Option<&Toml>| -> Vec<String> {
        let items = value.and_then(Toml::as_array).into_iter().flatten();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let mut lines = list(at(&["project", "dependencies"]));
    for keys in [&["project", "optional-dependencies"][..], &["dependency-groups"]] {
        for (_, group) in at(keys).and_then(Toml::as_table).into_iter().flatten() {
            lines.extend(list(Some(group)));
        }
    }
    let mut named: Named = lines.iter().filter_map(|line| requirement(line)).collect();
    let mut poetry = vec![at(&["tool", "poetry", "dependencies"])];
    let groups = at(&["tool", "poetry", "group"]).and_then(Toml::as_table);
    poetry.extend(groups.into_iter().flatten().map(|(_, group)| group.get("dependencies")));
    for (name, value) in poetry.into_iter().flatten().filter_map(Toml::as_table).flatten() {
        let version = value.as_str().or_else(|| value.get("version")?.as_str());
        if name != "python" {
            named.insert(name.clone(), version.unwrap_or_default().to_owned());
        }
    }
    Some(named)
}

fn requirements(text: &str) -> Option<Named> {
    Some(text.lines().filter_map(requirement).collect())
}

/// `name[extra]>=1.2 ; marker  # comment`, without what is not name and version.
fn requirement(line: &str) -> Option<(String, String)> {
    let line = line.split([';', '#', '\\']).next()?.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = line.find(|c| !is_name(c)).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let rest = match rest.trim().strip_prefix('[') {
        Some(extras) => extras.split_once(']').map_or("", |(_, rest)| rest),
        None => rest,
    };
    let rest = rest.trim().trim_start_matches('@').trim();
    Some((name.to_ascii_lowercase().replace(['_', '.'], "-"), rest.to_owned()))
}

fn go(text: &str) -> Option<Named> {
    let mut named = Named::new();
    let mut in_block = false;
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        match line {
            "require (" => in_block = true,
            ")" => in_block = false,
            _ => {
                let entry = line.strip_prefix("require ").or(in_block.then_some(line));
                let mut parts = entry.unwrap_or_default().split_whitespace();
                if let (Some(name), Some(version)) = (parts.next(), parts.next()) {
                    named.insert(name.to_owned(), version.to_owned());
                }
            }
        }
    }
    Some(named)
}

fn maven(text: &str) -> Option<Named> {
    let dependency = Regex::new(r"(?s)<dependency>(.*?)</dependency>").ok()?;
    let mut named = Named::new();
    for groups in dependency.captures_iter(text) {
        let field = |name: &str| {
            let (_, rest) = groups[1].split_once(&format!("<{name}>"))?;
            Some(rest.split_once("</")?.0.trim().to_owned())
        };
        if let (Some(group), Some(artifact)) = (field("groupId"), field("artifactId")) {
            named.insert(format!("{group}:{artifact}"), field("version").unwrap_or_default());
        }
    }
    Some(named)
}

fn gradle(text: &str) -> Option<Named> {
    let line = r#"(?m)^\s*\w*(?:[iI]mplementation|[aA]pi|[oO]nly|[pP]rocessor|ksp|kapt)\s*\(?\s*["']([^"':\s]+:[^"':\s]+)(?::([^"'\s]+))?["']"#;
    by_groups(line, text)
}

fn cmake(text: &str) -> Option<Named> {
    let call = r#"(?is)FetchContent_Declare\s*\(\s*([\w.-]+)[^)]*?(?:GIT_TAG|URL)\s+"?([^\s)"]+)"#;
    by_groups(call, text)
}

/// Names in the first group, versions in the second.
fn by_groups(pattern: &str, text: &str) -> Option<Named> {
    let found = Regex::new(pattern).ok()?;
    let version = |groups: &regex::Captures<'_>| {
        groups.get(2).map_or_else(String::new, |version| version.as_str().to_owned())
    };
    Some(found.captures_iter(text).map(|groups| (groups[1].to_owned(), version(&groups))).collect())
}
