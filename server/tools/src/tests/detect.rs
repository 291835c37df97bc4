//! Which test runners a workspace uses, from its files alone.
//! Does not check that they are installed: that is known when they are started.

use std::collections::BTreeSet;

use base::RelPath;
use globset::Glob;
use syntax::{Language, Marker, Report, TestRunner};
use vfs::Snapshot;

use crate::choices::{self, Choices};

use super::{Runner, SURE, Source, TestCommand};

/// Files that make a folder a project of its own.
const MANIFESTS: [&str; 14] = [
    "CMakeLists.txt",
    "Cargo.toml",
    "Makefile",
    "build.gradle",
    "build.gradle.kts",
    "go.mod",
    "package.json",
    "pom.xml",
    "pyproject.toml",
    "pytest.ini",
    "setup.cfg",
    "setup.py",
    "tox.ini",
    "settings.gradle",
];
/// Likewise, by their extension.
const MANIFEST_EXTENSIONS: [&str; 3] = ["csproj", "sln", "slnx"];
/// How deep below the root a project is looked for.
const MAX_DEPTH: usize = 3;
/// Most commands of one workspace.
const MAX_COMMANDS: usize = 8;
/// Most files that are read for one marker.
const MAX_READ: usize = 500;
/// Folders of other people's code.
const FOREIGN: [&str; 7] =
    ["node_modules", ".venv", "venv", "target", "site-packages", "testdata", "vendor"];

/// The commands that run this workspace's tests, by folder and name.
///
/// A configured command replaces all others. Else, for each language, the first runner with a marker that holds at the
/// root, among those that the person wants; when none holds there, the same in the folders below that have a manifest of their own. A folder that the run of
/// a folder above does not reach, as Go's nested modules, comes besides.
pub fn detect(snap: &Snapshot, choices: &Choices) -> Vec<TestCommand> {
    if let Some(argv) = choices.test_command.as_ref().filter(|argv| !argv.is_empty()) {
        let argv = argv.clone();
        return vec![TestCommand {
            runner: Runner::Configured,
            argv,
            build: Vec::new(),
            dir: None,
            source: Source::Configured,
            confidence: SURE,
        }];
    }
    let mut commands = in_folder(snap, choices, None);
    if commands.is_empty() {
        for dir in project_folders(snap) {
            commands.extend(in_folder(snap, choices, Some(&dir)));
            if MAX_COMMANDS <= commands.len() {
                break;
            }
        }
    }
    if commands.is_empty() {
        commands = named(snap, choices);
    }
    commands.extend(nested(snap, choices, &commands));
    commands.sort_by(|a, b| (&a.dir, a.runner.name()).cmp(&(&b.dir, b.runner.name())));
    commands.truncate(MAX_COMMANDS);
    commands
}

