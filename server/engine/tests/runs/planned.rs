//! Requests that go through a plan: debated, built task by task, proved as one.

use engine::{Answer, Event, Outcome, QuestionKind, Request, Review};
use expect_test::expect;
use fixture::{Fixture, Scripted};
use serde_json::Value;

use crate::check::{World, asked, finish, log};

/// What every architect says here: `area` waits for `units`, and `words` for nothing.
const PLAN: &str = r#"{"analysis": {"components": ["units", "area"], "dependencies": [], "architecture_type": "library",
 "complexity": "moderate", "summary": "Areas with units. And words."},
 "structure": {"files": {"units.py": "names of units", "area.py": "areas", "words.py": "plurals"}, "imports": {"area.py": ["units.py"]}},
 "tasks": [
  {"id": "area", "role": "coder", "instruction": "Write area in area.py.", "files": ["area.py"], "acceptance": ["it has a unit"],
   "depends_on": ["units"]},
  {"id": "units", "role": "coder", "instruction": "Write METRE in units.py.", "files": ["units.py"]},
  {"id": "words", "role": "coder", "instruction": "Write plural in words.py.", "files": ["words.py"]}]}"#;

const WORDS: &str = r#"{"analysis": {"components": [], "dependencies": [], "architecture_type": "library", "complexity": "simple",
 "summary": "Plurals."}, "structure": {"files": {"words.py": "plurals"}}, "tasks": [
  {"id": "words", "role": "coder", "instruction": "Write plural in words.py.", "files": ["words.py"]}]}"#;

const NOTHING: &str = r#"{"risks": []}"#;
const GOOD: &str = r#"{"score": 0.9, "confidence": 0.8, "reasons": ["It is small."]}"#;

const CODE: &str = r#"//- reply coder Write METRE
units.py
<<<<<<< FILE
METRE = "m"
>>>>>>> FILE
//- reply coder Write area
area.py
<<<<<<< FILE
from units import METRE


def area(width, height):
    return f"{width * height} {METRE}2"
>>>>>>> FILE
//- reply coder Write plural
words.py
<<<<<<< FILE
def plural(word):
    return word + "s"
>>>>>>> FILE
"#;

fn script(replies: &[(&str, &str)]) -> String {
    let mut text = "//- /readme.txt\nShapes.\n".to_owned();
    for (agent, reply) in replies {
        text.push_str(&format!("//- reply {agent}\n{reply}\n"));
    }
    text + CODE
}

fn agreed() -> Vec<(&'static str, &'static str)> {
    vec![
        ("architect", PLAN),
        ("critic", NOTHING),
        ("security", NOTHING),
        ("tester", NOTHING),
        ("critic", GOOD),
        ("security", GOOD),
        ("tester", GOOD),
    ]
}

fn planned(review: Review) -> Request {
    Request { with_plan: true, review, ..Request::new("implement", "areas with units", "test") }
}

async fn world(replies: &[(&str, &str)]) -> World {
    World::by_agent(&Fixture::parse(&script(replies))).await
}

/// Of the tasks that are under way at once each has its own order; all of it is told task by task.
fn sorted(log: &str) -> String {
    let (mut first, mut tasks, mut last) = (Vec::new(), Vec::new(), Vec::new());
    for line in log.lines() {
        let name = line.trim_start().trim_start_matches("task ").trim_start_matches('[');
        let of = ["units", "area", "words"].into_iter().find(|it| {
            name.starts_with(it) && (line.starts_with("  [") || line.starts_with("task "))
        });
        match of {
            Some(task) => tasks.push((task, line)),
            None if tasks.is_empty() => first.push(line),
            None => last.push(line),
        }
    }
    tasks.sort_by_key(|(task, _)| *task);
    let lines = first.into_iter().chain(tasks.into_iter().map(|(_, line)| line)).chain(last);
    lines.map(|line| format!("{line}\n")).collect()
}

