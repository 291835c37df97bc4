//! Where what is said leads.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Challenge, Debate, Mitigation, Rejection, Risk, Rules, Severity, Voice, Vote};

const RULES: Rules = Rules { threshold: 0.7, confidence: 0.3, cycles: 2, tokens: 1_000 };

fn challenge(severity: Option<Severity>, veto: Option<&str>) -> Challenge {
    let risk = |severity| Risk { severity, what: "w".into(), instead: "i".into() };
    Challenge { risks: severity.map(risk).into_iter().collect(), veto: veto.map(str::to_owned) }
}

fn vote(score: f64, confidence: f64) -> Vote {
    Vote { score, confidence, reasons: vec!["so it is".into()], veto: None }
}

/// Everybody says the same.
fn all<T: Clone>(said: T) -> BTreeMap<Voice, T> {
    Voice::JUDGES.iter().map(|voice| (*voice, said.clone())).collect()
}

fn opened(rules: Rules) -> super::Challenging {
    let Debate::Opening(opening) = Debate::new(rules) else { panic!() };
    let Debate::Challenge(state) = opening.open(10) else { panic!() };
    state
}

#[test]
fn who_has_nothing_against_a_plan_votes_at_once() {
    for severity in [None, Some(Severity::Low)] {
        let next = opened(RULES).hear(&all(challenge(severity, None)), 10);
        assert!(matches!(next, Debate::FinalVote(_)));
    }
}

#[test]
fn a_revised_plan_is_challenged_again_until_no_round_is_left() {
    let doubted = all(challenge(Some(Severity::High), None));
    let mut state = opened(RULES);
    for round in 1..=2 {
        assert_eq!(state.round(), round);
        let Debate::Mitigation(answering) = state.hear(&doubted, 10) else { panic!() };
        let answer = Mitigation { answers: Vec::new(), is_revised: true };
        let Debate::Challenge(again) = answering.hear(&answer, 10) else { panic!() };
        state = again;
    }
    assert!(matches!(state.hear(&doubted, 10), Debate::FinalVote(_)));
    // Explained, not revised.
    let Debate::Mitigation(answering) = opened(RULES).hear(&doubted, 10) else { panic!() };
    let answer = Mitigation { answers: vec!["It is meant so.".into()], is_revised: false };
    assert!(matches!(answering.hear(&answer, 10), Debate::FinalVote(_)));
    // Nothing is left to be spent.
    assert!(matches!(opened(RULES).hear(&doubted, 990), Debate::FinalVote(_)));
}

#[test]
fn the_veto_of_the_critic_and_of_security_ends_it_and_nobody_elses() {
    for voice in [Voice::Critic, Voice::Security] {
        let said = BTreeMap::from([(voice, challenge(None, Some("it deletes data")))]);
        let Debate::Rejected(why) = opened(RULES).hear(&said, 10) else { panic!() };
        assert_eq!(why.to_string(), format!("veto of {}: it deletes data", voice.as_str()));
        let mut votes = all(vote(1.0, 1.0));
        votes.get_mut(&voice).unwrap().veto = Some("no".into());
        let Debate::FinalVote(voting) = opened(RULES).hear(&BTreeMap::new(), 0) else { panic!() };
        assert!(matches!(voting.hear(votes), Debate::Rejected(Rejection::Veto { .. })));
    }
    // What a model fills in where it has nothing to say.
    let said = BTreeMap::from([(Voice::Critic, challenge(None, Some(" ")))]);
    assert!(matches!(opened(RULES).hear(&said, 10), Debate::FinalVote(_)));
    let said = BTreeMap::from([(Voice::Tester, challenge(None, Some("no")))]);
    assert!(matches!(opened(RULES).hear(&said, 10), Debate::Mitigation(_)));
}

fn counted(votes: BTreeMap<Voice, Vote>) -> Debate {
    let Debate::FinalVote(voting) = opened(RULES).hear(&BTreeMap::new(), 0) else { panic!() };
    let Debate::Aggregation(state) = voting.hear(votes) else { panic!() };
    state.count()
}

