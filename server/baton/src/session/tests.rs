//! Where what is kept of a workspace lies, however its folder is named.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests make their own folders")]

use base::AbsPathBuf;

use super::open_at;
use crate::options::{Color, Global};
use crate::outside::Outside;

#[tokio::test]
async fn a_folder_that_is_named_through_a_link_has_the_data_of_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    let (real, link) = (dir.path().join("real"), dir.path().join("link"));
    std::fs::create_dir_all(&real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let home = dir.path().to_str().unwrap().to_owned();
    let outside = Outside {
        vars: [("HOME".to_owned(), home)].into(),
        cwd: AbsPathBuf::new("/").unwrap(),
        exe: "/nonexistent/baton".into(),
        stdin_is_terminal: false,
        stdout_is_terminal: false,
        stderr_is_terminal: false,
    };
    let global = Global {
        root: None,
        json: false,
        model: None,
        tier: None,
        cassette: None,
        color: Color::Never,
        quiet: false,
    };
    let link = AbsPathBuf::try_from(link).unwrap();
    let workspace = open_at(&outside, &global, link).await.unwrap();
    let real = AbsPathBuf::try_from(real.canonicalize().unwrap()).unwrap();
    assert_eq!(workspace.config().data_dir, outside.data_dir(&real).unwrap());
}
