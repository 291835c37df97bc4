//! The few styles in use. Escape codes are always written; the stream takes them away where they are not wanted.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const DOUBT: Style = AnsiColor::Yellow.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();
const HEAD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

pub(crate) fn good(text: impl Display) -> String {
    paint(GOOD, text)
}

pub(crate) fn bad(text: impl Display) -> String {
    paint(BAD, text)
}

pub(crate) fn doubt(text: impl Display) -> String {
    paint(DOUBT, text)
}

pub(crate) fn place(text: impl Display) -> String {
    paint(PLACE, text)
}

pub(crate) fn head(text: impl Display) -> String {
    paint(HEAD, text)
}

pub(crate) fn dim(text: impl Display) -> String {
    paint(DIM, text)
}

fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}
