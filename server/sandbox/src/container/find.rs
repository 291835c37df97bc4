//! Which programs there are for a job in an image: the project's own, and those of the image. What is installed on this machine says
//! nothing about that.

use std::collections::BTreeSet;

use crate::Job;

/// Prints the names of all programs on the image's `PATH`.
pub(crate) const LIST: &str = "IFS=:; for dir in $PATH; do for file in \"$dir\"/*; do test -x \"$file\" && echo \"${file##*/}\"; done; done; :";

/// Names of programs of the image; none are known if it could not say.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Programs(Option<BTreeSet<String>>);

impl Programs {
    /// Of what [`LIST`] printed.
    pub(crate) fn of(output: &[u8]) -> Programs {
        let text = String::from_utf8_lossy(output);
        let names: BTreeSet<String> =
            text.lines().filter(|name| !name.is_empty()).map(str::to_owned).collect();
        // A shell printed them, so a list without it is none.
        Programs(names.contains("sh").then_some(names))
    }

    /// Whether a program of that name may be there.
    pub(crate) fn may_have(&self, name: &str) -> bool {
        self.0.as_ref().is_none_or(|names| names.contains(name))
    }

    /// Whether a job cannot be run for want of its program.
    pub(crate) fn lacks(&self, job: &Job) -> bool {
        let program = &job.argv[0];
        !program.contains('/') && !job.env.contains_key("PATH") && !self.may_have(program)
    }
}
