//! Fetches the packages: the registries side by side, the packages of one registry one after the other.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use anyhow::{Context, Result, bail, ensure};

use super::lock::{Lock, Verdict};
use super::packages::{Package, Registry, Set};
use super::registries;
use super::unpack::unpack;
use super::{Places, environment};

/// The unpacked package.
pub(super) fn folder(places: &Places, package: &Package) -> PathBuf {
    places.cache.join("sources").join(package.id())
}

/// The archive that the start vectors are read from, once it has been fetched.
pub(super) fn start_file(places: &Places) -> Option<PathBuf> {
    let entries = std::fs::read_dir(places.cache.join("start")).ok()?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.find(|path| path.extension().is_some_and(|ending| ending == "whl"))
}

/// Fetches what is not there; names what cannot be had.
///
/// # Errors
/// An archive is not the one in the lock file, the lock file cannot be read or written, or nothing at all could be had.
pub(super) fn run(places: &Places, set: &Set) -> Result<()> {
    environment(places)?;
    std::fs::create_dir_all(places.cache.join("sources"))?;
    let lock = Mutex::new(Lock::read(&places.recipe.join("packages.lock"))?);
    start(places, &set.start, &lock)?;
    let mut by_registry: BTreeMap<Registry, Vec<&Package>> = BTreeMap::new();
    for package in &set.package {
        if !folder(places, package).exists() {
            by_registry.entry(package.registry).or_default().push(package);
        }
    }
    let refused: Mutex<Vec<String>> = Mutex::default();
    let (lock_here, refused_here) = (&lock, &refused);
    std::thread::scope(|scope| {
        for packages in by_registry.values() {
            scope.spawn(move || {
                if packages[0].registry == Registry::Maven {
                    // Where this fails, each is tried alone.
                    let _ =
                        registries::maven(places, packages, &places.cache.join("download/maven"));
                }
                for package in packages {
                    match one(places, package, lock_here) {
                        Ok(()) => eprintln!("have  {}", package.id()),
                        Err(error) => {
                            eprintln!("skip  {}: {error:#}", package.id());
                            let is_serious = error.is::<Differs>();
                            if is_serious {
                                refused_here.lock().expect("no thread panics").push(package.id());
                            }
                        }
                    }
                }
            });
        }
    });
    lock.into_inner().expect("no thread panics").write()?;
    let refused = refused.into_inner().expect("no thread panics");
    ensure!(refused.is_empty(), "other archives than in packages.lock: {}", refused.join(", "));
    let n_there = set.package.iter().filter(|package| folder(places, package).exists()).count();
    eprintln!("{n_there} of {} packages are there", set.package.len());
    if n_there == 0 {
        bail!("no package could be had");
    }
    Ok(())
}

/// An archive has other bytes than the lock file says.
#[derive(Debug)]
struct Differs(String);

impl std::fmt::Display for Differs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is not the archive in packages.lock", self.0)
    }
}

impl std::error::Error for Differs {}

/// Keeps the start package's archive as it is.
fn start(places: &Places, package: &Package, lock: &Mutex<Lock>) -> Result<()> {
    if start_file(places).is_some() {
        return Ok(());
    }
    let into = places.cache.join("download").join(package.id());
    let archives = registries::download(places, package, &into)?;
    check(package, &archives, lock)?;
    std::fs::rename(into, places.cache.join("start"))?;
    Ok(())
}

fn one(places: &Places, package: &Package, lock: &Mutex<Lock>) -> Result<()> {
    let into = places.cache.join("download").join(package.id());
    if into.exists() {
        std::fs::remove_dir_all(&into)?;
    }
    let archives = match from_batch(places, package) {
        Some(archive) => vec![archive],
        None => registries::download(places, package, &into)?,
    };
    check(package, &archives, lock)?;
    unpack(&archives, &folder(places, package))?;
    for archive in archives {
        std::fs::remove_file(archive)?;
    }
    if into.exists() {
        std::fs::remove_dir_all(&into)?;
    }
    Ok(())
}

/// Compares the archives with the lock file; new ones are recorded.
fn check(package: &Package, archives: &[PathBuf], lock: &Mutex<Lock>) -> Result<()> {
    for archive in archives {
        let file = archive.file_name().and_then(|name| name.to_str()).context("a name in UTF-8")?;
        let name = format!("{}/{file}", package.id());
        let hash = crate::hash::sha256(archive)?;
        let verdict = lock.lock().expect("no thread panics").check(&name, &hash);
        if verdict == Verdict::Differs {
            return Err(Differs(name).into());
        }
    }
    Ok(())
}

/// The archive, if Maven's common run has left it.
fn from_batch(places: &Places, package: &Package) -> Option<PathBuf> {
    if package.registry != Registry::Maven {
        return None;
    }
    let path = places.cache.join("download/maven").join(registries::maven_file(package));
    path.exists().then_some(path)
}
