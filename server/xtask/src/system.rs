//! Programs of the system that tests and measurements start. It installs them where it may, and says how to where it may not.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::command;

#[cfg(test)]
mod tests;

/// Something that must be there, and the Debian package that brings it.
struct Need {
    what: &'static str,
    package: &'static str,
    is_there: fn() -> bool,
}

const NEEDS: &[Need] = &[
    // Other systems have no bubblewrap, and use other walls.
    Need {
        what: "bwrap",
        package: "bubblewrap",
        is_there: || !cfg!(target_os = "linux") || on_path("bwrap"),
    },
    Need { what: "git", package: "git", is_there: || on_path("git") },
    // For its language server; where it is older than that wants, it fetches a newer one of itself.
    Need { what: "go", package: "golang-go", is_there: || on_path("go") },
    Need { what: "node", package: "nodejs", is_there: || on_path("node") },
    Need { what: "npm", package: "npm", is_there: || on_path("npm") },
    Need { what: "python3", package: "python3", is_there: || on_path("python3") },
    // Debian splits it from Python; without it `python3 -m venv` fails.
    Need { what: "Python's ensurepip", package: "python3-venv", is_there: has_ensurepip },
    // Containers, and what is in them: an image is made here, as no registry is asked.
    Need { what: "podman", package: "podman", is_there: || has_containers("podman") },
    Need { what: "crun", package: "crun", is_there: || has_containers("crun") },
    Need { what: "catatonit", package: "catatonit", is_there: || has_containers("catatonit") },
    Need { what: "busybox", package: "busybox-static", is_there: || has_containers("busybox") },
    // Languages whose projects the tests build and test.
    Need { what: "go", package: "golang-go", is_there: || on_path("go") },
    Need { what: "javac", package: "default-jdk-headless", is_there: || on_path("javac") },
    Need { what: "mvn", package: "maven", is_there: || on_path("mvn") },
    Need { what: "c++", package: "g++", is_there: || on_path("c++") },
    Need { what: "cmake", package: "cmake", is_there: || on_path("cmake") },
    Need { what: "make", package: "make", is_there: || on_path("make") },
    Need { what: "GoogleTest", package: "libgtest-dev", is_there: has_google_test },
];

/// What search is measured beside.
const PEERS: &[Need] = &[
    Need { what: "git", package: "git", is_there: || on_path("git") },
    Need { what: "python3", package: "python3", is_there: || on_path("python3") },
    Need { what: "Python's ensurepip", package: "python3-venv", is_there: has_ensurepip },
    Need { what: "rg", package: "ripgrep", is_there: || on_path("rg") },
];

/// What llama.cpp is built with.
const COMPILER: &[Need] = &[
    Need { what: "c++", package: "g++", is_there: || on_path("c++") },
    Need { what: "cmake", package: "cmake", is_there: || on_path("cmake") },
    Need { what: "make", package: "make", is_there: || on_path("make") },
];

/// How packages can be installed here.
#[derive(Clone, Copy, Debug)]
enum Installer {
    /// `apt-get`, and the right to use it.
    Apt,
    /// `apt-get`, without the right.
    AptForbidden,
    /// Another system.
    Unknown,
}

/// What to do about what is missing.
#[derive(Debug)]
enum Plan {
    Nothing,
    /// Package names.
    Install(Vec<&'static str>),
    /// A message.
    Refuse(String),
}

/// Makes sure that the programs are there that the tests need.
///
/// # Errors
/// One is missing and cannot be installed; the message has the command to type.
pub(crate) fn ensure() -> Result<()> {
    ensure_all(NEEDS)
}

/// The same for those that search is measured beside.
///
/// # Errors
/// As [`ensure`].
pub(crate) fn ensure_peers() -> Result<()> {
    ensure_all(PEERS)
}

/// The same for what llama.cpp is built with.
///
/// # Errors
/// As [`ensure`].
pub(crate) fn ensure_compiler() -> Result<()> {
    ensure_all(COMPILER)
}

fn ensure_all(needs: &[Need]) -> Result<()> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !(need.is_there)()).collect();
    match plan(&missing, installer()) {
        Plan::Nothing => Ok(()),
        Plan::Refuse(message) => bail!(message),
        Plan::Install(packages) => {
            // A fresh machine has no package lists yet; an old one has stale ones.
            command::run(Command::new("apt-get").args(["update", "--quiet"]))?;
            let mut install = Command::new("apt-get");
            install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages);
            command::run(install.env("DEBIAN_FRONTEND", "noninteractive"))
        }
    }
}

fn plan(missing: &[&Need], installer: Installer) -> Plan {
    if missing.is_empty() {
        return Plan::Nothing;
    }
    let packages: Vec<_> = missing.iter().map(|need| need.package).collect();
    let list = packages.join(" ");
    match installer {
        Installer::Apt => Plan::Install(packages),
        Installer::AptForbidden => Plan::Refuse(format!(
            "programs are missing, and installing them needs more rights; run\n  sudo apt-get install --yes --no-install-recommends {list}"
        )),
        Installer::Unknown => {
            let what: Vec<_> = missing.iter().map(|need| need.what).collect();
            Plan::Refuse(format!(
                "there is no {}; install what is missing (on Debian the packages are: {list})",
                what.join(", ")
            ))
        }
    }
}

fn installer() -> Installer {
    if !on_path("apt-get") {
        return Installer::Unknown;
    }
    let user = command::output(Command::new("id").arg("-u"));
    if user.as_deref() == Some("0") { Installer::Apt } else { Installer::AptForbidden }
}

fn has_ensurepip() -> bool {
    on_path("python3")
        && command::output(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_some()
}

/// Other systems have containers in a virtual machine, and no test of them yet.
fn has_containers(program: &str) -> bool {
    !cfg!(target_os = "linux") || on_path(program)
}

fn has_google_test() -> bool {
    ["/usr", "/usr/local", "/opt/homebrew"]
        .iter()
        .any(|prefix| Path::new(prefix).join("include/gtest/gtest.h").is_file())
}

/// Whether a file of this name is in a folder of `PATH`.
fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file())
}
