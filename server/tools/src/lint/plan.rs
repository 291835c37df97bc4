//! Which linters a patch asks for, where each is started, and whether it is the project's choice; from files alone.
//! Starts nothing.

use std::collections::BTreeMap;

use base::{AbsPathBuf, FileChange, Patch, RelPath};
use sandbox::Sandbox;
use syntax::{Linter, Pick, Scope};
use vfs::Snapshot;

use crate::choices::Choices;
use crate::tests::holds;

/// Most runs of one linter: a change of more packages than these is not looked at in all of them.
const MAX_PLANS: usize = 4;

/// One linter in one folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    linter: &'static Linter,
    /// `None`: the root.
    dir: Option<RelPath>,
    is_configured: bool,
    may_refuse: bool,
    program: Result<Vec<String>, String>,
    /// Of the patch: the files that it is about, as they are called before and after it.
    before: Vec<RelPath>,
    after: Vec<RelPath>,
}

impl Plan {
    /// The linter.
    pub fn linter(&self) -> &'static Linter {
        self.linter
    }

    /// The folder where it is started; `None` is the root.
    pub fn dir(&self) -> Option<&RelPath> {
        self.dir.as_ref()
    }

    /// Whether the project has chosen it.
    pub fn is_configured(&self) -> bool {
        self.is_configured
    }

    /// Whether what it calls an error may refuse a patch: the project has chosen it, and the patch leaves that choice alone.
    pub fn may_refuse(&self) -> bool {
        self.may_refuse
    }

    /// The program, with arguments that are a part of it, relative to the folder where it is the project's own; or why there is
    /// none.
    ///
    /// # Errors
    /// In words for the person.
    pub fn program(&self) -> Result<&[String], &str> {
        self.program.as_deref().map_err(String::as_str)
    }

    /// The command that makes the program tell its version; `None` where there is no program.
    pub fn version(&self) -> Option<Vec<String>> {
        let program = self.program.clone().ok()?;
        let rest = self.linter.version.iter().map(|arg| (*arg).to_owned());
        Some(program.into_iter().chain(rest).collect())
    }

    /// The files of the patch as they are called before it.
    pub fn before(&self) -> &[RelPath] {
        &self.before
    }

    /// The files of the patch as they are called after it.
    pub fn after(&self) -> &[RelPath] {
        &self.after
    }

    pub(super) fn is_of_files(&self) -> bool {
        self.linter.scope == Scope::Files
    }

    pub(super) fn argv(&self, program: &[String], files: &[RelPath]) -> Vec<String> {
        let mut argv = program.to_vec();
        argv.extend(self.linter.argv.iter().skip(1).map(|arg| (*arg).to_owned()));
        if let (false, Some(plain)) = (self.is_configured, self.linter.plain) {
            argv.extend(plain.iter().map(|arg| (*arg).to_owned()));
        }
        if self.is_of_files() {
            argv.extend(files.iter().map(|file| below(self.dir.as_ref(), file)));
        }
        argv
    }
}

/// `file`, below `dir`, as a program that is started in `dir` is told of it: never an option.
fn below(dir: Option<&RelPath>, file: &RelPath) -> String {
    let file = file.as_str();
    let prefix = dir.map(|dir| format!("{dir}/")).unwrap_or_default();
    let name = file.strip_prefix(&prefix).unwrap_or(file);
    if name.starts_with(['-', '@']) { format!("./{name}") } else { name.to_owned() }
}

/// The linters of the languages that `patch` touches, by name and folder.
///
/// A linter that is not configured is started only where it needs no configuration, is installed, and no other linter of the
/// language is configured; one that is configured and not installed has a plan that says so.
///
/// One that a person has named is the project's choice.
pub fn plans(
    sandbox: &Sandbox,
    patch: &Patch,
    snap: &Snapshot,
    root: &AbsPathBuf,
    choices: &Choices,
) -> Vec<Plan> {
    let find =
        |linter: &Linter, dir: Option<&RelPath>| program(sandbox, linter, root, dir, choices);
    plans_with(patch, snap, &choices.lint, &find)
}

/// Looks up the program of a linter that starts in a folder.
type Find<'a> = dyn Fn(&Linter, Option<&RelPath>) -> Option<Vec<String>> + 'a;

