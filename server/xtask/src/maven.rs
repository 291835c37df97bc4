//! Maven's local repository with all that the tests' projects need: they run where nothing can be downloaded.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command;
use crate::stamp;

/// Of the project whose one test is run, below `tests/maven`.
const FILES: &[&str] = &["pom.xml", "src/test/java/demo/FirstTest.java"];

/// Runs the test of `tests/maven`, so that Maven has downloaded what such a project needs into the user's repository.
///
/// # Errors
/// Maven fails, or the repository that it downloads from.
pub(crate) fn warm(root: &Path) -> Result<()> {
    let folder = root.join(".cache/maven");
    let version = command::output(Command::new("mvn").arg("--version"))
        .context("mvn does not run: it needs a JDK")?;
    let mut inputs = vec![version];
    for file in FILES {
        let path = root.join("tests/maven").join(file);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        inputs.push(text);
    }
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    stamp::unless_fresh(&folder, &inputs, || {
        for (file, text) in FILES.iter().zip(&inputs[1..]) {
            let path = folder.join(file);
            std::fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
            std::fs::write(path, text)?;
        }
        command::run(
            Command::new("mvn").args(["--batch-mode", "--quiet", "test"]).current_dir(&folder),
        )
    })?;
    Ok(())
}
