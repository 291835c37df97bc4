//! What is read out of a query's text.

use std::convert::Infallible;

use expect_test::{Expect, expect};

use crate::query::Wanted;

fn check(text: &str, expected: Expect) {
    // `jsonarray` is the one joined name that the index knows here.
    let frequency = |word: &str| -> Result<usize, Infallible> {
        Ok(if word == "jsonarray" || word.len() < 8 { 1 } else { usize::MAX })
    };
    let wanted = Wanted::of(text, &frequency).expect("frequencies are known");
    let words: Vec<String> =
        wanted.words.iter().map(|(word, weight)| format!("{word}:{weight:.1}")).collect();
    let names: Vec<String> = wanted
        .names
        .iter()
        .map(|name| format!("{}<{}", name.written, name.around.join(",")))
        .collect();
    expected.assert_eq(&format!(
        "{} | {} | tests {}",
        words.join(" "),
        names.join(" "),
        wanted.tests
    ));
}

#[test]
fn questions_have_words() {
    check(
        "where is the JSON array, the array?",
        expect!["json:1.0 array:1.7 jsonarray:1.0 |  | tests false"],
    );
    check("tests for the parser", expect!["test:1.0 parser:1.0 |  | tests true"]);
    check("", expect![" |  | tests false"]);
    check("the of", expect![" |  | tests false"]);
}

#[test]
fn names_are_told_by_their_shape() {
    check(
        "fix parse_date in Clock::now and json.loads()",
        expect![
            "fix:1.0 parse:1.0 date:1.0 parsedate:1.0 clock:1.0 now:1.0 json:1.0 load:1.0 nowjson:1.0 | parse_date< now<clock loads<json | tests false"
        ],
    );
    check(
        "`run` it. Then stop. See e.g. this",
        expect!["run:1.0 stop:1.0 see:1.0 runstop:1.0 stopsee:1.0 | run< | tests false"],
    );
    check(
        "OrderedDict",
        expect!["ordered:1.0 dict:1.0 ordereddict:1.0 | OrderedDict< | tests false"],
    );
    check("dates", expect!["date:1.0 | dates< | tests false"]);
    check("g", expect![" | g< | tests false"]);
    check("1.5 and v2.0", expect!["v2:1.0 |  | tests false"]);
    check("::", expect![" |  | tests false"]);
    check("b.a.A.a.b.x", expect![" | x<a,b | tests false"]);
}

#[test]
fn a_title_counts_twice_and_its_words_stay() {
    check(
        "Crash: empty input\nIt stops. The input was empty.",
        expect!["crash:2.0 empty:3.4 input:3.4 stop:1.0 was:1.0 |  | tests false"],
    );
    // One line is no title, however it ends.
    check("empty input\n\n", expect!["empty:1.0 input:1.0 |  | tests false"]);
}

#[test]
fn long_texts_keep_their_title_and_their_rarest_words() {
    let letters = "abcdefghij";
    let pairs = letters.chars().flat_map(|a| letters.chars().map(move |b| format!("zz{a}{b}")));
    let words: Vec<String> = pairs.collect();
    let text = format!("heading\n{}", words.join(" "));
    // The later, the rarer; and the title's word is everywhere.
    let frequency = |word: &str| -> Result<usize, Infallible> {
        let place = words.iter().position(|other| other == word);
        Ok(place.map_or(1_000, |place| words.len() - place))
    };
    let wanted = Wanted::of(&text, &frequency).expect("frequencies are known");
    let said: Vec<&str> = wanted.words[..wanted.n_said].iter().map(|(word, _)| &**word).collect();
    let rarest = words[words.len() - 31..].iter().map(String::as_str);
    assert_eq!(said, std::iter::once("heading").chain(rarest).collect::<Vec<_>>());
}
