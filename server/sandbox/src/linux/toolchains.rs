//! Which folders outside the system's a program needs, found by links and known layouts, and shown read-only.
//!
//! Nothing is run to find out, and a home is never shown as a whole: programs under it come from folders with a known
//! shape, or alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    ffi::{OsStr, OsString},
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use super::host::is_system;
use crate::{
    secrets::home,
    which::{is_program, which_in},
};

#[cfg(test)]
mod tests;

/// Links and interpreters that are followed from one program.
const MAX_STEPS: usize = 24;
/// What is read of a Python environment's settings.
const SETTING_BYTES: u64 = 64 * 1024;
/// What a folder of an installed program has beside `bin`.
const PREFIX_SIGNS: &[&str] = &["lib", "lib64", "libexec", "include", "pyvenv.cfg", "lib32"];
/// Folders with settings and secrets, wherever they are.
const SETTINGS: &[&str] =
    &[".ssh", ".config", ".gnupg", ".aws", ".azure", ".kube", ".docker", "keyrings"];
/// Folders of a workspace that may be Python environments.
const ENVIRONMENTS: &[&str] = &[".venv", "venv", "env"];

/// What was found so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Toolchains {
    home: Option<PathBuf>,
    /// Folders and files of the host.
    pub shown: BTreeSet<PathBuf>,
    /// Where tools find their data, as they would look for it in the user's home.
    pub env: BTreeMap<String, String>,
}

impl Toolchains {
    /// All that the user's PATH leads to.
    pub(super) fn of_path(path: &OsStr) -> Toolchains {
        let mut all = Toolchains { home: home(), ..Toolchains::default() };
        all.add_rust(env::var_os("CARGO_HOME"), env::var_os("RUSTUP_HOME"));
        all.add_python();
        all.add_go(env::var_os("GOMODCACHE"), env::var_os("GOPATH"));
        all.add_java();
        all.add_dotnet();
        for dir in env::split_paths(path) {
            all.add_folder(&dir);
        }
        if let Some(java) = env::var_os("JAVA_HOME") {
            all.add_prefix(Path::new(&java));
        }
        all
    }

    /// What `program` needs beyond that; `path` is where it is looked up, `cwd` what it is relative to.
    pub(super) fn add_program(&mut self, program: &str, path: &OsStr, cwd: &Path) {
        let file = if program.contains('/') {
            Some(cwd.join(program))
        } else {
            which_in(program, path).map(|path| path.as_std_path().to_owned())
        };
        if let Some(file) = file {
            self.follow(normal(&file), path);
        }
    }

    /// What the Python environments of a workspace are based on.
    pub(super) fn add_environments(&mut self, root: &Path, path: &OsStr) {
        for name in ENVIRONMENTS {
            if let Some(python) = base_python(&root.join(name)) {
                self.follow(python, path);
            }
        }
    }

    fn add_rust(&mut self, cargo_home: Option<OsString>, rustup_home: Option<OsString>) {
        let in_home = |name: &str| self.home.as_ref().map(|home| home.join(name));
        let cargo =
            cargo_home.map(PathBuf::from).or_else(|| in_home(".cargo")).filter(|dir| dir.is_dir());
        let rustup = rustup_home
            .map(PathBuf::from)
            .or_else(|| in_home(".rustup"))
            .filter(|dir| dir.is_dir());
        if let Some(cargo) = cargo {
            // Not `credentials.toml`.
            self.show_all(["bin", "registry", "git"].map(|name| cargo.join(name)));
            let config = cargo.join("config.toml");
            if fs::read_to_string(&config).is_ok_and(|text| !text.contains("token")) {
                self.show(config);
            }
            self.set("CARGO_HOME", &cargo);
        }
        if let Some(rustup) = rustup {
            self.show_all(["toolchains", "settings.toml"].map(|name| rustup.join(name)));
            self.set("RUSTUP_HOME", &rustup);
            // `rustup toolchain link` leaves links to builds elsewhere.
            for linked in fs::read_dir(rustup.join("toolchains")).into_iter().flatten().flatten() {
                if let Ok(target) = linked.path().canonicalize()
                    && !self.is_shown(&target)
                {
                    self.add_prefix(&target);
                }
            }
        }
    }

