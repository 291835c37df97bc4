//! Sources in some languages, made by chance. They are code in form, and mean nothing.

use std::fmt::Write as _;

use fixture::Random;

const VERBS: &[&str] =
    &["parse", "open", "close", "read", "write", "merge", "find", "split", "send"];
const NOUNS: &[&str] =
    &["date", "queue", "reader", "zone", "token", "index", "patch", "socket", "header", "value"];
const FOLDERS: &[&str] = &["", "core/", "core/io/", "lib/net/", "tests/", "docs/", "app/views/"];
const ENDINGS: &[&str] = &["py", "rs", "ts", "go", "java", "md", "c", "toml"];

/// A path that says what its text is written in.
pub(super) fn path(number: usize, random: &mut Random) -> String {
    let pick = |from: &[&'static str], random: &mut Random| from[random.below(from.len())];
    let (folder, noun) = (pick(FOLDERS, random), pick(NOUNS, random));
    format!("{folder}{noun}_{number}.{}", pick(ENDINGS, random))
}

/// The text of a file.
pub(super) fn text(path: &str, random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..2 + random.below(5) {
        let name = format!("{}_{}", VERBS[random.below(9)], NOUNS[random.below(10)]);
        text += &definition(path, &name, random);
    }
    text
}

/// A definition of `name`, as the file's language writes it.
pub(super) fn definition(path: &str, name: &str, random: &mut Random) -> String {
    let (noun, verb) = (NOUNS[random.below(10)], VERBS[random.below(9)]);
    let mut out = String::new();
    let ending = path.rsplit('.').next().unwrap_or_default();
    let made = match ending {
        "py" => write!(
            out,
            "def {name}({noun}):\n    \"\"\"Will {verb} the {noun}.\"\"\"\n    return {verb}_{noun}({noun})\n\n\n"
        ),
        "rs" => write!(
            out,
            "/// Will {verb} the {noun}.\npub fn {name}({noun}: u32) -> u32 {{\n    {verb}_{noun}({noun})\n}}\n\n"
        ),
        "ts" => write!(
            out,
            "/** Will {verb} the {noun}. */\nexport function {name}({noun}: string) {{\n  return {verb}_{noun}({noun});\n}}\n\n"
        ),
        "go" => write!(
            out,
            "// {name} will {verb} the {noun}.\nfunc {name}({noun} int) int {{\n\treturn {verb}_{noun}({noun})\n}}\n\n"
        ),
        "java" => write!(
            out,
            "/** Will {verb} the {noun}. */\nclass {name} {{\n  int {verb}(int {noun}) {{ return {noun}; }}\n}}\n\n"
        ),
        "c" => write!(
            out,
            "/* Will {verb} the {noun}. */\nint {name}(int {noun})\n{{\n    return {verb}_{noun}({noun});\n}}\n\n"
        ),
        "md" => write!(out, "# {name}\n\nHow to {verb} a {noun} in the reader.\n\n"),
        _ => write!(out, "[{name}]\n{noun} = \"{verb}\"\n\n"),
    };
    made.expect("a string takes all");
    out
}
