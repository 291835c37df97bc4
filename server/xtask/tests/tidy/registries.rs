//! In a registry folder every file is registered: its module is named in the `ALL` of the file beside the folder.

use super::source;
use super::tree::Tree;

const FOLDERS: &[&str] = &["languages", "providers", "runners"];

pub(crate) fn check(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for (path, _) in tree.program() {
        let Some((folder, name)) = path.rsplit_once('/') else { continue };
        let is_registry = FOLDERS.iter().any(|name| folder.ends_with(&format!("/src/{name}")));
        let module = name.trim_end_matches(".rs");
        if !is_registry {
            continue;
        }
        let registry = format!("{folder}.rs");
        let code = source::code(tree.text(&registry).unwrap_or_default());
        let all = code.split_once(" ALL:").and_then(|(_, after)| after.split_once("];"));
        let Some((all, _)) = all else {
            findings.push(format!("{registry}: no `ALL` for {path}"));
            continue;
        };
        if !all.contains(&format!("{module}::")) {
            findings.push(format!("{path}: not in `ALL` of {registry}"));
        }
    }
    findings
}
