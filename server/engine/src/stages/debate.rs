//! Holds a debate about a plan: asks whoever the machine of [`crate::debate`] waits for, and tells what was said and what it has cost.

use std::collections::BTreeMap;

use base::Tokens;
use futures::future::try_join_all;
use models::Tier;
use serde::Serialize;
use serde_json::json;

use crate::agents::conversation::Conversation;
use crate::agents::fragment::Fragment;
use crate::agents::{self, Agent};
use crate::cx::{Cx, Told};
use crate::debate::{Challenge, Debate, Mitigation, Rejection, Rules, Turn, Voice, Vote};
use crate::error::Error;
use crate::event::{DebateCost, Event, Spent, Stage, StageState};
use crate::plan::{AgreedPlan, Plan};
use crate::replies::{Revision, Shape};
use crate::run::plural;
use crate::stages::plan::{as_text, mended};

/// What a debate is about.
pub(crate) struct Motion<'a> {
    /// The request, as the architect was told it.
    pub(crate) task: &'a str,
    /// The code, as the architect was shown it.
    pub(crate) context: &'a [String],
    /// Tells apart debates of one run.
    pub(crate) round: u32,
}

/// How it ended.
pub(crate) enum Debated {
    /// The plan as it was when it was voted on.
    Approved(Box<AgreedPlan>),
    Rejected(Rejection),
}

/// `talk`: with the architect, whose plan it is.
///
/// # Errors
/// Those of asking; [`Error::AttemptsExhausted`] where a revised plan cannot be built.
pub(crate) async fn debate(
    cx: &Cx,
    motion: Motion<'_>,
    mut plan: AgreedPlan,
    rules: Rules,
    talk: &mut Conversation,
) -> Result<Debated, Error> {
    let opened = plan.plan().clone();
    let mut hall = Hall { cx, motion, judges: BTreeMap::new(), answers: String::new(), cycle: 0 };
    let (mut state, mut cost) = (Debate::new(rules), DebateCost::default());
    hall.stage(StageState::Running, "the plan is debated").await?;
    let (debated, end) = loop {
        state = match state {
            Debate::Opening(state) => state.open(0),
            Debate::Challenge(state) => {
                let round = state.round();
                let (said, spent) = hall.challenges(&plan, round).await?;
                cost.spent = cost.spent + spent;
                state.hear(&said, spent.tokens())
            }
            Debate::Mitigation(state) => {
                let (revised, answer, spent) = hall.mitigation(&plan, talk).await?;
                cost.spent = cost.spent + spent;
                if let Some(revised) = revised {
                    cost.revisions += 1;
                    plan = revised;
                }
                state.hear(&answer, spent.tokens())
            }
            Debate::FinalVote(state) => {
                let (votes, spent) = hall.votes(&plan).await?;
                cost.spent = cost.spent + spent;
                state.hear(votes)
            }
            Debate::Aggregation(state) => state.count(),
            Debate::Approved(score) => {
                break (Debated::Approved(Box::new(plan.clone())), Turn::Approved { score });
            }
            Debate::Rejected(why) => {
                break (Debated::Rejected(why.clone()), Turn::Rejected { why });
            }
        };
    };
    cost.changed = changes(&opened, plan.plan());
    hall.close(end, cost).await?;
    Ok(debated)
}

/// Where it is held.
struct Hall<'a> {
    cx: &'a Cx,
    motion: Motion<'a>,
    /// What was said to and by each judge.
    judges: BTreeMap<Voice, Conversation>,
    /// What the architect has answered last.
    answers: String,
    /// How often the judges were asked what they have against it: the same plan may come back.
    cycle: u32,
}

