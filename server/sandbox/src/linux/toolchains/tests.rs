//! What is shown of a made-up home for programs in every layout that is known.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::PathBuf,
};

use expect_test::{Expect, expect};
use tempfile::TempDir;

use super::Toolchains;

struct Home {
    dir: TempDir,
}

impl Home {
    fn new() -> Home {
        let home = Home { dir: tempfile::tempdir().unwrap() };
        // What must never be shown.
        for secret in [
            ".ssh/id_rsa",
            ".aws/credentials",
            ".config/gh/hosts.yml",
            ".local/share/keyrings/login",
            "Documents/letter",
        ] {
            home.put(secret, "secret");
        }
        home
    }

    fn path(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join("home")
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text.replace("HOME", &self.path().display().to_string())).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn link(&self, target: &str, path: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
    }

    /// What PATH, these folders of the home, and then this program lead to.
    fn check(&self, folders: &[&str], program: &str, expect: Expect) {
        let mut all = Toolchains { home: Some(self.path()), ..Toolchains::default() };
        all.add_rust(None, None);
        all.add_python();
        all.add_go(None, None);
        all.add_java();
        all.add_dotnet();
        let folders: Vec<PathBuf> = folders.iter().map(|folder| self.path().join(folder)).collect();
        for folder in &folders {
            all.add_folder(folder);
        }
        let path: OsString = std::env::join_paths(&folders).unwrap();
        all.add_program(program, &path, &self.path().join("workspace"));
        let shown = all
            .shown
            .iter()
            .map(|path| path.strip_prefix(self.path()).unwrap_or(path).display().to_string());
        let home = self.path().display().to_string();
        let env =
            all.env.iter().map(|(name, value)| format!("{name}={}", value.replace(&home, "~")));
        expect.assert_eq(&shown.chain(env).map(|line| line + "\n").collect::<String>());
    }
}

