//! `cargo xtask eval escapes`: every attack of `server/sandbox/tests/it/attacks/` against no sandbox, bubblewrap alone and each level
//! of the sandbox, as this user and, if that is root, as an ordinary one too. The attacks and their judge are
//! `server/sandbox/examples/escapes`; here it is built and started, and the table made.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;

use crate::bench::table::table;
use crate::command;
use crate::steps::Steps;
use crate::system;

#[cfg(test)]
mod tests;

/// Options of `eval escapes`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only attacks whose name contains this
    #[arg(long, default_value = "")]
    only: String,
    /// The ordinary user, by number, if this is started as root
    #[arg(long, default_value_t = 65534)]
    uid: u32,
    /// Also write the table to this file
    #[arg(long)]
    report: Option<PathBuf>,
}

/// See `server/sandbox/tests/it/attacks/suite.py`.
const KINDS: [&str; 4] = ["attack", "burden", "endless", "bomb"];

/// What the program says.
#[derive(Debug, Deserialize)]
struct Report {
    uid: u32,
    mechanisms: Vec<Mechanism>,
    attacks: Vec<Attack>,
    /// What is left of temporary files.
    left: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Mechanism {
    name: String,
    what: String,
    is_default: bool,
}

#[derive(Debug, Deserialize)]
struct Attack {
    name: String,
    kind: String,
    verdicts: Vec<Verdict>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Held,
    Leak(String),
    LeftOut,
    NoAnswer(String),
}

/// # Errors
/// It cannot be built or started, or the sandbox that users of this machine get does not hold.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let mut steps = Steps::default();
    steps.step("system packages", system::ensure)?;
    let built = steps.step("build", || build(root))?;
    // Where others may read it, which a folder for builds need not be.
    let own = tempfile::Builder::new().permissions(Permissions::from_mode(0o755)).tempdir()?;
    let mut programs = Vec::new();
    for file in built {
        let copy = own.path().join(file.file_name().context("it is a file")?);
        fs::copy(&file, &copy).with_context(|| file.display().to_string())?;
        programs.push(copy);
    }
    let is_root = rustix::process::getuid().is_root();
    let users: Vec<Option<u32>> =
        std::iter::once(None).chain(is_root.then_some(Some(options.uid))).collect();
    let reports =
        steps.step("attacks", || reports(own.path(), &programs, &options.only, &users))?;
    let text = reports_table(&reports);
    print!("{text}");
    if let Some(path) = &options.report {
        fs::write(path, &text)?;
    }
    let broken: Vec<String> = reports.iter().flat_map(findings).collect();
    ensure!(broken.is_empty(), "the sandbox does not hold here:\n{}", broken.join("\n"));
    Ok(())
}

/// The helper and the program.
fn build(root: &Path) -> Result<Vec<PathBuf>> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "-p", "sandbox", "--bin", "sandbox-helper", "--example", "escapes"]);
    command::run(cargo.current_dir(root))?;
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    Ok(["sandbox-helper", "examples/escapes"].map(|name| folder.join("debug").join(name)).into())
}

/// One report for each user. Kinds and users at the same time: most attacks wait for something.
fn reports(
    own: &Path,
    programs: &[PathBuf],
    only: &str,
    users: &[Option<u32>],
) -> Result<Vec<Report>> {
    let of_user = |user: Option<u32>| {
        std::thread::scope(|scope| {
            let all =
                KINDS.map(|kind| scope.spawn(move || report(own, programs, (kind, only), user)));
            all.map(|report| report.join().expect("it does not panic"))
        })
    };
    let all: Vec<_> = std::thread::scope(|scope| {
        let all: Vec<_> = users.iter().map(|user| scope.spawn(move || of_user(*user))).collect();
        all.into_iter().map(|user| user.join().expect("it does not panic")).collect()
    });
    let mut merged = Vec::new();
    for kinds in all {
        let mut kinds = kinds.into_iter().collect::<Result<Vec<Report>>>()?.into_iter();
        let mut report = kinds.next().expect("there are kinds");
        for kind in kinds {
            report.attacks.extend(kind.attacks);
            report.left.extend(kind.left);
        }
        ensure!(!report.attacks.is_empty(), "no attack has such a name");
        merged.push(report);
    }
    Ok(merged)
}