impl Hall<'_> {
    /// What everybody has against the plan. They are asked at once and heard in one order.
    async fn challenges(
        &mut self,
        plan: &AgreedPlan,
        round: u32,
    ) -> Result<(BTreeMap<Voice, Challenge>, Spent), Error> {
        self.cycle += 1;
        let text = as_text(plan.plan())?;
        for voice in Voice::JUDGES {
            // Each round begins anew: what counts is the plan as it is now.
            let prompt = self.cx.prompt(agent_of(*voice))?;
            let plan = Fragment::data("The plan", text.as_str(), prompt.front.context).render();
            let values =
                json!({"task": self.motion.task, "plan": plan, "context": self.motion.context});
            let tier = self.cx.request().tier.or(prompt.tier()).unwrap_or(Tier::Quality);
            let talk = Conversation::begin(prompt, tier, &values)?;
            self.judges.insert(*voice, talk);
        }
        let told = self.ask_all::<Challenge>().await?;
        let (mut said, mut spent) = (BTreeMap::new(), Spent::default());
        for (by, told) in told {
            if let Some(talk) = self.judges.get_mut(&by) {
                let text = serde_json::to_string(&told.value);
                talk.replied(text.map_err(|e| Error::Internal(e.to_string()))?);
            }
            let challenge = told.value;
            self.turn(Turn::Challenged { round, by, challenge: challenge.clone() }).await?;
            spent = spent + told.spent;
            said.insert(by, challenge);
        }
        self.answers.clear();
        Ok((said, spent))
    }

    /// What the architect says to that, and the plan if it is another one.
    async fn mitigation(
        &mut self,
        present: &AgreedPlan,
        talk: &mut Conversation,
    ) -> Result<(Option<AgreedPlan>, Mitigation, Spent), Error> {
        let prompt = self.cx.prompt(agents::MITIGATION)?;
        let risks = self.risks(prompt.front.context);
        talk.tell(prompt, &json!({"risks": risks}))?;
        let asked = self.cx.ask_for::<Revision>(talk, |_| Ok(()));
        let told = self.cx.step("mitigate", &talk.messages, asked).await?;
        let Revision { answers, plan } = told.value;
        let said =
            serde_json::to_string(&Revision { answers: answers.clone(), plan: plan.clone() });
        talk.replied(said.map_err(|e| Error::Internal(e.to_string()))?);
        // Said again as it was, it is no other one.
        let (revised, more) = match plan.filter(|plan| plan != present.plan()) {
            Some(plan) => {
                let (plan, spent) = mended(self.cx, talk, plan).await?;
                (Some(plan), spent)
            }
            None => (None, Spent::default()),
        };
        self.answers = answers.join("\n");
        let answer = Mitigation { answers, is_revised: revised.is_some() };
        self.turn(Turn::Answered { answer: answer.clone() }).await?;
        Ok((revised, answer, told.spent + more))
    }

    async fn votes(&mut self, plan: &AgreedPlan) -> Result<(BTreeMap<Voice, Vote>, Spent), Error> {
        let text = as_text(plan.plan())?;
        for talk in self.judges.values_mut() {
            let prompt = self.cx.prompt(agents::VOTE)?;
            let cap = prompt.front.context;
            let is_known = talk.messages.iter().any(|it| it.content.contains(&text));
            let plan = match is_known {
                true => "The plan is as it was when you looked at it.".to_owned(),
                false => Fragment::data("The plan", text.as_str(), cap).render(),
            };
            let answers = match self.answers.as_str() {
                "" => String::new(),
                answers => Fragment::data("Answers", answers, cap).render(),
            };
            talk.tell(prompt, &json!({"plan": plan, "answers": answers}))?;
        }
        let told = self.ask_all::<Vote>().await?;
        let (mut votes, mut spent) = (BTreeMap::new(), Spent::default());
        for (by, told) in told {
            self.turn(Turn::Voted { by, vote: told.value.clone() }).await?;
            spent = spent + told.spent;
            votes.insert(by, told.value);
        }
        Ok((votes, spent))
    }

    /// Asks every judge at once.
    async fn ask_all<T: Shape + Serialize>(&self) -> Result<Vec<(Voice, Told<T>)>, Error> {
        let (cx, cycle) = (self.cx, self.cycle);
        let asked = self.judges.iter().map(|(voice, talk)| async move {
            let told = cx.ask_for::<T>(talk, |_| Ok(()));
            let told = cx.step(T::NAME, &(voice, cycle, &talk.messages), told).await?;
            Ok::<_, Error>((*voice, told))
        });
        try_join_all(asked).await
    }

    /// What the judges have said last, as the architect is told it.
    fn risks(&self, cap: Tokens) -> String {
        let share = Tokens(cap.0 / self.judges.len().max(1));
        let said = self.judges.iter().filter_map(|(voice, talk)| {
            let text = talk.messages.last()?.content.as_str();
            Some(Fragment::data(format!("The {}", voice.as_str()), text, share).render())
        });
        said.collect::<Vec<_>>().join("\n")
    }

    /// Told once, also by a run that goes on.
    async fn turn(&self, turn: Turn) -> Result<(), Error> {
        let cx = self.cx;
        let told = async { cx.emit(Event::Debate { turn: turn.clone() }) };
        cx.step("debate-turn", &(self.motion.round, self.cycle, &turn), told).await
    }

    async fn stage(&self, state: StageState, note: &str) -> Result<(), Error> {
        let cx = self.cx;
        let told = async { cx.stage(Stage::Debate, state, 0, note) };
        cx.step("debate-stage", &(self.motion.round, state, note), told).await
    }

    async fn close(&self, end: Turn, cost: DebateCost) -> Result<(), Error> {
        let note = match &end {
            Turn::Rejected { why } => why.to_string(),
            Turn::Approved { score } => {
                format!(
                    "approved with {score:.2} after {}",
                    plural(cost.revisions as usize, "revision")
                )
            }
            Turn::Challenged { .. } | Turn::Answered { .. } | Turn::Voted { .. } => String::new(),
        };
        self.turn(end).await?;
        let cx = self.cx;
        let told = async { cx.emit(Event::Debated { cost: cost.clone() }) };
        cx.step("debated", &self.motion.round, told).await?;
        self.stage(StageState::Done, &note).await
    }
}

fn agent_of(voice: Voice) -> Agent {
    match voice {
        Voice::Architect => agents::ARCHITECT,
        Voice::Critic => agents::CRITIC,
        Voice::Security => agents::SECURITY,
        Voice::Tester => agents::TESTABILITY,
    }
}

/// What became of a plan's tasks and files, a line each.
fn changes(before: &Plan, after: &Plan) -> Vec<String> {
    let tasks = |plan: &Plan| -> BTreeMap<String, crate::plan::Task> {
        plan.tasks.iter().map(|task| (task.id.clone(), task.clone())).collect()
    };
    let (old, new) = (tasks(before), tasks(after));
    let gone = old.keys().filter(|id| !new.contains_key(*id)).map(|id| format!("task {id} went"));
    let came = new.keys().filter(|id| !old.contains_key(*id)).map(|id| format!("task {id} came"));
    let changed = new.iter().filter(|(id, task)| old.get(*id).is_some_and(|it| it != *task));
    let changed = changed.map(|(id, _)| format!("task {id} changed"));
    let mut lines: Vec<String> = gone.chain(came).chain(changed).collect();
    let (old, new) = (&before.structure.files, &after.structure.files);
    lines.extend(old.keys().filter(|it| !new.contains_key(*it)).map(|it| format!("{it} went")));
    lines.extend(new.keys().filter(|it| !old.contains_key(*it)).map(|it| format!("{it} came")));
    lines
}
