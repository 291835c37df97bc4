//! Test commands that little speaks for: a person says, once for a workspace, whether they are its tests.

use base::{ContentHash, RelPath, visible_line};
use tools::tests::TestCommand;

use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Answer, Question, QuestionId, QuestionKind};
use crate::request::Review;

/// Below this a person is asked, in percent.
pub(crate) const ASK_BELOW: u8 = 60;
const YES: &str = "Yes";
const NO: &str = "No";

/// The commands that are the tests of this workspace.
pub(super) async fn confirmed(
    cx: &Cx,
    commands: Vec<TestCommand>,
) -> Result<Vec<TestCommand>, Error> {
    let mut kept = Vec::new();
    for command in commands {
        if ASK_BELOW <= command.confidence || is_confirmed(cx, &command).await? {
            kept.push(command);
        }
    }
    Ok(kept)
}

async fn is_confirmed(cx: &Cx, command: &TestCommand) -> Result<bool, Error> {
    let words = words(command);
    let store = cx.run.store();
    let key = format!("tests: {words}");
    if let Some(choice) = store.choice(&key)? {
        return Ok(choice == YES);
    }
    let request = cx.request();
    // Whoever has a change examined, or takes everything, is not there to answer.
    if request.review == Review::AcceptAll || request.change.is_some() {
        let name = command.runner.name();
        cx.notice(format!(
            "{words} is taken for the tests, though little says so; `tests.command` in baton.toml names the right command, and \
             `tests.skip = [\"{name}\"]` leaves this one out."
        ))?;
        return Ok(true);
    }
    let question = Question {
        id: QuestionId(format!("tests-{}", ContentHash::of(words.as_bytes()).short())),
        kind: QuestionKind::Choice,
        text: format!("Does {words} run the tests of this workspace? Little says that it does."),
        choices: vec![YES.into(), NO.into()],
    };
    let Answer::Choose { choice } = cx.run.ask(question).await? else {
        return Err(Error::Internal("a choice was not answered with one".into()));
    };
    store.put_choice(&key, &choice, jiff::Timestamp::now())?;
    Ok(choice == YES)
}

fn words(command: &TestCommand) -> String {
    let dir = command.dir.as_ref().map(RelPath::as_str);
    let place = dir.map_or_else(String::new, |dir| format!(" in `{dir}`"));
    visible_line(&format!("`{}`{place}", command.argv.join(" ")))
}
