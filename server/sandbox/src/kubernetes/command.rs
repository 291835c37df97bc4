//! How a command is started in a pod that is there: its variables, its limits and its folder, through the image's shell.

use std::collections::BTreeMap;

use crate::{Job, container};

/// Sets the limits that a cluster does not know, goes to the folder, and becomes the command. `$1`: the folder, `$2`: whether streams are
/// joined.
const START: &str = "mkdir -p \"$HOME\"; ulimit -c 0; ulimit -n \"$3\"; ulimit -f \"$4\"; cd \"$1\" || exit 126; \
                     if test \"$2\" = joined; then exec 2>&1; fi; shift 4; exec \"$@\"";
/// What the shell counts a file's length in.
const BLOCK: u64 = 512;

/// The variables of a job.
pub(super) fn environment(job: &Job) -> BTreeMap<String, String> {
    let own = container::ENV.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    own.chain(job.env.clone()).collect()
}

/// The command and its arguments behind those of the shell.
pub(super) fn start(job: &Job) -> Vec<String> {
    let cwd = job.cwd.as_ref().map_or_else(|| job.root.clone(), |cwd| job.root.join(cwd));
    let streams = if job.merge_output { "joined" } else { "apart" };
    let (files, blocks) = (job.limits.open_files, job.limits.file_bytes.div_ceil(BLOCK));
    let (files, blocks) = (files.to_string(), blocks.to_string());
    let shell = [
        "sh",
        "-c",
        START,
        "sh",
        if job.apart { "/tmp" } else { cwd.as_str() },
        streams,
        &files,
        &blocks,
    ];
    shell.into_iter().map(str::to_owned).chain(job.argv.iter().cloned()).collect()
}
