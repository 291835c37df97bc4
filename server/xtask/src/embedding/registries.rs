//! Downloads a package with its registry's own client, which knows where the registry is. It unpacks nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::packages::{Package, Registry};
use super::{Places, environment};

/// Downloads into the empty folder `into` and returns the archives.
///
/// # Errors
/// The client does not run or has no such package; its last words are in the error.
pub(super) fn download(places: &Places, package: &Package, into: &Path) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(into)?;
    let name = &package.name;
    let version = &package.version;
    match package.registry {
        Registry::Pypi => pypi(places, name, version, into)?,
        Registry::Crates => crates(places, name, version, into)?,
        Registry::Npm => {
            let spec = format!("{name}@{version}");
            talk(
                Command::new("npm")
                    .args(["pack", "--silent", "--ignore-scripts", &spec])
                    .current_dir(into),
            )?;
        }
        Registry::Go => go(places, name, version, into)?,
        Registry::Maven => maven(places, &[package], into)?,
        Registry::Debian => debian(places, name, version, into)?,
        Registry::Deb => {
            let spec = format!("{name}={version}");
            talk(Command::new("apt-get").args(["-q", "download", &spec]).current_dir(into))?;
        }
    }
    let mut archives: Vec<PathBuf> = std::fs::read_dir(into)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file() && path.extension().is_none_or(|ending| ending != "xml"))
        .collect();
    archives.sort();
    ensure!(!archives.is_empty(), "the client left no file");
    Ok(archives)
}

/// Wheels hold the package as it is installed: its sources without tests, and nothing is built.
fn pypi(places: &Places, name: &str, version: &str, into: &Path) -> Result<()> {
    let python = environment(places)?.join("python");
    talk(
        Command::new(python)
            .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"])
            .args(["--only-binary", ":all:", "--dest"])
            .arg(into)
            .arg(format!("{name}=={version}")),
    )
}

/// `cargo info` downloads one crate without its dependencies.
fn crates(places: &Places, name: &str, version: &str, into: &Path) -> Result<()> {
    let home = places.cache.join("cargo");
    std::fs::create_dir_all(&home)?;
    let spec = format!("{name}@{version}");
    talk(
        Command::new("cargo")
            .args(["info", "--quiet", &spec])
            .env("CARGO_HOME", &home)
            .current_dir(into),
    )?;
    let file = format!("{name}-{version}.crate");
    let registries = std::fs::read_dir(home.join("registry/cache"))?;
    let found = registries
        .filter_map(|entry| Some(entry.ok()?.path().join(&file)))
        .find(|path| path.exists());
    let found = found.with_context(|| format!("cargo left no {file}"))?;
    std::fs::copy(&found, into.join(&file))?;
    Ok(())
}

fn go(places: &Places, name: &str, version: &str, into: &Path) -> Result<()> {
    let mut command = Command::new("go");
    command
        .args(["mod", "download", "-json", &format!("{name}@{version}")])
        .env("GOMODCACHE", places.cache.join("go"))
        .env("GOFLAGS", "-modcacherw")
        .env("GOTOOLCHAIN", "local")
        .current_dir(into);
    let output = command.output().context("cannot start go")?;
    let reply: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let Some(zip) = reply["Zip"].as_str() else {
        bail!(
            "{}",
            reply["Error"].as_str().map_or_else(|| last_words(&output.stderr), str::to_owned)
        );
    };
    std::fs::copy(zip, into.join("module.zip"))?;
    // The module is there twice now: as archive, and unpacked by go.
    std::fs::remove_file(zip)?;
    if let Some(folder) = reply["Dir"].as_str() {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(())
}

/// Downloads the `-sources` jars of all packages in one run of Maven, which takes seconds to start.
///
/// # Errors
/// Maven does not run, or one of the packages cannot be had.
pub(super) fn maven(places: &Places, packages: &[&Package], into: &Path) -> Result<()> {
    std::fs::create_dir_all(into)?;
    let items: Result<Vec<String>> = packages.iter().map(|package| maven_item(package)).collect();
    let pom = into.join("pom.xml");
    let head = "<project><modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>sources</artifactId>\
        <version>1</version><build><plugins><plugin><groupId>org.apache.maven.plugins</groupId>\
        <artifactId>maven-dependency-plugin</artifactId><version>3.6.1</version><configuration>\
        <prependGroupId>true</prependGroupId><artifactItems>";
    let tail = format!(
        "</artifactItems><outputDirectory>{}</outputDirectory></configuration></plugin></plugins></build></project>",
        into.display()
    );
    std::fs::write(&pom, format!("{head}{}{tail}", items?.concat()))?;
    let repository = format!("-Dmaven.repo.local={}", places.cache.join("maven").display());
    talk(Command::new("mvn").args(["-q", "-B", &repository, "-f"]).arg(&pom).arg("dependency:copy"))
}

fn maven_item(package: &Package) -> Result<String> {
    let (group, artifact) =
        package.name.split_once(':').context("a Maven name is `group:artifact`")?;
    Ok(format!(
        "<artifactItem><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{}</version>\
         <classifier>sources</classifier><type>jar</type></artifactItem>",
        package.version
    ))
}

/// The name that [`maven`] gives a package's archive.
pub(super) fn maven_file(package: &Package) -> String {
    format!("{}-{}-sources.jar", package.name.replace(':', "."), package.version)
}

/// Source packages, by the machine's own list of archives with `deb` read as `deb-src`.
fn debian(places: &Places, name: &str, version: &str, into: &Path) -> Result<()> {
    let apt = places.cache.join("apt");
    let options = [
        format!("Dir::Etc::sourcelist={}", apt.join("source.sources").display()),
        "Dir::Etc::sourceparts=-".to_owned(),
        format!("Dir::State::Lists={}", apt.join("lists").display()),
        format!("Dir::Cache={}", apt.join("cache").display()),
    ];
    let with_options = || {
        let mut command = Command::new("apt-get");
        options.iter().for_each(|option| {
            command.args(["-o", option]);
        });
        command
    };
    if !apt.join("source.sources").exists() {
        std::fs::create_dir_all(apt.join("lists/partial"))?;
        std::fs::create_dir_all(apt.join("cache/archives/partial"))?;
        std::fs::write(apt.join("source.partial"), source_list()?)?;
        std::fs::rename(apt.join("source.partial"), apt.join("source.sources"))?;
        talk(with_options().args(["-q", "update"]))?;
    }
    let spec = format!("{name}={version}");
    talk(
        with_options()
            .args(["-q", "source", "--download-only", "--only-source", &spec])
            .current_dir(into),
    )
}

fn source_list() -> Result<String> {
    let parts = std::fs::read_dir("/etc/apt/sources.list.d").context("this is no Debian system")?;
    let files = parts.filter_map(|entry| Some(entry.ok()?.path()));
    let texts = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "sources"))
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .filter(|text| text.contains("/debian"));
    let list: String =
        texts.map(|text| text.replace("Types: deb\n", "Types: deb-src\n") + "\n").collect();
    ensure!(!list.is_empty(), "no `.sources` file names Debian's archive");
    Ok(list)
}

/// Runs a client quietly.
fn talk(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot start {program}"))?;
    if output.status.success() {
        return Ok(());
    }
    let words = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
    bail!("{program}: {}", last_words(words))
}

fn last_words(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no word why");
    line.trim().chars().take(200).collect()
}
