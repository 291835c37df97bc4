//! What Maven and Gradle leave: a JUnit report for each class of tests, and the compiler's errors in their output.
//! Does not read what else they say: a run that ends badly without a failing test is no answer.

use std::collections::BTreeMap;

use base::RelPath;

use super::{
    MESSAGE_BYTES, junit,
    report::{Cases, Cx, put, put_built, put_unbuilt},
};
use crate::output::head;

/// Frames of a stack that are of no use to somebody who mends the project.
const FOREIGN_FRAMES: [&str; 8] = [
    "java.",
    "jdk.",
    "sun.",
    "org.junit.",
    "junit.",
    "org.opentest4j.",
    "org.apache.maven.",
    "org.gradle.",
];

/// `package.Class#method`, with its parameters where it has some; a class that could not be loaded is `package.Class`.
pub(super) fn cases(cx: &Cx<'_>, bytes: &[u8]) -> Result<Cases, String> {
    let raw = junit::read(bytes)?;
    let mut cases = Cases::new();
    match compile_errors(cx) {
        // Without a compiler nothing compiles, whatever the patch is.
        Some(errors) if errors.contains("No compiler is provided") => {}
        Some(errors) => {
            put_unbuilt(cx, &mut cases, &errors);
        }
        None if raw.is_empty() => {}
        None => put_built(&mut cases),
    }
    let sources = Sources::of(cx);
    for raw in raw {
        // Gradle writes `adds()` where Maven writes `adds`.
        let name = raw.name.strip_suffix("()").unwrap_or(&raw.name);
        let id = match name {
            "" => raw.class.clone(),
            name if name == raw.class => raw.class.clone(),
            name => format!("{}#{name}", raw.class),
        };
        let message = without_foreign_frames(&raw.message);
        let place = sources.place(&raw.class, &message);
        let line = place.as_ref().map(|(_, line)| *line);
        let file = place.map(|(file, _)| file).or_else(|| sources.of_class(&raw.class));
        put(&mut cases, id, raw.status, message, file, line);
    }
    Ok(cases)
}

/// The compiler's messages, where compiling failed.
fn compile_errors(cx: &Cx<'_>) -> Option<String> {
    let says = |text: &str| cx.stdout.contains(text) || cx.stderr.contains(text);
    if !["COMPILATION ERROR", "Compilation failure", "Compilation failed", "Compilation error"]
        .iter()
        .any(|text| says(text))
    {
        return None;
    }
    let is_error = |line: &&str| {
        line.starts_with("[ERROR] ") || line.contains(": error: ") || line.starts_with("e: ")
    };
    let mut errors: Vec<&str> = Vec::new();
    for line in cx.stdout.lines().chain(cx.stderr.lines()).filter(is_error) {
        let line = line.strip_prefix("[ERROR] ").unwrap_or(line).trim_end();
        // Maven says each twice, and then how to ask it for more.
        if line.starts_with("Failed to execute goal") || line.starts_with("-> [Help") {
            break;
        }
        if !line.starts_with("COMPILATION ERROR") && !errors.contains(&line) {
            errors.push(line);
        }
    }
    Some(errors.join("\n"))
}

fn without_foreign_frames(message: &str) -> String {
    let is_ours = |line: &&str| {
        frame(line)
            .is_none_or(|frame| !FOREIGN_FRAMES.iter().any(|package| frame.starts_with(package)))
    };
    head(&message.lines().filter(is_ours).collect::<Vec<_>>().join("\n"), MESSAGE_BYTES - 3)
}

/// `java.util.ArrayList.forEach(ArrayList.java:1511)` of `at java.base/java.util.ArrayList.forEach(ArrayList.java:1511)`.
fn frame(line: &str) -> Option<&str> {
    let frame = line.trim().strip_prefix("at ")?;
    // The module, or the class loader.
    Some(frame.rsplit_once('/').map_or(frame, |(_, frame)| frame))
}

/// The workspace's source files by name.
struct Sources<'a>(BTreeMap<&'a str, Vec<&'a RelPath>>);

impl<'a> Sources<'a> {
    fn of(cx: &Cx<'a>) -> Sources<'a> {
        let mut files: BTreeMap<&str, Vec<&RelPath>> = BTreeMap::new();
        for file in cx.snap.files() {
            let path = &file.path;
            let is_inside = cx.dir.is_none_or(|dir| path.starts_with(dir));
            if is_inside && matches!(path.extension(), Some("java" | "kt" | "groovy" | "scala")) {
                files.entry(path.file_name()).or_default().push(path);
            }
        }
        Sources(files)
    }

    /// The file `name` in the folder of `class`'s package: a class that is not public may be in any file of it.
    fn find(&self, class: &str, name: &str) -> Option<RelPath> {
        let package = class.rsplit_once('.').map_or("", |(package, _)| package).replace('.', "/");
        let in_package = |path: &&&RelPath| {
            let folder = path.as_str().strip_suffix(name).unwrap_or_default().trim_end_matches('/');
            package.is_empty() || folder == package || folder.ends_with(&format!("/{package}"))
        };
        self.0.get(name)?.iter().find(in_package).map(|path| (*path).clone())
    }

    fn of_class(&self, class: &str) -> Option<RelPath> {
        let name = class.rsplit('.').next()?.split('$').next()?;
        ["java", "kt", "groovy", "scala"]
            .iter()
            .find_map(|extension| self.find(class, &format!("{name}.{extension}")))
    }

    /// The line of the test's class in a stack: `at demo.CalcTest.adds(CalcTest.java:20)`.
    fn place(&self, class: &str, message: &str) -> Option<(RelPath, u32)> {
        message.lines().filter_map(frame).filter(|frame| frame.starts_with(class)).find_map(
            |frame| {
                let (name, line) = frame.split_once('(')?.1.strip_suffix(')')?.split_once(':')?;
                Some((self.find(class, name)?, line.parse().ok()?))
            },
        )
    }
}
