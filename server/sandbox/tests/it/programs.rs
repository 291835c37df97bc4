//! The tools that a verification runs work inside; those that this machine lacks are passed over.

use std::fs;

use base::AbsPathBuf;
use sandbox::{Cache, version, which};

use crate::support::{Fixture, full, text, view};

async fn output(fixture: &Fixture, argv: &[&str]) -> Option<String> {
    if which(argv[0]).is_none() {
        eprintln!("passed over, as there is no {}", argv[0]);
        return None;
    }
    let mut job = fixture.sh("");
    job.argv = argv.iter().map(|arg| (*arg).to_owned()).collect();
    job.limits.memory_bytes = 2 << 30;
    job.limits.wall_ms = 120_000;
    Some(text(&fixture.run(&job).await))
}

#[tokio::test]
async fn python_runs_with_processes_sockets_and_modules() {
    let Some(fixture) = full().await else { return };
    fixture.put("helper.py", "VALUE = 1");
    fixture.put(
        "main.py",
        "import helper, http.server, multiprocessing, os, socket, ssl, sqlite3, tempfile, threading, urllib.request\n\
         server = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)\n\
         threading.Thread(target=server.serve_forever, daemon=True).start()\n\
         print(urllib.request.urlopen(f'http://localhost:{server.server_port}/helper.py').read())\n\
         print(multiprocessing.Pool(2).map(abs, [-1, -2]), [name for _, name in socket.if_nameindex()])\n\
         print(socket.getaddrinfo('localhost', 80)[0][4][0] in ('127.0.0.1', '::1'), os.path.expanduser('~'))\n\
         s = socket.socket(socket.AF_UNIX); s.bind('/tmp/own.sock'); s.listen(); socket.socket(socket.AF_UNIX).connect('/tmp/own.sock')\n",
    );
    for python in ["python3", "/usr/bin/python3"] {
        if let Some(output) = output(&fixture, &[python, "main.py"]).await {
            assert!(
                output.contains("b'VALUE = 1'\n[1, 2] ['lo']\nTrue /tmp/home\n")
                    && !output.contains("[end]"),
                "{output}"
            );
        }
    }
}

#[tokio::test]
async fn node_runs_with_workers_and_webassembly() {
    let Some(fixture) = full().await else { return };
    let code = "const {Worker} = require('worker_threads'); \
                new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0])); \
                new Worker('require(\"worker_threads\").parentPort.postMessage(6*7)', {eval: true}).on('message', m => { console.log(m, Object.keys(require('os').networkInterfaces())); }); \
                require('child_process').execSync('echo child', {stdio: 'inherit'})";
    if let Some(output) = output(&fixture, &["node", "-e", code]).await {
        assert_eq!(output, "child\n42 [ 'lo' ]\n");
    }
}

