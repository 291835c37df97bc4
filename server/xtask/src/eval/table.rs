//! What an evaluation says, as Markdown. A package without an answer is no package that was judged well.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter, Write as _};

use super::ask::Answer;
use super::languages::{ALL, Language};

/// One mutation.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) language: Language,
    /// With its version.
    pub(super) package: String,
    pub(super) function: String,
    /// The package's own tests are the judge; the wrong reply comes first.
    pub(super) with: Answer,
    /// The tests are taken away; the wrong reply comes first.
    pub(super) without: Answer,
    /// The tests are taken away; the only reply is the right one.
    pub(super) without_right: Answer,
}

impl Row {
    /// Refused with the tests as judge.
    fn wrong_refused(&self) -> bool {
        !self.with.refused.is_empty()
    }

    /// The first reply was refused, the second not, and it is in the file.
    fn right_accepted(&self) -> bool {
        self.with.refused.len() == 1 && self.with.is_delivered && self.with.is_restored
    }

    /// Refused although there are no tests.
    fn wrong_caught(&self) -> bool {
        !self.without.refused.is_empty()
    }

    fn right_accepted_alone(&self) -> bool {
        self.without_right.refused.is_empty()
            && self.without_right.is_delivered
            && self.without_right.is_restored
    }

    /// As it should be: judged by tests that spoke, and the right repair is accepted with and without them.
    pub(super) fn is_good(&self) -> bool {
        self.with.no_answer.is_none()
            && self.wrong_refused()
            && self.right_accepted()
            && self.right_accepted_alone()
    }
}

impl Display for Row {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let word = |yes: bool| if yes { "yes" } else { "NO" };
        write!(f, "{} {}: ", self.package, self.function)?;
        if let Some(why) = &self.with.no_answer {
            write!(f, "NO ANSWER ({}), ", why.lines().next().unwrap_or_default())?;
        }
        write!(
            f,
            "wrong refused {}, right accepted {}; without tests: wrong caught {}, right accepted {}; {:.1} s",
            word(self.wrong_refused()),
            if self.wrong_refused() { word(self.right_accepted()) } else { "not asked" },
            word(self.wrong_caught()),
            word(self.right_accepted_alone()),
            self.with.seconds
        )
    }
}

/// All tables, and what went wrong.
pub(super) fn tables(rows: &[Row]) -> String {
    let mut text = String::from("With the packages' own tests as judge:\n\n");
    text.push_str("| language | packages | mutations | no answer | wrong refused | right accepted | median seconds |\n");
    text.push_str("|---|---|---|---|---|---|---|\n");
    for_each_language(rows, |language, rows| {
        let packages: std::collections::BTreeSet<_> = rows.iter().map(|row| &row.package).collect();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {:.1} |",
            language.title(),
            packages.len(),
            rows.len(),
            rows.iter().filter(|row| row.with.no_answer.is_some()).count(),
            share(rows, Row::wrong_refused),
            share(&asked(rows), Row::right_accepted),
            median(rows),
        );
    });
    text.push_str("\nWith the tests taken away:\n\n");
    text.push_str("| language | mutations | wrong caught | caught by | right accepted |\n|---|---|---|---|---|\n");
    for_each_language(rows, |language, rows| {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            language.title(),
            rows.len(),
            share(rows, Row::wrong_caught),
            caught_by(rows),
            share(rows, Row::right_accepted_alone),
        );
    });
    text.push_str("\nBy package:\n\n");
    text.push_str("| package | mutated | wrong refused | right accepted | caught without tests | median seconds |\n|---|---|---|---|---|---|\n");
    let mut packages: Vec<&str> = rows.iter().map(|row| row.package.as_str()).collect();
    packages.dedup();
    for package in packages {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.package == package).collect();
        let functions: Vec<_> = rows.iter().map(|row| format!("`{}`", row.function)).collect();
        let _ = writeln!(
            text,
            "| {package} | {} | {} | {} | {} | {:.1} |",
            functions.join(", "),
            share(&rows, Row::wrong_refused),
            share(&asked(&rows), Row::right_accepted),
            share(&rows, Row::wrong_caught),
            median(&rows),
        );
    }
    let bad: Vec<&Row> = rows.iter().filter(|row| !row.is_good()).collect();
    if !bad.is_empty() {
        text.push_str("\nNot as it should be:\n\n");
        bad.iter().for_each(|row| {
            let _ = writeln!(text, "- {row}");
        });
    }
    text
}

fn for_each_language(rows: &[Row], mut write: impl FnMut(Language, &[&Row])) {
    for language in ALL {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.language == language).collect();
        if !rows.is_empty() {
            write(language, &rows);
        }
    }
}

fn share(rows: &[&Row], is: impl Fn(&Row) -> bool) -> String {
    format!("{} of {}", rows.iter().filter(|row| is(row)).count(), rows.len())
}

/// Those whose right repair was asked for: where the wrong one is accepted, the run is over.
fn asked<'a>(rows: &[&'a Row]) -> Vec<&'a Row> {
    rows.iter().copied().filter(|row| row.wrong_refused()).collect()
}

/// `3 test_broke, 1 syntax`.
fn caught_by(rows: &[&Row]) -> String {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in rows.iter().filter_map(|row| row.without.refused.first()) {
        *kinds.entry(kind).or_default() += 1;
    }
    let kinds: Vec<_> = kinds.into_iter().map(|(kind, n)| format!("{n} `{kind}`")).collect();
    if kinds.is_empty() { "nothing".into() } else { kinds.join(", ") }
}

fn median(rows: &[&Row]) -> f64 {
    let mut seconds: Vec<f64> = rows.iter().map(|row| row.with.seconds).collect();
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
