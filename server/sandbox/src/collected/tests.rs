//! What a command can leave in the place of a file.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{fs, os::unix::fs::symlink};

use expect_test::expect;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;

use super::{COLLECT_BYTES, read};

#[test]
fn only_plain_files_come_back() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out");
    fs::create_dir_all(out.join("sub")).unwrap();
    fs::write(dir.path().join("secret"), "secret").unwrap();
    fs::write(out.join("good"), "good").unwrap();
    fs::write(out.join("sub/nested"), "nested").unwrap();
    fs::File::create(out.join("huge")).unwrap().set_len(COLLECT_BYTES + 1).unwrap();
    symlink("../secret", out.join("link")).unwrap();
    symlink("/", out.join("rootlink")).unwrap();
    mknodat(CWD, out.join("pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    let names = [
        "good",
        "sub/nested",
        "huge",
        "link",
        "rootlink/etc/passwd",
        "pipe",
        "sub",
        "absent",
        "good/x",
    ];
    let all = read(&out, &names.map(str::to_owned));
    expect![[r#"
        Collected {
            files: {
                "good": [
                    103,
                    111,
                    111,
                    100,
                ],
                "sub/nested": [
                    110,
                    101,
                    115,
                    116,
                    101,
                    100,
                ],
            },
            refused: {
                "good/x": "Not a directory (os error 20)",
                "huge": "larger than 16777216 bytes",
                "link": "a symbolic link",
                "pipe": "not a plain file",
                "rootlink/etc/passwd": "a symbolic link",
                "sub": "not a plain file",
            },
        }
    "#]]
    .assert_debug_eq(&all);
}
