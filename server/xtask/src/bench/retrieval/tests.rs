//! What is read from the harness.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::expect;

use super::*;

const REPORT: &str = "\
| System | repos | queries | NDCG@10 (95% CI) | R@10 | MRR@10 | Hit@1 | span hit@10 | index s mean / max | query ms p50 / p95 | CPU s | RSS MB | failed |
|---|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
| baton | 21 | 420 | 0.870 (0.827-0.914) | 0.967 | 0.850 | 0.769 | 1.000 | 1.81 / 5.0 | 0.8 / 8.6 | 11 | 49 | 1 |
";

fn options() -> Options {
    let harness = Chosen { bench: None, repos: None };
    Options { harness, track: None, scope: None, baton: None, config: None, keep: None }
}

#[test]
fn figures_stand_beside_the_baselines() {
    let figures = figures(REPORT).unwrap();
    let issue = Figures { n_failed: "0".into(), ..figures.clone() };
    let measured = [((Track::Nav, Scope::Root), figures), ((Track::Issue, Scope::Full), issue)];
    expect![[r#"
        | questions   | system                  | NDCG@10 (95 %)      | R@10  | Hit@1 | index s | query ms p50 |
        |---|---|---|---|---|---|---|
        | nav, root   | baton                   | 0.870 (0.827-0.914) | 0.967 | 0.769 | 1.81    | 0.8          |
        |             | ripgrep, keywords       | 0.690               | 0.912 | 0.478 | -       | 67           |
        |             | BM25, chunks and paths  | 0.705               | 0.92  | 0.50  | 0.6     | 0.1          |
        |             | semble's BM25 and rules | 0.843               | 0.962 | 0.723 | 0.9     | 1.9          |
        |             | (goal)                  | 0.90                |       |       |         |              |
        | issue, full | baton                   | 0.870 (0.827-0.914) | 0.967 | 0.769 | 1.81    | 0.8          |
        |             | ripgrep, keywords       | 0.451               | 0.80  | 0.17  | -       | -            |
        |             | BM25, chunks and paths  | 0.610               | 0.80  | 0.44  | -       | -            |
        |             | semble's BM25 and rules | 0.681               | 0.84  | 0.55  | -       | -            |
        |             | (goal)                  | 0.75                |       |       |         |              |

        nav, root: 420 questions, 21 repositories
        nav, root: 1 folders gave no answer and count 0
        issue, full: 420 questions, 21 repositories
        other systems: measured with the same harness on all its repositories
        only some repositories were measured now: the lines are not comparable"#]].assert_eq(&table(&measured, true));
}

#[test]
fn a_report_of_another_form_gives_no_figures() {
    for report in ["", "no table", "| System | repos |\n|---|---|\n| baton | 3 |\n"] {
        assert_eq!(figures(report), None, "{report}");
    }
}

#[test]
fn tracks_and_scopes_can_be_chosen() {
    assert_eq!(chosen(&options()), RUNS);
    let issue = Options { track: Some(Track::Issue), ..options() };
    assert_eq!(chosen(&issue), [(Track::Issue, Scope::Full)]);
    let none = Options { scope: Some(Scope::Root), ..issue };
    assert!(chosen(&none).is_empty());
}

#[test]
fn a_configuration_is_measured_by_the_command() {
    let own = TempDir::new().unwrap();
    let config = own.path().join("it's.toml");
    std::fs::write(&config, "[search]\nembedder = \"none\"\n").unwrap();
    let system = by_command(Path::new("/bin/baton"), &config, own.path()).unwrap();
    let home = own.path().join("config");
    assert_eq!(
        system,
        format!(
            "env XDG_CONFIG_HOME='{}' '/bin/baton' search --bench {{ws}} {{queries}} {{out}}",
            home.display()
        )
    );
    let copied = std::fs::read_to_string(home.join("baton/config.toml")).unwrap();
    assert_eq!(copied, "[search]\nembedder = \"none\"\n");
    let missing = by_command(Path::new("baton"), Path::new("/none.toml"), own.path());
    assert!(missing.unwrap_err().to_string().contains("/none.toml"));
}
