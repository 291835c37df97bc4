//! What is known of each language server, as data: how to start it, what to tell it, and when what it says can be believed.
//! The rules were measured on the servers themselves, but for jdtls; nothing is started here.

use base::AbsPathBuf;
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

/// One language server.
#[derive(Debug)]
pub struct LanguageServer {
    /// The name shown to people.
    pub name: &'static str,
    /// Ids of the languages that it serves, as `syntax` has them.
    pub languages: &'static [&'static str],
    /// Program and arguments.
    pub argv: &'static [&'static str],
    /// It is the project's choice when one of these files is at the root of the workspace.
    pub config_files: &'static [&'static str],
    /// Likewise, when this file has this text.
    pub markers: &'static [(&'static str, &'static str)],
    /// It is started in the outermost folder that has one of these; in the workspace's root where none has.
    pub roots: &'static [&'static str],
    /// `initializationOptions`, and the answer to `workspace/configuration`, by section.
    pub settings: fn(&Project) -> Settings,
    /// How it tells what it finds.
    pub tells: Tells,
    /// When it can be asked.
    pub ready: Ready,
    /// Its errors speak against a change where one of these lies beside or above the changed file, or where the project has
    /// chosen the server; else they are opinions, or for want of settings.
    pub trusted_with: &'static [&'static str],
    /// Of which files its places and edits are.
    pub sees: Sees,
    /// What it finds is evidence about a change. Where the linter of the language or its compiler says the same and more, it
    /// is only asked for places and edits.
    pub is_witness: bool,
}

impl PartialEq for LanguageServer {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for LanguageServer {}

/// What settings depend on.
#[derive(Clone, Debug)]
pub struct Project {
    /// Where the server is started.
    pub folder: AbsPathBuf,
    /// The interpreter of the project's own environment.
    pub python: Option<AbsPathBuf>,
}

/// What a server is told about a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// With `initialize`.
    pub options: Value,
    /// An object with a member for each section.
    pub sections: Value,
}

/// How a server tells what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tells {
    /// By itself, after each change of a document. It has said all once nothing new came for `rest_ms`.
    Push {
        /// It says which version of the document it speaks of.
        has_version: bool,
        /// Milliseconds.
        rest_ms: u64,
    },
    /// When it is asked about a document.
    Pull,
    /// Through `tsserver`, which it passes questions on to: what it publishes by itself comes in parts, without a last one.
    Tsserver,
}

/// Of which files a server's places and edits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sees {
    /// All of the project.
    Project,
    /// All of a project that has one of `trusted_with`; else the documents that are open.
    Configured,
    /// The documents that are open.
    Open,
}

/// When a server can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// It answers once it can.
    AtOnce,
    /// No progress is going on.
    Progress,
    /// It has said so, by `experimental/serverStatus`.
    Status,
}

/// Of servers for one language the first one that a project has chosen counts, else the first that is installed.
pub static ALL: &[LanguageServer] =
    &[PYRIGHT, BASEDPYRIGHT, PYLSP, RUFF, TYPESCRIPT, RUST_ANALYZER, GOPLS, CLANGD, JDTLS];

/// Its publishes come once for each version of a document, after the types of all that it imports.
const PYRIGHT: LanguageServer = LanguageServer {
    name: "pyright",
    languages: &["python"],
    argv: &["pyright-langserver", "--stdio"],
    config_files: &["pyrightconfig.json"],
    markers: &[("pyproject.toml", "[tool.pyright")],
    roots: &[],
    settings: python,
    tells: Tells::Push { has_version: true, rest_ms: 50 },
    ready: Ready::Progress,
    trusted_with: &[],
    sees: Sees::Project,
    is_witness: true,
};

const BASEDPYRIGHT: LanguageServer = LanguageServer {
    name: "basedpyright",
    argv: &["basedpyright-langserver", "--stdio"],
    config_files: &[],
    markers: &[("pyproject.toml", "[tool.basedpyright")],
    ..PYRIGHT
};

/// Its linters run one after the other, and each publishes.
const PYLSP: LanguageServer = LanguageServer {
    name: "pylsp",
    argv: &["pylsp"],
    config_files: &[],
    markers: &[("pyproject.toml", "[tool.pylsp")],
    settings: nothing,
    tells: Tells::Push { has_version: false, rest_ms: 700 },
    ..PYRIGHT
};

