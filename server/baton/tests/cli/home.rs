//! A user with a workspace, and the program in their hands. No assertions of its own.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use fixture::{Fixture, Scripted, ScriptedModel, TempWorkspace};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Folders of one test.
pub(crate) struct Home {
    pub(crate) workspace: TempWorkspace,
    pub(crate) dir: TempDir,
    /// Keeps the scripted model serving.
    server: Option<(Runtime, ScriptedModel)>,
}

/// What came of one start.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Home {
    /// `files`: in the fixture language.
    pub(crate) fn new(files: &str) -> Home {
        let fixture = Fixture::parse(files);
        let workspace = TempWorkspace::new(&fixture).unwrap();
        Home { workspace, dir: TempDir::with_prefix("baton-home-").unwrap(), server: None }
    }

    /// With a model that gives these replies, configured as `scripted/model`.
    pub(crate) fn with_model(files: &str, replies: &[&str]) -> Home {
        Home::with_script(
            files,
            replies.iter().map(|text| Scripted::Text((*text).to_owned())).collect(),
        )
    }

    /// With a model that does these things in order.
    pub(crate) fn with_script(files: &str, replies: Vec<Scripted>) -> Home {
        let mut home = Home::new(files);
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(ScriptedModel::start(replies));
        home.configure(&format!(
            "model = \"scripted/model\"\n[[provider]]\nname = \"scripted\"\nbase_url = \"{}\"\n",
            server.base_url()
        ));
        home.server = Some((runtime, server));
        home
    }

    /// Writes the user's settings.
    pub(crate) fn configure(&self, toml: &str) {
        let dir = self.dir.path().join("config/baton");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("config.toml"), toml).unwrap();
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.workspace.path().canonicalize().unwrap()
    }

    /// The program with an environment of its own; `PATH` and the Rust toolchain's folders are the real ones.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_baton"));
        command.args(args).current_dir(self.workspace.path()).env_clear();
        for name in ["PATH", "RUSTUP_HOME", "CARGO_HOME", "TMPDIR"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        // Rustup falls back to the home directory, which is another one here.
        if let (None, Some(home)) = (std::env::var_os("RUSTUP_HOME"), std::env::var_os("HOME")) {
            command.env("RUSTUP_HOME", PathBuf::from(home).join(".rustup"));
        }
        command.env("HOME", self.dir.path());
        command.env("XDG_CONFIG_HOME", self.dir.path().join("config"));
        command.env("XDG_DATA_HOME", self.dir.path().join("data"));
        command
    }

    /// Starts the program without input and waits for its end.
    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        self.run_with(args, "")
    }

    /// Starts the program, pipes `input` into it, and waits for its end.
    pub(crate) fn run_with(&self, args: &[&str], input: &str) -> Ended {
        let mut command = self.command(args);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The program may end without reading it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    /// Both streams with the code, for messages.
    pub(crate) fn all(&self) -> String {
        format!("code {}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }

    /// Every line of standard output as JSON.
    pub(crate) fn json(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
