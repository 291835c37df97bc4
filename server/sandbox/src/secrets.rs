//! What is hidden of a workspace that contains the user's home; nothing else of that home is shown to a command.

use std::{
    env,
    path::{Path, PathBuf},
};

/// Folders and files of keys and passwords.
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

/// What is under `root` and must not be seen.
pub(crate) fn below(root: &Path) -> Vec<PathBuf> {
    let Some(home) = home() else { return Vec::new() };
    if !home.starts_with(root) {
        return Vec::new();
    }
    let all = SECRETS.iter().map(|name| home.join(name));
    all.filter(|path| path.symlink_metadata().is_ok_and(|meta| !meta.is_symlink())).collect()
}

/// The user's home, if it is one.
pub(crate) fn home() -> Option<PathBuf> {
    env::var_os("HOME")
        .map(PathBuf::from)
        .filter(|home| home.is_absolute() && home != Path::new("/"))
}