#[test]
fn rust_shows_toolchains_and_sources_but_no_credentials() {
    let home = Home::new();
    home.put(".cargo/bin/cargo", "");
    home.put(".cargo/registry/src/x", "");
    home.put(".cargo/credentials.toml", "token = 'secret'");
    home.put(".cargo/config.toml", "[build]");
    home.put(".rustup/toolchains/stable/bin/cargo", "");
    home.put(".rustup/settings.toml", "");
    home.check(
        &[".cargo/bin"],
        "cargo",
        expect![[r#"
        .cargo/bin
        .cargo/config.toml
        .cargo/registry
        .rustup/settings.toml
        .rustup/toolchains
        CARGO_HOME=~/.cargo
        RUSTUP_HOME=~/.rustup
    "#]],
    );
    home.put(".cargo/config.toml", "[registry]\ntoken = 'secret'");
    home.check(
        &[],
        "none",
        expect![[r#"
        .cargo/bin
        .cargo/registry
        .rustup/settings.toml
        .rustup/toolchains
        CARGO_HOME=~/.cargo
        RUSTUP_HOME=~/.rustup
    "#]],
    );
}

#[test]
fn version_managers_are_shown_with_what_they_start() {
    let home = Home::new();
    home.put(".pyenv/shims/python", "");
    home.put(".pyenv/versions/3.12/bin/python", "");
    home.put(".nvm/versions/node/v22/bin/node", "");
    home.put(".nvm/versions/node/v22/lib/node_modules/npm/x", "");
    home.put(".volta/bin/volta", "");
    home.put("go/bin/gopls", "");
    home.put("go/pkg/mod/x", "");
    home.put("go/src/private/x", "");
    home.check(
        &[".pyenv/shims", ".nvm/versions/node/v22/bin", ".volta/bin", "go/bin", "absent"],
        "node",
        expect![[r#"
        .nvm/versions/node/v22
        .pyenv
        .volta
        go/bin
        go/pkg/mod
        GOMODCACHE=~/go/pkg/mod
    "#]],
    );
}

#[test]
fn what_go_maven_and_nuget_downloaded_is_shown_and_no_password() {
    let home = Home::new();
    home.put("go/pkg/mod/x", "");
    home.put("go/src/private/x", "");
    home.put(".m2/repository/x", "");
    home.put(".m2/wrapper/dists/x", "");
    home.put(".m2/settings-security.xml", "secret");
    home.put(".m2/settings.xml", "secret");
    home.put(".nuget/packages/x", "");
    home.put(".nuget/NuGet/NuGet.Config", "secret");
    home.check(
        &[],
        "none",
        expect![[r#"
            .m2/repository
            .m2/wrapper
            .nuget/packages
            go/pkg/mod
            GOMODCACHE=~/go/pkg/mod
            MAVEN_USER_HOME=~/.m2
            NUGET_PACKAGES=~/.nuget/packages
        "#]],
    );
}

#[test]
fn programs_of_the_user_come_alone_and_with_what_they_link_to() {
    let home = Home::new();
    home.put("bin/tool", "#!/bin/sh");
    home.put(".local/bin/other", "");
    home.put(".local/lib/python3.12/site-packages/x", "");
    home.link("../share/pipx/venvs/black/bin/black", ".local/bin/black");
    home.put(
        ".local/share/pipx/venvs/black/bin/black",
        "#!HOME/.local/share/pipx/venvs/black/bin/python\n",
    );
    home.put(
        ".local/share/pipx/venvs/black/pyvenv.cfg",
        "home = HOME/.local/share/uv/python/cpython/bin\n",
    );
    home.link("HOME/none", ".local/share/pipx/venvs/black/bin/python");
    home.put(".local/share/uv/python/cpython/bin/python3", "");
    home.put(".local/share/uv/python/cpython/lib/x", "");
    home.check(
        &["bin", ".local/bin"],
        "black",
        expect![[r#"
        .local/bin
        .local/lib/python3.12
        .local/share/pipx/venvs/black
        .local/share/uv/python/cpython
        bin
        PYTHONUSERBASE=~/.local
    "#]],
    );
}

#[test]
fn a_package_of_node_comes_with_those_that_it_requires() {
    let home = Home::new();
    home.put("tools/node_modules/server/lib/cli.mjs", "#!/usr/bin/env node");
    home.put("tools/node_modules/server/node_modules/inner/index.js", "");
    home.put("tools/package.json", "{}");
    home.link("../server/lib/cli.mjs", "tools/node_modules/.bin/server");
    home.check(
        &["tools/node_modules/.bin"],
        "server",
        expect![[r#"
        tools/node_modules
    "#]],
    );
    home.link("../../../inner.js", "tools/node_modules/server/node_modules/.bin/inner");
    home.put("tools/node_modules/inner.js", "#!/usr/bin/env node");
    home.check(
        &["tools/node_modules/server/node_modules/.bin"],
        "inner",
        expect![[r#"
        tools/node_modules
    "#]],
    );
}

#[test]
fn homes_settings_and_roots_are_never_shown() {
    let home = Home::new();
    home.put("lib/x", "");
    home.put("tool", "");
    home.put(".config/tool/bin/run", "");
    home.put(".config/tool/lib/x", "");
    home.put("bin/x", "");
    let up = "..";
    // `bin` beside `lib`, so that the home itself has the shape of an installation.
    home.check(
        &["bin", "", up, "../..", ".config/tool/bin"],
        "tool",
        expect![[r#"
        bin
        tool
    "#]],
    );
}

#[test]
fn a_link_to_a_secret_shows_nothing() {
    let home = Home::new();
    home.put("other/lib/x", "");
    home.put("other/.git/HEAD", "");
    home.put("other/bin/tool", "");
    home.link("../.ssh/id_rsa", "workspace/key");
    home.link("../Documents/letter", "workspace/letter");
    for secret in ["Documents/letter", ".ssh/id_rsa"] {
        fs::set_permissions(home.path().join(secret), fs::Permissions::from_mode(0o600)).unwrap();
    }
    home.put("workspace/script", "#!HOME/.aws/credentials\n");
    for (program, expect) in [
        ("./key", expect![""]),
        ("./letter", expect![[r#""#]]),
        (
            "./script",
            expect![[r#"
                workspace/script
            "#]],
        ),
    ] {
        home.check(&[], program, expect);
    }
    // Somebody's other repository is not shown as a whole.
    home.check(
        &[],
        "../other/bin/tool",
        expect![[r#"
            other/bin/tool
        "#]],
    );
}

#[test]
fn relative_programs_start_from_the_workspace() {
    let home = Home::new();
    home.put("workspace/.venv/pyvenv.cfg", "home = HOME/.pyenv/versions/3.12/bin\n");
    home.put(".pyenv/versions/3.12/bin/python3", "");
    home.put(".pyenv/versions/3.12/lib/x", "");
    home.link("../../../.pyenv/versions/3.12/bin/python3", "workspace/.venv/bin/python");
    home.check(
        &[],
        ".venv/bin/python",
        expect![[r#"
        .pyenv/versions/3.12
        workspace/.venv
    "#]],
    );
}

#[test]
fn what_a_workspace_has_without_end_is_not_read() {
    let home = Home::new();
    let pipe = |path: &str| {
        let path = home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    pipe("work/.venv/pyvenv.cfg");
    pipe("work/tool");
    let root = home.path().join("work");
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut all = Toolchains::default();
        all.add_environments(&root, &OsString::new());
        all.add_program("./tool", &OsString::new(), &root);
        done.send(all.shown)
    });
    let shown = wait.recv_timeout(std::time::Duration::from_secs(30)).expect("it ends");
    assert!(shown.is_empty(), "{shown:?}");
}