#[tokio::test]
async fn a_plan_is_debated_built_and_proved_as_one() {
    let world = world(&agreed()).await;
    let run = world.open().await.start(planned(Review::AcceptAll)).unwrap();
    finish(&run).await;
    expect![[r#"
        started implement
        baseline 0 Running: running the tests as they are
        baseline 0 Done: no tests were found; set `tests.command` in baton.toml to name the command
        retrieve 0 Running: searching the workspace
        hits 
        retrieve 0 Done: 0 parts, 0 tokens
        plan 1 Running: scripted/model
        plan 1 Done: 3 tasks
        debate 0 Running: the plan is debated
        debate: critic has against the plan, round 1: nothing
        debate: security has against the plan, round 1: nothing
        debate: tester has against the plan, round 1: nothing
        debate: critic votes 0.90, sure by 0.80: It is small.
        debate: security votes 0.90, sure by 0.80: It is small.
        debate: tester votes 0.90, sure by 0.80: It is small.
        debate: approved with 0.90
        debated: 6 calls, 0 revisions, []
        debate 0 Done: approved with 0.90 after 0 revisions
        planned area coder after ["units"], units coder after [], words coder after []
        task area Running: Write area in area.py.
          [area] baseline 0 Running: running the tests as they are
          [area] baseline 0 Done: no tests were found; set `tests.command` in baton.toml to name the command
          [area] retrieve 0 Running: searching the workspace
          [area] hits 
          [area] retrieve 0 Done: 1 part, 19 tokens
          [area] generate 1 Running: scripted/model
          [area] generate 1 Done: edits 1 file
          [area] verify 1 Running: checking the edit
          [area] check probes: Clean
          [area] check parse: Clean
          [area] check format: no answer
          [area] check tests: no answer
          [area] verify 1 Done: probes clean, parse clean, format: no answer, tests: no answer
        task area Done: probes clean, parse clean, format: no answer, tests: no answer
        task units Running: Write METRE in units.py.
          [units] retrieve 0 Running: searching the workspace
          [units] hits 
          [units] retrieve 0 Done: 0 parts, 0 tokens
          [units] generate 1 Running: scripted/model
          [units] generate 1 Done: edits 1 file
          [units] verify 1 Running: checking the edit
          [units] check probes: Clean
          [units] check parse: Clean
          [units] check format: no answer
          [units] check tests: no answer
          [units] verify 1 Done: probes clean, parse clean, format: no answer, tests: no answer
        task units Done: probes clean, parse clean, format: no answer, tests: no answer
        task words Running: Write plural in words.py.
          [words] retrieve 0 Running: searching the workspace
          [words] hits 
          [words] retrieve 0 Done: 0 parts, 0 tokens
          [words] generate 1 Running: scripted/model
          [words] generate 1 Done: edits 1 file
          [words] verify 1 Running: checking the edit
          [words] check probes: Clean
          [words] check parse: Clean
          [words] check format: no answer
          [words] check tests: no answer
          [words] verify 1 Done: probes clean, parse clean, format: no answer, tests: no answer
        task words Done: probes clean, parse clean, format: no answer, tests: no answer
        verify 1 Running: checking the edit
        check probes: Clean
        check parse: Clean
        check format: no answer
        check tests: no answer
        verify 1 Done: probes clean, parse clean, format: no answer, tests: no answer
        proposed area.py -0 +5 units.py -0 +1 words.py -0 +2 "feat: areas with units"
        review 0 Running: waiting for a decision
        review 0 Done: accepted
        deliver 0 Running: applying
        applied 3 files, 3 hunks, 0 conflicts
        deliver 0 Done: 3 files
        finished Delivered { files: [RelPath("area.py"), RelPath("units.py"), RelPath("words.py")], commit: None, conflicts: [] }
    "#]].assert_eq(&sorted(&log(&run.events(0))));
    assert_eq!(
        world.files.read("area.py").unwrap().lines().next(),
        Some("from units import METRE")
    );
}

#[tokio::test]
async fn a_veto_ends_it_and_nothing_is_built() {
    let veto = r#"{"risks": [], "veto": "It would publish every drawing."}"#;
    let mut replies = agreed();
    replies[2] = ("security", veto);
    let world = world(&replies).await;
    let run = world.open().await.start(planned(Review::AcceptAll)).unwrap();
    finish(&run).await;
    let Some(Event::Finished { outcome: Outcome::PlanRejected { why: Some(why) } }) =
        run.events(0).pop()
    else {
        panic!()
    };
    assert_eq!(why.to_string(), "veto of security: It would publish every drawing.");
    assert!(world.files.read("units.py").is_err());
}

#[tokio::test]
async fn a_plan_that_cannot_be_built_goes_back_and_a_person_may_edit_one() {
    let circle = PLAN.replace(
        "\"files\": [\"units.py\"]}",
        "\"files\": [\"units.py\"], \"depends_on\": [\"area\"]}",
    );
    let mut replies = agreed();
    replies.insert(0, ("architect", &circle));
    let world = world(&replies).await;
    let request = Request { approve_plan: true, ..planned(Review::AcceptAll) };
    let run = world.open().await.start(request).unwrap();
    let question = asked(&run).await;
    assert_eq!(question.kind, QuestionKind::Plan);
    let said = log(&run.events(0));
    assert!(
        said.contains("refused 1 MalformedReply: the plan cannot be carried out: these tasks wait for each other: area, units"),
        "{said}"
    );
    let Some(Event::Planned { plan }) =
        run.events(0).into_iter().rev().find(|it| matches!(it, Event::Planned { .. }))
    else {
        panic!()
    };
    let mut edited = plan.clone();
    edited.tasks.retain(|task| task.id == "area");
    let error = run.answer(&question.id, Answer::Edit { plan: edited }).unwrap_err().to_string();
    assert!(error.contains("task `area` waits for `units`, which there is not"), "{error}");
    let mut edited = plan;
    edited.tasks.retain(|task| task.id == "words");
    run.answer(&question.id, Answer::Edit { plan: edited }).unwrap();
    finish(&run).await;
    assert!(world.files.read("words.py").is_ok());
    assert!(world.files.read("units.py").is_err());
}

/// A plan that is said again costs no second round: the judges have seen it.
#[tokio::test]
async fn a_plan_that_comes_back_as_it_was_is_no_revision() {
    let risky =
        r#"{"risks": [{"severity": "high", "what": "It has no words.", "instead": "Have some."}]}"#;
    let again = format!(r#"{{"answers": ["It has: plural."], "plan": {PLAN}}}"#);
    let mut replies = agreed();
    replies[1] = ("critic", risky);
    replies.insert(4, ("architect", &again));
    let world = world(&replies).await;
    let run = world.open().await.start(planned(Review::AcceptAll)).unwrap();
    finish(&run).await;
    let said = log(&run.events(0));
    assert!(said.contains("debated: 7 calls, 0 revisions, []"), "{said}");
    assert!(world.files.read("words.py").is_ok(), "{said}");
}

/// Between a proposal and what is said of it the user has written over the lines that it changes.
#[tokio::test]
async fn what_the_user_writes_meanwhile_is_what_is_repaired() {
    let plan = r#"{"analysis": {"components": [], "dependencies": [], "architecture_type": "library", "complexity": "simple",
 "summary": "More shapes."}, "structure": {"files": {"readme.txt": "what it is"}}, "tasks": [
  {"id": "words", "role": "coder", "instruction": "Say more in readme.txt.", "files": ["readme.txt"]}]}"#;
    let edit = |old: &str, new: &str| {
        format!("readme.txt\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n")
    };
    let (first, second) = (edit("Shapes.", "Shapes and words."), edit("Forms.", "Forms, words."));
    let replies = [("architect", plan), ("coder", &*first), ("coder", &*second)];
    let world = world(&replies).await;
    let run = world.open().await.start(planned(Review::Ask)).unwrap();
    let question = asked(&run).await;
    world.files.write("readme.txt", "Forms.\n").unwrap();
    run.answer(&question.id, Answer::Revise { feedback: "a comma".into() }).unwrap();
    let again = asked(&run).await;
    assert_ne!(question.id, again.id);
    run.answer(&again.id, Answer::Accept { hunks: None, commit: None }).unwrap();
    finish(&run).await;
    let said = log(&run.events(0));
    assert_eq!(world.files.read("readme.txt").unwrap(), "Forms, words.\n", "{said}");
    let told = world.model.requests().pop().unwrap().to_string();
    assert!(told.contains("Shapes and words.") && told.contains("a comma"), "{told}");
}

/// What was done by then is said, and what was not.
#[tokio::test]
async fn a_mission_that_is_cancelled_says_what_it_has_done() {
    let mut replies = agreed();
    replies[0] = ("architect", WORDS);
    replies.extend(agreed());
    let world = world(&replies).await;
    let request = Request {
        roadmap: vec!["Words".into(), "Areas".into()],
        approve_plan: true,
        ..Request::new("mission", "", "test")
    };
    let run = world.open().await.start(request).unwrap();
    for kind in [QuestionKind::Plan, QuestionKind::Review] {
        let question = asked(&run).await;
        assert_eq!(question.kind, kind);
        run.answer(&question.id, Answer::Accept { hunks: None, commit: None }).unwrap();
    }
    assert_eq!(asked(&run).await.kind, QuestionKind::Plan);
    run.cancel();
    finish(&run).await;
    let Some(Outcome::Mission { items }) = run.finished().await else {
        panic!("{}", log(&run.events(0)))
    };
    let ends: Vec<(bool, &str, usize)> =
        items.iter().map(|it| (it.is_done, it.note.as_str(), it.files.len())).collect();
    assert_eq!(ends, [(true, "changed 1 file", 1), (false, "cancelled", 0)]);
}

/// A mission of two items: the first is given up twice over, and the second goes on all the same.
#[tokio::test]
async fn a_mission_goes_on_without_what_was_given_up() {
    let roadmap = r#"{"items": [{"title": "Publish", "what": "Every drawing is public."}, {"title": "Words", "what": "Plurals."}]}"#;
    let risky =
        r#"{"risks": [{"severity": "high", "what": "It has no words.", "instead": "Have some."}]}"#;
    let answer = r#"{"answers": ["It has one: plural."]}"#;
    let poor = r#"{"score": 0.1, "confidence": 0.9, "reasons": ["Nobody asked for it."]}"#;
    let mut replies = vec![("orchestrator", roadmap)];
    // The first plan has too low a score; so has the second, after a person has said to try again.
    for _ in 0..2 {
        replies.extend(agreed());
        let judged = replies.len() - 3;
        replies[judged..].iter_mut().for_each(|(_, reply)| *reply = poor);
    }
    replies.extend([
        ("architect", WORDS),
        ("critic", risky),
        ("security", NOTHING),
        ("tester", NOTHING),
        ("architect", answer),
        ("critic", GOOD),
        ("security", GOOD),
        ("tester", GOOD),
    ]);
    let world = world(&replies).await;
    let run = world.open().await.start(Request::new("mission", "drawings", "test")).unwrap();
    for choice in ["Try again", "Leave it out"] {
        let question = asked(&run).await;
        assert_eq!(question.kind, QuestionKind::Choice, "{}", question.text);
        run.answer(&question.id, Answer::Choose { choice: choice.into() }).unwrap();
    }
    let question = asked(&run).await;
    assert_eq!(question.kind, QuestionKind::Review, "{}", question.text);
    run.answer(&question.id, Answer::Accept { hunks: None, commit: None }).unwrap();
    finish(&run).await;
    let events = run.events(0);
    let Some(Event::Finished { outcome: Outcome::Mission { items } }) = events.last() else {
        panic!("{}", log(&events))
    };
    let ends: Vec<(&str, bool, &str)> =
        items.iter().map(|it| (it.title.as_str(), it.is_done, it.note.as_str())).collect();
    assert_eq!(
        ends,
        [
            (
                "Publish",
                false,
                "its plan was rejected: a score of 0.10, where 0.70 is needed: critic: Nobody asked for it.; security: Nobody \
                 asked for it.; tester: Nobody asked for it."
            ),
            ("Words", true, "changed 1 file"),
        ]
    );
    let said = log(&events);
    for line in [
        "roadmap: Publish, Words",
        "escalated item 1: its plan was rejected: a score of 0.10",
        "debate: critic has against the plan, round 1: high: It has no words. Instead: Have some.",
        "debate: architect keeps the plan: It has one: plural.",
        "item 2 Done: changed 1 file",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert!(world.files.read("words.py").is_ok() && world.files.read("units.py").is_err());
}

/// The same answer however often somebody is asked.
fn any_time(request: &Value) -> Scripted {
    let said = request.to_string();
    let by_form = [("challenge", NOTHING), ("plan", PLAN), ("vote", GOOD)];
    let is_wanted = |name: &str| request["response_format"]["json_schema"]["name"] == name;
    if let Some((_, reply)) = by_form.into_iter().find(|(name, _)| is_wanted(name)) {
        return Scripted::Text(reply.to_owned());
    }
    let code = Fixture::parse(CODE).replies;
    let fits = |about: &str| said.contains(about.split_once(' ').map_or("", |(_, about)| about));
    let reply = code.into_iter().find(|reply| fits(&reply.agent));
    reply.map_or(Scripted::status(500, "nobody has asked for that"), |it| Scripted::Text(it.body))
}

/// Wherever the process ends, the run that goes on comes to the same files, and what was said and recorded is not asked again.
#[tokio::test]
async fn a_planned_run_that_is_stopped_anywhere_comes_to_the_same_end() {
    let mut stop_at = 2;
    loop {
        let world = World::with_script("//- /readme.txt\nShapes.\n", Box::new(any_time)).await;
        let first = world.open().await;
        let run = first.start(planned(Review::AcceptAll)).unwrap();
        let mut cursor = 0;
        while cursor < stop_at && run.next(&mut cursor).await.is_some() {}
        first.shutdown().await;
        let id = run.id().clone();
        let has_ended = run.finished().await.is_some();
        drop((run, first));
        if !has_ended {
            let run = world.open().await.resume(&id).unwrap();
            finish(&run).await;
            let outcome = run.finished().await;
            assert!(
                matches!(&outcome, Some(Outcome::Delivered { files, .. }) if files.len() == 3),
                "{stop_at}: {outcome:?}"
            );
        }
        let texts = ["area.py", "units.py", "words.py"].map(|file| world.files.read(file).unwrap());
        assert!(texts[0].contains("{METRE}2") && texts[1] == "METRE = \"m\"\n", "{stop_at}");
        // Six of the debate, the plan, three tasks; what was under way when it stopped is asked again: three voices or two tasks.
        let n_asked = world.model.requests().len();
        assert!((10..=13).contains(&n_asked), "{stop_at}: {n_asked}");
        if has_ended {
            break;
        }
        stop_at += 5;
    }
    assert!(60 < stop_at, "it was stopped at its end too: {stop_at}");
}

/// Wherever it is cancelled, the record is whole: one end, nothing open, and the files are as that end says.
#[tokio::test]
async fn a_planned_run_that_is_cancelled_anywhere_leaves_a_whole_record() {
    let mut cancel_at = 1;
    loop {
        let world = World::with_script("//- /readme.txt\nShapes.\n", Box::new(any_time)).await;
        let workspace = world.open().await;
        let run = workspace.start(planned(Review::AcceptAll)).unwrap();
        let mut cursor = 0;
        while cursor < cancel_at && run.next(&mut cursor).await.is_some() {}
        run.cancel();
        finish(&run).await;
        let outcome = run.finished().await.unwrap();
        let record = workspace.record(run.id()).unwrap();
        assert_eq!(record.events, run.events(0), "{cancel_at}");
        let is_end = |it: &&Event| matches!(it, Event::Finished { .. });
        assert_eq!(record.events.iter().filter(is_end).count(), 1, "{cancel_at}");
        assert_eq!(record.events.last(), Some(&Event::Finished { outcome: outcome.clone() }));
        assert!(run.pending().is_none() && !record.summary.interrupted, "{cancel_at}");
        assert!(workspace.resume(run.id()).is_err(), "{cancel_at}: it goes on after its end");
        let files = ["area.py", "units.py", "words.py"];
        let n_written = files.iter().filter(|file| world.files.read(file).is_ok()).count();
        let (n_wanted, state) = match &outcome {
            Outcome::Cancelled => (0, "cancelled"),
            Outcome::Delivered { files, .. } => (files.len(), "succeeded"),
            other => panic!("{cancel_at}: {other:?}"),
        };
        assert_eq!((n_written, record.summary.state.as_str()), (n_wanted, state), "{cancel_at}");
        if record.events.len() as u64 <= cancel_at {
            assert_eq!(n_written, 3);
            break;
        }
        cancel_at += 3;
    }
    assert!(60 < cancel_at, "it was cancelled near its end too: {cancel_at}");
}

/// What an earlier item has delivered is not looked at again by a mission that goes on.
#[tokio::test]
async fn a_mission_that_goes_on_knows_what_is_done() {
    let script = move |request: &Value| {
        let is_plan = request["response_format"]["json_schema"]["name"] == "plan";
        if is_plan && request.to_string().contains("Only words") {
            return Scripted::Text(WORDS.to_owned());
        }
        any_time(request)
    };
    let mut stop_at = 60;
    loop {
        let world = World::with_script("//- /readme.txt\nShapes.\n", Box::new(script)).await;
        let roadmap = ["Areas", "Only words"].map(str::to_owned).to_vec();
        // The second item writes a file of the first one anew.
        let request =
            Request { roadmap, review: Review::AcceptAll, ..Request::new("mission", "", "test") };
        let first = world.open().await;
        let run = first.start(request).unwrap();
        let mut cursor = 0;
        while cursor < stop_at && run.next(&mut cursor).await.is_some() {}
        first.shutdown().await;
        let id = run.id().clone();
        let has_ended = run.finished().await.is_some();
        drop((run, first));
        if has_ended {
            break;
        }
        let run = world.open().await.resume(&id).unwrap();
        finish(&run).await;
        let Some(Outcome::Mission { items }) = run.finished().await else { panic!("{stop_at}") };
        assert!(items[0].is_done, "{stop_at}: {items:?}");
        assert_eq!(items[0].files.len(), 3, "{stop_at}: {items:?}");
        let escalated = run
            .events(0)
            .iter()
            .filter(|it| matches!(it, Event::Escalated { what, .. } if what.starts_with("item 1")))
            .count();
        assert_eq!(escalated, 0, "{stop_at}");
        stop_at += 15;
    }
    assert!(90 < stop_at, "{stop_at}");
}
