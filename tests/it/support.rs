//! A workspace on disk, a scripted model, and the binary between them. No assertions of its own beyond deadlines.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use fixture::{Fixture, Scripted, ScriptedModel, TempWorkspace};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Nothing in these tests takes longer on a loaded machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(120);

/// One test's world.
pub(crate) struct World {
    pub(crate) workspace: TempWorkspace,
    pub(crate) model: Option<ScriptedModel>,
    home: TempDir,
    runtime: Runtime,
}

impl World {
    /// Files in the fixture language, and the replies of the model in order.
    pub(crate) fn new(files: &str, replies: Vec<Scripted>) -> World {
        let mut world = World::without_model(files);
        let model = world.runtime.block_on(ScriptedModel::start(replies));
        world.connect(model);
        world
    }

    /// A model whose reply depends on the request.
    pub(crate) fn with_script(files: &str, script: fixture::Script) -> World {
        let mut world = World::without_model(files);
        let model = world.runtime.block_on(ScriptedModel::start_with(script));
        world.connect(model);
        world
    }

    pub(crate) fn without_model(files: &str) -> World {
        let fixture = Fixture::parse(files);
        World {
            workspace: TempWorkspace::new(&fixture).unwrap(),
            model: None,
            home: TempDir::with_prefix("baton-home-").unwrap(),
            runtime: Runtime::new().unwrap(),
        }
    }

    fn connect(&mut self, model: ScriptedModel) {
        self.configure(&format!(
            "model = \"scripted/model\"\n\n[[provider]]\nname = \"scripted\"\nkind = \"openai\"\nbase_url = \"{}\"\n",
            model.base_url()
        ));
        self.model = Some(model);
    }

    /// Replaces the user's configuration.
    pub(crate) fn configure(&self, toml: &str) {
        let folder = self.home.path().join("baton");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), toml).unwrap();
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.workspace.path().canonicalize().unwrap()
    }

    pub(crate) fn read(&self, path: &str) -> String {
        self.workspace.read(path).unwrap()
    }

    /// The files below the root, `.git` left out.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.root(), &self.root(), &mut files);
        files
    }

    /// `baton ...` in the workspace, with folders of its own.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_baton"));
        command
            .args(args)
            .current_dir(self.root())
            .env("XDG_CONFIG_HOME", self.home.path())
            .env("XDG_DATA_HOME", self.home.path().join("data"))
            .env("XDG_RUNTIME_DIR", self.home.path())
            .env_remove("BATON_MODEL")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn baton(&self, args: &[&str]) -> Output {
        self.baton_hears("", args)
    }

    /// `baton ...` with `input` piped to it.
    pub(crate) fn baton_hears(&self, input: &str, args: &[&str]) -> Output {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // One that does not read its input has closed it; that is no failure here.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (stdout, stderr) = (in_thread(stdout), in_thread(stderr));
        let status = wait(&mut child, &format!("baton {args:?}"));
        Output { status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
    }

    /// The events of `baton --json ...`, and its exit code.
    pub(crate) fn events(&self, args: &[&str]) -> (Vec<Value>, i32) {
        let output = self.baton(&[&["--json"], args].concat());
        let code = output.status.code().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let events = text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        (events, code)
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"])
            .args(args)
            .current_dir(self.root())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "git {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Makes the workspace a repository with everything committed.
    pub(crate) fn commit_all(&self) {
        self.git(&["init", "-q", "-b", "main"]);
        self.git(&["config", "user.name", "Ada"]);
        self.git(&["config", "user.email", "ada@example.org"]);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "start"]);
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|name| name == ".git") {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read(&path).unwrap_or_default());
        }
    }
}

/// Reads to the end, so that a talkative process does not wait for us.
fn in_thread(mut from: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut all = Vec::new();
        from.read_to_end(&mut all).unwrap();
        all
    })
}

/// Waits for the end of a process; ends it and fails when it takes too long.
pub(crate) fn wait(child: &mut Child, what: &str) -> ExitStatus {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if started.elapsed() > DEADLINE {
            child.kill().unwrap();
            panic!("{what} did not end in time");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A process whose standard output is read line by line as events.
pub(crate) struct Stream {
    pub(crate) child: Child,
    lines: std::sync::mpsc::Receiver<Value>,
    pub(crate) seen: Vec<Value>,
}

impl Stream {
    pub(crate) fn start(mut command: Command) -> Stream {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let Ok(event) = serde_json::from_str(&line) else { return };
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        Stream { child, lines, seen: Vec::new() }
    }

    /// Reads until an event fits; `false` if the process ended before.
    pub(crate) fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> bool {
        loop {
            match self.lines.recv_timeout(DEADLINE) {
                Ok(event) => {
                    let found = wanted(&event);
                    self.seen.push(event);
                    if found {
                        return true;
                    }
                }
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return false,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("no event in time"),
            }
        }
    }

    /// SIGKILL, as the out-of-memory killer would.
    pub(crate) fn kill(mut self) -> Vec<Value> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.seen.extend(self.lines.iter());
        self.seen
    }
}

/// A SEARCH/REPLACE reply.
pub(crate) fn edit(path: &str, search: &str, replace: &str) -> String {
    format!("{path}\n<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n")
}

pub(crate) fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["event"] == kind).collect()
}

pub(crate) fn outcome(events: &[Value]) -> &Value {
    &of(events, "finished").last().expect("the run has finished")["outcome"]
}

/// Whether the slow tests are wanted.
#[allow(clippy::print_stderr, reason = "says what a test run left out")]
pub(crate) fn slow() -> bool {
    let wanted = std::env::var_os("RUN_SLOW_TESTS").is_some();
    if !wanted {
        eprintln!("left out: set RUN_SLOW_TESTS=1");
    }
    wanted
}
