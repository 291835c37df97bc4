//! Chains of models.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::{Tier, Tiers};
use crate::ModelName;

fn names(text: &str) -> Vec<ModelName> {
    text.split_whitespace().map(|it| it.parse().unwrap()).collect()
}

fn chain(tiers: &Tiers, tier: Tier, named: &str, default: &str) -> String {
    let (named, default) = (names(named).pop(), names(default).pop());
    let chain = tiers.chain(tier, named.as_ref(), default.as_ref());
    chain.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_tier_without_models_has_those_of_another() {
    let tiers = Tiers {
        fast: names("l/s l/t"),
        quality: names("x/l"),
        fallback: names("l/s y/f"),
        ..Tiers::default()
    };
    assert_eq!(chain(&tiers, Tier::Fast, "", "d/d"), "l/s l/t y/f");
    assert_eq!(chain(&tiers, Tier::Balanced, "", "d/d"), "x/l l/s y/f");
    assert_eq!(chain(&tiers, Tier::Quality, "n/n", "d/d"), "n/n l/s y/f");
    let empty = Tiers::default();
    assert_eq!(chain(&empty, Tier::Fast, "", "d/d"), "d/d");
    assert_eq!(chain(&empty, Tier::Fast, "", ""), "");
    assert!(empty.is_empty() && !tiers.is_empty());
}

#[test]
fn words() {
    for tier in Tier::ALL {
        assert_eq!(tier.as_str().parse::<Tier>().unwrap(), tier);
    }
    assert_eq!(
        "best".parse::<Tier>().unwrap_err(),
        "`best` is no tier; there are `fast`, `balanced`, `quality`"
    );
}