/// One run of the program. `user`: another one than this.
fn report(
    own: &Path,
    programs: &[PathBuf],
    (kind, only): (&str, &str),
    user: Option<u32>,
) -> Result<Report> {
    let temporary = own.join(format!("{kind}-{}", user.unwrap_or_default()));
    fs::create_dir(&temporary)?;
    let mut run = match user {
        Some(uid) => {
            chown(&temporary, Some(uid), Some(uid))?;
            let mut run = Command::new("setpriv");
            run.args([
                format!("--reuid={uid}"),
                format!("--regid={uid}"),
                "--clear-groups".to_owned(),
            ]);
            run.arg(&programs[1]).env("HOME", "/nonexistent");
            run
        }
        None => Command::new(&programs[1]),
    };
    run.arg(&programs[0]).args([kind, only]).current_dir("/").env("TMPDIR", &temporary);
    // Not one that could have been left by an earlier run.
    run.env("HOST_SECRET", format!("BATON-SECRET-{}", std::process::id()));
    let output = run.stderr(Stdio::inherit()).output().context("cannot start the attacks")?;
    ensure!(output.status.success(), "the attacks broke off: {}", output.status);
    serde_json::from_slice(&output.stdout).context("the attacks print no report")
}

fn reports_table(reports: &[Report]) -> String {
    let mut titles = vec!["attack".to_owned(), "kind".to_owned()];
    for report in reports {
        let user = if report.uid == 0 { "root".to_owned() } else { report.uid.to_string() };
        titles.extend(
            report.mechanisms.iter().map(|mechanism| format!("{user}: {}", mechanism.name)),
        );
    }
    let mut rows = vec![titles];
    for (idx, attack) in reports[0].attacks.iter().enumerate() {
        let verdicts = reports
            .iter()
            .filter_map(|report| report.attacks.get(idx))
            .flat_map(|attack| &attack.verdicts);
        let names = [attack.name.clone(), attack.kind.clone()];
        rows.push(names.into_iter().chain(verdicts.map(cell)).collect());
    }
    let columns = reports
        .iter()
        .flat_map(|report| (0..report.mechanisms.len()).map(move |column| (report, column)));
    let leaks = columns.map(|(report, column)| {
        let cells = report.attacks.iter().map(|attack| &attack.verdicts[column]);
        cells.filter(|verdict| matches!(verdict, Verdict::Leak(_))).count().to_string()
    });
    rows.push(["leaks".to_owned(), String::new()].into_iter().chain(leaks).collect());
    let mut text = table(&rows);
    text.push_str("\n`·` held, **L** got through, `-` left out, as nothing would end it there, `?` no answer\n");
    for mechanism in reports.iter().flat_map(|report| &report.mechanisms) {
        let line = format!("- {}: {}\n", mechanism.name, mechanism.what);
        if !text.contains(&line) {
            text.push_str(&line);
        }
    }
    text
}

fn cell(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Held => "·",
        Verdict::Leak(_) => "**L**",
        Verdict::LeftOut => "-",
        Verdict::NoAnswer(_) => "?",
    }
    .to_owned()
}

/// What is wrong with the sandbox that users get. No answer is no wall.
fn findings(report: &Report) -> Vec<String> {
    let uid = report.uid;
    let Some(column) = report.mechanisms.iter().position(|mechanism| mechanism.is_default) else {
        return vec![format!("user {uid}: there is none")];
    };
    let mut findings = Vec::new();
    for attack in &report.attacks {
        match &attack.verdicts[column] {
            Verdict::Leak(what) => findings.push(format!("user {uid}: {}: {what}", attack.name)),
            Verdict::NoAnswer(why) => {
                findings.push(format!("user {uid}: {}: no answer: {why}", attack.name))
            }
            Verdict::Held | Verdict::LeftOut => {}
        }
    }
    let name = &report.mechanisms[column].name;
    if name == "off" {
        findings.push(format!("user {uid}: nothing confines a command but `{name}`"));
    }
    findings.extend(
        report.left.iter().map(|name| format!("user {uid}: {name} is left of temporary files")),
    );
    findings
}
