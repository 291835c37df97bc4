//! The two streams: results go to standard output, progress to standard error, JSON alone to standard output.
//!
//! A spinner lives on the last line of a terminal and nowhere else. Text from outside has passed `safe` before it
//! comes here.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use base::Patch;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::{diff, safe};
use crate::options::{Color, Global};
use crate::outside::Outside;

/// Where everything is printed.
pub(crate) struct Out {
    stdout: AutoStream<io::Stdout>,
    stderr: AutoStream<io::Stderr>,
    /// Whether results are JSON lines.
    pub(crate) json: bool,
    quiet: bool,
    /// Whether a spinner can be drawn.
    live: bool,
    /// Shown while something is under way on a terminal.
    bar: Option<ProgressBar>,
}

impl Out {
    pub(crate) fn new(global: &Global, outside: &Outside) -> Out {
        let choice = |stream_choice: ColorChoice| match global.color {
            Color::Auto => stream_choice,
            Color::Always => ColorChoice::AlwaysAnsi,
            Color::Never => ColorChoice::Never,
        };
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let stdout_choice = choice(AutoStream::choice(&stdout));
        let stderr_choice = choice(AutoStream::choice(&stderr));
        let dumb = outside.var("TERM").is_none_or(|term| term == "dumb");
        Out {
            stdout: AutoStream::new(stdout, stdout_choice),
            stderr: AutoStream::new(stderr, stderr_choice),
            json: global.json,
            quiet: global.quiet,
            live: outside.stderr_is_terminal && !dumb && !global.quiet && !global.json,
            bar: None,
        }
    }

    /// A result in words; nothing where results are JSON.
    pub(crate) fn result(&mut self, text: &str) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        let Out { stdout, bar, .. } = self;
        above(bar.as_ref(), || write_line(stdout, text))
    }

    /// A diff: as it is where a program reads it, in colours on a terminal; nothing where results are JSON.
    pub(crate) fn diff(&mut self, patch: &Patch) -> io::Result<()> {
        let is_read = !io::stdout().is_terminal();
        if self.json || !is_read {
            return self.result(&diff::patch(patch));
        }
        // No line break and no control character of a file may change on the way to `git apply`.
        let mut stdout = io::stdout().lock();
        stdout.write_all(base::unified(patch).as_bytes())?;
        stdout.flush()
    }

    /// A result as data; nothing where results are words.
    pub(crate) fn object(&mut self, value: &impl Serialize) -> anyhow::Result<()> {
        if self.json {
            let line = serde_json::to_string(value)?;
            write_line(&mut self.stdout, &line)?;
        }
        Ok(())
    }

    /// Progress in words.
    pub(crate) fn progress(&mut self, text: &str) -> io::Result<()> {
        if self.quiet || self.json { Ok(()) } else { self.say(text) }
    }

    /// Something that the user must see even where only results are wanted.
    pub(crate) fn say(&mut self, text: &str) -> io::Result<()> {
        let Out { stderr, bar, .. } = self;
        above(bar.as_ref(), || write_line(stderr, text))
    }

    /// A question; the answer is typed behind it.
    pub(crate) fn prompt(&mut self, text: &str) -> io::Result<()> {
        self.rest();
        self.stderr.write_all(text.as_bytes())?;
        self.stderr.flush()
    }

    /// What is under way: a spinner on a terminal, else nothing.
    pub(crate) fn busy(&mut self, text: &str) {
        if !self.live {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::new_spinner();
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        bar.set_style(spinner());
        bar.set_message(safe::shorten(text, 100));
    }

    /// How far it is; `total` of `None` leaves a spinner.
    pub(crate) fn busy_at(&mut self, done: u64, total: Option<u64>, text: &str) {
        self.busy(text);
        if let (Some(bar), Some(total)) = (&self.bar, total) {
            bar.set_style(counted());
            bar.set_length(total);
            bar.set_position(done);
        }
    }

    /// Takes the spinner away.
    pub(crate) fn rest(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// Writes while the spinner is out of the way.
fn above(bar: Option<&ProgressBar>, write: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    match bar {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

fn write_line(stream: &mut impl Write, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        stream.write_all(b"\n")?;
    }
    stream.flush()
}

fn spinner() -> ProgressStyle {
    ProgressStyle::default_spinner()
        .template("{spinner:.cyan} {wide_msg} {elapsed:.dim}")
        .expect("the template is valid")
}

fn counted() -> ProgressStyle {
    ProgressStyle::default_bar()
        .template("{spinner:.cyan} [{bar:24}] {pos}/{len} {wide_msg} {elapsed:.dim}")
        .expect("the template is valid")
}
