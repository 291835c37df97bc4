//! Files that a command hands out, which it may have made anything but files.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use expect_test::expect;
use sandbox::Level;

use crate::support::at;

async fn check(level: Level) {
    let Some(fixture) = at(level).await else { return };
    let secret = fixture.outside().join("secret");
    fs::write(&secret, "secret").unwrap();
    let script = "cd $BATON_OUT; echo good > good.xml; mkdir sub; echo nested > sub/nested; echo extra > extra; \
                  ln -s \"$SECRET\" link; ln -s / rootlink; mkdir folder; mkfifo pipe; truncate -s 17M huge; : > empty";
    let mut job = fixture.sh(script);
    job.env.insert("SECRET".to_owned(), secret.display().to_string());
    let names = [
        "good.xml",
        "sub/nested",
        "link",
        "rootlink/etc/passwd",
        "folder",
        "pipe",
        "huge",
        "empty",
        "absent",
    ];
    job.collect = names.map(str::to_owned).to_vec();
    let outcome = fixture.run(&job).await;
    assert!(outcome.end.is_success(), "{outcome:?}");
    let files = outcome
        .files
        .iter()
        .map(|(name, content)| format!("{name}: {:?}\n", String::from_utf8_lossy(content)));
    let refused = outcome.refused.iter().map(|(name, why)| format!("{name}: {why}\n"));
    expect![[r#"
        empty: ""
        good.xml: "good\n"
        sub/nested: "nested\n"
        folder: not a plain file
        huge: larger than 16777216 bytes
        link: a symbolic link
        pipe: not a plain file
        rootlink/etc/passwd: a symbolic link
    "#]]
    .assert_eq(&files.chain(refused).collect::<String>());
}

#[tokio::test]
async fn refuses_what_is_no_file() {
    check(Level::Full).await;
}

#[tokio::test]
async fn refuses_what_is_no_file_when_restricted() {
    check(Level::Restricted).await;
}

/// Without namespaces the folder itself is the command's to replace.
#[tokio::test]
async fn a_link_in_the_place_of_the_folder_leads_nowhere() {
    let Some(fixture) = at(Level::Restricted).await else { return };
    let secrets = fixture.outside().join("secrets");
    fs::create_dir(&secrets).unwrap();
    fs::write(secrets.join("report"), "secret").unwrap();
    fs::set_permissions(&secrets, Permissions::from_mode(0o755)).unwrap();
    let mut job = fixture.sh("rmdir \"$BATON_OUT\" && ln -s \"$SECRETS\" \"$BATON_OUT\"");
    job.env.insert("SECRETS".to_owned(), secrets.display().to_string());
    job.collect = vec!["report".to_owned()];
    let outcome = fixture.run(&job).await;
    assert!(outcome.end.is_success() && outcome.files.is_empty(), "{outcome:?}");
    assert_eq!(secrets.metadata().unwrap().permissions().mode() & 0o777, 0o755);
}
