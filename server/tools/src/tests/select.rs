//! How chosen tests are named on a runner's command line, and what their ids are made of.
//! A runner may run more than what was chosen, never less.

use std::collections::{BTreeMap, BTreeSet};

use syntax::{Report, Select, TestRunner};

/// Longest expression: one argument of a program has at most 128 KiB, and a matcher may take less. Beyond, all tests run.
const MAX_EXPRESSION: usize = 16 << 10;

/// Adds the choice of `ids` to the arguments `argv` of `runner`.
pub(super) fn add(runner: &TestRunner, ids: &[&str], argv: &mut Vec<String>) {
    match runner.select {
        Select::Append { before } => {
            argv.extend(before.iter().map(|arg| (*arg).to_owned()));
            let name = |id: &&str| match runner.report {
                // `binary::path::name`: the binary is ours, not cargo's.
                Report::LibtestText => id.split_once("::").map_or(*id, |(_, name)| name).to_owned(),
                _ => (*id).to_owned(),
            };
            argv.extend(ids.iter().map(name));
        }
        Select::Pattern { flag } => {
            argv.push(format!("{flag}={}", any_of(ids.iter().map(|id| leaf(id)))));
        }
        Select::Exact { flag } => {
            let expression = format!("^({})$", any_of(ids.iter().copied()));
            if expression.len() <= MAX_EXPRESSION {
                argv.extend([flag.to_owned(), expression]);
            }
        }
        Select::GoRun => add_go(ids, argv),
        Select::Surefire => {
            let classes = java_classes(ids);
            if classes.len() <= MAX_EXPRESSION {
                // Modules that have none of the chosen are no failure; the variable's name depends on Surefire's version.
                argv.push(format!("-Dtest={classes}"));
                argv.push("-Dsurefire.failIfNoSpecifiedTests=false".to_owned());
                argv.push("-DfailIfNoTests=false".to_owned());
            }
        }
        Select::DotnetFilter => {
            let names: BTreeSet<&str> =
                ids.iter().map(|id| id.split('(').next().unwrap_or(id)).collect();
            let tests: Vec<String> =
                names.iter().map(|name| format!("FullyQualifiedName={name}")).collect();
            let filter = tests.join("|");
            if filter.len() <= MAX_EXPRESSION {
                argv.extend(["--filter".to_owned(), filter]);
            }
        }
        Select::None => {}
    }
}

/// `module/pkg::TestName/sub`: the functions run whole, in each of the chosen packages that has them.
fn add_go(ids: &[&str], argv: &mut Vec<String>) {
    let packages: BTreeSet<&str> =
        ids.iter().map(|id| id.split_once("::").map_or(*id, |(package, _)| package)).collect();
    let functions: Option<BTreeSet<&str>> = ids
        .iter()
        // A package's own id stands for all of it.
        .map(|id| id.split_once("::").and_then(|(_, name)| name.split('/').next()))
        .collect();
    let whole = "./...";
    argv.retain(|arg| arg != whole);
    if let Some(functions) = functions {
        let expression = format!("-run=^({})$", any_of(functions.into_iter()));
        if expression.len() <= MAX_EXPRESSION {
            argv.push(expression);
        }
    }
    argv.extend(packages.into_iter().map(str::to_owned));
}

/// `a.B#one+two,a.C`: a method that has no plain name stands for its class.
fn java_classes(ids: &[&str]) -> String {
    let mut classes: BTreeMap<&str, Option<BTreeSet<&str>>> = BTreeMap::new();
    for id in ids {
        let (class, test) = id.split_once('#').unwrap_or((id, ""));
        let method = test.split(['(', '{', '[']).next().unwrap_or_default();
        let is_plain =
            !method.is_empty() && method.chars().all(|c| c.is_alphanumeric() || "_$".contains(c));
        let methods = classes.entry(class).or_insert_with(|| Some(BTreeSet::new()));
        match methods {
            Some(methods) if is_plain => {
                methods.insert(method);
            }
            _ => *methods = None,
        }
    }
    let shown = classes.into_iter().map(|(class, methods)| match methods {
        Some(methods) => {
            format!("{class}#{}", methods.into_iter().collect::<Vec<_>>().join("+"))
        }
        None => class.to_owned(),
    });
    shown.collect::<Vec<_>>().join(",")
}

/// The test's own name, without file and suites.
pub(super) fn leaf(id: &str) -> &str {
    let id = id.split_once("::").map_or(id, |(_, rest)| rest);
    id.rsplit_once(" > ").map_or(id, |(_, name)| name)
}

/// Escaped, sorted, and joined by `|`.
fn any_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: BTreeSet<String> = names.map(escaped).collect();
    names.into_iter().collect::<Vec<_>>().join("|")
}

/// `name` as a regular expression that matches it; of JavaScript, Go and CMake alike.
fn escaped(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if r"\^$.*+?()[]{}|/".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
