//! What every job sees of this machine, read-only, and its clean environment; a job's own program is in `toolchains`.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::{toolchains::setting, wire::Shown};

#[cfg(test)]
mod tests;

/// Folders of programs and libraries.
const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/gnu/store",
    "/run/current-system",
];

/// Files of `/etc` that programs need, given as copies: for root all of `/etc` is readable, `shadow` too, and a mount
/// for each would take longer than many a command.
const ETC_FILES: &[&str] = &[
    "debian_version",
    "fedora-release",
    "gai.conf",
    "group",
    "host.conf",
    "hosts",
    "ld.so.cache",
    "ld.so.conf",
    "locale.alias",
    "locale.conf",
    "localtime",
    "lsb-release",
    "machine-id",
    // Not its `settings.xml`: passwords of servers stand there.
    "maven/logging/simplelogger.properties",
    "maven/m2.conf",
    "mime.types",
    "networks",
    "nsswitch.conf",
    "os-release",
    "passwd",
    "protocols",
    "rpc",
    "services",
    "ssl/cert.pem",
    "ssl/openssl.cnf",
    "timezone",
];
/// Those that say whom to ask for addresses, for commands that reach the net.
const ETC_NETWORK: &[&str] = &["resolv.conf"];
/// Longer ones are not what they should be.
const ETC_FILE_BYTES: u64 = 4 << 20;

/// Folders of `/etc` that programs need.
const ETC_FOLDERS: &[&str] = &[
    "alternatives",
    "crypto-policies",
    "fonts",
    "java",
    "java-11-openjdk",
    "java-17-openjdk",
    "java-21-openjdk",
    "java-25-openjdk",
    "perl",
    "php",
    "pki/ca-trust",
    "pki/tls/certs",
    "python3",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "R",
    "ruby",
    "ssl/certs",
];

/// Variables that say how the user's tools behave and that hold no secret.
const PASSED_ON: &[&str] = &[
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "RUSTUP_TOOLCHAIN",
    "PYENV_VERSION",
    "GOROOT",
    "JAVA_HOME",
    "NVM_DIR",
    "VIRTUAL_ENV",
];

/// Folders of programs and libraries, and of the needed parts of `/etc`.
pub(super) fn system() -> BTreeSet<Shown> {
    let etc = ETC_FOLDERS.iter().map(|name| Path::new("/etc").join(name));
    SYSTEM.iter().map(PathBuf::from).chain(etc).filter_map(shown).collect()
}

/// The files of `/etc` themselves, where there are no copies.
pub(super) fn etc_files() -> impl Iterator<Item = PathBuf> {
    ETC_FILES.iter().map(|name| Path::new("/etc").join(name))
}

/// Fills an empty folder that is to be `/etc`: copies of files, and folders for the others to be mounted on.
pub(super) fn copy_etc(to: &Path, host_net: bool) -> io::Result<()> {
    for name in ETC_FOLDERS.iter().filter(|name| Path::new("/etc").join(name).is_dir()) {
        fs::create_dir_all(to.join(name))?;
    }
    for name in ETC_FILES.iter().chain(ETC_NETWORK.iter().filter(|_| host_net)) {
        // Absent, or not readable by this user: the command would not have it either.
        let Ok(file) = File::open(Path::new("/etc").join(name)) else { continue };
        let target = to.join(name);
        target.parent().map_or(Ok(()), fs::create_dir_all)?;
        io::copy(&mut file.take(ETC_FILE_BYTES), &mut File::create(target)?)?;
    }
    Ok(())
}

fn shown(path: PathBuf) -> Option<Shown> {
    let meta = path.symlink_metadata().ok()?;
    if !meta.is_symlink() {
        return Some(Shown::Path(path));
    }
    let target = fs::read_link(&path).ok()?;
    // A link into what is shown stays a link; one to elsewhere is shown as what it means.
    let is_system =
        path.parent().map(|parent| parent.join(&target)).is_some_and(|target| is_system(&target));
    Some(if is_system { Shown::Link(path, target) } else { Shown::Path(path) })
}

/// Whether every job sees this path anyway.
pub(super) fn is_system(path: &Path) -> bool {
    SYSTEM.iter().any(|folder| path.starts_with(folder))
}

/// What every job's environment starts from; paths are added by the supervisor.
pub(super) fn environment(host_net: bool) -> BTreeMap<String, String> {
    let passed_on =
        PASSED_ON.iter().filter_map(|name| Some(((*name).to_owned(), env::var(name).ok()?)));
    let fixed = [
        ("LANG", "C.UTF-8"),
        ("TERM", "dumb"),
        ("USER", "baton"),
        ("LOGNAME", "baton"),
        ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"),
        ("DOTNET_NOLOGO", "1"),
        ("GOTOOLCHAIN", "local"),
        ("RUSTUP_AUTO_INSTALL", "0"),
    ];
    // There is no network: tools should say so at once, not after a time-out.
    let offline = [("CARGO_NET_OFFLINE", "true"), ("GOPROXY", "off"), ("PIP_NO_INDEX", "1")];
    let fixed = fixed.into_iter().chain(offline.into_iter().filter(|_| !host_net));
    fixed.map(|(name, value)| (name.to_owned(), value.to_owned())).chain(passed_on).collect()
}

/// Where the repository of a linked worktree or a submodule is, if `root` is one. Git does not work without.
pub(super) fn git_folders(root: &Path) -> Vec<PathBuf> {
    // The file is the workspace's own, so what it points to has to point back: else it could name any folder.
    linked_git(root).unwrap_or_default()
}

fn linked_git(root: &Path) -> Option<Vec<PathBuf>> {
    let link = root.join(".git");
    if !link.symlink_metadata().ok()?.is_file() {
        return None;
    }
    let text = setting(&link)?;
    let own = root.join(text.strip_prefix("gitdir:")?.trim()).canonicalize().ok()?;
    let back = setting(&own.join("gitdir"))?;
    if Path::new(back.trim()).canonicalize().ok()? != link.canonicalize().ok()? {
        return None;
    }
    let common = own.join(setting(&own.join("commondir"))?.trim()).canonicalize().ok()?;
    // Only the repository itself makes folders there.
    (own.parent()? == common.join("worktrees") && common.join("HEAD").is_file())
        .then(|| vec![common])
}