const RUFF: LanguageServer = LanguageServer {
    name: "ruff",
    argv: &["ruff", "server"],
    config_files: &[],
    markers: &[],
    settings: nothing,
    tells: Tells::Pull,
    ready: Ready::AtOnce,
    is_witness: false,
    ..PYRIGHT
};

const TYPESCRIPT: LanguageServer = LanguageServer {
    name: "typescript-language-server",
    languages: &["typescript", "typescriptreact", "javascript"],
    argv: &["typescript-language-server", "--stdio"],
    config_files: &[],
    markers: &[],
    roots: &[],
    settings: nothing,
    tells: Tells::Tsserver,
    ready: Ready::AtOnce,
    trusted_with: &["tsconfig.json", "jsconfig.json"],
    sees: Sees::Configured,
    is_witness: true,
};

/// `cargo check` would look at the files on disk, which do not have the change: the tests compile it.
const RUST_ANALYZER: LanguageServer = LanguageServer {
    name: "rust-analyzer",
    languages: &["rust"],
    argv: &["rust-analyzer"],
    config_files: &[],
    markers: &[],
    roots: &["Cargo.toml"],
    settings: rust,
    tells: Tells::Pull,
    ready: Ready::Status,
    trusted_with: &[],
    sees: Sees::Project,
    is_witness: false,
};

const GOPLS: LanguageServer = LanguageServer {
    name: "gopls",
    languages: &["go"],
    argv: &["gopls"],
    config_files: &[],
    markers: &[],
    roots: &["go.work", "go.mod"],
    settings: go,
    tells: Tells::Pull,
    ready: Ready::Progress,
    trusted_with: &["go.work", "go.mod"],
    sees: Sees::Project,
    is_witness: true,
};

const CLANGD: LanguageServer = LanguageServer {
    name: "clangd",
    languages: &["c", "cpp"],
    argv: &["clangd", "--background-index=false", "--clang-tidy=false", "--log=error"],
    config_files: &[],
    markers: &[],
    roots: &[],
    settings: nothing,
    tells: Tells::Push { has_version: true, rest_ms: 50 },
    ready: Ready::AtOnce,
    // Without the flags of the build it does not find headers.
    trusted_with: &["compile_commands.json", "compile_flags.txt"],
    // Its index of the others would be built in the background, and nobody would know when it is.
    sees: Sees::Open,
    is_witness: true,
};

const JDTLS: LanguageServer = LanguageServer {
    name: "jdtls",
    languages: &["java"],
    argv: &["jdtls"],
    config_files: &[],
    markers: &[],
    roots: &["pom.xml", "build.gradle", "build.gradle.kts"],
    settings: nothing,
    tells: Tells::Push { has_version: false, rest_ms: 2_000 },
    ready: Ready::Progress,
    trusted_with: &["pom.xml", "build.gradle", "build.gradle.kts"],
    sees: Sees::Project,
    // It says when it has loaded a project by a message of its own, which was not tried.
    is_witness: false,
};

/// The server of this name.
pub fn named(name: &str) -> Option<&'static LanguageServer> {
    ALL.iter().find(|server| server.name == name)
}

/// The servers for a language, by its id.
pub fn of_language(id: &str) -> impl Iterator<Item = &'static LanguageServer> {
    ALL.iter().filter(move |server| server.languages.contains(&id))
}

fn nothing(_project: &Project) -> Settings {
    Settings::default()
}

fn python(project: &Project) -> Settings {
    let mut python = json!({ "analysis": { "diagnosticMode": "openFilesOnly" } });
    if let Some(path) = &project.python {
        python["pythonPath"] = path.as_str().into();
    }
    Settings { options: Value::Null, sections: json!({ "python": python }) }
}

fn rust(_project: &Project) -> Settings {
    let settings = json!({
        "checkOnSave": false,
        // Each session has a copy of the tree's folders of its own, and nobody reads them from disk.
        "cachePriming": { "enable": false },
        "files": { "watcher": "client" },
    });
    Settings { options: settings.clone(), sections: json!({ "rust-analyzer": settings }) }
}

fn go(_project: &Project) -> Settings {
    let settings = json!({ "pullDiagnostics": true });
    Settings { options: settings.clone(), sections: json!({ "gopls": settings }) }
}
