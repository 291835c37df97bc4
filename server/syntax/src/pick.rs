//! Which of the tools that are known for a language are taken, where a person has said so. Data alone.

use serde::{Deserialize, Serialize};

/// What a person says of the tools of one kind, by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pick {
    /// In the languages that these are for, they and no others.
    #[serde(rename = "use")]
    pub only: Vec<String>,
    /// Never these.
    #[serde(rename = "skip")]
    pub never: Vec<String>,
}

impl Pick {
    /// Of the tools of one language, those that are named, if any; else those that are not left out.
    pub fn among<T>(
        &self,
        all: impl IntoIterator<Item = T>,
        name: impl Fn(&T) -> &str,
    ) -> Picked<T> {
        let has = |names: &[String], one: &T| names.iter().any(|known| known == name(one));
        let left: Vec<T> = all.into_iter().filter(|one| !has(&self.never, one)).collect();
        let is_named = left.iter().any(|one| has(&self.only, one));
        let tools = left.into_iter().filter(|one| !is_named || has(&self.only, one)).collect();
        Picked { tools, is_named }
    }

    /// The first name that is not `known`.
    pub fn stray<'a>(&'a self, known: &[&str]) -> Option<&'a str> {
        let names = self.only.iter().chain(&self.never).map(String::as_str);
        names.into_iter().find(|name| !known.contains(name))
    }
}

/// Tools of one language that may be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picked<T> {
    /// Most usual first.
    pub tools: Vec<T>,
    /// A person has named them, and that counts like a configuration of the project.
    pub is_named: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(only: &[&str], never: &[&str]) -> (String, bool) {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let pick = Pick { only: owned(only), never: owned(never) };
        let picked = pick.among(["ruff", "black", "autopep8"], |name| name);
        (picked.tools.join(" "), picked.is_named)
    }

    #[test]
    fn what_is_named_is_taken_alone_and_what_is_left_out_never() {
        assert_eq!(picked(&[], &[]), ("ruff black autopep8".into(), false));
        assert_eq!(picked(&["black", "gofmt"], &[]), ("black".into(), true));
        assert_eq!(picked(&["gofmt"], &["ruff"]), ("black autopep8".into(), false));
        assert_eq!(picked(&["ruff"], &["ruff"]), ("black autopep8".into(), false));
        assert_eq!(picked(&[], &["ruff", "black", "autopep8"]), (String::new(), false));
    }
}
