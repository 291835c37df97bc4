//! Measures the check of a change: the syntax errors of a file of 5,000 lines, `cargo bench -p syntax --no-default-features`. It
//! checks no more than that the file is what it should be.

use std::fmt::Write;
use std::hint::black_box;

use base::RelPath;
use divan::Bencher;

const LINES: usize = 5_000;

/// A file name, a function of some lines, and what is wrong in a broken one.
const LANGUAGES: [(&str, &str, &str); 4] = [
    (
        "a.rs",
        "/// Adds up.\nfn sum_N(values: &[u64], limit: Option<u64>) -> Result<u64, String> {\n    let mut total = N;\n    for value in values {\n        total += value;\n        if limit.is_some_and(|limit| limit < total) {\n            return Err(format!(\"too much: {total}\"));\n        }\n    }\n    Ok(total)\n}\n\n",
        "fn broken( {\n",
    ),
    (
        "a.py",
        "def sum_N(values, limit=None):\n    \"\"\"Adds up.\"\"\"\n    total = N\n    for value in values:\n        total += value\n        if limit is not None and limit < total:\n            raise ValueError(f\"too much: {total}\")\n    return total\n\n\n",
        "def broken(:\n",
    ),
    (
        "a.ts",
        "/** Adds up. */\nexport function sum_N(values: number[], limit?: number): number {\n  let total = N;\n  for (const value of values) {\n    total += value;\n    if (limit !== undefined && limit < total) {\n      throw new Error(`too much: ${total}`);\n    }\n  }\n  return total;\n}\n\n",
        "function broken( {\n",
    ),
    (
        "a.js",
        "/** Adds up. */\nexport function sum_N(values, limit) {\n  let total = N;\n  for (const value of values) {\n    total += value;\n    if (limit !== undefined && limit < total) {\n      throw new Error(`too much: ${total}`);\n    }\n  }\n  return total;\n}\n\n",
        "function broken( {\n",
    ),
];

fn main() {
    divan::main();
}

#[divan::bench(args = [0, 1, 2, 3])]
fn sound(bencher: Bencher<'_, '_>, language: usize) {
    bench(bencher, language, false);
}

#[divan::bench(args = [0, 1, 2, 3])]
fn broken(bencher: Bencher<'_, '_>, language: usize) {
    bench(bencher, language, true);
}

fn bench(bencher: Bencher<'_, '_>, language: usize, is_broken: bool) {
    let (path, function, wrong) = LANGUAGES[language];
    let mut text = String::new();
    let mut n_lines = 0;
    for number in 0.. {
        if LINES <= n_lines {
            break;
        }
        if is_broken && number == 200 {
            text.push_str(wrong);
        }
        write!(text, "{}", function.replace('N', &number.to_string())).expect("memory takes it");
        n_lines += function.matches('\n').count();
    }
    let path = RelPath::parse(path).expect("a plain name");
    let lang = syntax::detect(&path, Some(&text)).expect("a language that is always there");
    let errors = || syntax::errors(lang, black_box(&text)).expect("it is short");
    assert_eq!(!errors().is_empty(), is_broken);
    bencher.bench(errors);
}