pub(super) fn plans_with(
    patch: &Patch,
    snap: &Snapshot,
    pick: &Pick,
    find: &Find<'_>,
) -> Vec<Plan> {
    let mut plans: BTreeMap<(&'static str, Option<RelPath>), Plan> = BTreeMap::new();
    for change in patch.changes() {
        for (linter, dir, is_configured) in chosen(change, snap, pick) {
            let key = (linter.name, dir.clone());
            let plan = plans.entry(key).or_insert_with(|| {
                let program = find(linter, dir.as_ref()).ok_or_else(|| {
                    format!("{}, which the project uses, is not installed", linter.name)
                });
                Plan {
                    linter,
                    dir,
                    is_configured,
                    may_refuse: is_configured && !touches_choice(patch, linter),
                    program,
                    before: Vec::new(),
                    after: Vec::new(),
                }
            });
            // A new file is linted after the patch, a deleted one before it.
            plan.before.extend(change.old_path().cloned());
            if !matches!(change, FileChange::Delete { .. }) {
                plan.after.push(change.path().clone());
            }
        }
    }
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut kept: Vec<Plan> = plans.into_values().collect();
    kept.retain(|plan| plan.is_configured || plan.program.is_ok());
    for plan in &mut kept {
        let count = counts.entry(plan.linter.name).or_default();
        *count += 1;
        if MAX_PLANS < *count {
            plan.program = Err(format!("the change touches more than {MAX_PLANS} packages"));
        }
    }
    kept
}

/// The linters for one file, each with its folder and whether it is the project's choice.
fn chosen(
    change: &FileChange,
    snap: &Snapshot,
    pick: &Pick,
) -> Vec<(&'static Linter, Option<RelPath>, bool)> {
    let path = change.path();
    let new_text = change.new_text();
    let text = new_text.as_deref().or_else(|| change.old_text());
    let Some(lang) = syntax::detect(path, text) else { return Vec::new() };
    let picked = pick.among(lang.linters, |linter| linter.name);
    let configured: Vec<_> = picked
        .tools
        .iter()
        .filter_map(|&linter| {
            let configured = nearest(path, |dir| is_choice(linter, snap, dir));
            // One that is named needs no configuration.
            let dir = configured.or(picked.is_named.then_some(None))?;
            let dir = match linter.scope {
                Scope::Files => dir,
                Scope::Package { manifest, .. } => package(path, snap, manifest)?,
            };
            Some((linter, dir, true))
        })
        .collect();
    if !configured.is_empty() {
        return configured;
    }
    let plain = picked.tools.into_iter().filter(|linter| linter.plain.is_some());
    plain
        .filter_map(|linter| match linter.scope {
            Scope::Files => Some((linter, None, false)),
            Scope::Package { manifest, .. } => {
                Some((linter, package(path, snap, manifest)?, false))
            }
        })
        .collect()
}

/// The nearest folder above `path` that `is_it`; the inner `None` is the root.
fn nearest(path: &RelPath, is_it: impl Fn(Option<&RelPath>) -> bool) -> Option<Option<RelPath>> {
    let mut dir = path.parent();
    loop {
        if is_it(dir.as_ref()) {
            return Some(dir);
        }
        dir = dir?.parent();
    }
}

fn package(path: &RelPath, snap: &Snapshot, manifest: &'static str) -> Option<Option<RelPath>> {
    nearest(path, |dir| holds(snap, dir, &syntax::Marker::File(manifest)))
}

fn is_choice(linter: &Linter, snap: &Snapshot, dir: Option<&RelPath>) -> bool {
    let has = |name: &&'static str| holds(snap, dir, &syntax::Marker::File(name));
    linter.config_files.iter().any(has)
        || linter.markers.iter().any(|marker| holds(snap, dir, marker))
}

/// With other settings the same text has other findings: that is no fault of the text.
fn touches_choice(patch: &Patch, linter: &Linter) -> bool {
    let files: Vec<&str> = linter
        .config_files
        .iter()
        .copied()
        .chain(linter.markers.iter().filter_map(|marker| match marker {
            syntax::Marker::Contains { file, .. } => Some(*file),
            _ => None,
        }))
        .collect();
    patch.files().iter().any(|path| files.contains(&path.file_name()))
}

fn program(
    sandbox: &Sandbox,
    linter: &Linter,
    root: &AbsPathBuf,
    dir: Option<&RelPath>,
    choices: &Choices,
) -> Option<Vec<String>> {
    let name = linter.argv.first()?;
    if let Some(instead) = choices.programs.instead_of(name, dir) {
        return Some(instead);
    }
    // Cargo's subcommands are programs of their own.
    if let ["cargo", command, ..] = linter.argv {
        sandbox.which(&format!("cargo-{command}"))?;
    }
    choices.programs.find(sandbox, root, dir, name)
}
