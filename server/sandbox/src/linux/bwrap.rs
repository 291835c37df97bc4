//! The arguments of bubblewrap: an allow-list of what the command sees; what is put below the mounts is in `keeper`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use rustix::process::geteuid;

use super::wire::{Shown, Spec};

/// Where the inner helper is inside.
pub(super) const HELPER: &str = "/run/baton/helper";
/// Where the command leaves files to be collected.
pub(super) const OUT: &str = "/run/baton/out";
/// For temporary files.
pub(super) const TMP: &str = "/tmp";
/// The command's home.
pub(super) const HOME: &str = "/tmp/home";

/// Files of a workspace that decide what the user's own tools do next; read-only although writes are dropped anyway.
const PROTECTED: &[&str] = &[".git", "baton.toml"];

/// Parts of `/proc` that change the machine; Landlock refuses to write to the rest of it.
const MACHINE: &[&str] = &["/proc/sys", "/proc/sysrq-trigger"];

/// All arguments up to and with `--`. `tree`: the folder that stands for the workspace; `sources`: what stands for
/// each of the spec's caches.
pub(super) fn args(spec: &Spec, tree: &Path, sources: &[PathBuf]) -> Vec<OsString> {
    let mut args = Args::default();
    // `--unshare-user` in words: for root it would be skipped otherwise.
    args.flags(&["--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts"]);
    if !spec.host_net {
        args.flags(&["--unshare-net"]);
    }
    args.flags(&["--unshare-cgroup-try", "--disable-userns", "--die-with-parent", "--new-session"]);
    args.flags(&["--cap-drop", "ALL", "--hostname", "baton"]);
    args.flags(&["--proc", "/proc", "--dev", "/dev"]);
    let scratch = |name: &str| spec.scratch.join(name);
    args.pair("--bind", &scratch("shm"), Path::new("/dev/shm"));
    args.pair("--bind", &scratch("tmp"), Path::new(TMP));
    args.pair("--symlink", Path::new(TMP), Path::new("/var/tmp"));
    args.pair("--ro-bind", &scratch("etc"), Path::new("/etc"));
    for shown in &spec.shown {
        match shown {
            Shown::Path(path) => args.pair("--ro-bind-try", path, path),
            Shown::Link(path, target) => args.pair("--symlink", target, path),
        }
    }
    args.pair("--ro-bind", &spec.helper, Path::new(HELPER));
    args.pair("--bind", &scratch("out"), Path::new(OUT));
    args.pair("--bind", tree, &spec.real_root);
    if spec.root != spec.real_root {
        args.pair("--bind", tree, &spec.root);
    }
    for name in PROTECTED {
        let source = tree.join(name);
        // Not through a link: it would bring in what it points to.
        if source.symlink_metadata().is_ok_and(|meta| !meta.is_symlink()) {
            args.pair("--ro-bind", &source, &spec.real_root.join(name));
        }
    }
    for path in &spec.hidden {
        let nothing = scratch(if path.is_dir() { "empty" } else { "nothing" });
        args.pair("--ro-bind", &nothing, path);
    }
    for (cache, source) in spec.caches.iter().zip(sources) {
        args.pair("--bind", source, &cache.seen);
    }
    // For root these are writable by ownership alone, and they are the machine's, not the namespace's.
    for path in MACHINE.iter().filter(|_| geteuid().is_root()) {
        args.pair("--ro-bind-try", Path::new(path), Path::new(path));
    }
    args.flags(&["--remount-ro", "/dev", "--remount-ro", "/", "--"]);
    args.0
}

#[derive(Default)]
struct Args(Vec<OsString>);

impl Args {
    fn flags(&mut self, flags: &[&str]) {
        self.0.extend(flags.iter().map(OsString::from));
    }

    fn pair(&mut self, flag: &str, first: &Path, second: &Path) {
        self.0.extend([flag.into(), first.into(), second.into()]);
    }
}
