//! The demo from start to end, as a newcomer runs it.

use std::process::Command;

use crate::home::Home;

#[test]
fn the_demo_refuses_the_first_patch_and_commits_the_second() {
    if std::env::var_os("RUN_SLOW_TESTS").is_none() {
        eprintln!("left out: set RUN_SLOW_TESTS to run the demo");
        return;
    }
    let home = Home::new("");
    let demo = home.run(&["demo"]);
    assert_eq!(demo.code, 0, "{}", demo.all());
    for part in [
        "The model is SCRIPTED",
        "src/agenda.rs:",
        "attempt 1 refused: breaks what passed before",
        "a_reminder_overlaps_the_meeting_that_starts_with_it",
        "repaired: ",
        "back_to_back_meetings_do_not_clash",
        "+        self.contains(other.start) || other.contains(self.start)",
    ] {
        assert!(demo.stdout.contains(part), "{part}: {}", demo.all());
    }
    let after = |mark: &str| {
        let rest =
            demo.stdout.split(mark).nth(1).unwrap_or_else(|| panic!("{mark}: {}", demo.all()));
        rest.split_whitespace().next().unwrap().to_owned()
    };
    let (commit, root, folder) = (after("committed "), after("git -C "), after("rm -rf "));

    let git = |args: &[&str]| {
        let output = Command::new("git").arg("-C").arg(&root).args(args).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(git(&["rev-parse", "HEAD"]).trim(), commit);
    assert_eq!(git(&["status", "--porcelain"]), "");
    assert_eq!(git(&["log", "--format=%an <%ae>", "-1"]).trim(), "Baton demo <demo@baton.invalid>");
    // Exactly the accepted hunks: the diff that was shown is the diff that was committed.
    let shown = demo.stdout.split("diff --git").nth(1).unwrap();
    let shown: Vec<&str> = shown.lines().filter(|line| line.starts_with(['+', '-'])).collect();
    let committed = git(&["show", "--format=", "HEAD"]);
    let committed: Vec<&str> =
        committed.lines().filter(|line| line.starts_with(['+', '-'])).collect();
    assert_eq!(shown, committed);
    std::fs::remove_dir_all(folder).unwrap();
}
