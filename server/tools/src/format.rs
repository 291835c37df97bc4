//! Formats a changed file with the project's own formatter, in the sandbox, text in and text out.
//! Does not reformat what was not formatted before: that would bury the change.

#[cfg(test)]
mod tests;

use base::{AbsPathBuf, RelPath, Verdict};
use sandbox::{Job, Limits, Sandbox};
use syntax::{Choice, Formatter, Language, Pick};
use tokio_util::sync::CancellationToken;
use tracing::instrument;
use vfs::Snapshot;

use crate::{
    choices::Choices,
    output::{plain, tail},
    parse,
    tests::holds,
};

/// Longest time for one file, in milliseconds.
const TIMEOUT_MS: u64 = 20_000;
/// Why a file is left alone.
const LEFT_ALONE: &str = "left as it is: the file was not formatted before";
/// Edition of a crate whose manifest says none: cargo's rule.
const OLDEST_EDITION: &str = "2015";
/// Edition of a file that no manifest is above.
const USUAL_EDITION: &str = "2021";

/// What came of formatting one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    /// `Clean`: formatted, or rightly left alone. `NoAnswer`: not tried, or the formatter failed.
    pub verdict: Verdict,
    /// The formatted text, when it differs from the given one.
    pub text: Option<String>,
    /// Why a file was left as it is, or what a failing formatter said.
    pub detail: Option<String>,
}

/// Which file to format.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Where it is or will be.
    pub path: &'a RelPath,
    /// Its text before the change; `None` for a new file, which is always formatted.
    pub before: Option<&'a str>,
    /// Its text now.
    pub after: &'a str,
}

/// The formatter of one file.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its name.
    pub name: &'static str,
    /// The program, and arguments that are a part of it.
    pub program: Vec<String>,
    /// Program and arguments.
    pub command: Vec<String>,
}

/// The formatter for the file `path` with this text.
///
/// The one that the project has a configuration for is taken; when it is not installed, no other takes its place.
/// Without any configuration it is the first one installed of those that need none.
///
/// # Errors
/// Why there is none.
pub fn find(
    sandbox: &Sandbox,
    root: &AbsPathBuf,
    snap: &Snapshot,
    choices: &Choices,
    path: &RelPath,
    text: &str,
) -> Result<Found, String> {
    let lang = syntax::detect(path, Some(text))
        .ok_or_else(|| format!("no formatter is known for `{path}`"))?;
    let find =
        |formatter: &Formatter| choices.programs.find(sandbox, root, None, formatter.argv.first()?);
    let (formatter, program) = choose(lang, snap, &choices.format, &find)?;
    let command = argv(formatter, program.clone(), path, snap);
    Ok(Found { name: formatter.name, program, command })
}

/// Formats `source.after`.
///
/// The formatter's output is accepted when it ends with code 0 and the output parses no worse than the input.
#[instrument(name = "tool", skip_all, fields(name = "format"))]
pub async fn format(
    sandbox: &Sandbox,
    root: &AbsPathBuf,
    found: &Found,
    source: Source<'_>,
    cancel: &CancellationToken,
) -> Formatted {
    let (tool, argv) = (found.name, found.command.as_slice());
    let out = match start(sandbox, root, argv, source.after, cancel).await {
        Ok(out) => out,
        Err(Failure::NotRun(why)) => return no_answer(why),
        Err(Failure::Refused(said)) => {
            let mut res = no_answer(format!("{tool} does not accept the file"));
            res.detail = Some(said);
            return res;
        }
    };
    let clean = |text, detail| Formatted { verdict: Verdict::Clean, text, detail };
    if out == source.after {
        return clean(None, None);
    }
    // An ignored file, or a broken formatter: an end in good order that would empty the file.
    if out.trim().is_empty() && !source.after.trim().is_empty() {
        return no_answer(format!("{tool} wrote nothing"));
    }
    if let Some(before) = source.before {
        match start(sandbox, root, argv, before, cancel).await {
            Ok(out) if out == before => {}
            // What the formatter cannot read was not formatted by it either.
            Ok(_) | Err(Failure::Refused(_)) => return clean(None, Some(LEFT_ALONE.to_owned())),
            Err(Failure::NotRun(why)) => return no_answer(why),
        }
    }
    if let Verdict::Findings(findings) = parse::check(Some(source.after), &out, source.path) {
        let mut res = no_answer(format!("{tool} wrote text that does not parse"));
        res.detail = Some(findings.join("\n"));
        return res;
    }
    clean(Some(out), None)
}

fn no_answer(why: String) -> Formatted {
    Formatted { verdict: Verdict::NoAnswer(why), text: None, detail: None }
}

