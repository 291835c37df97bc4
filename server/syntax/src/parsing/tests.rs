//! A kept tree says of every changed text what parsing it anew says.
#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::{ProptestConfig, any, prop, proptest};

use crate::errors::errors;
use crate::language::Language;
use crate::languages;
use crate::languages::samples::sample;
use crate::parsing::Parsing;

/// Follows the texts one after the other, from each that parses.
fn check(lang: &'static Language, texts: &[String]) {
    let mut kept = Parsing::of(lang, &texts[0]).unwrap().unwrap();
    for text in &texts[1..] {
        // On a busy machine there may be no answer in time.
        let (Ok(next), Ok(found)) = (kept.then(text), errors(lang, text)) else { continue };
        assert_eq!(next.is_some(), found.is_empty(), "{}: {found:?}\n{text}", lang.id);
        if let Some(next) = next {
            assert_eq!(next.text(), text);
            kept = next;
        }
    }
}

#[test]
fn what_does_not_parse_has_no_tree() {
    let python = languages::by_id("python").unwrap();
    assert!(Parsing::of(python, "def f(:\n").unwrap().is_none());
    let kept = Parsing::of(python, "def f():\n    pass\n").unwrap().unwrap();
    assert!(kept.then("def f(:\n    pass\n").unwrap().is_none());
    assert!(kept.then("").unwrap().is_some());
}

#[test]
fn a_quote_or_bracket_changes_what_all_behind_it_means() {
    for lang in languages::ALL {
        let text = sample(lang);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for at in (0..lines.len()).step_by(37) {
            let with =
                |extra: &str| [lines[..at].concat(), extra.into(), lines[at..].concat()].concat();
            let texts: Vec<String> =
                ["", "\"\"\"\n", "/*\n", "*/\n", "{\n", "}\n", "(\n", "'\n", "`\n", "#if 0\n", ""]
                    .map(with)
                    .into();
            check(lang, &texts);
        }
    }
}

#[test]
fn lines_that_go() {
    for lang in languages::ALL {
        let text = sample(lang);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let without = |at: usize| [lines[..at].concat(), lines[at + 1..].concat()].concat();
        let texts = std::iter::once(text.clone()).chain((0..lines.len()).step_by(3).map(without));
        check(lang, &texts.collect::<Vec<_>>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Lines of the sample change places: several edits at once, and often something that does not parse.
    #[test]
    fn lines_that_move(
        lang in 0..languages::ALL.len(),
        moves in prop::collection::vec((any::<u16>(), any::<u16>()), 1..6),
    ) {
        let lang = languages::ALL[lang];
        let text = sample(lang);
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        let mut texts = vec![text.clone()];
        for (from, to) in moves {
            let line = lines.remove(usize::from(from) % lines.len());
            lines.insert(usize::from(to) % (lines.len() + 1), line);
            texts.push(lines.concat());
        }
        check(lang, &texts);
    }
}