#[tokio::test]
async fn cargo_tests_a_crate_offline() {
    let Some(fixture) = full().await else { return };
    if which("cargo").is_none() {
        eprintln!("passed over, as there is no cargo");
        return;
    }
    fixture
        .put("Cargo.toml", "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    fixture.put("src/lib.rs", "#[test]\nfn works() { assert_eq!(1 + 1, 3); }\n");
    let target = AbsPathBuf::try_from(fixture.outside().join("target")).unwrap();
    let mut job = fixture.job(["cargo", "test", "--offline"]);
    job.limits.memory_bytes = 4 << 30;
    job.limits.wall_ms = 120_000;
    job.env.insert("CARGO_TARGET_DIR".to_owned(), target.to_string());
    job.caches = vec![Cache { dir: target, keep: true }];
    job.merge_output = true;
    let before = text(&fixture.run(&job).await);
    assert!(
        before.contains("test works ... FAILED") && before.contains("[end] Exit(101)"),
        "{before}"
    );
    job.view = view(&[("src/lib.rs", Some("#[test]\nfn works() { assert_eq!(1 + 1, 2); }\n"))]);
    let after = text(&fixture.run(&job).await);
    assert!(after.contains("test works ... ok") && !after.contains("[end]"), "{after}");
    assert!(!fixture.path().join("Cargo.lock").exists());
}

#[tokio::test]
async fn git_reads_the_repository() {
    let Some(fixture) = full().await else { return };
    if which("git").is_none() {
        return;
    }
    let setup = "git init -q . && git -c user.name=a -c user.email=a@b add . && git -c user.name=a -c user.email=a@b commit -qm first";
    let done = std::process::Command::new("sh")
        .args(["-c", setup])
        .current_dir(fixture.path())
        .env("HOME", fixture.outside())
        .status()
        .unwrap();
    assert!(done.success());
    let mut job = fixture.sh("git log --format=%s; git status --short; git diff --stat | tail -1; git commit -qam x 2>/dev/null || echo refused");
    job.view = view(&[("src/changed.txt", Some("new"))]);
    let output = text(&fixture.run(&job).await);
    assert!(
        output.starts_with("first\n M src/changed.txt\n 1 file changed")
            && output.ends_with("refused\n"),
        "{output}"
    );
    // A linked worktree needs the repository that it belongs to.
    let tree = fixture.outside().join("linked");
    let done = std::process::Command::new("git")
        .args(["worktree", "add", "-q"])
        .arg(&tree)
        .current_dir(fixture.path())
        .status()
        .unwrap();
    assert!(done.success());
    let mut job =
        fixture.sh("git log --format=%s; git status --short; cat ../*/kept.txt 2>/dev/null");
    job.root = tree.clone().try_into().unwrap();
    assert_eq!(text(&fixture.run(&job).await), "first\nkept");
    // A file that claims to be one shows nothing.
    let private = fixture.outside().join("private");
    fs::create_dir_all(private.join("objects")).unwrap();
    fs::write(private.join("HEAD"), "ref: refs/heads/main").unwrap();
    fs::remove_file(tree.join(".git")).unwrap();
    fs::write(tree.join(".git"), format!("gitdir: {}\n", private.display())).unwrap();
    job.argv = vec!["ls".to_owned(), private.display().to_string()];
    assert!(!fixture.run(&job).await.end.is_success());
}

#[tokio::test]
async fn go_and_a_c_compiler_work() {
    let Some(fixture) = full().await else { return };
    fixture.put("main.c", "int main(void) { return 0; }\n");
    if let Some(output) = output(&fixture, &["gcc", "-o", "main", "main.c"]).await {
        assert_eq!(output, "");
    }
    fixture.put("go/main.go", "package main\nfunc  main( ) {}\n");
    if let Some(output) = output(&fixture, &["gofmt", "go/main.go"]).await {
        assert_eq!(output, "package main\n\nfunc main() {}\n");
    }
}

#[tokio::test]
async fn an_environment_of_the_workspace_finds_its_python() {
    let Some(fixture) = full().await else { return };
    let made = std::process::Command::new("python3")
        .args(["-m", "venv", "--without-pip", ".venv"])
        .current_dir(fixture.path())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("passed over, as there is no python3 with venv");
        return;
    }
    let output = output_of(&fixture, ".venv/bin/python").await;
    assert_eq!(output, format!("{}/.venv\n", fixture.root()));
}

async fn output_of(fixture: &Fixture, python: &str) -> String {
    text(&fixture.run(&fixture.job([python, "-c", "import sys; print(sys.prefix)"])).await)
}

#[tokio::test]
async fn programs_are_found_and_say_their_version() {
    assert!(which("sh").unwrap().as_str().ends_with("/sh"));
    assert_eq!(which("no-such-program"), None);
    assert_eq!(which(""), None);
    assert_eq!(which("./sh"), None);
    assert_eq!(which("/bin/sh").unwrap().as_str(), "/bin/sh");
    assert_eq!(which("/etc/passwd"), None);
    assert!(version("git").await.unwrap().starts_with("git version "));
    assert_eq!(version("no-such-program").await, None);
    assert_eq!(version("false").await, None);
}
