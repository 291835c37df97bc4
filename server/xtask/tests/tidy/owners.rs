//! One crate for each kind of outside world: who may depend on what, and who may start a process.

use super::source;
use super::tree::Tree;

/// Who owns a kind of dependency.
struct Owned {
    what: &'static str,
    /// Beginnings of package names.
    packages: &'static [&'static str],
    /// Beginnings of crate names.
    owners: &'static [&'static str],
}

const ALL: &[Owned] = &[
    Owned {
        what: "protocols",
        packages: &["tower-lsp", "gen-lsp-types", "lsp-", "rmcp", "agent-client-protocol"],
        owners: &["front-", "lsp", "mcp"],
    },
    Owned { what: "databases", packages: &["rusqlite", "libsqlite3", "sqlx"], owners: &["store"] },
    Owned {
        what: "requests to models, and to servers of tools",
        packages: &["reqwest", "hyper", "ureq"],
        owners: &["models", "mcp"],
    },
    Owned {
        what: "streams of models, and keys of the system",
        packages: &["eventsource", "keyring"],
        owners: &["models"],
    },
    Owned {
        what: "vector servers",
        packages: &["qdrant-client", "tonic", "prost"],
        owners: &["qdrant"],
    },
    Owned { what: "grammars", packages: &["tree-sitter"], owners: &["syntax"] },
    Owned {
        what: "walls around processes",
        packages: &["landlock", "seccompiler", "process-wrap"],
        owners: &["sandbox"],
    },
    Owned { what: "watching and walking", packages: &["notify", "ignore"], owners: &["vfs"] },
];

/// Crates that may start processes; all others ask `sandbox`.
const STARTERS: &[&str] = &["sandbox", "xtask"];

pub(crate) fn check(tree: &Tree) -> Vec<String> {
    let mut findings = dependencies(tree);
    findings.extend(processes(tree));
    findings
}

fn dependencies(tree: &Tree) -> Vec<String> {
    let starts = |name: &str, with: &[&str]| with.iter().any(|start| name.starts_with(start));
    let mut findings = Vec::new();
    for krate in tree.crates() {
        let tables = ["dependencies", "build-dependencies"];
        for name in tables.into_iter().flat_map(|table| krate.dependencies(table)) {
            for owned in ALL.iter().filter(|owned| starts(name, owned.packages)) {
                if !starts(krate.name, owned.owners) {
                    findings.push(format!(
                        "server/{}/Cargo.toml: `{name}`: only for {} ({})",
                        krate.name,
                        owned.owners.join(", "),
                        owned.what
                    ));
                }
            }
        }
    }
    findings
}

fn processes(tree: &Tree) -> Vec<String> {
    let is_starter =
        |path: &str| STARTERS.iter().any(|name| path.starts_with(&format!("server/{name}/")));
    let of_file = |(path, text): (&str, &str)| {
        let code = source::code(text);
        let lines = code.lines().enumerate();
        let starts =
            lines.filter(|(_, line)| line.contains("process::") && line.contains("Command"));
        starts
            .map(|(idx, _)| format!("{path}:{}: only `sandbox` starts processes", idx + 1))
            .collect::<Vec<_>>()
    };
    tree.program().filter(|(path, _)| !is_starter(path)).flat_map(of_file).collect()
}
