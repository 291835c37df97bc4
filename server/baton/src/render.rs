//! From engine events to what a person or a program reads. It decides nothing and asks nothing.

pub(crate) mod diff;
pub(crate) mod evidence;
pub(crate) mod out;
pub(crate) mod safe;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod text;

use engine::Event;

use out::Out;
use text::{Narrator, Say};

/// Prints one event: as data where results are JSON, else in words.
pub(crate) fn event(out: &mut Out, narrator: &mut Narrator, event: &Event) -> anyhow::Result<()> {
    if out.json {
        return out.object(event);
    }
    for say in narrator.say(event) {
        match say {
            Say::Result(text) => out.result(&text)?,
            Say::Progress(text) => out.progress(&text)?,
            Say::Busy(text) => out.busy(&text),
            Say::BusyAt { done, total, text } => out.busy_at(done, total, &text),
            Say::Rest => out.rest(),
        }
    }
    Ok(())
}
