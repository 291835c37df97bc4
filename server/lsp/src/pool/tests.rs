//! Which server a file gets; no server runs here.

use tempfile::TempDir;
use vfs::Vfs;

use super::*;

fn tree(files: &[(&str, &str)]) -> (TempDir, Vfs) {
    let dir = TempDir::new().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        #[allow(clippy::disallowed_methods, reason = "a tree of the test's own")]
        {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }
    let root = AbsPathBuf::try_from(dir.path().canonicalize().unwrap()).unwrap();
    let vfs = Vfs::open(root).unwrap();
    (dir, vfs)
}

/// The server and where it is started, where these are installed.
fn chosen(files: &[(&str, &str)], path: &str, installed: &[&str]) -> String {
    picked(&Pick::default(), files, path, installed)
}

/// Likewise, where a person has said so.
fn picked(pick: &Pick, files: &[(&str, &str)], path: &str, installed: &[&str]) -> String {
    let (_dir, vfs) = tree(files);
    let path = RelPath::parse(path).unwrap();
    let is_installed = |server: &LanguageServer| installed.contains(&server.name);
    match choose(&vfs.snapshot(), pick, &path, "", &is_installed) {
        Ok(None) => "none".to_owned(),
        Ok(Some(Choice { server, folder, is_trusted })) => {
            let folder = folder.map_or_else(|| "/".to_owned(), |folder| folder.to_string());
            format!("{} in {folder}{}", server.name, if is_trusted { ", trusted" } else { "" })
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_project_chooses_before_what_is_installed() {
    let python = ["pyright", "basedpyright", "ruff"];
    assert_eq!(chosen(&[("a.py", "")], "a.py", &python), "pyright in /");
    assert_eq!(chosen(&[("a.py", "")], "a.py", &["ruff"]), "ruff in /");
    let based = ("pyproject.toml", "[tool.basedpyright]\n");
    assert_eq!(chosen(&[based, ("a.py", "")], "a.py", &python), "basedpyright in /, trusted");
    let missing = "`basedpyright-langserver` is not installed";
    assert_eq!(chosen(&[based, ("a.py", "")], "a.py", &["pyright"]), missing);
}

#[test]
fn a_person_chooses_before_the_project() {
    let of = |only: &[&str], never: &[&str], installed: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let pick = Pick { only: owned(only), never: owned(never) };
        let based = ("pyproject.toml", "[tool.basedpyright]\n");
        picked(&pick, &[based, ("a.py", "")], "a.py", installed)
    };
    let all = ["pyright", "basedpyright", "pylsp"];
    assert_eq!(of(&["pylsp"], &[], &all), "pylsp in /, trusted");
    assert_eq!(of(&["pylsp"], &[], &["pyright"]), "`pylsp` is not installed");
    assert_eq!(of(&["gopls"], &[], &all), "basedpyright in /, trusted");
    assert_eq!(of(&[], &["basedpyright"], &all), "pyright in /");
    let none = ["pyright", "basedpyright", "pylsp", "ruff"];
    assert_eq!(of(&[], &none, &all), "none");
}

#[test]
fn others_that_are_installed_come_after_the_chosen_one() {
    let (_dir, vfs) = tree(&[("pyproject.toml", "[tool.basedpyright]\n"), ("a.py", "")]);
    let path = RelPath::parse("a.py").unwrap();
    let names = |installed: &[&str]| {
        let is_installed = |server: &LanguageServer| installed.contains(&server.name);
        let found = choices(&vfs.snapshot(), &Pick::default(), &path, "", &is_installed);
        found.map(|found| found.iter().map(|it| it.server.name).collect::<Vec<_>>())
    };
    assert_eq!(
        names(&["ruff", "pyright", "basedpyright"]).unwrap(),
        ["basedpyright", "pyright", "ruff"]
    );
    assert!(matches!(names(&["ruff"]), Err(Error::NotInstalled { .. })));
}

#[test]
fn it_is_known_which_files_a_server_sees() {
    let sees = |name: &str, is_trusted| {
        Choice { server: servers::named(name).unwrap(), folder: None, is_trusted }.sees_project()
    };
    assert!(sees("pyright", false) && sees("typescript-language-server", true));
    assert!(!sees("typescript-language-server", false) && !sees("clangd", true));
}

#[test]
fn settings_of_a_linter_do_not_ask_for_its_server() {
    let ruff = ("pyproject.toml", "[tool.ruff]\n");
    assert_eq!(chosen(&[ruff, ("a.py", "")], "a.py", &["pyright"]), "pyright in /");
    assert_eq!(chosen(&[ruff, ("a.py", "")], "a.py", &["pyright", "ruff"]), "pyright in /");
}

#[test]
fn none_where_none_is_installed_or_known() {
    assert_eq!(chosen(&[("a.py", "")], "a.py", &[]), "none");
    assert_eq!(chosen(&[("a.unknown", "")], "a.unknown", &["pyright"]), "none");
}

#[test]
fn a_server_is_started_in_the_outermost_root() {
    let rust = ["rust-analyzer"];
    let files = [("x/Cargo.toml", ""), ("x/y/Cargo.toml", ""), ("x/y/src/lib.rs", "")];
    assert_eq!(chosen(&files, "x/y/src/lib.rs", &rust), "rust-analyzer in x");
    assert_eq!(chosen(&[("src/lib.rs", "")], "src/lib.rs", &rust), "rust-analyzer in /");
    let files = [("x/tsconfig.json", ""), ("x/src/a.ts", ""), ("b.ts", "")];
    let typescript = ["typescript-language-server"];
    let trusted = "typescript-language-server in /, trusted";
    assert_eq!(chosen(&files, "x/src/a.ts", &typescript), trusted);
    assert_eq!(chosen(&files, "b.ts", &typescript), "typescript-language-server in /");
    let files = [("Cargo.toml", ""), ("x/Cargo.toml", ""), ("x/lib.rs", "")];
    assert_eq!(chosen(&files, "x/lib.rs", &rust), "rust-analyzer in /");
}
