//! Writes files of source that look like those of people: imports, types with methods, functions of all lengths, documentation on
//! some of them, calls from one to the other. They parse; they mean nothing.

use std::fmt::Write as _;
use std::ops::Range;

use crate::random::Random;
use crate::vocabulary::Vocabulary;

/// Lines of a function's body: half of the functions have fewer.
const BODY_LINES: f64 = 6.0;
/// The longest ones are cut here.
const MAX_LINES: usize = 120;

/// How a language writes what every language has. `{n}` is a name, `{p}` parameters, `{o}` the type around, `{x}` and `{y}` values.
pub(crate) struct Language {
    pub(crate) extension: &'static str,
    comment: &'static str,
    import: &'static str,
    type_open: &'static str,
    type_close: &'static str,
    function: &'static str,
    method: &'static str,
    /// Methods stand inside of their type.
    is_nested: bool,
    close: &'static str,
    let_: &'static str,
    if_: &'static str,
    for_: &'static str,
    block_close: &'static str,
    return_: &'static str,
    end: &'static str,
    param: &'static str,
    is_snake: bool,
}

pub(crate) const ALL: &[Language] = &[
    Language {
        extension: "py",
        comment: "# ",
        import: "from {o} import {n}",
        type_open: "class {n}:",
        type_close: "",
        function: "def {n}({p}):",
        method: "def {n}(self, {p}):",
        is_nested: true,
        close: "",
        let_: "{n} = {x}",
        if_: "if {x} < {y}:",
        for_: "for {n} in {x}:",
        block_close: "",
        return_: "return {x}",
        end: "",
        param: "{n}",
        is_snake: true,
    },
    Language {
        extension: "rs",
        comment: "/// ",
        import: "use crate::{o}::{n};",
        type_open: "impl {n} {",
        type_close: "}",
        function: "pub fn {n}({p}) -> Result<usize, Error> {",
        method: "pub fn {n}(&self, {p}) -> usize {",
        is_nested: true,
        close: "}",
        let_: "let {n} = {x}",
        if_: "if {x} < {y} {",
        for_: "for {n} in {x} {",
        block_close: "}",
        return_: "return {x}",
        end: ";",
        param: "{n}: &str",
        is_snake: true,
    },
    Language {
        extension: "ts",
        comment: "// ",
        import: "import { {n} } from './{o}';",
        type_open: "export class {n} {",
        type_close: "}",
        function: "export function {n}({p}): number {",
        method: "{n}({p}): number {",
        is_nested: true,
        close: "}",
        let_: "const {n} = {x}",
        if_: "if ({x} < {y}) {",
        for_: "for (const {n} of {x}) {",
        block_close: "}",
        return_: "return {x}",
        end: ";",
        param: "{n}: string",
        is_snake: false,
    },
    Language {
        extension: "go",
        comment: "// ",
        import: "import \"{o}/{n}\"",
        type_open: "type {n} struct {",
        type_close: "}",
        function: "func {n}({p}) int {",
        method: "func (s *{o}) {n}({p}) int {",
        is_nested: false,
        close: "}",
        let_: "{n} := {x}",
        if_: "if {x} < {y} {",
        for_: "for _, {n} := range {x} {",
        block_close: "}",
        return_: "return {x}",
        end: "",
        param: "{n} string",
        is_snake: false,
    },
    Language {
        extension: "java",
        comment: "// ",
        import: "import {o}.{n};",
        type_open: "public class {n} {",
        type_close: "}",
        function: "class {n}Task { int run({p}) {",
        method: "public int {n}({p}) {",
        is_nested: true,
        close: "}",
        let_: "var {n} = {x}",
        if_: "if ({x} < {y}) {",
        for_: "for (var {n} : {x}) {",
        block_close: "}",
        return_: "return {x}",
        end: ";",
        param: "String {n}",
        is_snake: false,
    },
    Language {
        extension: "c",
        comment: "// ",
        import: "#include \"{o}/{n}.h\"",
        type_open: "struct {n} {",
        type_close: "};",
        function: "static int {n}({p}) {",
        method: "int {n}(struct {o} *self, {p}) {",
        is_nested: false,
        close: "}",
        let_: "int {n} = {x}",
        if_: "if ({x} < {y}) {",
        for_: "while ({x}) {",
        block_close: "}",
        return_: "return {x}",
        end: ";",
        param: "char *{n}",
        is_snake: true,
    },
];

