//! What a person types who has made the change: each tool once, over the changed files. Nobody runs them on the text before.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fixture::TempWorkspace;

use crate::Taken;
use crate::projects::{Project, program};
use crate::table::TOTAL;

/// A project of one's own, with what its tools keep from run to run.
pub(crate) struct ByHand<'a> {
    project: &'a Project,
    files: TempWorkspace,
}

impl ByHand<'_> {
    pub(crate) fn new(project: &Project) -> ByHand<'_> {
        ByHand { project, files: project.folder() }
    }

    pub(crate) fn run(&self, round: usize) -> Vec<Taken> {
        let (path, text) = self.project.changed(round);
        self.files.write(path, &text).unwrap();
        let steps = self.project.by_hand.iter();
        let mut all: Vec<Taken> = steps
            .map(|argv| {
                ("by hand", argv[..2.min(argv.len())].join(" "), start(argv, self.files.path()))
            })
            .collect();
        let total: Duration = all.iter().map(|(.., time)| *time).sum();
        all.push(("by hand", TOTAL.into(), total));
        all
    }
}

fn start(argv: &[&str], folder: &Path) -> Duration {
    let program = program(argv[0]).unwrap();
    let begun = Instant::now();
    let mut command = Command::new(program);
    let output =
        command.args(&argv[1..]).current_dir(folder).stdin(Stdio::null()).output().unwrap();
    let took = begun.elapsed();
    let said = [output.stdout, output.stderr].map(|out| String::from_utf8_lossy(&out).into_owned());
    assert!(output.status.success(), "{argv:?}: {}", said.join("\n"));
    took
}
