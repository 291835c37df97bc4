//! Several commands as one for the shell: what builds, what tests, and where the report comes to lie.
//!
//! The place of the report is known only inside, as `$BATON_OUT`. The script has nothing in it but numbers: every part of
//! every argument is passed beside it.

use super::argv::{BUILT, REPORT};

/// What is to run, in order.
pub(super) struct Script {
    /// Commands that come first; they end with the first that fails.
    pub(super) build: Vec<Vec<String>>,
    /// The tests.
    pub(super) argv: Vec<String>,
    /// Where their report is.
    pub(super) report: Place,
}

/// Where a runner writes its report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// There is none.
    Nowhere,
    /// In the file that `{report}` in the arguments stands for.
    File,
    /// On standard output, which goes to the file.
    Output,
    /// In files of the tree that match this pattern of `find -path`.
    Left(&'static str),
}

impl Script {
    /// Files that come back.
    pub(super) fn collect(&self) -> Vec<String> {
        let report = (self.report != Place::Nowhere).then(|| REPORT.to_owned());
        let steps = (0..self.build.len()).map(|idx| format!("{BUILT}{idx}"));
        report.into_iter().chain(steps).collect()
    }

    /// Program and arguments.
    pub(super) fn argv(&self) -> Vec<String> {
        if self.report == Place::Nowhere && self.build.is_empty() {
            return self.argv.clone();
        }
        let mut shell = Shell::default();
        if let Place::Left(pattern) = self.report {
            // Of an earlier run, by somebody else.
            shell.add("find . -path ");
            shell.pass(pattern);
            shell.add(" -type f -exec rm -f {} +\n");
        }
        for (idx, step) in self.build.iter().enumerate() {
            shell.command(step);
            shell.add(&format!(" || exit\n: >\"$BATON_OUT/{BUILT}{idx}\"\n"));
        }
        match self.report {
            Place::Nowhere | Place::File => {
                shell.add("exec ");
                shell.command(&self.argv);
            }
            Place::Output => {
                shell.add("exec ");
                shell.command(&self.argv);
                shell.add(&format!(" >\"$BATON_OUT/{REPORT}\""));
            }
            Place::Left(pattern) => {
                shell.command(&self.argv);
                shell.add("\ncode=$?\nfind . -path ");
                shell.pass(pattern);
                shell.add(&format!(
                    " -type f -exec cat {{}} + >\"$BATON_OUT/{REPORT}\"\nexit $code"
                ));
            }
        }
        let head = ["sh", "-c", shell.script.as_str(), "sh"].map(str::to_owned);
        head.into_iter().chain(shell.params).collect()
    }
}

#[derive(Default)]
struct Shell {
    script: String,
    params: Vec<String>,
}

impl Shell {
    fn add(&mut self, text: &str) {
        self.script.push_str(text);
    }

    fn pass(&mut self, part: &str) {
        self.params.push(part.to_owned());
        self.script.push_str(&format!("\"${{{}}}\"", self.params.len()));
    }

    fn command(&mut self, argv: &[String]) {
        for (idx, arg) in argv.iter().enumerate() {
            if idx != 0 {
                self.add(" ");
            }
            match arg.split_once("{report}") {
                None => self.pass(arg),
                Some((before, after)) => {
                    self.pass(before);
                    self.add(&format!("\"$BATON_OUT/{REPORT}\""));
                    self.pass(after);
                }
            }
        }
    }
}