#[test]
fn votes_weigh_as_much_as_their_voices_are_sure() {
    let votes = |critic: Vote, security: Vote, tester: Vote| {
        counted(BTreeMap::from([
            (Voice::Critic, critic),
            (Voice::Security, security),
            (Voice::Tester, tester),
        ]))
    };
    assert_eq!(votes(vote(0.9, 1.0), vote(0.5, 1.0), vote(0.7, 1.0)), Debate::Approved(0.7));
    let low = votes(vote(0.9, 0.5), vote(0.4, 1.0), vote(0.0, 0.2));
    let Debate::Rejected(why) = low else { panic!() };
    assert_eq!(
        why.to_string(),
        "a score of 0.57, where 0.70 is needed: critic: so it is; security: so it is; tester: so it is"
    );
    let Debate::Rejected(why) = counted(all(vote(1.0, 0.2))) else { panic!() };
    assert_eq!(
        why.to_string(),
        "nobody is sure enough: a confidence of 0.20, where 0.30 is needed"
    );
    // Nobody judges a plan of their own.
    let own = BTreeMap::from([(Voice::Architect, vote(1.0, 1.0))]);
    assert!(matches!(counted(own), Debate::Rejected(Rejection::Unsure { .. })));
    // What a model writes may be no share at all.
    assert_eq!(counted(all(vote(7.0, 9.0))), Debate::Approved(1.0));
    let none = counted(all(vote(f64::NAN, 1.0)));
    assert!(matches!(none, Debate::Rejected(Rejection::LowScore { score: 0.0, .. })));
    let unsure = counted(all(vote(1.0, f64::NAN)));
    assert!(matches!(unsure, Debate::Rejected(Rejection::Unsure { .. })));
}

fn any_share() -> impl Strategy<Value = f64> {
    prop_oneof![4 => 0.0..=1.0_f64, 1 => any::<f64>()]
}

fn any_text() -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.1, Just("no".to_owned()))
}

fn any_voice() -> impl Strategy<Value = Voice> {
    use Voice::{Architect, Critic, Security, Tester};
    prop::sample::select(vec![Architect, Critic, Security, Tester])
}

prop_compose! {
    fn any_challenge()(severity in prop::option::of(0..4_usize), veto in any_text()) -> Challenge {
        use Severity::{Critical, High, Low, Medium};
        challenge(severity.map(|it| [Low, Medium, High, Critical][it]), veto.as_deref())
    }
}

prop_compose! {
    fn any_vote()(score in any_share(), confidence in any_share(), veto in any_text()) -> Vote {
        Vote { veto, ..vote(score, confidence) }
    }
}

proptest! {
    /// Whatever is said, and whatever the rules are: it ends, after no more rounds than there may be.
    #[test]
    fn every_debate_ends_within_its_bound(
        threshold in any_share(),
        confidence in any_share(),
        cycles in 0..6_u32,
        tokens in 0..2_000_u64,
        rounds in prop::collection::vec(
            (prop::collection::btree_map(any_voice(), any_challenge(), 0..4), any::<bool>(), 0..500_u64),
            1..4,
        ),
        votes in prop::collection::btree_map(any_voice(), any_vote(), 0..4),
    ) {
        let mut debate = Debate::new(Rules { threshold, confidence, cycles, tokens });
        let mut said = rounds.iter().cycle();
        let (mut n_steps, mut n_challenges, mut n_mitigations) = (0, 0, 0);
        let ended = loop {
            n_steps += 1;
            // Opening, each round twice, the last challenge, the vote, the count, and the end.
            prop_assert!(n_steps <= 2 * cycles + 5);
            debate = match debate {
                Debate::Opening(state) => state.open(7),
                Debate::Challenge(state) => {
                    n_challenges += 1;
                    let (challenges, _, spent) = said.next().unwrap();
                    state.hear(challenges, *spent)
                }
                Debate::Mitigation(state) => {
                    n_mitigations += 1;
                    let (_, is_revised, spent) = said.next().unwrap();
                    let answer = Mitigation { answers: Vec::new(), is_revised: *is_revised };
                    state.hear(&answer, *spent)
                }
                Debate::FinalVote(state) => state.hear(votes.clone()),
                Debate::Aggregation(state) => state.count(),
                ended @ (Debate::Approved(_) | Debate::Rejected(_)) => break ended,
            };
        };
        prop_assert!(n_challenges <= cycles + 1 && n_mitigations <= cycles);
        if let Debate::Approved(score) = ended {
            prop_assert!((0.0..=1.0).contains(&score) && threshold <= score);
            prop_assert!(votes.iter().all(|(by, it)| !by.has_veto() || it.veto.is_none()));
        }
    }
}
