//! Docker and Podman as they are on this machine, with an image made of busybox; nothing is fetched.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use sandbox::{Container, Engine, Level, Sandbox, Setting};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::support::{Fixture, helper, with};

/// What it is called in the engine.
pub(crate) const IMAGE: &str = "localhost/baton-test:1";

/// Podman, with storage of its own, where this machine's groups are seen in the form of version 1 alone: of both versions together its
/// runtime does not know what to make. The group of memory is left out, as it can be somebody's who watches over this machine.
const PODMAN: &str = r#"#!/bin/sh
if test "$1" = create; then shift; set -- create --ulimit nproc=4096:4096 "$@"; fi
exec unshare --mount --propagation private sh -c '
if test -d /sys/fs/cgroup/pids; then
  mount -t tmpfs none /sys/fs/cgroup || exit 99
  for group in blkio cpu cpuacct cpuset devices freezer pids; do
    mkdir "/sys/fs/cgroup/$group" && mount -t cgroup -o "$group" cgroup "/sys/fs/cgroup/$group" || exit 99
  done
  mkdir /sys/fs/cgroup/systemd && mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
fi
exec podman "$@"' sh --root "STORE/root" --runroot "STORE/run" --storage-driver vfs "$@"
"#;

/// The client of an engine that has [`IMAGE`]; `None`, said aloud, where that engine does not run.
pub(crate) async fn program(engine: Engine) -> Option<PathBuf> {
    static DOCKER: OnceCell<Option<PathBuf>> = OnceCell::const_new();
    static PODMAN: OnceCell<Option<PathBuf>> = OnceCell::const_new();
    std::env::var_os("RUN_SLOW_TESTS")?;
    let cell = if engine == Engine::Docker { &DOCKER } else { &PODMAN };
    let found = cell.get_or_init(|| async { find(engine) }).await.clone();
    if found.is_none() {
        assert!(
            engine == Engine::Docker || std::env::var_os("BATON_NEED_SANDBOX").is_none(),
            "{engine} does not run here"
        );
        eprintln!("passed over, as {engine} does not run here");
    }
    found
}

fn find(engine: Engine) -> Option<PathBuf> {
    let program = match engine {
        Engine::Docker => sandbox::which("docker")?.as_std_path().to_owned(),
        Engine::Podman => podman()?,
    };
    let of = |args: &[&str]| Command::new(&program).args(args).output().unwrap();
    if !of(&["image", "inspect", IMAGE]).status.success() {
        let folder = TempDir::new().unwrap();
        let archive = image(folder.path());
        let said = of(&["import", archive.to_str().unwrap(), IMAGE]).stderr;
        eprintln!("{engine} import: {}", String::from_utf8_lossy(&said));
    }
    let limits = ["--ulimit", "nproc=99:99", "--ulimit", "nofile=99:99"];
    let run = ["run", "--rm", "--network", "none", "--pull", "never"];
    let run = of(&[&run[..], &limits, &[IMAGE, "true"]].concat());
    eprintln!("{engine} run: {}", String::from_utf8_lossy(&run.stderr));
    run.status.success().then_some(program)
}

fn podman() -> Option<PathBuf> {
    sandbox::which("podman")?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("podman");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("podman");
    fs::write(&program, PODMAN.replace("STORE", folder.to_str().unwrap())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    Some(program)
}

/// An archive of a file system with a shell and little else.
fn image(folder: &Path) -> PathBuf {
    let archive = folder.join("image.tar");
    let folder = folder.join("image");
    for name in ["bin", "etc", "proc", "sys", "dev", "tmp"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    let busybox =
        sandbox::which("busybox").expect("busybox-static is installed by `cargo xtask test`");
    fs::copy(busybox.as_std_path(), folder.join("bin/busybox")).unwrap();
    let names = Command::new(busybox.as_std_path()).arg("--list").output().unwrap().stdout;
    for name in String::from_utf8(names).unwrap().lines().filter(|name| *name != "busybox") {
        symlink("busybox", folder.join("bin").join(name)).unwrap();
    }
    fs::write(folder.join("etc/image"), "of the image").unwrap();
    let mut tar = Command::new("tar");
    tar.arg("-cf").arg(&archive).arg("-C").arg(&folder).arg(".");
    assert!(tar.status().unwrap().success());
    archive
}

pub(crate) fn config(engine: Engine, program: PathBuf) -> Container {
    Container { engine, program: Some(program), image: IMAGE.to_owned(), runtime: None }
}

/// A workspace and a sandbox whose jobs run in containers of that engine.
pub(crate) async fn contained(engine: Engine) -> Option<Fixture> {
    let config = config(engine, program(engine).await?);
    let sandbox = Sandbox::preflight(Setting::Container(config), helper()).await;
    assert_eq!(sandbox.level(), Level::Container, "{:?}", sandbox.report());
    Some(with(sandbox))
}