/// The formatter to use and its program, which `find` looks up; or why there is none.
fn choose(
    lang: &'static Language,
    snap: &Snapshot,
    pick: &Pick,
    find: &dyn Fn(&Formatter) -> Option<Vec<String>>,
) -> Result<(&'static Formatter, Vec<String>), String> {
    if lang.formatters.is_empty() {
        return Err(format!("no formatter is known for {}", lang.name));
    }
    let picked = pick.among(lang.formatters, |formatter| formatter.name);
    if picked.tools.is_empty() {
        return Err(format!("the settings leave out every formatter for {}", lang.name));
    }
    let is_configured = |formatter: &&Formatter| {
        formatter
            .config_files
            .iter()
            .any(|name| RelPath::parse(name).is_ok_and(|path| snap.contains(&path)))
            || formatter.markers.iter().any(|marker| holds(snap, None, marker))
    };
    let configured = picked.tools.iter().copied().find(is_configured);
    // One that is named needs no configuration.
    let named = picked.tools.first().copied().filter(|_| picked.is_named);
    if let Some(formatter) = configured.or(named) {
        return match find(formatter) {
            Some(program) => Ok((formatter, program)),
            None => Err(format!("{}, which the project uses, is not installed", formatter.name)),
        };
    }
    let all = || picked.tools.iter().copied();
    let usual = || all().filter(|formatter| formatter.choice == Choice::Usual);
    let installed = usual().find_map(|formatter| Some((formatter, find(formatter)?)));
    installed.ok_or_else(|| {
        let names: Vec<&str> = usual().map(|formatter| formatter.name).collect();
        if names.is_empty() {
            let names: Vec<&str> = all().map(|formatter| formatter.name).collect();
            return format!("the project does not configure {}", names.join(" or "));
        }
        let verb = if names.len() == 1 { "is" } else { "are" };
        format!("{} {verb} not installed", names.join(" and "))
    })
}

fn argv(
    formatter: &Formatter,
    program: Vec<String>,
    path: &RelPath,
    snap: &Snapshot,
) -> Vec<String> {
    let rest = formatter.argv.iter().skip(1);
    let fill = |arg: &&str| {
        if *arg == "{edition}" { edition(path, snap) } else { arg.replace("{path}", path.as_str()) }
    };
    program.into_iter().chain(rest.map(fill)).collect()
}

/// The Rust edition of the crate that holds `path`: from the nearest manifest, or from the workspace's.
fn edition(path: &RelPath, snap: &Snapshot) -> String {
    let mut folder = path.parent();
    loop {
        let name =
            folder.as_ref().map_or("Cargo.toml".to_owned(), |dir| format!("{dir}/Cargo.toml"));
        let manifest = RelPath::parse(&name).ok().and_then(|path| snap.read(&path).ok());
        if let Some(manifest) = manifest.and_then(|text| text.parse::<toml::Table>().ok()) {
            let own = manifest.get("package").and_then(|package| package.get("edition"));
            let shared = manifest
                .get("workspace")
                .and_then(|workspace| workspace.get("package")?.get("edition"));
            // `edition.workspace = true` is a table: the answer is further up.
            if let Some(edition) =
                own.and_then(toml::Value::as_str).or(shared.and_then(toml::Value::as_str))
            {
                return edition.to_owned();
            }
            if manifest.contains_key("package") && own.is_none() {
                return OLDEST_EDITION.to_owned();
            }
        }
        let Some(dir) = folder else {
            return USUAL_EDITION.to_owned();
        };
        folder = dir.parent();
    }
}

enum Failure {
    /// It ran and ended with another code than 0: what it said.
    Refused(String),
    /// It did not run to its end: why.
    NotRun(String),
}

async fn start(
    sandbox: &Sandbox,
    root: &AbsPathBuf,
    argv: &[String],
    text: &str,
    cancel: &CancellationToken,
) -> Result<String, Failure> {
    let program = argv.first().map_or("", String::as_str);
    let mut job = Job::new(root.clone(), argv.to_vec());
    job.stdin = text.as_bytes().to_vec();
    job.limits = Limits {
        wall_ms: TIMEOUT_MS,
        output_bytes: usize::try_from(2 * vfs::MAX_FILE_BYTES).expect("a megabyte fits") * 2,
        ..Limits::default()
    };
    let outcome = match sandbox.run(&job, cancel).await {
        Ok(outcome) => outcome,
        Err(err) => return Err(Failure::NotRun(err.to_string())),
    };
    match outcome.end {
        sandbox::End::Exit(0) if !outcome.truncated => String::from_utf8(outcome.stdout)
            .map_err(|_| Failure::Refused("its output is not UTF-8".to_owned())),
        sandbox::End::Exit(0) => Err(Failure::Refused("its output is too long".to_owned())),
        sandbox::End::Exit(127) => Err(Failure::NotRun(format!("`{program}` is not installed"))),
        sandbox::End::Exit(_) => Err(Failure::Refused(tail(&plain(&outcome.stderr), 2_000))),
        sandbox::End::Timeout => {
            Err(Failure::NotRun(format!("`{program}` ran longer than {} s", TIMEOUT_MS / 1000)))
        }
        end => Err(Failure::NotRun(format!("`{program}` was ended: {end:?}"))),
    }
}
