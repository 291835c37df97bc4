//! No word that has the stem is refused.

use rust_stemmers::{Algorithm, Stemmer};

use super::can_go;

const ROOTS: &[&str] = &[
    "comp",
    "quer",
    "hop",
    "hopp",
    "control",
    "relat",
    "happ",
    "cr",
    "crystal",
    "valu",
    "nation",
    "oper",
    "us",
    "sens",
    "possib",
    "activ",
    "form",
    "organ",
    "electr",
    "hesit",
    "depend",
    "allow",
    "adopt",
    "geolog",
    "ti",
    "dy",
    "skill",
    "bag",
    "stop",
    "fals",
    "communicat",
    "gener",
    "arsen",
    "sk",
    "idl",
    "gentl",
    "ugl",
    "earl",
    "onl",
    "singl",
    "conflat",
    "troubl",
    "siz",
    "fil",
    "fall",
    "hiss",
    "fizz",
    "fail",
    "rat",
    "roll",
    "probat",
    "ceas",
    "vietnam",
    "adjust",
    "bowdler",
    "index",
    "compos",
    "cach",
];

const ENDINGS: &[&str] = &[
    "", "e", "y", "i", "s", "es", "ies", "ied", "ed", "ing", "edly", "ingly", "eed", "eedly", "ly",
    "li", "al", "ally", "ational", "tional", "ation", "ations", "ator", "ators", "izer", "ize",
    "ized", "izing", "ization", "alize", "alized", "alism", "ality", "aliti", "ency", "ancy",
    "ence", "ance", "able", "ably", "ability", "ible", "ibly", "ibility", "ently", "ful", "fully",
    "fulness", "ous", "ously", "ousness", "ive", "ives", "iveness", "ivity", "ogy", "logist",
    "less", "lessly", "icate", "icated", "icating", "icity", "ical", "ically", "ness", "nesses",
    "ative", "ic", "er", "ers", "ant", "ement", "ements", "ment", "ent", "ism", "ate", "ates",
    "ated", "ating", "iti", "ion", "ions", "ll", "lling", "ling", "ped", "pping", "ging", "gged",
    "ition", "or", "ory", "iness", "ily", "ying", "yed", "name", "server", "or2",
];

#[test]
fn whatever_has_a_stem_passes() {
    let stemmer = Stemmer::create(Algorithm::English);
    let mut n_same = 0;
    for (root_idx, root) in ROOTS.iter().enumerate() {
        let short = stemmer.stem(root);
        for first in ENDINGS {
            let longer = format!("{root}{first}");
            let middle = stemmer.stem(&longer);
            // Two endings for some roots, one for all.
            let more = if root_idx % 6 == 0 { ENDINGS } else { &ENDINGS[..1] };
            for then in more {
                let word = format!("{longer}{then}");
                let own = stemmer.stem(&word);
                // Its own stem, also where that is the stem of what it begins with.
                for stem in [&short, &middle, &own] {
                    let prefix = stem.strip_suffix('i').unwrap_or(stem);
                    if own == *stem
                        && let Some(rest) = word.strip_prefix(prefix)
                    {
                        n_same += 1;
                        assert!(can_go(prefix, rest), "{word} has the stem {stem}");
                    }
                }
            }
        }
    }
    assert!(50_000 < n_same, "{n_same}");
}

#[test]
fn other_words_do_not() {
    let refused = [
        "parsername",
        "serverlist",
        "cachekey",
        "formdata",
        "queryplan",
        "tokenkind",
        "indexof",
        "sort2",
    ];
    for (word, len) in refused.iter().zip([6, 6, 4, 4, 4, 5, 5, 4]) {
        assert!(!can_go(&word[..len], &word[len..]), "{word}");
    }
    // Doubled before an ending, but not by itself.
    assert!(can_go("hop", "ping"));
    assert!(!can_go("hop", "king"));
    assert!(!can_go("hot", "ping"));
}
