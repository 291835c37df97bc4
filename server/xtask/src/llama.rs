//! llama.cpp's server, and a tiny model with random weights for it, in the cache. It starts neither: the tests of `models` do.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command;
use crate::stamp;

#[cfg(test)]
mod tests;

/// The environment variables by which the tests know the two.
pub(crate) const SERVER: &str = "LLAMA_SERVER";
pub(crate) const MODEL: &str = "LLAMA_MODEL";

const LIST: &str = "tests/llama.txt";
const PACKAGE: &str = "llama-cpp-python";

/// Its way of calling tools is one that the server knows well.
const TEMPLATE: &str = "models/templates/Qwen-Qwen2.5-7B-Instruct.jinja";

/// As little as serves the tests. The tiny model is quick without much optimisation, which doubles the time of the largest files;
/// and nothing is for this processor alone, because a cache may be carried to another machine.
const OPTIONS: &[&str] = &[
    "-DCMAKE_BUILD_TYPE=Release",
    "-DCMAKE_C_FLAGS_RELEASE=-O1 -DNDEBUG",
    "-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DNDEBUG",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DGGML_METAL=OFF",
    "-DGGML_NATIVE=OFF",
    "-DLLAMA_BUILD_APP=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_SERVER=ON",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_OPENSSL=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",
];

/// What the tests are told.
pub(crate) struct Llama {
    pub(crate) server: PathBuf,
    pub(crate) model: PathBuf,
}

/// Builds the server and makes the model, where they are not there yet. `python`: a folder with `python` and its pip.
///
/// # Errors
/// The package index, the compiler or the script fails.
pub(crate) fn ensure(root: &Path, python: &Path) -> Result<Llama> {
    let list = read(&root.join(LIST))?;
    let version = version(&list).with_context(|| format!("no `{PACKAGE}==` in {LIST}"))?;
    let folder = root.join(".cache/llama").join(version);
    let (server, template) = (folder.join("llama-server"), folder.join("template.jinja"));
    let inputs: Vec<&str> =
        [list.as_str(), TEMPLATE].into_iter().chain(OPTIONS.iter().copied()).collect();
    stamp::unless_fresh(&folder, &inputs, || {
        let sources = sources(root, python, version, &folder)?;
        let program = build(&sources)?;
        std::fs::copy(&program, &server).with_context(|| format!("no {}", program.display()))?;
        std::fs::copy(sources.join(TEMPLATE), &template).context("no chat template")?;
        // A quarter of a gigabyte that nobody needs again.
        std::fs::remove_dir_all(&sources).context("cannot remove the sources")
    })?;
    let script = root.join("server/models/tests/llama/make_model.py");
    let (folder, inputs) = (folder.join("model"), [read(&script)?, read(&template)?]);
    let model = folder.join("tiny.gguf");
    stamp::unless_fresh(&folder, &inputs.each_ref().map(String::as_str), || {
        std::fs::create_dir_all(&folder)?;
        command::run(Command::new(python.join("python")).arg(&script).arg(&template).arg(&model))
    })?;
    Ok(Llama { server, model })
}

/// Downloads and unpacks them. Over what an interrupted run left they come with their old times, so that its objects serve.
fn sources(root: &Path, python: &Path, version: &str, folder: &Path) -> Result<PathBuf> {
    let sources = folder.join("sources");
    std::fs::create_dir_all(&sources)?;
    let download = tempfile::tempdir()?;
    command::run(
        Command::new(python.join("python"))
            .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"])
            .args(["--no-deps", "--no-binary", PACKAGE, "--require-hashes", "--dest"])
            .arg(download.path())
            .arg("--requirement")
            .arg(root.join(LIST)),
    )?;
    let name = format!("{}-{version}", PACKAGE.replace('-', "_"));
    command::run(
        Command::new("tar")
            .args(["--strip-components", "3", "--no-same-owner", "-xzf"])
            .arg(download.path().join(format!("{name}.tar.gz")))
            .arg("-C")
            .arg(&sources)
            .arg(format!("{name}/vendor/llama.cpp")),
    )?;
    Ok(sources)
}

/// Returns the program.
fn build(sources: &Path) -> Result<PathBuf> {
    let build = sources.join("build");
    command::run(Command::new("cmake").arg("-S").arg(sources).arg("-B").arg(&build).args(OPTIONS))?;
    let mut compile = Command::new("cmake");
    compile.arg("--build").arg(&build).args(["--target", "llama-server"]);
    // CMake's own variable wins; without either, `make` would compile everything at once.
    if std::env::var_os(JOBS).is_none() {
        compile.env(JOBS, std::thread::available_parallelism()?.to_string());
    }
    command::run(&mut compile)?;
    Ok(build.join("bin/llama-server"))
}

const JOBS: &str = "CMAKE_BUILD_PARALLEL_LEVEL";

/// The version that the list pins.
fn version(list: &str) -> Option<&str> {
    let pin = list.lines().find_map(|line| line.strip_prefix(PACKAGE)?.strip_prefix("=="))?;
    pin.split_whitespace().next()
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
