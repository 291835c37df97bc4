//! What is done about missing programs, without installing any.

use expect_test::{Expect, expect};

use super::{Installer, NEEDS, plan};

fn check(packages: &[&str], installer: Installer, expected: Expect) {
    let missing: Vec<_> = NEEDS.iter().filter(|need| packages.contains(&need.package)).collect();
    expected.assert_eq(&format!("{:?}", plan(&missing, installer)));
}

#[test]
fn installs_what_is_missing_and_nothing_else() {
    check(&[], Installer::Apt, expect!["Nothing"]);
    check(&[], Installer::Unknown, expect!["Nothing"]);
    check(&["bubblewrap", "npm"], Installer::Apt, expect![[r#"Install(["bubblewrap", "npm"])"#]]);
}

#[test]
fn says_what_to_type_where_it_may_not_install() {
    check(
        &["git", "python3-venv"],
        Installer::AptForbidden,
        expect![[
            r#"Refuse("programs are missing, and installing them needs more rights; run\n  sudo apt-get install --yes --no-install-recommends git python3-venv")"#
        ]],
    );
    check(
        &["nodejs", "npm"],
        Installer::Unknown,
        expect![[
            r#"Refuse("there is no node, npm; install what is missing (on Debian the packages are: nodejs npm)")"#
        ]],
    );
}
