//! Taking the tests away.

use super::{ALL, Language};
use crate::eval::data::Package;

fn package() -> Package {
    Package {
        name: "half".into(),
        version: "1.0".into(),
        sha256: String::new(),
        tests_sha256: String::new(),
        licence: "MIT".into(),
        requires: Vec::new(),
        test_files: vec!["check.cpp".into()],
        options: Vec::new(),
        mutation: Vec::new(),
    }
}

#[test]
fn what_looks_like_a_test_goes_and_all_else_stays() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        "a/half.py",
        "a/test_half.py",
        "check.cpp",
        "half_test.go",
        "lib/check.cpp",
        "lib/half.js",
        "lib/half.test.js",
        "node_modules/x/test/y.js",
        "src/main/java/Half.java",
        "src/test/java/HalfTest.java",
        "tests/half.rs",
    ];
    for file in files {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    Language::Go.without_tests(&package(), folder.path()).unwrap();
    let left: Vec<_> = files.into_iter().filter(|file| folder.path().join(file).exists()).collect();
    let wanted = [
        "a/half.py",
        "lib/check.cpp",
        "lib/half.js",
        "node_modules/x/test/y.js",
        "src/main/java/Half.java",
    ];
    assert_eq!(left, wanted);
}

#[test]
fn cargo_and_cmake_are_told_that_there_are_no_tests() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("Cargo.toml");
    std::fs::write(&manifest, "[package]\nname = \"half\"\n\n[[test]]\nname = \"half\"\n").unwrap();
    Language::Rust.without_tests(&package(), folder.path()).unwrap();
    let text = std::fs::read_to_string(&manifest).unwrap();
    let table: toml::Table = toml::from_str(&text).unwrap();
    assert_eq!(table["lib"]["test"].as_bool(), Some(false), "{text}");
    assert_eq!(table["lib"]["doctest"].as_bool(), Some(false), "{text}");
    assert!(!table.contains_key("test"), "{text}");

    let lists = folder.path().join("CMakeLists.txt");
    let on = "# Options of the evaluation.\nset(BUILD_TESTING ON CACHE BOOL \"\" FORCE)\nset(MORE ON CACHE BOOL \"\" FORCE)\nproject(half)\nset(A B)\n";
    std::fs::write(&lists, on).unwrap();
    Language::Cpp.without_tests(&package(), folder.path()).unwrap();
    let off = "# Options of the evaluation.\nset(BUILD_TESTING OFF CACHE BOOL \"\" FORCE)\nproject(half)\nset(A B)\n";
    assert_eq!(std::fs::read_to_string(&lists).unwrap(), off);
}

#[test]
fn every_language_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<_> = ALL.iter().map(|language| language.name()).collect();
    assert_eq!(names.len(), ALL.len());
}
