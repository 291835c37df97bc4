//! A writer that is killed at any moment leaves the old file or the new one.

use std::env;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use base::{AbsPathBuf, ContentHash};
use vfs::Vfs;

use crate::support::{Tree, rel};

const ROOT: &str = "VFS_TEST_KILL_ROOT";

fn texts() -> [String; 2] {
    ["a", "b"].map(|letter| letter.repeat(300_000))
}

/// Runs in the process that is killed; does nothing in an ordinary test run.
#[test]
fn writes_until_killed() {
    let Ok(root) = env::var(ROOT) else {
        return;
    };
    let vfs = Vfs::open(AbsPathBuf::new(root).unwrap()).unwrap();
    let path = rel("f");
    loop {
        let now = vfs.read_disk(&path).unwrap().unwrap();
        let [a, b] = texts();
        let next = if *now == *a { b } else { a };
        vfs.write(&path, Some(ContentHash::of(now.as_bytes())), Some(&next)).unwrap();
        // One byte a write, straight to the pipe.
        std::io::stderr().write_all(b".").unwrap();
    }
}

#[test]
fn kill_leaves_a_whole_file() {
    let tree = Tree::new(&[]);
    tree.put("f", &texts()[0]);
    for writes in 0..15 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "kill::writes_until_killed", "--nocapture"])
            .env(ROOT, tree.path(""))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut seen = vec![0; writes + 1];
        child.stderr.as_mut().unwrap().read_exact(&mut seen).unwrap();
        assert!(seen.iter().all(|&byte| byte == b'.'), "{}", String::from_utf8_lossy(&seen));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(texts().contains(&tree.get("f")), "after {writes} writes");
    }
    tree.open().sweep();
    assert_eq!(tree.names(""), ["f"]);
}
