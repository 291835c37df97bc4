//! The command line of the measurements.

use clap::{Command, Subcommand as _};

use super::Bench;

#[test]
fn its_options_do_not_contradict_each_other() {
    Bench::augment_subcommands(Command::new("bench")).debug_assert();
}
