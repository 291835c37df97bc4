//! Commits in real repositories, made in temporary folders; no `git` program is started.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests make their own files, and fail where they cannot"
)]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::Once,
    time::{Duration, SystemTime},
};

use base::{AbsPathBuf, FileChange, Patch, RelPath};
use expect_test::expect;
use git2::{Repository, RepositoryInitOptions, Signature};
use tempfile::TempDir;

use super::{FileStatus, Git, clean_message, plain_message};
use crate::Error;

/// A repository and its work tree; gone when dropped.
struct Repo {
    dir: TempDir,
    repo: Repository,
}

impl Repo {
    fn new() -> Repo {
        static NO_CONFIG: Once = Once::new();
        NO_CONFIG.call_once(|| {
            for level in
                [git2::ConfigLevel::Global, git2::ConfigLevel::XDG, git2::ConfigLevel::System]
            {
                // SAFETY: runs once, before any repository is opened in this process.
                unsafe { git2::opts::set_search_path(level, "/nonexistent") }.unwrap();
            }
        });
        let dir = TempDir::new().unwrap();
        let mut options = RepositoryInitOptions::new();
        options.initial_head("main");
        let repo = Repository::init_opts(dir.path(), &options).unwrap();
        let mut config = repo.config().unwrap();
        config.set_str("user.name", "Ada").unwrap();
        config.set_str("user.email", "ada@example.org").unwrap();
        config.set_str("core.autocrlf", "false").unwrap();
        Repo { dir, repo }
    }

    fn root(&self) -> AbsPathBuf {
        AbsPathBuf::try_from(self.dir.path().canonicalize().unwrap()).unwrap()
    }

    fn git(&self) -> Git {
        Git::open(&self.root()).unwrap().unwrap()
    }

    fn write(&self, path: &str, text: &str) -> &Repo {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.dir.path().join(path)).unwrap()
    }

    fn stage(&self, path: &str) -> &Repo {
        let mut index = self.repo.index().unwrap();
        index.read(true).unwrap();
        if self.dir.path().join(path).symlink_metadata().is_ok() {
            index.add_path(Path::new(path)).unwrap();
        } else {
            index.remove_path(Path::new(path)).unwrap();
        }
        index.write().unwrap();
        self
    }

    /// Commits what is staged, as another program would.
    fn commit(&self, message: &str) -> &Repo {
        let mut index = self.repo.index().unwrap();
        index.read(true).unwrap();
        let tree = self.repo.find_tree(index.write_tree().unwrap()).unwrap();
        let who = Signature::now("Bob", "bob@example.org").unwrap();
        let parent = self.repo.head().ok().and_then(|head| head.peel_to_commit().ok());
        let parents: Vec<_> = parent.iter().collect();
        self.repo.commit(Some("HEAD"), &who, &who, message, &tree, &parents).unwrap();
        self
    }

    /// `path` is written, staged and committed.
    fn with(&self, path: &str, text: &str) -> &Repo {
        self.write(path, text).stage(path).commit("base")
    }

    fn in_head(&self, path: &str) -> Option<String> {
        let tree = self.repo.head().unwrap().peel_to_tree().unwrap();
        let entry = tree.get_path(Path::new(path)).ok()?;
        let blob = self.repo.find_blob(entry.id()).unwrap();
        Some(String::from_utf8(blob.content().to_vec()).unwrap())
    }

    fn in_index(&self, path: &str) -> Option<String> {
        let mut index = self.repo.index().unwrap();
        index.read(true).unwrap();
        let entry = index.get_path(Path::new(path), 0)?;
        Some(String::from_utf8(self.repo.find_blob(entry.id).unwrap().content().to_vec()).unwrap())
    }

    fn status(&self) -> String {
        let mut options = git2::StatusOptions::new();
        options.include_untracked(true).recurse_untracked_dirs(true);
        let statuses = self.repo.statuses(Some(&mut options)).unwrap();
        statuses
            .iter()
            .map(|entry| format!("{} {:?}\n", entry.path().unwrap(), entry.status()))
            .collect()
    }

    fn head_oid(&self) -> String {
        self.repo.head().unwrap().target().unwrap().to_string()
    }
}

