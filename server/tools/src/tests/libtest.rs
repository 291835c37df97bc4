//! Reads what `cargo test` prints, output and error stream in one.
//! Does not read the unstable JSON format, which stable toolchains do not have.

use super::Status;

/// One test of one binary.
pub(super) struct Raw {
    /// `crate` or integration test that holds it.
    pub(super) binary: String,
    /// `path::name`, or `src/lib.rs - item (line 3)` of a documentation test.
    pub(super) name: String,
    pub(super) status: Status,
    pub(super) message: String,
}

/// Tests in order; and the compiler's messages, when something did not compile.
pub(super) fn read(text: &str) -> (Vec<Raw>, Option<String>) {
    let mut cases: Vec<Raw> = Vec::new();
    let mut binary = String::new();
    let mut first_of_binary = 0;
    let mut lines = text.lines().peekable();
    let mut errors = String::new();
    let mut failed_to_compile = false;
    while let Some(line) = lines.next() {
        if let Some(started) = binary_of(line) {
            binary = started;
            first_of_binary = cases.len();
        } else if let Some((name, status)) = test_line(line, lines.peek().copied()) {
            cases.push(Raw {
                binary: binary.clone(),
                name: name.to_owned(),
                status,
                message: String::new(),
            });
        } else if let Some(name) =
            line.strip_prefix("---- ").and_then(|line| line.strip_suffix(" stdout ----"))
        {
            let mut message = Vec::new();
            while let Some(next) =
                lines.next_if(|next| !next.starts_with("---- ") && *next != "failures:")
            {
                message.push(next);
            }
            let case = cases[first_of_binary..].iter_mut().find(|case| case.name == name);
            if let Some(case) = case {
                case.message = message.join("\n").trim().to_owned();
            }
        } else if line.starts_with("error") {
            failed_to_compile |= line.starts_with("error: could not compile");
            errors.push_str(line);
            errors.push('\n');
            // `error: test failed, to rerun pass --lib` stands right above the next binary's name.
            while let Some(next) = lines.next_if(|next| {
                !next.trim().is_empty() && !next.starts_with("error") && binary_of(next).is_none()
            }) {
                errors.push_str(next);
                errors.push('\n');
            }
        }
    }
    (cases, failed_to_compile.then_some(errors))
}

/// `     Running unittests src/lib.rs (target/debug/deps/name-0123456789abcdef)`, `   Doc-tests name`.
fn binary_of(line: &str) -> Option<String> {
    let line = line.trim_start();
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(name.trim().to_owned());
    }
    let path = line.strip_prefix("Running ")?.rsplit_once('(')?.1.strip_suffix(')')?;
    let file = path.rsplit(['/', '\\']).next()?;
    let file = file.strip_suffix(".exe").unwrap_or(file);
    Some(file.rsplit_once('-').map_or(file, |(name, _)| name).to_owned())
}

/// `test path::name ... ok`. A test that prints past the capture may have its status at the start of the next line.
fn test_line<'a>(line: &'a str, next: Option<&str>) -> Option<(&'a str, Status)> {
    let (name, said) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let name = name.strip_suffix(" - should panic").unwrap_or(name);
    let status = |said: &str| match said.split([',', ' ']).next() {
        Some("ok") => Some(Status::Passed),
        Some("FAILED") => Some(Status::Failed),
        Some("ignored") => Some(Status::Skipped),
        _ => None,
    };
    let status = status(said.trim())
        .or_else(|| status(said.rsplit(' ').next().unwrap_or(said)))
        .or_else(|| next.filter(|next| matches!(*next, "ok" | "FAILED")).and_then(status))?;
    Some((name, status))
}

/// `src/lib.rs:10:9` of `panicked at src/lib.rs:10:9:`.
pub(super) fn panic_place(message: &str) -> Option<(&str, u32)> {
    let at = message.split_once("panicked at ")?.1.lines().next()?;
    // Before Rust 1.73: `panicked at 'text', src/lib.rs:10:9`.
    let at = at.rsplit(", ").next()?.trim_end_matches(':');
    let (rest, _column) = at.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    Some((file, line.parse().ok()?))
}