/// What a file defines.
pub(crate) struct Defined {
    pub(crate) name: String,
    /// Its words with blanks between.
    pub(crate) words: String,
    /// What its documentation says; empty without.
    pub(crate) doc: String,
}

/// A file in the making.
pub(crate) struct Source<'a> {
    language: &'a Language,
    vocabulary: &'a Vocabulary<'a>,
    random: &'a mut Random,
    /// Names that the project has defined so far.
    known: &'a [String],
    text: String,
    defined: Vec<Defined>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(
        language: &'a Language,
        vocabulary: &'a Vocabulary<'a>,
        random: &'a mut Random,
        known: &'a [String],
    ) -> Source<'a> {
        Source { language, vocabulary, random, known, text: String::new(), defined: Vec::new() }
    }

    /// A file with about `n_defined` definitions, and what they are.
    pub(crate) fn write(mut self, n_defined: usize) -> (String, Vec<Defined>) {
        for _ in 0..1 + self.random.below(6) {
            let (name, from) = (self.name(), self.vocabulary.word(self.random));
            let line = fill(self.language.import, &name, &from, "");
            self.line(0, &line);
        }
        self.text.push('\n');
        while self.defined.len() < n_defined {
            if self.random.chance(0.25) { self.type_() } else { self.function(0, None) }
        }
        (self.text, self.defined)
    }

    fn type_(&mut self) {
        let words = self.vocabulary.name(self.random);
        let name = pascal(&words);
        self.documentation(0, &name, &words);
        let open = fill(self.language.type_open, &name, "", "");
        self.line(0, &open);
        let n_methods = 1 + self.random.below(6);
        if !self.language.is_nested {
            for _ in 0..1 + self.random.below(5) {
                let field = self.name();
                let field = fill(self.language.param, &field, "", "");
                let end = if self.language.extension == "c" { ";" } else { "" };
                self.line(1, &format!("{field}{end}"));
            }
            self.line(0, self.language.type_close);
        }
        for _ in 0..n_methods {
            self.function(usize::from(self.language.is_nested), Some(&name));
        }
        if self.language.is_nested && !self.language.type_close.is_empty() {
            self.line(0, self.language.type_close);
        }
        self.text.push('\n');
    }

    /// `owner`: the type that it is a method of.
    fn function(&mut self, depth: usize, owner: Option<&str>) {
        let words = self.vocabulary.name(self.random);
        let name = self.cased(&words);
        self.documentation(depth, &name, &words);
        let n_params = 1 + self.random.below(3);
        let params: Vec<String> =
            (0..n_params).map(|_| fill(self.language.param, &self.name(), "", "")).collect();
        let language = self.language;
        let form = if owner.is_some() { language.method } else { language.function };
        let open = fill(form, &name, owner.unwrap_or_default(), "");
        self.line(depth, &open.replace("{p}", &params.join(", ")));
        let n_lines = self.random.skewed(BODY_LINES, 0.9).clamp(1, MAX_LINES);
        self.body(depth + 1, n_lines);
        let returned = self.value();
        let returned = fill(language.return_, "", "", &returned);
        self.line(depth + 1, &format!("{returned}{}", language.end));
        // A task is a class with one method.
        let twice = if owner.is_none() && language.extension == "java" { " }" } else { "" };
        if !language.close.is_empty() {
            self.line(depth, &format!("{}{twice}", language.close));
        }
        self.text.push('\n');
    }

    fn body(&mut self, depth: usize, n_lines: usize) {
        let Language { let_, if_, for_, block_close, end, .. } = *self.language;
        let mut left = n_lines;
        while 0 < left {
            left -= 1;
            let (name, value) = (self.name(), self.value());
            if self.random.chance(0.2) && depth < 5 {
                let form = if self.random.chance(0.6) { if_ } else { for_ };
                let other = self.name();
                let open = fill(form, &name, "", &value).replace("{y}", &other);
                self.line(depth, &open);
                let inner = 1 + self.random.below(4).min(left);
                self.body(depth + 1, inner);
                left = left.saturating_sub(inner);
                if !block_close.is_empty() {
                    self.line(depth, block_close);
                }
            } else if self.random.chance(0.06) {
                let said = self.sentence(3..9);
                let comment = self.language.comment.replace("///", "//");
                self.line(depth, &format!("{comment}{said}"));
            } else if self.random.chance(0.3) {
                self.line(depth, &format!("{value}{end}"));
            } else {
                let line = fill(let_, &name, "", &value);
                self.line(depth, &format!("{line}{end}"));
            }
        }
    }

    fn documentation(&mut self, depth: usize, name: &str, words: &[String]) {
        let mut doc = String::new();
        if self.random.chance(0.45) {
            let said = self.sentence(4..13);
            doc = format!("{} the {said}", words.join(" "));
            let comment = self.language.comment;
            self.line(depth, &format!("{comment}{doc}."));
            for _ in 0..self.random.below(3) {
                let said = self.sentence(6..14);
                self.line(depth, &format!("{comment}{said}."));
            }
        }
        self.defined.push(Defined { name: name.to_owned(), words: words.join(" "), doc });
    }

    /// `n_words`: how many there can be.
    fn sentence(&mut self, n_words: Range<usize>) -> String {
        const PROSE: &[&str] = &["the", "of", "a", "and", "to", "in", "for", "with", "when", "is"];
        let n_words = n_words.start + self.random.below(n_words.len());
        let words: Vec<String> = (0..n_words)
            .map(|_| match self.random.chance(0.4) {
                true => self.random.pick(PROSE).to_owned(),
                false => self.vocabulary.word(self.random),
            })
            .collect();
        words.join(" ")
    }

    /// A call, a name or a number.
    fn value(&mut self) -> String {
        if self.random.chance(0.15) {
            return self.random.below(1000).to_string();
        }
        if self.random.chance(0.25) {
            return self.name();
        }
        // Half of the calls are to what the project has.
        let called = match !self.known.is_empty() && self.random.chance(0.5) {
            true => self.known[self.random.zipf(self.known.len())].clone(),
            false => self.name(),
        };
        let args: Vec<String> = (0..self.random.below(3)).map(|_| self.name()).collect();
        let object =
            if self.random.chance(0.3) { format!("{}.", self.name()) } else { String::new() };
        format!("{object}{called}({})", args.join(", "))
    }

    fn name(&mut self) -> String {
        let words = self.vocabulary.name(self.random);
        self.cased(&words)
    }

    fn cased(&self, words: &[String]) -> String {
        match self.language.is_snake {
            true => words.join("_"),
            false => camel(words),
        }
    }

    fn line(&mut self, depth: usize, line: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{:1$}{line}", "", depth * 4);
    }
}

fn fill(form: &str, name: &str, owner: &str, value: &str) -> String {
    form.replace("{n}", name).replace("{o}", owner).replace("{x}", value)
}

fn pascal(words: &[String]) -> String {
    words.iter().map(|word| format!("{}{}", word[..1].to_uppercase(), &word[1..])).collect()
}

fn camel(words: &[String]) -> String {
    let mut name = words.first().cloned().unwrap_or_default();
    name.push_str(&pascal(words.get(1..).unwrap_or_default()));
    name
}
