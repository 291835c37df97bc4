//! What every job sees of this machine, read-only, and its clean environment; a job's own program is in `toolchains`.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
};

use super::wire::Shown;

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

/// What programs need of `/etc`. Listed one by one: for root, all of it is readable, `shadow` too.
const ETC: &[&str] = &[
    "alternatives",
    "bash.bashrc",
    "ca-certificates",
    "ca-certificates.conf",
    "crypto-policies",
    "debian_version",
    "environment-modules",
    "fonts",
    "gai.conf",
    "group",
    "host.conf",
    "hosts",
    "java",
    "java-11-openjdk",
    "java-17-openjdk",
    "java-21-openjdk",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "locale.alias",
    "locale.conf",
    "localtime",
    "lsb-release",
    "machine-id",
    "magic",
    "mime.types",
    "networks",
    "nsswitch.conf",
    "os-release",
    "passwd",
    "perl",
    "php",
    "pki/ca-trust",
    "pki/tls/certs",
    "protocols",
    "python3",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "R",
    "rpc",
    "ruby",
    "services",
    "sgml",
    "ssl/cert.pem",
    "ssl/certs",
    "ssl/openssl.cnf",
    "terminfo",
    "timezone",
    "xml",
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

/// What is hidden should a workspace contain the user's home. Nothing of the kind is shown otherwise.
const SECRETS: &[&str] = &[
    ".ssh",
    ".aws",
    ".azure",
    ".config",
    ".docker",
    ".git-credentials",
    ".gnupg",
    ".kube",
    ".local/share/keyrings",
    ".mozilla",
    ".netrc",
    ".npmrc",
    ".password-store",
    ".pypirc",
];

/// Folders of programs and libraries, and the needed parts of `/etc`.
pub(super) fn system() -> BTreeSet<Shown> {
    let etc = ETC.iter().map(|name| Path::new("/etc").join(name));
    SYSTEM.iter().map(PathBuf::from).chain(etc).filter_map(shown).collect()
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

/// What is under `root` and must not be seen.
pub(super) fn hidden(root: &Path) -> Vec<PathBuf> {
    let Some(home) = home() else { return Vec::new() };
    if !home.starts_with(root) {
        return Vec::new();
    }
    let all = SECRETS.iter().map(|name| home.join(name));
    all.filter(|path| path.symlink_metadata().is_ok_and(|meta| !meta.is_symlink())).collect()
}

/// The user's home, if it is one.
pub(super) fn home() -> Option<PathBuf> {
    env::var_os("HOME")
        .map(PathBuf::from)
        .filter(|home| home.is_absolute() && home != Path::new("/"))
}

/// What every job's environment starts from; paths are added by the supervisor.
pub(super) fn environment() -> BTreeMap<String, String> {
    let passed_on =
        PASSED_ON.iter().filter_map(|name| Some(((*name).to_owned(), env::var(name).ok()?)));
    let fixed = [
        ("LANG", "C.UTF-8"),
        ("TERM", "dumb"),
        ("USER", "baton"),
        ("LOGNAME", "baton"),
        // There is no network: tools should say so at once, not after a time-out.
        ("CARGO_NET_OFFLINE", "true"),
        ("GOPROXY", "off"),
        ("GOTOOLCHAIN", "local"),
        ("PIP_NO_INDEX", "1"),
        ("RUSTUP_AUTO_INSTALL", "0"),
    ];
    let fixed = fixed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    fixed.into_iter().chain(passed_on).collect()
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
    let text = fs::read_to_string(&link).ok()?;
    let own = root.join(text.strip_prefix("gitdir:")?.trim()).canonicalize().ok()?;
    let back = fs::read_to_string(own.join("gitdir")).ok()?;
    if Path::new(back.trim()).canonicalize().ok()? != link.canonicalize().ok()? {
        return None;
    }
    let common =
        own.join(fs::read_to_string(own.join("commondir")).ok()?.trim()).canonicalize().ok()?;
    // Only the repository itself makes folders there.
    (own.parent()? == common.join("worktrees") && common.join("HEAD").is_file())
        .then(|| vec![common])
}
