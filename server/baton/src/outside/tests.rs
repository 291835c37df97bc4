//! Directories by the XDG rules.
#![allow(clippy::unwrap_used, reason = "tests")]

use expect_test::expect;

use super::{Outside, data_name};

fn outside(vars: &[(&str, &str)]) -> Outside {
    Outside {
        vars: vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        cwd: base::AbsPathBuf::new("/w").unwrap(),
        exe: "/bin/baton".into(),
        stdin_is_terminal: false,
        stdout_is_terminal: false,
        stderr_is_terminal: false,
    }
}

#[test]
fn an_absolute_xdg_directory_wins_over_home() {
    let given = outside(&[("HOME", "/home/u"), ("XDG_CONFIG_HOME", "/cfg")]);
    assert_eq!(given.user_config().unwrap().to_str(), Some("/cfg/baton/config.toml"));
    let relative = outside(&[("HOME", "/home/u"), ("XDG_CONFIG_HOME", "cfg")]);
    assert_eq!(relative.user_config().unwrap().to_str(), Some("/home/u/.config/baton/config.toml"));
}

#[test]
fn without_home_the_message_names_both_variables() {
    let error = outside(&[("HOME", "")]).user_config().unwrap_err();
    expect!["neither HOME nor XDG_CONFIG_HOME is set"].assert_eq(&error.to_string());
}

#[test]
fn each_root_has_its_own_readable_name() {
    let name = |root: &str| data_name(&base::AbsPathBuf::new(root).unwrap());
    assert!(name("/a/my project").starts_with("my_project-"));
    assert!(name("/").starts_with("root-"));
    assert!(!name("/a/.hidden").starts_with('.'));
    assert_ne!(name("/a/x"), name("/b/x"));
    assert_eq!(name("/a/x"), name("/a/x"));
}
