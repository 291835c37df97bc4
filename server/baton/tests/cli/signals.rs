//! Ctrl-C and the system's wish to end: a run is cancelled by the one and can be resumed after the other.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use fixture::Scripted;

use crate::home::Home;

const FILES: &str = "//- /list.txt\none\n";
const REPLY: &str = "list.txt\n<<<<<<< SEARCH\none\n=======\nONE\n>>>>>>> REPLACE\n";

/// A run whose model has begun to answer and then says nothing more. Its output stays open.
struct Stalled {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Stalled {
    fn start(home: &Home) -> Stalled {
        let mut command = home.command(&["--json", "run", "implement", "shout", "--yes"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let text = |line: &String| line.contains("\"event\":\"text\"");
        stdout.by_ref().map(Result::unwrap).find(text).unwrap();
        Stalled { child, stdout }
    }

    /// The exit code after this signal.
    fn end_by(mut self, signal: &str) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        self.stdout.map(Result::unwrap).for_each(drop);
        self.child.wait().unwrap().code()
    }
}

fn home() -> Home {
    let stall = Scripted::StallAfter { text_before: "Thinking aloud. ".repeat(8) };
    Home::with_script(FILES, vec![stall, Scripted::Text(REPLY.to_owned())])
}

fn state(home: &Home) -> serde_json::Value {
    home.run(&["--json", "runs"]).json()[0].clone()
}

#[test]
fn an_interrupt_cancels_the_run() {
    let home = home();
    assert_eq!(Stalled::start(&home).end_by("-INT"), Some(130));
    assert_eq!(state(&home)["state"], "cancelled");
    assert_eq!(home.workspace.read("list.txt").unwrap(), "one\n");
}

#[test]
fn a_termination_parks_the_run_and_resume_goes_on() {
    let home = home();
    assert_eq!(Stalled::start(&home).end_by("-TERM"), Some(143));
    let run = state(&home);
    assert_eq!((&run["state"], &run["interrupted"]), (&"running".into(), &true.into()));
    let ended = home.run(&["runs", "resume", run["id"].as_str().unwrap()]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    assert_eq!(home.workspace.read("list.txt").unwrap(), "ONE\n");
}
