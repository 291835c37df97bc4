//! C++: upstream archives of Debian source packages as apt fetches them, tests with CMake and CTest.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{Place, Prepared, unpack, words};
use crate::command;
use crate::hash::sha256;

/// A `deb-src` line for each place that the machine gets its packages from.
const SOURCE: &str = "deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)";
/// First line of what is put on top of a `CMakeLists.txt`.
const MARK: &str = "# Options of the evaluation.\n";

pub(super) fn prepare(place: &Place) -> Result<Prepared> {
    let folder = place.once(|into| {
        let archive = match archive(place) {
            Some(archive) => archive,
            None => {
                fetch(place)?;
                archive(place).context("no archive of that hash came with the package")?
            }
        };
        let folder = unpack(&archive, into)?;
        let options = place.package.options.iter().map(String::as_str);
        let options: String = std::iter::once("BUILD_TESTING")
            .chain(options)
            .map(|option| format!("set({option} ON CACHE BOOL \"\" FORCE)\n"))
            .collect();
        let path = folder.join("CMakeLists.txt");
        let text = std::fs::read_to_string(&path)?;
        std::fs::write(&path, format!("{MARK}{options}{text}"))?;
        Ok(folder)
    })?;
    let tests =
        ["cmake -S . -B {build}", "cmake --build {build} --parallel 2", "ctest --test-dir {build}"];
    Ok(Prepared { folder, path: Vec::new(), tests: tests.map(words).to_vec(), env: Vec::new() })
}

/// The upstream archive, known by its hash alone.
fn archive(place: &Place) -> Option<PathBuf> {
    let entries = std::fs::read_dir(&place.archives).ok()?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.find(|path| {
        path.to_string_lossy().contains(".orig.tar.")
            && sha256(path).is_ok_and(|hash| hash == place.package.sha256)
    })
}

fn fetch(place: &Place) -> Result<()> {
    let own = place.cache.join("apt");
    std::fs::create_dir_all(own.join("lists/partial"))?;
    std::fs::create_dir_all(own.join("cache"))?;
    let sources = command::output(Command::new("apt-get").args([
        "indextargets",
        "--format",
        SOURCE,
        "Created-By: Packages",
    ]));
    let sources = sources.context("`apt-get indextargets` failed")?;
    std::fs::write(own.join("sources.list"), format!("{sources}\n"))?;
    let apt = || {
        let mut apt = Command::new("apt-get");
        for (option, value) in [
            ("Dir::Etc::sourcelist", own.join("sources.list")),
            ("Dir::Etc::sourceparts", "/dev/null".into()),
            ("Dir::State::lists", own.join("lists")),
            ("Dir::Cache", own.join("cache")),
            ("APT::Sandbox::User", "root".into()),
        ] {
            apt.arg("-o").arg(format!("{option}={}", value.display()));
        }
        apt.arg("-qq").current_dir(&place.archives);
        apt
    };
    command::quiet(apt().arg("update"))?;
    let wanted = format!("{}={}", place.package.name, place.package.version);
    command::quiet(apt().args(["source", "--download-only"]).arg(wanted))
}

/// Turns the tests off, whose files are gone.
pub(super) fn without_tests(folder: &Path) -> Result<()> {
    let path = folder.join("CMakeLists.txt");
    let text = std::fs::read_to_string(&path)?;
    let rest = text.strip_prefix(MARK).context("the options are not where they were put")?;
    let rest = rest.lines().skip_while(|line| line.starts_with("set("));
    let rest = rest.map(|line| format!("{line}\n")).collect::<String>();
    Ok(std::fs::write(
        &path,
        format!("{MARK}set(BUILD_TESTING OFF CACHE BOOL \"\" FORCE)\n{rest}"),
    )?)
}
