//! The library as shipped.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use super::{FILES, Folder, commit_all};

#[test]
fn every_file_of_the_library_is_shipped() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/src/demo/workspace");
    let mut there = BTreeSet::new();
    for (folder, prefix) in [(dir.to_owned(), ""), (format!("{dir}/src"), "src/")] {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            if let Some(name) = name.strip_suffix(".txt").filter(|name| *name != "gitignore") {
                there.insert(format!("{prefix}{name}"));
            }
        }
    }
    let shipped: BTreeSet<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(shipped, there);
}

#[test]
fn the_repository_is_clean_after_its_first_commit() {
    let folder = Folder::make().unwrap();
    let root = folder.root().unwrap();
    let oid = commit_all(&root).unwrap();
    let repository = git2::Repository::open(root.as_std_path()).unwrap();
    let head = repository.head().unwrap().peel_to_commit().unwrap();
    assert_eq!(head.id().to_string(), oid);
    assert_eq!(head.author().name().unwrap(), "Baton demo");
    let mut options = git2::StatusOptions::new();
    options.include_untracked(true);
    let statuses = repository.statuses(Some(&mut options)).unwrap();
    let dirty: Vec<String> =
        statuses.iter().filter_map(|entry| entry.path().ok().map(str::to_owned)).collect();
    assert_eq!(dirty, Vec::<String>::new());
    folder.remove().unwrap();
}