fn path(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

fn edit(file: &str, old: &str, new: &str) -> Patch {
    Patch::new(vec![FileChange::edit(path(file), old, new)]).unwrap()
}

fn create(file: &str, text: &str) -> Patch {
    Patch::new(vec![FileChange::Create { path: path(file), text: text.into() }]).unwrap()
}

fn delete(file: &str, old: &str) -> Patch {
    Patch::new(vec![FileChange::Delete { path: path(file), base: base::BaseText::of(old) }])
        .unwrap()
}

const TEN: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

#[test]
fn commits_an_edit_and_leaves_a_clean_tree() {
    let repo = Repo::new();
    repo.with("a.txt", TEN);
    let new = TEN.replace("5", "five");
    repo.write("a.txt", &new);
    let git = repo.git();
    let prepared =
        git.prepare_commit(&edit("a.txt", TEN, &new), "fix: spell five\n\nBecause.\n").unwrap();
    assert_eq!(prepared.reference, "refs/heads/main");
    assert!(!git.contains(&prepared.oid).unwrap(), "nothing moves before the second phase");
    assert_eq!(repo.in_head("a.txt").unwrap(), TEN);

    let finished = git.finish_commit(&prepared).unwrap();
    assert_eq!(finished.kept_staged, []);
    assert!(git.contains(&prepared.oid).unwrap());
    assert_eq!(repo.in_head("a.txt").unwrap(), new);
    assert_eq!(repo.status(), "");
    let commit = repo.repo.head().unwrap().peel_to_commit().unwrap();
    assert_eq!(commit.author().name().unwrap(), "Ada");
    assert_eq!(commit.message().unwrap(), "fix: spell five\n\nBecause.\n");
    for reference in ["HEAD", "refs/heads/main"] {
        let log = repo.repo.reflog(reference).unwrap();
        assert_eq!(
            log.get(0).unwrap().message().unwrap(),
            Some("commit: fix: spell five"),
            "{reference}"
        );
    }
}

#[test]
fn other_uncommitted_hunks_stay_uncommitted() {
    let repo = Repo::new();
    repo.with("a.txt", TEN);
    let dirty = TEN.replace("1\n2", "1\ninserted\n2");
    let new = dirty.replace("8", "eight");
    repo.write("a.txt", &new);
    let git = repo.git();
    let prepared = git.prepare_commit(&edit("a.txt", &dirty, &new), "fix: eight").unwrap();
    git.finish_commit(&prepared).unwrap();
    assert_eq!(repo.in_head("a.txt").unwrap(), TEN.replace("8", "eight"));
    assert_eq!(repo.read("a.txt"), new);
    assert_eq!(
        git.status(&[path("a.txt")]).unwrap()[&path("a.txt")],
        FileStatus { unstaged: true, ..FileStatus::default() }
    );
}

#[test]
fn a_hunk_on_uncommitted_lines_is_a_conflict() {
    let repo = Repo::new();
    repo.with("a.txt", TEN);
    let dirty = TEN.replace("8", "VIII");
    let new = dirty.replace("VIII", "eight");
    repo.write("a.txt", &new);
    let head = repo.head_oid();
    let err = repo.git().prepare_commit(&edit("a.txt", &dirty, &new), "m").unwrap_err();
    assert!(matches!(err, Error::Conflict { .. }), "{err}");
    assert_eq!(repo.head_oid(), head);
}

#[test]
fn a_staged_text_stays_staged_with_the_commit_in_it() {
    let repo = Repo::new();
    repo.with("a.txt", TEN);
    let staged = TEN.replace("2", "two");
    repo.write("a.txt", &staged).stage("a.txt");
    let unstaged = staged.replace("10", "ten");
    let new = unstaged.replace("5", "five").replace("6", "six");
    repo.write("a.txt", &new);
    let git = repo.git();
    let prepared = git.prepare_commit(&edit("a.txt", &unstaged, &new), "m").unwrap();
    let finished = git.finish_commit(&prepared).unwrap();
    assert_eq!(finished.kept_staged, []);
    let committed = TEN.replace("5", "five").replace("6", "six");
    assert_eq!(repo.in_head("a.txt").unwrap(), committed);
    assert_eq!(repo.in_index("a.txt").unwrap(), committed.replace("2", "two"));
    assert_eq!(repo.read("a.txt"), new);
    assert_eq!(
        git.status(&[path("a.txt")]).unwrap()[&path("a.txt")],
        FileStatus { staged: true, unstaged: true, ..FileStatus::default() }
    );
    // Once more, as after a crash between the phases: nothing is done twice.
    assert_eq!(git.finish_commit(&prepared).unwrap(), finished);
    assert_eq!(repo.in_index("a.txt").unwrap(), committed.replace("2", "two"));
}

#[test]
fn a_staged_text_that_conflicts_is_left_as_it_was() {
    let repo = Repo::new();
    repo.with("a.txt", TEN);
    repo.write("a.txt", &TEN.replace("5", "V")).stage("a.txt");
    let new = TEN.replace("5", "five");
    repo.write("a.txt", &new);
    let git = repo.git();
    let prepared = git.prepare_commit(&edit("a.txt", TEN, &new), "m").unwrap();
    let finished = git.finish_commit(&prepared).unwrap();
    assert_eq!(finished.kept_staged.len(), 1);
    assert_eq!(finished.kept_staged[0].0, path("a.txt"));
    assert_eq!(repo.in_head("a.txt").unwrap(), new);
    assert_eq!(repo.in_index("a.txt").unwrap(), TEN.replace("5", "V"));
}

#[test]
fn other_staged_files_are_not_swept_into_the_commit() {
    let repo = Repo::new();
    repo.with("a.txt", "a\n").with("b.txt", "b\n");
    repo.write("b.txt", "staged\n").stage("b.txt");
    repo.write("a.txt", "A\n");
    let git = repo.git();
    git.finish_commit(&git.prepare_commit(&edit("a.txt", "a\n", "A\n"), "m").unwrap()).unwrap();
    assert_eq!(repo.in_head("b.txt").unwrap(), "b\n");
    assert_eq!(repo.status(), "b.txt Status(INDEX_MODIFIED)\n");
}

#[test]
fn creates_deletes_and_renames() {
    let repo = Repo::new();
    repo.with("old/gone.txt", "gone\n").with("move.txt", TEN);
    fs::set_permissions(repo.dir.path().join("move.txt"), fs::Permissions::from_mode(0o755))
        .unwrap();
    repo.stage("move.txt").commit("executable");
    let moved = TEN.replace("3", "three");
    repo.write("new/made.txt", "made\n").write("sub/moved.txt", &moved);
    fs::set_permissions(repo.dir.path().join("sub/moved.txt"), fs::Permissions::from_mode(0o755))
        .unwrap();
    fs::remove_file(repo.dir.path().join("old/gone.txt")).unwrap();
    fs::remove_file(repo.dir.path().join("move.txt")).unwrap();
    let patch = Patch::new(vec![
        FileChange::Create { path: path("new/made.txt"), text: "made\n".into() },
        FileChange::Delete { path: path("old/gone.txt"), base: base::BaseText::of("gone\n") },
        FileChange::rename(path("move.txt"), path("sub/moved.txt"), TEN, &moved),
    ])
    .unwrap();
    let git = repo.git();
    git.finish_commit(&git.prepare_commit(&patch, "").unwrap()).unwrap();
    assert_eq!(repo.status(), "");
    let head = repo.repo.head().unwrap().peel_to_commit().unwrap();
    let tree = head.tree().unwrap();
    assert_eq!(tree.get_path(Path::new("sub/moved.txt")).unwrap().filemode(), 0o100_755);
    assert!(tree.get_name("old").is_none(), "an empty folder does not stay");
    expect![[r#"
        feat: change 3 files

        - new/made.txt: +1 -0
        - old/gone.txt: +0 -1
        - sub/moved.txt: +1 -1
    "#]]
    .assert_eq(head.message().unwrap());
}

#[test]
fn an_edit_keeps_the_executable_bit() {
    let repo = Repo::new();
    repo.write("run.sh", "echo 1\n");
    fs::set_permissions(repo.dir.path().join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    repo.stage("run.sh").commit("base").write("run.sh", "echo 2\n");
    let git = repo.git();
    git.finish_commit(&git.prepare_commit(&edit("run.sh", "echo 1\n", "echo 2\n"), "m").unwrap())
        .unwrap();
    let tree = repo.repo.head().unwrap().peel_to_tree().unwrap();
    assert_eq!(tree.get_path(Path::new("run.sh")).unwrap().filemode(), 0o100_755);
    assert_eq!(repo.status(), "");
}

#[test]
fn autocrlf_stores_lf_and_keeps_other_hunks_apart() {
    let repo = Repo::new();
    repo.repo.config().unwrap().set_str("core.autocrlf", "true").unwrap();
    let crlf = TEN.replace('\n', "\r\n");
    repo.write("a.txt", &crlf).stage("a.txt").commit("base");
    assert_eq!(repo.in_head("a.txt").unwrap(), TEN);
    let dirty = crlf.replace("2\r\n", "two\r\n");
    let new = dirty.replace("8\r\n", "eight\r\n");
    repo.write("a.txt", &new);
    let git = repo.git();
    git.finish_commit(&git.prepare_commit(&edit("a.txt", &dirty, &new), "m").unwrap()).unwrap();
    assert_eq!(repo.in_head("a.txt").unwrap(), TEN.replace("8", "eight"));
    assert_eq!(repo.in_index("a.txt").unwrap(), TEN.replace("8", "eight"));
    assert_eq!(repo.read("a.txt"), new);
    repo.write("new.txt", "x\r\n");
    git.finish_commit(&git.prepare_commit(&create("new.txt", "x\r\n"), "m").unwrap()).unwrap();
    assert_eq!(repo.in_head("new.txt").unwrap(), "x\n");
}

#[test]
fn a_workspace_in_a_subfolder() {
    let repo = Repo::new();
    repo.with("app/src/a.txt", TEN).with("src/a.txt", "other\n");
    let root = repo.root().child("app");
    let git = Git::open(&root).unwrap().unwrap();
    let new = TEN.replace("5", "five");
    repo.write("app/src/a.txt", &new);
    let paths = [path("src/a.txt"), path("nowhere.txt")];
    let status = git.status(&paths).unwrap();
    assert!(status[&paths[0]].unstaged);
    assert_eq!(status[&paths[1]], FileStatus::default());
    git.finish_commit(&git.prepare_commit(&edit("src/a.txt", TEN, &new), "m").unwrap()).unwrap();
    assert_eq!(repo.in_head("app/src/a.txt").unwrap(), new);
    assert_eq!(repo.in_head("src/a.txt").unwrap(), "other\n");
    assert_eq!(repo.status(), "");
}

#[test]
fn the_first_commit_of_a_branch() {
    let repo = Repo::new();
    repo.write("a.txt", "a\n").write("mine.txt", "mine\n").stage("mine.txt");
    let git = repo.git();
    assert_eq!(git.head().unwrap(), super::Head { branch: Some("main".to_owned()), oid: None });
    assert!(!git.contains("0123456789012345678901234567890123456789").unwrap());
    let prepared = git.prepare_commit(&create("a.txt", "a\n"), "feat: begin").unwrap();
    assert_eq!(prepared.parent, None);
    git.finish_commit(&prepared).unwrap();
    assert_eq!(git.head().unwrap().oid, Some(prepared.oid));
    assert_eq!(repo.status(), "mine.txt Status(INDEX_NEW)\n");
}

#[test]
fn a_detached_head_moves_and_no_branch_does() {
    let repo = Repo::new();
    repo.with("a.txt", "a\n");
    let main = repo.head_oid();
    repo.repo.set_head_detached(repo.repo.head().unwrap().target().unwrap()).unwrap();
    repo.write("a.txt", "b\n");
    let git = repo.git();
    assert_eq!(git.head().unwrap().branch, None);
    let prepared = git.prepare_commit(&edit("a.txt", "a\n", "b\n"), "m").unwrap();
    assert_eq!(prepared.reference, "HEAD");
    git.finish_commit(&prepared).unwrap();
    assert_eq!(repo.head_oid(), prepared.oid);
    assert_eq!(repo.repo.refname_to_id("refs/heads/main").unwrap().to_string(), main);
}

#[test]
fn a_branch_that_moved_meanwhile_is_not_moved_back() {
    let repo = Repo::new();
    repo.with("a.txt", "a\n");
    let git = repo.git();
    let prepared = git.prepare_commit(&edit("a.txt", "a\n", "b\n"), "m").unwrap();
    repo.with("other.txt", "o\n");
    let head = repo.head_oid();
    let err = git.finish_commit(&prepared).unwrap_err();
    expect!["`main` has moved since the commit was prepared; commit again"]
        .assert_eq(&err.to_string());
    assert_eq!(repo.head_oid(), head);
    // The same when HEAD was switched to another branch that is still at the parent.
    let parent = repo.repo.find_commit(git2::Oid::from_str(&head).unwrap()).unwrap();
    let prepared = git.prepare_commit(&edit("a.txt", "a\n", "b\n"), "m").unwrap();
    repo.repo.branch("side", &parent, false).unwrap();
    repo.repo.set_head("refs/heads/side").unwrap();
    assert!(matches!(git.finish_commit(&prepared), Err(Error::Moved { .. })));
}

#[test]
fn finishing_again_after_somebody_committed_on_top_changes_nothing() {
    let repo = Repo::new();
    repo.with("a.txt", "a\n").write("a.txt", "b\n");
    let git = repo.git();
    let prepared = git.prepare_commit(&edit("a.txt", "a\n", "b\n"), "m").unwrap();
    git.finish_commit(&prepared).unwrap();
    repo.with("a.txt", "c\n");
    let head = repo.head_oid();
    assert!(git.contains(&prepared.oid).unwrap());
    git.finish_commit(&prepared).unwrap();
    assert_eq!(repo.head_oid(), head);
    assert_eq!(repo.status(), "");
}

#[test]
fn a_resumed_process_finishes_what_another_prepared() {
    let repo = Repo::new();
    repo.with("a.txt", "a\n").write("a.txt", "b\n");
    let prepared = repo.git().prepare_commit(&edit("a.txt", "a\n", "b\n"), "m").unwrap();
    let kept = serde_json::to_string(&prepared).unwrap();
    // The branch moved, and then the process died.
    repo.repo
        .reference(
            "refs/heads/main",
            git2::Oid::from_str(&prepared.oid).unwrap(),
            true,
            "commit: m",
        )
        .unwrap();
    assert_ne!(repo.status(), "");
    let prepared = serde_json::from_str(&kept).unwrap();
    repo.git().finish_commit(&prepared).unwrap();
    assert_eq!(repo.status(), "");
}

#[test]
fn says_who_is_missing() {
    let repo = Repo::new();
    repo.with("a.txt", "a\n");
    repo.repo.config().unwrap().remove("user.name").unwrap();
    let err = repo.git().prepare_commit(&edit("a.txt", "a\n", "b\n"), "m").unwrap_err();
    assert!(matches!(err, Error::NoIdentity), "{err:?}");
    expect![[r#"git does not know who you are; run `git config user.name "Your Name"` and `git config user.email you@example.org`"#]]
        .assert_eq(&err.to_string());
}

#[test]
fn refuses_while_a_merge_is_in_progress() {
    let repo = Repo::new();
    repo.with("a.txt", "a\n");
    fs::write(repo.repo.path().join("MERGE_HEAD"), format!("{}\n", repo.head_oid())).unwrap();
    let err = repo.git().prepare_commit(&edit("a.txt", "a\n", "b\n"), "m").unwrap_err();
    expect!["a merge is in progress in the repository; finish or abort it, then commit again"]
        .assert_eq(&err.to_string());
}

#[test]
fn ignored_and_untracked_files_are_left_out_by_name() {
    let repo = Repo::new();
    repo.with(".gitignore", "*.log\n").with("a.txt", "a\n");
    repo.write("mine.txt", "2\n").write("out.log", "l\n").write("a.txt", "b\n");
    let patch = Patch::new(vec![
        FileChange::edit(path("a.txt"), "a\n", "b\n"),
        FileChange::edit(path("mine.txt"), "1\n", "2\n"),
        FileChange::Create { path: path("out.log"), text: "l\n".into() },
    ])
    .unwrap();
    let git = repo.git();
    let prepared = git.prepare_commit(&patch, "m").unwrap();
    expect![[r#"
        mine.txt: it is not in the last commit; add it with git first
        out.log: git ignores it
    "#]]
    .assert_eq(
        &prepared.left_out.iter().map(|(path, why)| format!("{path}: {why}\n")).collect::<String>(),
    );
    git.finish_commit(&prepared).unwrap();
    assert_eq!(repo.in_head("out.log"), None);
    assert_eq!(repo.status(), "mine.txt Status(WT_NEW)\n");

    let err = git.prepare_commit(&create("again.log", "l\n"), "m").unwrap_err();
    expect!["there is nothing to commit; `again.log` is left out: git ignores it"]
        .assert_eq(&err.to_string());
}

#[test]
fn a_staged_removal_and_a_staged_rewrite_of_a_deleted_file_stay() {
    let repo = Repo::new();
    repo.with("a.txt", "a\n").with("b.txt", "b\n");
    let mut index = repo.repo.index().unwrap();
    index.remove_path(Path::new("a.txt")).unwrap();
    index.write().unwrap();
    repo.write("b.txt", "staged\n").stage("b.txt");
    let git = repo.git();
    let finished =
        git.finish_commit(&git.prepare_commit(&edit("a.txt", "a\n", "A\n"), "m").unwrap()).unwrap();
    assert_eq!(finished.kept_staged.len(), 1);
    assert_eq!(repo.in_index("a.txt"), None);
    let finished =
        git.finish_commit(&git.prepare_commit(&delete("b.txt", "staged\n"), "m").unwrap()).unwrap();
    assert_eq!(finished.kept_staged.len(), 1);
    assert_eq!(repo.in_index("b.txt").unwrap(), "staged\n");
}

#[test]
fn files_that_need_a_filter_program_are_refused() {
    let repo = Repo::new();
    repo.with(".gitattributes", "*.bin filter=lfs\n").with("a.bin", "a\n");
    let err = repo.git().prepare_commit(&edit("a.bin", "a\n", "b\n"), "m").unwrap_err();
    expect![
        "cannot commit `a.bin`: its attributes ask for `filter=lfs`; commit it with git itself"
    ]
    .assert_eq(&err.to_string());
}

#[test]
fn links_and_what_is_not_text_are_refused() {
    let repo = Repo::new();
    std::os::unix::fs::symlink("target", repo.dir.path().join("link")).unwrap();
    fs::write(repo.dir.path().join("bytes"), [0xff, 0xfe]).unwrap();
    repo.stage("link").stage("bytes").commit("base");
    for file in ["link", "bytes"] {
        let err = repo.git().prepare_commit(&edit(file, "a\n", "b\n"), "m").unwrap_err();
        assert!(matches!(err, Error::Unsupported { .. }), "{file}: {err}");
    }
}

#[test]
fn hooks_do_not_run_and_it_says_so() {
    let repo = Repo::new();
    repo.with("a.txt", "a\n");
    let hook = repo.repo.path().join("hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\ntouch ran\nexit 1\n").unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    repo.repo.config().unwrap().set_bool("commit.gpgsign", true).unwrap();
    let git = repo.git();
    let prepared = git.prepare_commit(&edit("a.txt", "a\n", "b\n"), "m").unwrap();
    git.finish_commit(&prepared).unwrap();
    expect![[r#"
        [
            "the commit is not signed, though `commit.gpgsign` is set",
            "the hook `pre-commit` did not run",
        ]
    "#]]
    .assert_debug_eq(&prepared.notes);
    assert!(!repo.dir.path().join("ran").exists());
}

#[test]
fn a_locked_index_can_be_finished_later() {
    let repo = Repo::new();
    repo.with("a.txt", "a\n").write("a.txt", "b\n");
    let git = repo.git();
    let prepared = git.prepare_commit(&edit("a.txt", "a\n", "b\n"), "m").unwrap();
    let lock = repo.repo.path().join("index.lock");
    fs::write(&lock, "").unwrap();
    let err = git.finish_commit(&prepared).unwrap_err();
    assert!(matches!(err, Error::IndexLocked), "{err:?}");
    assert!(git.contains(&prepared.oid).unwrap());
    fs::remove_file(&lock).unwrap();
    git.finish_commit(&prepared).unwrap();
    assert_eq!(repo.status(), "");
}

#[test]
fn locks_of_a_commit_that_was_killed_go_and_those_of_others_stay() {
    let repo = Repo::new();
    repo.with("a.txt", "a\n").write("a.txt", "b\n");
    let git = repo.git();
    let prepared = git.prepare_commit(&edit("a.txt", "a\n", "b\n"), "m").unwrap();
    let begun = SystemTime::now() - Duration::from_secs(60);
    let lock = |name: &str, after: Duration| {
        let path = repo.repo.path().join(name);
        fs::File::create(&path).unwrap().set_modified(begun + after).unwrap();
        path
    };
    let later = Duration::from_secs(30);
    for name in ["index.lock", "refs/heads/main.lock", "HEAD.lock"] {
        let theirs = lock(name, later);
        git.remove_stale_locks(&prepared, begun);
        assert!(theirs.exists(), "{name}");
        let ours = lock(name, Duration::from_millis(20));
        git.remove_stale_locks(&prepared, begun);
        assert!(!ours.exists(), "{name}");
    }
    git.finish_commit(&prepared).unwrap();
    assert_eq!(repo.status(), "");
}

#[test]
fn a_folder_without_a_repository_has_none() {
    let dir = TempDir::new().unwrap();
    let root = AbsPathBuf::try_from(dir.path().canonicalize().unwrap()).unwrap();
    assert!(Git::open(&root).unwrap().is_none());
    // A bare one has no work tree.
    Repository::init_bare(dir.path()).unwrap();
    assert!(Git::open(&root).unwrap().is_none());
    // One whose configuration moves the work tree elsewhere is not the workspace's.
    let repo = Repo::new();
    repo.repo.config().unwrap().set_str("core.worktree", dir.path().to_str().unwrap()).unwrap();
    assert!(Git::open(&repo.root()).unwrap().is_none());
}

#[test]
fn plain_messages_say_what_the_patch_shows() {
    let check = |patch: Patch, subject: &str| {
        assert_eq!(plain_message(&patch).lines().next().unwrap(), subject)
    };
    check(edit("src/a.py", "a\n", "b\n"), "fix: change src/a.py");
    check(create("src/a.py", "a\n"), "feat: add src/a.py");
    check(delete("src/a.py", "a\n"), "fix: remove src/a.py");
    check(edit("docs/a.py", "a\n", "b\n"), "docs: change docs/a.py");
    check(create("tests/test_a.py", "a\n"), "test: add tests/test_a.py");
    check(edit("Cargo.toml", "a\n", "b\n"), "build: change Cargo.toml");
    let long = format!("{}/a.py", "deep/".repeat(20).trim_end_matches('/'));
    check(edit(&long, "a\n", "b\n"), "fix: change a.py");
}

#[test]
fn model_messages_are_made_fit() {
    let check = |raw: &str, clean: Option<&str>| {
        assert_eq!(clean_message(raw).as_deref(), clean, "{raw:?}")
    };
    check("fix: a thing", Some("fix: a thing\n"));
    check(
        "```\nfix: a thing.\n\nBecause it\tbroke.\n```\n",
        Some("fix: a thing\n\nBecause it broke.\n"),
    );
    check("Commit message:\n\n\"fix: a thing\"", Some("fix: a thing\n"));
    check("**Commit message:** fix: a thing", Some("fix: a thing\n"));
    check("\u{1b}[31mfix\u{7}: \u{202e}thing\u{0}\r\n", Some("[31mfix: thing\n"));
    check(
        "fix: x\n\nBody.\n\nSigned-off-by: Linus <l@example.org>\nCo-authored-by: A <a@b>",
        Some("fix: x\n\nBody.\n"),
    );
    check("fix: x\n\nFixes: #12\nCloses: #13\n", Some("fix: x\n"));
    check(
        "fix: x\n\nNote: this stays\nas it is prose.",
        Some("fix: x\n\nNote: this stays\nas it is prose.\n"),
    );
    check("", None);
    check("```\n```", None);
    check("\n  \n", None);
    let long = format!("fix: {}", "word ".repeat(30).trim_end());
    let clean = clean_message(&long).unwrap();
    assert!(clean.lines().next().unwrap().chars().count() <= 72);
    assert!(clean.lines().nth(1).unwrap().is_empty());
    assert!(clean.contains(&long));
    assert!(clean_message(&"é".repeat(10_000)).unwrap().len() <= 4_001);
}

#[test]
fn what_is_not_committed_is_one_patch_from_the_last_commit() {
    let repo = Repo::new();
    repo.with("kept.txt", "same\n").with("staged.txt", "a\n").with("typed.txt", "a\n");
    repo.with("gone.txt", "a\n").with("ends.txt", "a\nb\n").with("data.bin", "\u{0}");
    repo.write(".gitignore", "ignored.txt\n").stage(".gitignore").commit("base");
    repo.write("staged.txt", "b\n").stage("staged.txt").write("ignored.txt", "x\n");
    repo.write("new/deep.txt", "new\n").write("data.bin", "\u{0}\u{1}");
    fs::remove_file(repo.dir.path().join("gone.txt")).unwrap();
    repo.repo.config().unwrap().set_str("core.autocrlf", "input").unwrap();
    repo.write("ends.txt", "a\r\nc\r\n");
    let vfs = vfs::Vfs::open(repo.root()).unwrap();
    let uncommitted = repo.git().uncommitted(&vfs.snapshot()).unwrap();
    let changes = uncommitted.patch.changes().iter();
    let shown: Vec<_> = changes
        .map(|it| format!("{} {:?} -> {:?}", it.path(), it.old_text(), it.new_text()))
        .collect();
    expect![[r#"
        ends.txt Some("a\r\nb\r\n") -> Some("a\r\nc\r\n")
        gone.txt Some("a\n") -> None
        new/deep.txt None -> Some("new\n")
        staged.txt Some("a\n") -> Some("b\n")"#]]
    .assert_eq(&shown.join("\n"));
    assert_eq!(uncommitted.left_out.len(), 1, "{:?}", uncommitted.left_out);
    assert!(uncommitted.left_out[0].contains("data.bin"), "{:?}", uncommitted.left_out);
}
