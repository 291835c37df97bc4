//! Every rule against its own examples, and what patches say of themselves.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use base::{FileChange, Patch, RelPath};
use expect_test::{Expect, expect};
use regex::Regex;

use super::{Limits, Probe, probe, rules, secrets};

fn rel(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

fn created(path: &str, text: &str) -> Patch {
    Patch::new(vec![FileChange::Create { path: rel(path), text: text.into() }]).unwrap()
}

fn edited(path: &str, old: &str, new: &str) -> Patch {
    Patch::new(vec![FileChange::edit(rel(path), old, new)]).unwrap()
}

fn show(patch: &Patch) -> String {
    let findings = probe(patch, Limits::USUAL);
    let line = |finding: &super::Finding| {
        format!("{finding}{}\n", if finding.refuses { " (refuses)" } else { "" })
    };
    findings.iter().map(line).collect()
}

#[track_caller]
fn check(patch: &Patch, expect: Expect) {
    expect.assert_eq(&show(patch));
}

#[test]
fn every_rule_finds_its_example_and_leaves_what_is_harmless() {
    for pair in rules::ALL.windows(2) {
        assert!(pair[0].id < pair[1].id, "{} is not sorted", pair[1].id);
    }
    for rule in rules::ALL {
        let id = rule.id;
        Regex::new(rule.pattern).unwrap_or_else(|err| panic!("{id}: {err}"));
        let found = |parts: &[&str]| {
            let text = format!("value = '{}'\n", parts.concat());
            let found = secrets::find(&created("src/a.py", &text));
            found.into_iter().map(|finding| finding.message).collect::<Vec<_>>()
        };
        let messages = found(rule.example);
        assert!(
            messages.len() == 1 && messages[0].ends_with(&format!("[{id}]")),
            "{id}: {messages:?}"
        );
        assert!(found(rule.harmless).is_empty(), "{id}: {:?}", found(rule.harmless));
    }
}

#[test]
fn a_finding_never_repeats_the_secret() {
    for rule in rules::ALL {
        let secret = rule.example.concat();
        let shown = show(&created("src/a.py", &format!("x = '{secret}'\n")));
        let letters: Vec<char> = secret.chars().collect();
        for window in letters.windows(10) {
            let part: String = window.iter().collect();
            // What everybody knows: the name in front of a value, or the first line of a key.
            if part.chars().any(|c| c.is_ascii_digit()) {
                assert!(!shown.contains(&part), "{}: {shown}", rule.id);
            }
        }
    }
}

#[test]
fn secrets_count_only_where_they_are_new() {
    let token = ["gh", "p_", "Zq7Rk2Wm9Xc4Vb8Nt1", "Lp6Hd3Gf5Js0Ay2Ue7"].concat();
    let line = format!("TOKEN = '{token}'\n");
    check(
        &edited("src/a.py", "import os\n\n", &format!("import os\n\n{line}")),
        expect![[r#"
        src/a.py:3: looks like a GitHub token: ghp_… (40 characters) [github-token] (refuses)
    "#]],
    );
    // It was there: this patch does not bring it, and taking it away is right.
    check(&edited("src/a.py", &line, &format!("import os\n{line}")), expect![[""]]);
    check(&edited("src/a.py", &line, "import os\n"), expect![[""]]);
    check(
        &created("tests/test_a.py", &line),
        expect![[r#"
        tests/test_a.py:1: looks like a GitHub token: ghp_… (40 characters) [github-token] (refuses)
    "#]],
    );
}

#[test]
fn keys_and_passwords_that_tests_need_are_shown_only() {
    let of = |id: &str| rules::ALL.iter().find(|rule| rule.id == id).unwrap().example.concat();
    let text = format!("KEY = '''{}\n'''\n{}\n", of("private-key"), of("generic-password"));
    check(
        &created("src/settings.py", &text),
        expect![[r#"
        src/settings.py:2: looks like a private key: … (43 characters) [private-key] (refuses)
        src/settings.py:4: looks like a password or key: … (18 characters) [generic-password] (refuses)
    "#]],
    );
    check(
        &created("tests/settings.py", &text),
        expect![[r#"
        tests/settings.py:2: looks like a private key: … (43 characters) [private-key]
        tests/settings.py:4: looks like a password or key: … (18 characters) [generic-password]
    "#]],
    );
    let usual = "password = \"correct-horse-battery\"\npassword = os.environ[\"PASSWORD\"]\napi_key = \"${API_KEY_FROM_VAULT}\"\nsecret: 'clusterSecretName2'\n";
    check(&created("src/a.py", usual), expect![[""]]);
}

#[test]
fn a_large_patch_says_so_and_a_lock_file_does_not_count() {
    let lines = "x\n".repeat(401);
    check(
        &created("a.txt", &lines),
        expect![[r#"
        1 files and 401 added lines are much to review at once (more than 20 files or 400 lines)
    "#]],
    );
    check(&created("Cargo.lock", &lines), expect![[""]]);
    check(&created("a.txt", &"x\n".repeat(400)), expect![[""]]);
}

#[test]
fn new_dependencies_have_names_and_versions() {
    let table: &[(&str, &str, &str)] = &[
        (
            "Cargo.toml",
            "[dependencies]\nserde = \"1\"\n",
            "[dependencies]\nserde = \"2\"\nregex = { version = \"1.12\" }\n[target.'cfg(unix)'.dev-dependencies]\nnix.workspace = true\n",
        ),
        ("package.json", "{}", r#"{"devDependencies": {"jest": "30.5.2"}}"#),
        (
            "pyproject.toml",
            "[project]\ndependencies = [\"Requests>=2\"]\n",
            "[project]\ndependencies = [\"requests>=3\", \"rich[jupyter] ~= 13.0 ; python_version > '3'\"]\n[dependency-groups]\ndev = [\"pytest\"]\n[tool.poetry.dependencies]\npython = \"^3.11\"\nattrs = \"^25\"\n",
        ),
        (
            "requirements-dev.txt",
            "# none\n",
            "-r requirements.txt\nblack==26.10.1 \\\n    --hash=sha256:00\n",
        ),
        (
            "go.mod",
            "module m\n\ngo 1.20\n",
            "module m\n\ngo 1.20\n\nrequire example.org/a v1.2.3\n\nrequire (\n\texample.org/b v0.1.0 // indirect\n)\n",
        ),
        (
            "pom.xml",
            "<project/>",
            "<project><dependencies><dependency>\n<groupId>org.x</groupId><artifactId>y</artifactId>\n<version>1.0</version></dependency></dependencies></project>",
        ),
        (
            "build.gradle.kts",
            "",
            "dependencies {\n    testImplementation(\"org.x:y:1.0\")\n    implementation 'org.x:z'\n}\n",
        ),
        (
            "CMakeLists.txt",
            "",
            "FetchContent_Declare(\n  catch2\n  GIT_REPOSITORY https://example.org/catch2.git\n  GIT_TAG v3.5.2)\n",
        ),
    ];
    let shown: String =
        table.iter().map(|(path, old, new)| show(&edited(path, old, new))).collect();
    expect![[r#"
        Cargo.toml: adds the dependency nix
        Cargo.toml: adds the dependency regex 1.12
        package.json: adds the dependency jest 30.5.2
        pyproject.toml: adds the dependency attrs ^25
        pyproject.toml: adds the dependency pytest
        pyproject.toml: adds the dependency rich ~= 13.0
        requirements-dev.txt: adds the dependency black ==26.10.1
        go.mod: adds the dependency example.org/a v1.2.3
        go.mod: adds the dependency example.org/b v0.1.0
        pom.xml: adds the dependency org.x:y 1.0
        build.gradle.kts: adds the dependency org.x:y 1.0
        build.gradle.kts: adds the dependency org.x:z
        CMakeLists.txt: adds the dependency catch2 v3.5.2
    "#]]
    .assert_eq(&shown);
    check(&edited("Cargo.toml", "[dependencies]\n", "[dependencies\nserde = 1"), expect![[""]]);
}

#[test]
fn tests_that_are_weaker_are_named() {
    let old = "import pytest\n\n\ndef test_a():\n    assert f(1) == 1\n    assert f(2) == 2\n\n\ndef test_b():\n    assert g() == 1\n\n\ndef test_c():\n    assert h() == 1\n";
    let new = "import pytest\n\n\ndef test_a():\n    assert f(1) == 1\n\n\n@pytest.mark.skip\ndef test_b():\n    assert g() == 1\n";
    check(
        &edited("test_a.py", old, new),
        expect![[r#"
        test_a.py: the test `test_c` is gone
        test_a.py: the test `test_a` has 1 of its 2 assertions
        test_a.py: the test `test_b` is skipped
    "#]],
    );
    check(&edited("test_a.py", new, old), expect![[""]]);
    check(
        &edited(
            "src/lib.rs",
            "#[test]\nfn adds() {\n    assert_eq!(add(1), 2);\n}\n",
            "#[test]\n#[ignore]\nfn adds() {\n    add(1);\n}\n",
        ),
        expect![[r#"
            src/lib.rs: the test `adds` is skipped
            src/lib.rs: the test `adds` has 0 of its 1 assertions
        "#]],
    );
    check(
        &edited(
            "a.test.js",
            "test('adds', () => {\n  expect(add(1)).toBe(2);\n});\n",
            "test.skip('adds', () => {\n  expect(add(1)).toBe(2);\n});\n",
        ),
        expect![[r#"
            a.test.js: the test `adds` is skipped
        "#]],
    );
    check(
        &edited(
            "a_test.go",
            "package a\n\nfunc TestAdd(t *testing.T) {\n\tif Add(1) != 2 {\n\t\tt.Error(\"no\")\n\t}\n}\n",
            "package a\n\nfunc TestAdd(t *testing.T) {\n\tt.Skip(\"later\")\n}\n",
        ),
        expect![[r#"
            a_test.go: the test `TestAdd` is skipped
            a_test.go: the test `TestAdd` has 0 of its 1 assertions
        "#]],
    );
}

#[test]
fn a_test_that_moves_or_gets_another_name_is_not_gone() {
    let test = "def test_a():\n    assert f(1) == 1\n";
    let moves = Patch::new(vec![
        FileChange::edit(rel("test_a.py"), format!("import a\n\n\n{test}"), "import a\n"),
        FileChange::Create { path: rel("test_b.py"), text: test.into() },
    ]);
    check(&moves.unwrap(), expect![[""]]);
    check(&edited("test_a.py", test, &test.replace("test_a", "test_other")), expect![[""]]);
    let deleted = FileChange::Delete { path: rel("test_a.py"), base: base::BaseText::of(test) };
    let deleted = Patch::new(vec![deleted]).unwrap();
    check(
        &deleted,
        expect![[r#"
        test_a.py: the test `test_a` is gone
    "#]],
    );
    assert!(probe(&deleted, Limits::USUAL).iter().all(|finding| finding.probe == Probe::Test));
}

#[test]
fn other_settings_are_called_out() {
    let said = expect![[r#"
        baton.toml: the settings decide what is run here, and what later changes are judged by
    "#]];
    check(&created("baton.toml", "[tests]\nskip = [\"pytest\"]\n"), said);
    let said = expect![[r#"
        .baton/prompts/coder.md: the settings decide what is run here, and what later changes are judged by
    "#]];
    check(&created(".baton/prompts/coder.md", "Be kind.\n"), said);
    check(&created("examples/baton.toml", "[tests]\n"), expect![[""]]);
}
