//! What a person says of the programs that Baton starts: which of those that it knows, and what stands for them.

use std::collections::BTreeSet;

pub use sandbox::Programs;
use syntax::Language;
pub use syntax::Pick;

/// By default everything is detected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Formatters.
    pub format: Pick,
    /// Linters.
    pub lint: Pick,
    /// Language servers.
    pub servers: Pick,
    /// Test runners.
    pub tests: Pick,
    /// Program and arguments that run the tests, in the place of all runners; started at the workspace's root, without a
    /// shell.
    pub test_command: Option<Vec<String>>,
    /// What is started in the place of a program.
    pub programs: Programs,
}

impl Choices {
    /// Whether every name is known.
    ///
    /// # Errors
    /// In words, with the key and what is known there.
    pub fn check(&self) -> Result<(), String> {
        let of = |names: fn(&'static Language) -> Vec<&'static str>| -> Vec<&'static str> {
            let all: BTreeSet<_> = syntax::languages::ALL.iter().flat_map(|it| names(it)).collect();
            all.into_iter().collect()
        };
        let servers: Vec<&str> = lsp::servers::ALL.iter().map(|server| server.name).collect();
        for (key, pick, known) in [
            ("format", &self.format, of(|it| it.formatters.iter().map(|one| one.name).collect())),
            ("lint", &self.lint, of(|it| it.linters.iter().map(|one| one.name).collect())),
            ("servers", &self.servers, servers),
            ("tests", &self.tests, of(|it| it.tests.iter().map(|one| one.name).collect())),
        ] {
            if let Some(stray) = pick.stray(&known) {
                let known = known.join(", ");
                return Err(format!(
                    "`{key}` names `{stray}`, which is not known; known there: {known}"
                ));
            }
        }
        let known = programs();
        for name in self.programs.names() {
            if !known.contains(name) {
                let known = known.into_iter().collect::<Vec<_>>().join(", ");
                return Err(format!(
                    "`programs.{name}` stands for no program that is started; known: {known}"
                ));
            }
            if self.programs.instead_of(name, None).is_none_or(|argv| argv[0].trim().is_empty()) {
                return Err(format!(
                    "`programs.{name}` is empty; write a program and its first arguments as a list"
                ));
            }
        }
        Ok(())
    }
}

/// The programs that formatters, linters, servers and runners start.
fn programs() -> BTreeSet<&'static str> {
    let of = |it: &'static Language| {
        let formatters = it.formatters.iter().map(|one| one.argv);
        let linters = it.linters.iter().map(|one| one.argv);
        let runners = it.tests.iter().flat_map(|one| one.build.iter().copied().chain([one.argv]));
        formatters.chain(linters).chain(runners)
    };
    let servers = lsp::servers::ALL.iter().map(|server| server.argv);
    let all = syntax::languages::ALL.iter().flat_map(|it| of(it)).chain(servers);
    all.filter_map(|argv| argv.first()).map(|program| name(program)).collect()
}

/// A program's name without its folder.
pub(crate) fn name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use expect_test::expect;

    use super::*;

    fn pick(name: &str) -> Pick {
        Pick { only: vec![name.to_owned()], never: Vec::new() }
    }

    #[test]
    fn names_that_are_not_known_are_told_with_those_that_are() {
        assert_eq!(Choices::default().check(), Ok(()));
        let right = Choices { servers: pick("gopls"), lint: pick("go vet"), ..Choices::default() };
        assert_eq!(right.check(), Ok(()));
        let wrong = Choices { lint: pick("flake8"), ..Choices::default() };
        expect!["`lint` names `flake8`, which is not known; known there: clippy, eslint, go vet, pylint, ruff"]
            .assert_eq(&wrong.check().unwrap_err());
    }

    #[test]
    fn only_programs_that_are_started_can_be_replaced() {
        let choices = |name: &str, argv: &[&str]| {
            let argv = argv.iter().map(|arg| (*arg).to_owned()).collect();
            let programs = Programs::new(BTreeMap::from([(name.to_owned(), argv)]));
            Choices { programs, ..Choices::default() }.check()
        };
        assert_eq!(choices("vitest", &["pnpm", "vitest"]), Ok(()));
        assert!(choices("ruff", &[]).unwrap_err().contains("is empty"));
        expect!["`programs.rm` stands for no program that is started; known: autopep8, basedpyright-langserver, black, cargo, clang-format, clangd, cmake, ctest, dotnet, eslint, go, gofmt, google-java-format, gopls, gradle, jdtls, jest, make, mvn, node, prettier, pylint, pylsp, pyright-langserver, python3, ruff, rust-analyzer, rustfmt, typescript-language-server, vitest"].assert_eq(&choices("rm", &["ls"]).unwrap_err());
    }
}