fn in_folder(snap: &Snapshot, choices: &Choices, dir: Option<&RelPath>) -> Vec<TestCommand> {
    let mut found: Vec<(&'static TestRunner, u8)> = Vec::new();
    for lang in syntax::languages::ALL {
        let picked = choices.tests.among(lang.tests, |runner| runner.name);
        let runner = picked.tools.into_iter().find_map(|runner| {
            let sure = if picked.is_named { Some(SURE) } else { None };
            Some((runner, confidence(runner, snap, dir).map(|it| sure.unwrap_or(it))?))
        });
        // Two languages may share a runner.
        if let Some(runner) = runner
            && !found.iter().any(|(other, _)| other.name == runner.0.name)
        {
            found.push(runner);
        }
    }
    // One that says nothing but "failed" is of use only where no other says more.
    if found.iter().any(|(runner, _)| runner.report != Report::ExitCode) {
        found.retain(|(runner, _)| runner.report != Report::ExitCode);
    }
    found.into_iter().map(|(runner, sure)| command(runner, choices, dir, sure)).collect()
}

/// How sure it is that the folder's tests are run so, in percent; `None` where nothing says so.
fn confidence(runner: &TestRunner, snap: &Snapshot, dir: Option<&RelPath>) -> Option<u8> {
    let held = runner.markers.iter().filter(|marker| holds(snap, dir, marker));
    let said = held.map(weight).max()?;
    // A target of that name may do anything.
    Some(if runner.report == Report::ExitCode { said.min(50) } else { said })
}

fn weight(marker: &Marker) -> u8 {
    match marker {
        Marker::File(_)
        | Marker::Contains { .. }
        | Marker::Dependency(_)
        | Marker::Script(_)
        | Marker::Named(_) => 95,
        // What some file is called, or mentions.
        Marker::AnyFile { .. } => 80,
        Marker::All(markers) => markers.iter().map(weight).min().unwrap_or_default(),
    }
}

/// What the person has named, where nothing speaks for it or for another: in languages that the workspace has.
fn named(snap: &Snapshot, choices: &Choices) -> Vec<TestCommand> {
    let is_here = |lang: &Language| snap.files().any(|file| is_of(lang, &file.path));
    let mut found: Vec<TestCommand> = Vec::new();
    for lang in syntax::languages::ALL {
        let picked = choices.tests.among(lang.tests, |runner| runner.name);
        let Some(runner) = picked.tools.first().filter(|_| picked.is_named && is_here(lang)) else {
            continue;
        };
        if found.iter().all(|other| other.runner.name() != runner.name) {
            found.push(command(runner, choices, None, SURE));
        }
    }
    found
}

fn is_of(lang: &Language, path: &RelPath) -> bool {
    !is_foreign(path) && path.extension().is_some_and(|it| lang.extensions.contains(&it))
}

fn command(
    runner: &'static TestRunner,
    choices: &Choices,
    dir: Option<&RelPath>,
    confidence: u8,
) -> TestCommand {
    let filled = |argv: &&[&str]| -> Vec<String> {
        let own = |program: &&str| {
            let instead = choices.programs.instead_of(choices::name(program), dir);
            instead.unwrap_or_else(|| vec![(*program).to_owned()])
        };
        let program = argv.first().map(own).unwrap_or_default();
        program.into_iter().chain(argv.iter().skip(1).map(|arg| (*arg).to_owned())).collect()
    };
    TestCommand {
        runner: Runner::Known(runner),
        argv: filled(&runner.argv),
        build: runner.build.iter().map(filled).collect(),
        dir: dir.cloned(),
        source: Source::Detected,
        confidence,
    }
}

/// Projects below those of `commands` that are not part of them.
fn nested(snap: &Snapshot, choices: &Choices, commands: &[TestCommand]) -> Vec<TestCommand> {
    let mut found = Vec::new();
    for above in commands {
        let Runner::Known(runner) = above.runner else { continue };
        let Some(manifest) = runner.nested else { continue };
        let dirs = snap
            .files()
            .map(|file| &file.path)
            .filter(|path| path.file_name() == manifest && !is_foreign(path))
            .filter_map(RelPath::parent)
            .filter(|dir| above.dir.as_ref().is_none_or(|above| dir.starts_with(above)));
        for dir in dirs {
            let is_there = |command: &TestCommand| {
                command.runner == above.runner && command.dir.as_ref() == Some(&dir)
            };
            if !commands.iter().chain(&found).any(is_there) {
                found.push(command(runner, choices, Some(&dir), above.confidence));
            }
        }
    }
    found
}

fn project_folders(snap: &Snapshot) -> BTreeSet<RelPath> {
    snap.files()
        .filter(|file| is_manifest(&file.path) && !is_foreign(&file.path))
        .filter_map(|file| file.path.parent())
        .filter(|dir| dir.parts().count() <= MAX_DEPTH)
        .collect()
}

fn is_manifest(path: &RelPath) -> bool {
    MANIFESTS.contains(&path.file_name())
        || path.extension().is_some_and(|extension| MANIFEST_EXTENSIONS.contains(&extension))
}

/// Whether `marker` holds in the folder `dir` (`None`: the root).
pub(crate) fn holds(snap: &Snapshot, dir: Option<&RelPath>, marker: &Marker) -> bool {
    match *marker {
        Marker::File(name) => at(dir, name).is_some_and(|path| snap.contains(&path)),
        Marker::Contains { file, text } => {
            text_at(snap, dir, file).is_some_and(|found| found.contains(text))
        }
        Marker::Dependency(name) => package(snap, dir).is_some_and(|package| {
            ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]
                .iter()
                .any(|table| package.get(table).and_then(|table| table.get(name)).is_some())
        }),
        Marker::Script(text) => package(snap, dir).is_some_and(|package| {
            let scripts = package.get("scripts").and_then(serde_json::Value::as_object);
            scripts.is_some_and(|scripts| {
                scripts
                    .values()
                    .any(|script| script.as_str().is_some_and(|script| script.contains(text)))
            })
        }),
        Marker::Named(name) => Glob::new(name).is_ok_and(|glob| {
            let glob = glob.compile_matcher();
            snap.files()
                .map(|file| &file.path)
                .any(|path| path.parent().as_ref() == dir && glob.is_match(path.file_name()))
        }),
        Marker::All(markers) => markers.iter().all(|marker| holds(snap, dir, marker)),
        Marker::AnyFile { name, text } => any_file(snap, dir, name, text),
    }
}

fn any_file(snap: &Snapshot, dir: Option<&RelPath>, name: &str, text: &str) -> bool {
    let Ok(glob) = Glob::new(name).map(|glob| glob.compile_matcher()) else {
        return false;
    };
    snap.files()
        .map(|file| &file.path)
        .filter(|path| {
            dir.is_none_or(|dir| path.starts_with(dir))
                && !is_foreign(path)
                && glob.is_match(path.file_name())
        })
        .take(MAX_READ)
        .any(|path| text.is_empty() || snap.read(path).is_ok_and(|found| found.contains(text)))
}

fn is_foreign(path: &RelPath) -> bool {
    path.parts().any(|part| FOREIGN.contains(&part))
}

fn package(snap: &Snapshot, dir: Option<&RelPath>) -> Option<serde_json::Value> {
    serde_json::from_str(&text_at(snap, dir, "package.json")?).ok()
}

fn text_at(snap: &Snapshot, dir: Option<&RelPath>, name: &str) -> Option<std::sync::Arc<str>> {
    let path = at(dir, name)?;
    if snap.contains(&path) { snap.read(&path).ok() } else { None }
}

fn at(dir: Option<&RelPath>, name: &str) -> Option<RelPath> {
    match dir {
        Some(dir) => RelPath::parse(&format!("{dir}/{name}")).ok(),
        None => RelPath::parse(name).ok(),
    }
}