    /// What `pip install --user` has installed.
    fn add_python(&mut self) {
        let Some(base) = self.home.as_ref().map(|home| home.join(".local")) else { return };
        let Ok(entries) = fs::read_dir(base.join("lib")) else { return };
        let versions = entries
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("python"));
        let before = self.shown.len();
        self.show_all(versions.map(|entry| entry.path()));
        if before < self.shown.len() {
            self.set("PYTHONUSERBASE", &base);
        }
    }

    /// The modules that Go has downloaded.
    fn add_go(&mut self, mod_cache: Option<OsString>, path: Option<OsString>) {
        let in_path =
            |path: OsString| env::split_paths(&path).next().map(|first| first.join("pkg/mod"));
        let mods = mod_cache
            .map(PathBuf::from)
            .or_else(|| path.and_then(in_path))
            .or_else(|| self.home.as_ref().map(|home| home.join("go/pkg/mod")))
            .filter(|mods| mods.is_dir() && self.is_harmless(mods));
        if let Some(mods) = mods {
            self.set("GOMODCACHE", &mods);
            self.show(mods);
        }
    }

    /// What Maven has downloaded. Not its settings: passwords and tokens stand there in many forms.
    fn add_java(&mut self) {
        let Some(maven) = self.home.as_ref().map(|home| home.join(".m2")) else { return };
        self.show_all(["repository", "wrapper"].map(|name| maven.join(name)));
        if maven.join("wrapper").is_dir() {
            self.set("MAVEN_USER_HOME", &maven);
        }
    }

    /// The packages that NuGet has downloaded.
    fn add_dotnet(&mut self) {
        let Some(home) = &self.home else { return };
        let packages = home.join(".nuget/packages");
        if packages.is_dir() {
            self.set("NUGET_PACKAGES", &packages);
            self.show(packages);
        }
    }

    /// A folder of PATH.
    fn add_folder(&mut self, dir: &Path) {
        let Ok(real) = dir.canonicalize() else { return };
        if !dir.is_absolute() || !real.is_dir() {
            return;
        }
        self.add_bin(&real);
        if dir != real && !is_system(dir) && self.is_harmless(dir) && self.is_harmless(&real) {
            self.show(dir.to_owned());
        }
    }

    /// A folder of PATH: with the installation that it belongs to, if there is one, else alone.
    fn add_bin(&mut self, dir: &Path) {
        if !is_system(dir) && !self.add_installation(dir) && self.is_harmless(dir) {
            self.show(dir.to_owned());
        }
    }

    /// What the programs in this folder were installed with; `false` if that has no known shape.
    fn add_installation(&mut self, dir: &Path) -> bool {
        let name = dir.file_name().and_then(OsStr::to_str).unwrap_or_default();
        let Some(prefix) = dir.parent() else { return false };
        let has = |names: &[&str]| names.iter().any(|name| prefix.join(name).exists());
        match name {
            // pyenv, rbenv, nodenv, asdf, mise: small scripts that start what is beside them.
            "shims"
                if has(&["libexec", "versions", "installs", "plugins"])
                    && self.is_harmless(prefix) =>
            {
                self.show(prefix.to_owned());
                true
            }
            "bin" if prefix.ends_with(".volta") => {
                self.show(prefix.to_owned());
                true
            }
            "bin" if has(&["pkg/mod"]) => {
                self.show_all([dir.to_owned(), prefix.join("pkg/mod")]);
                self.set("GOMODCACHE", &prefix.join("pkg/mod"));
                true
            }
            "bin" | "sbin" => self.add_prefix(prefix),
            _ => false,
        }
    }

    /// Shows the whole of an installation; `false` if this is none.
    fn add_prefix(&mut self, prefix: &Path) -> bool {
        let is_prefix = !prefix.ends_with(".local")
            // A repository is somebody's work, not an installation.
            && ![".ssh", ".git"].iter().any(|sign| prefix.join(sign).exists())
            && PREFIX_SIGNS.iter().any(|sign| prefix.join(sign).exists())
            && self.is_harmless(prefix);
        if is_prefix && !is_system(prefix) {
            self.show(prefix.to_owned());
        }
        is_prefix
    }

    /// Whether showing this folder cannot show a home or more.
    fn is_harmless(&self, dir: &Path) -> bool {
        let parts = dir.components().count();
        let holds_home = self.home.as_ref().is_some_and(|home| home.starts_with(dir));
        // `/`, `/opt`, `/home`, `/home/somebody` are too much; so is what keeps the settings of programs.
        let is_top = parts < 3 || (dir.starts_with("/home") && parts < 4);
        !holds_home && !is_top && !is_settings(dir)
    }

    /// A program, what it links to, and what its first line or its environment names.
    fn follow(&mut self, program: PathBuf, path: &OsStr) {
        let mut todo = vec![program];
        for _ in 0..MAX_STEPS {
            let Some(file) = todo.pop() else { return };
            let Ok(meta) = file.symlink_metadata() else { continue };
            self.add_file(&file);
            if let Some(prefix) = file.parent().and_then(Path::parent) {
                todo.extend(base_python(prefix));
            }
            if meta.is_symlink() {
                let target = fs::read_link(&file)
                    .ok()
                    .and_then(|target| Some(normal(&file.parent()?.join(target))));
                todo.extend(target);
            } else {
                todo.extend(interpreter(&file, path));
            }
        }
    }

    fn add_file(&mut self, file: &Path) {
        // A workspace can name any file by a link: what is no program is not shown for it.
        if is_system(file) || self.is_shown(file) || is_settings(file) || !is_program(file) {
            return;
        }
        if let Some(packages) = packages(file).filter(|dir| self.is_harmless(dir)) {
            self.show(packages.to_owned());
        } else if !file.parent().is_some_and(|dir| self.add_installation(dir)) {
            self.show(file.to_owned());
        }
    }

    fn is_shown(&self, path: &Path) -> bool {
        path.ancestors().any(|above| self.shown.contains(above))
    }

    fn show(&mut self, path: PathBuf) {
        if path.exists() && !self.is_shown(&path) {
            self.shown.retain(|below| !below.starts_with(&path));
            self.shown.insert(path);
        }
    }

    fn show_all(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        paths.into_iter().for_each(|path| self.show(path));
    }

    fn set(&mut self, name: &str, value: &Path) {
        if let Some(value) = value.to_str() {
            self.env.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// Whether this is where programs keep what they know of the user.
fn is_settings(path: &Path) -> bool {
    SETTINGS.iter().any(|name| path.components().any(|part| part.as_os_str() == *name))
}

/// The outermost `node_modules` around a program: its package, and what that requires, lie there.
fn packages(file: &Path) -> Option<&Path> {
    file.ancestors().skip(1).filter(|dir| dir.ends_with("node_modules")).last()
}

/// The Python that the environment in `prefix` was made with.
fn base_python(prefix: &Path) -> Option<PathBuf> {
    let text = setting(&prefix.join("pyvenv.cfg"))?;
    let bin = text
        .lines()
        .find_map(|line| line.split_once('=').filter(|(key, _)| key.trim() == "home"))?
        .1;
    let bin = Path::new(bin.trim());
    ["python3", "python"].map(|name| bin.join(name)).into_iter().find(|python| python.exists())
}

/// The text of a short plain file. What a workspace has of that name may be a pipe, or a link to a device without end.
pub(super) fn setting(file: &Path) -> Option<String> {
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    File::open(file).ok()?.take(SETTING_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The program in a script's first line.
fn interpreter(script: &Path, path: &OsStr) -> Option<PathBuf> {
    if !script.metadata().ok()?.is_file() {
        return None;
    }
    let mut start = [0; 256];
    let n_bytes = File::open(script).ok()?.read(&mut start).ok()?;
    let line = String::from_utf8_lossy(start[..n_bytes].strip_prefix(b"#!")?)
        .lines()
        .next()?
        .trim()
        .to_owned();
    let mut words = line.split_whitespace();
    let program = Path::new(words.next()?);
    if program.file_name()? != "env" {
        return Some(program.to_owned());
    }
    let name = words.find(|word| !word.starts_with('-') && !word.contains('='))?;
    which_in(name, path).map(|path| path.as_std_path().to_owned())
}

/// Without `.` and `..`, as far as text tells.
fn normal(path: &Path) -> PathBuf {
    use std::path::Component::{CurDir, ParentDir};

    path.components().fold(PathBuf::new(), |mut acc, part| {
        match part {
            CurDir => {}
            ParentDir => {
                acc.pop();
            }
            part => acc.push(part),
        }
        acc
    })
}
