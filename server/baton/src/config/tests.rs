//! Layers, trust, limits, and messages that say what to do.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests write their own settings files")]

use std::collections::BTreeMap;

use expect_test::{Expect, expect};

use super::{Given, Loaded, Settings, keys, load};
use crate::outside::Outside;

/// A user file, a workspace file and variables, merged.
struct Case<'a> {
    user: &'a str,
    workspace: &'a str,
    vars: &'a [(&'a str, &'a str)],
    model: Option<&'a str>,
    trusted: bool,
}

const NOTHING: Case<'static> =
    Case { user: "", workspace: "", vars: &[], model: None, trusted: false };

impl Case<'_> {
    fn load(&self) -> Result<Loaded, String> {
        let dir = tempfile::tempdir().unwrap();
        let (home, root) = (dir.path().join("home"), dir.path().join("root"));
        std::fs::create_dir_all(home.join("baton")).unwrap();
        std::fs::create_dir_all(&root).unwrap();
        if !self.user.is_empty() {
            std::fs::write(home.join("baton/config.toml"), self.user).unwrap();
        }
        if !self.workspace.is_empty() {
            std::fs::write(root.join("baton.toml"), self.workspace).unwrap();
        }
        let mut vars: BTreeMap<String, String> =
            self.vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        vars.insert("XDG_CONFIG_HOME".into(), home.to_str().unwrap().into());
        let outside = Outside {
            vars,
            cwd: base::AbsPathBuf::new("/").unwrap(),
            exe: "/bin/baton".into(),
            stdin_is_terminal: false,
            stdout_is_terminal: false,
            stderr_is_terminal: false,
        };
        let model = self.model.map(|model| model.parse().unwrap());
        let given = Given { model, cassette: None };
        let loaded = load(&outside, &root, &given, || Ok(self.trusted));
        let place = dir.path().to_str().unwrap().to_owned();
        loaded.map_err(|error| format!("{error:#}").replace(&place, ""))
    }
}

fn check_error(case: &Case<'_>, expected: Expect) {
    expected.assert_eq(&case.load().unwrap_err());
}

#[test]
fn without_files_the_defaults_hold() {
    let settings = NOTHING.load().unwrap().settings;
    assert_eq!((&settings.model, settings.attempts, settings.context_tokens), (&None, 3, 2_500));
    assert_eq!(settings.sandbox(), sandbox::Setting::Auto);
}

#[test]
fn options_lie_above_the_environment_above_the_workspace_above_the_user() {
    let user = "model = \"a/user\"\nattempts = 4\ncontext_tokens = 1000";
    let workspace = "attempts = 5\ncontext_tokens = 2000";
    let vars = &[("BATON_MODEL", "a/env"), ("BATON__CONTEXT_TOKENS", "3000")][..];
    let case = Case { user, workspace, vars, ..NOTHING };
    let settings = case.load().unwrap().settings;
    assert_eq!(settings.model.unwrap().to_string(), "a/env");
    assert_eq!((settings.attempts, settings.context_tokens), (5, 3000));
    let settings = Case { model: Some("a/option"), ..case }.load().unwrap().settings;
    assert_eq!(settings.model.unwrap().to_string(), "a/option");
}

#[test]
fn a_model_that_is_named_for_this_time_goes_before_the_tiers() {
    let user = "model = \"a/user\"\n[tiers]\nfast = [\"a/fast\"]\nfallback = [\"a/last\"]";
    let chain = |case: Case<'_>| {
        let Settings { tiers, model, .. } = case.load().unwrap().settings;
        let chain = tiers.chain(models::Tier::Quality, None, model.as_ref());
        chain.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let case = Case { user, ..NOTHING };
    assert_eq!(chain(Case { ..case }), ["a/fast", "a/last"]);
    assert_eq!(chain(Case { model: Some("a/option"), ..case }), ["a/option", "a/last"]);
    let vars = &[("BATON_MODEL", "a/env")][..];
    assert_eq!(chain(Case { vars, ..case }), ["a/env", "a/last"]);
}

#[test]
fn a_workspace_lowers_limits_and_never_raises_them() {
    let user = "[limits]\nwall_ms = 1000\nmemory_bytes = 4000";
    let workspace = "[limits]\nwall_ms = 500\nmemory_bytes = 9000\nprocesses = 100000";
    let limits = Case { user, workspace, ..NOTHING }.load().unwrap().settings.limits;
    assert_eq!((limits.wall_ms, limits.memory_bytes), (500, 4000));
    assert_eq!(limits.processes, sandbox::Limits::default().processes);
}

#[test]
fn a_command_of_the_workspace_counts_once_it_is_trusted() {
    let workspace = "[tests]\ncommand = [\"make\", \"check\"]";
    let loaded = Case { workspace, ..NOTHING }.load().unwrap();
    assert_eq!(loaded.settings.tests.command, None);
    expect!["baton.toml sets `tests.command`, which is not used because this workspace is not trusted; look at it, then run `baton trust`"]
        .assert_eq(&loaded.notes.join("\n"));
    let loaded = Case { workspace, trusted: true, ..NOTHING }.load().unwrap();
    assert_eq!(loaded.settings.tests.command.unwrap(), ["make", "check"]);
    assert!(loaded.notes.is_empty());
}

#[test]
fn unknown_keys_are_named_with_their_file_and_the_known_ones() {
    check_error(
        &Case { user: "modle = \"a/b\"", ..NOTHING },
        expect![
            "unknown key `modle` in /home/baton/config.toml; known there: attempts, budget, cache, cassette, coherence, commit, container, context_tokens, cooldown, debate, format, keyring, limits, lint, mcp, memory, model, models, programs, provider, retry, sandbox, search, servers, tests, tiers, timeouts"
        ],
    );
    check_error(
        &Case { user: "[limits]\nwall = 1", ..NOTHING },
        expect![
            "unknown key `limits.wall` in /home/baton/config.toml; known there: file_bytes, memory_bytes, open_files, output_bytes, processes, scratch_bytes, wall_ms"
        ],
    );
    check_error(
        &Case { user: "[nonsense]\na = 1", ..NOTHING },
        expect![
            "unknown key `nonsense.a` in /home/baton/config.toml; known there: attempts, budget, cache, cassette, coherence, commit, container, context_tokens, cooldown, debate, format, keyring, limits, lint, mcp, memory, model, models, programs, provider, retry, sandbox, search, servers, tests, tiers, timeouts"
        ],
    );
    check_error(
        &Case { user: "[nonsense]", ..NOTHING },
        expect![
            "unknown key `nonsense` in /home/baton/config.toml; known there: attempts, budget, cache, cassette, coherence, commit, container, context_tokens, cooldown, debate, format, keyring, limits, lint, mcp, memory, model, models, programs, provider, retry, sandbox, search, servers, tests, tiers, timeouts"
        ],
    );
    check_error(
        &Case { user: "[[provider]]\nname = \"x\"\nkey = \"s\"", ..NOTHING },
        expect![
            "unknown key `provider.key` in /home/baton/config.toml; known there: api_key_env, base_url, concurrency, context_tokens, keep_alive, kind, name, requests_per_minute, swap_ms, tokens_per_minute, vram_mb"
        ],
    );
    check_error(
        &Case { workspace: "[test]\ncommand = [\"x\"]", ..NOTHING },
        expect![
            "unknown key `test.command` in /root/baton.toml; known there: attempts, commit, context_tokens, format, limits, lint, programs, search, servers, tests"
        ],
    );
    check_error(
        &Case { vars: &[("BATON__ATEMPTS", "2")], ..NOTHING },
        expect![
            "unknown key `atempts` in the environment (BATON__...); known there: attempts, budget, cache, cassette, coherence, commit, context_tokens, cooldown, debate, format, keyring, limits, lint, memory, model, programs, retry, search, servers, tests, tiers, timeouts"
        ],
    );
}

#[test]
fn a_workspace_may_not_say_where_text_goes_nor_what_is_allowed() {
    check_error(
        &Case { workspace: "model = \"evil/x\"", ..NOTHING },
        expect![
            "`model` in /root/baton.toml: a workspace may not set it; write it into your own configuration file"
        ],
    );
    check_error(
        &Case { workspace: "sandbox = \"off\"", ..NOTHING },
        expect![
            "`sandbox` in /root/baton.toml: a workspace may not set it; write it into your own configuration file"
        ],
    );
    let provider = "[[provider]]\nname = \"openai\"\nbase_url = \"http://evil\"";
    check_error(
        &Case { workspace: provider, ..NOTHING },
        expect![
            "`provider` in /root/baton.toml: a workspace may not set it; write it into your own configuration file"
        ],
    );
    check_error(
        &Case { vars: &[("BATON__SANDBOX", "off")], ..NOTHING },
        expect![
            "`sandbox` in the environment (BATON__...): it cannot be set there; write it into your own configuration file"
        ],
    );
}

#[test]
fn values_of_the_wrong_kind_are_named_with_their_origin() {
    check_error(
        &Case { user: "attempts = \"many\"", ..NOTHING },
        expect![[
            r#"the settings cannot be used: invalid type: string "many", expected an integer for key `attempts` in /home/baton/config.toml"#
        ]],
    );
    check_error(
        &Case { user: "attempts = 0", ..NOTHING },
        expect!["`attempts` is 0; it must be 1 to 20"],
    );
    check_error(
        &Case { user: "[debate]\nthreshold = 1.5", ..NOTHING },
        expect!["`debate.threshold` is 1.5; it must be 0 to 1"],
    );
    check_error(
        &Case { user: "[debate]\ncycles = 9", ..NOTHING },
        expect!["`debate.cycles` is 9; it must be 0 to 5"],
    );
    check_error(
        &Case { workspace: "attempts = 4000000000", ..NOTHING },
        expect!["`attempts` is 4000000000; it must be 1 to 20"],
    );
    check_error(
        &Case { user: "model = \"noslash\"", ..NOTHING },
        expect![
            "the settings cannot be used: `noslash` is no model name; write provider/model, such as `ollama/qwen2.5-coder` or `openai/gpt-4o` for key `model`"
        ],
    );
    check_error(
        &Case { user: "sandbox = \"maybe\"", ..NOTHING },
        expect![
            "`sandbox` is `maybe`; it must be `auto`, `off`, `docker`, `podman` or `kubernetes`"
        ],
    );
    check_error(
        &Case { user: "[limits]\nwall_ms = -1", ..NOTHING },
        expect![
            "the settings cannot be used: invalid type: 64-bit integer `-1`, expected an unsigned 64 bit or less integer for key `limits.wall_ms` in /home/baton/config.toml"
        ],
    );
    check_error(
        &Case { user: "tests = 3", ..NOTHING },
        expect![
            "`tests` in /home/baton/config.toml is a table; known in it: command, generate, skip, use"
        ],
    );
    let case = Case { workspace: "[tests]\ncommand = []", trusted: true, ..NOTHING };
    check_error(
        &case,
        expect!["`tests.command` is empty; write the program and its arguments as a list"],
    );
}

#[test]
fn a_file_that_is_no_toml_is_named_with_the_line() {
    let error = Case { user: "attempts = 3\nmodel = \"a", ..NOTHING }.load().unwrap_err();
    assert!(error.starts_with("/home/baton/config.toml cannot be read: "), "{error}");
    assert!(error.contains("line 2"), "{error}");
}

#[test]
fn a_link_or_a_folder_is_not_read_as_the_workspace_file() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("secret"), "a = 1").unwrap();
    let path = dir.path().join("baton.toml");
    std::os::unix::fs::symlink(dir.path().join("secret"), &path).unwrap();
    let error = super::Layer::workspace_file(&path).unwrap_err().to_string();
    assert!(error.ends_with("baton.toml is not a plain file"), "{error}");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let error = super::Layer::workspace_file(&path).unwrap_err().to_string();
    assert!(error.ends_with("baton.toml is not a plain file"), "{error}");
}

#[test]
fn every_setting_is_documented() {
    let page = include_str!("../../../../docs/configuration.md");
    for key in keys::ALL {
        let said = page.contains(&format!("`{}`", key.path));
        assert!(said, "docs/configuration.md does not describe `{}`", key.path);
    }
    for name in keys::PROVIDER {
        assert!(page.contains(&format!("`{name}`")), "docs/configuration.md: provider `{name}`");
    }
    for name in keys::MCP {
        assert!(page.contains(&format!("`{name}`")), "docs/configuration.md: mcp `{name}`");
    }
    for name in keys::MODELS {
        assert!(page.contains(&format!("`{name}`")), "docs/configuration.md: models `{name}`");
    }
}

#[test]
fn a_workspace_chooses_among_what_is_known_and_names_commands_once_it_is_trusted() {
    let workspace = "[lint]\nuse = [\"ruff\"]\n[servers]\nskip = [\"pyright\"]\n[tests]\nuse = [\"pytest\"]\n\
                     [programs]\nruff = [\"uv\", \"run\", \"ruff\"]\nclang-format = [\"cf\"]\n";
    let case = Case { workspace, ..NOTHING };
    let loaded = case.load().unwrap();
    let choices = loaded.settings.choices();
    assert_eq!(choices.lint.only, ["ruff"]);
    assert_eq!(choices.servers.never, ["pyright"]);
    assert_eq!(choices.tests.only, ["pytest"]);
    assert_eq!(choices.programs.names().count(), 0);
    expect!["baton.toml sets `programs.clang-format`, `programs.ruff`, which is not used because this workspace is not trusted; look at it, then run `baton trust`"].assert_eq(&loaded.notes.join("\n"));
    let choices = Case { trusted: true, ..case }.load().unwrap().settings.choices();
    assert_eq!(choices.programs.names().collect::<Vec<_>>(), ["clang-format", "ruff"]);
    assert_eq!(choices.programs.instead_of("ruff", None).unwrap(), ["uv", "run", "ruff"]);
}

#[test]
fn names_of_tools_are_checked() {
    check_error(
        &Case { workspace: "[lint]\nuse = [\"flake8\"]", ..NOTHING },
        expect![
            "`lint` names `flake8`, which is not known; known there: clippy, eslint, go vet, pylint, ruff"
        ],
    );
    check_error(
        &Case { user: "[programs]\nrm = [\"ls\"]", ..NOTHING },
        expect![
            "`programs.rm` stands for no program that is started; known: autopep8, basedpyright-langserver, black, cargo, clang-format, clangd, cmake, ctest, dotnet, eslint, go, gofmt, google-java-format, gopls, gradle, jdtls, jest, make, mvn, node, prettier, pylint, pylsp, pyright-langserver, python3, ruff, rust-analyzer, rustfmt, typescript-language-server, vitest"
        ],
    );
    check_error(
        &Case { user: "[programs]\nruff = \"ls\"", ..NOTHING },
        expect![[
            r#"the settings cannot be used: invalid type: string "ls", expected a sequence for key `programs.ruff`"#
        ]],
    );
    check_error(
        &Case { user: "[tests]\nuse = \"pytest\"", ..NOTHING },
        expect![[
            r#"the settings cannot be used: invalid type: string "pytest", expected a sequence for key `tests.use`"#
        ]],
    );
    assert!(Case { user: "[programs]", ..NOTHING }.load().is_ok());
}

#[test]
fn servers_of_tools_are_the_users_alone() {
    let table = "[[mcp]]\nname = \"a\"\ncommand = [\"x\", \"y\"]\nenv = [\"KEY\", \"LEVEL=a=b\"]\nnetwork = true";
    let loaded = Case { user: table, ..NOTHING }.load().unwrap();
    let vars = [("KEY".to_owned(), "sk-0123456789abcdef".to_owned())].into();
    let outside = Outside {
        vars,
        cwd: base::AbsPathBuf::new("/").unwrap(),
        exe: "/bin/baton".into(),
        stdin_is_terminal: false,
        stdout_is_terminal: false,
        stderr_is_terminal: false,
    };
    let servers = format!("{:?}", loaded.settings.tool_servers(&outside));
    for part in [
        "\"x\", \"y\"",
        "Plain { name: \"LEVEL\", value: \"a=b\" }",
        "name: \"KEY\", value: Some(",
        "Host",
        "60s",
        "65536",
    ] {
        assert!(servers.contains(part), "{part}: {servers}");
    }
    assert!(!servers.contains("0123456789"), "{servers}");
    // Also if it is trusted.
    check_error(
        &Case { workspace: table, trusted: true, ..NOTHING },
        expect![
            "`mcp` in /root/baton.toml: a workspace may not set it; write it into your own configuration file"
        ],
    );
    check_error(
        &Case { vars: &[("BATON__MCP", "x")], ..NOTHING },
        expect![
            "`mcp` in the environment (BATON__...): it cannot be set there; write it into your own configuration file"
        ],
    );
}

#[test]
fn a_server_of_tools_that_cannot_be_meant_is_refused() {
    let check = |body: &str, expected: Expect| {
        let user = format!("[[mcp]]\nname = \"a\"\n{body}");
        check_error(&Case { user: &user, ..NOTHING }, expected);
    };
    check("", expect!["`mcp` `a`: give it a `command` to start, or the `url` of one that runs"]);
    check(
        "url = \"https://x\"\ncommand = [\"x\"]",
        expect!["`mcp` `a`: it has a `command` and a `url`; give it one of them"],
    );
    check(
        "url = \"https://x\"\nnetwork = true",
        expect!["`mcp` `a`: `env`, `folders` and `network` go with `command`"],
    );
    check(
        "command = [\"x\"]\ntoken_env = \"T\"",
        expect!["`mcp` `a`: `token_env` goes with `url`; a program gets variables by `env`"],
    );
    check(
        "command = [\"x\"]\nenv = [\"a b\"]",
        expect!["`mcp` `a`: `env` is a list of NAME or NAME=value"],
    );
    check("command = [\"x\"]\ntools = [\"!\"]", expect!["`mcp` `a`: `tools`: `!` names no tool"]);
    check(
        "command = [\"x\"]\ntoken = \"s\"",
        expect![
            "unknown key `mcp.token` in /home/baton/config.toml; known there: command, env, folders, name, network, output_bytes, timeout_ms, token_env, tools, url"
        ],
    );
    check(
        "command = [\"x\"]\n[[mcp]]\nname = \"a\"\ncommand = [\"x\"]",
        expect!["two `[[mcp]]` tables have the name `a`"],
    );
    let many: String =
        (0..17).map(|n| format!("[[mcp]]\nname = \"s{n}\"\ncommand = [\"x\"]\n")).collect();
    check_error(
        &Case { user: &many, ..NOTHING },
        expect!["there are 17 `[[mcp]]` tables; 16 is the most"],
    );
}

#[test]
fn search_is_chosen_by_the_user_alone() {
    let user =
        "[search]\nembedder = \"ollama/nomic-embed-text\"\nreranker = \"dir:/m\"\nwait_ms = 700";
    let vars = &[("BATON__SEARCH__RERANK_HITS", "12")][..];
    let case = Case { user, vars, workspace: "[search]\nfusion = \"rrf:10\"", ..NOTHING };
    let search = case.load().unwrap().settings.search.read().unwrap();
    assert_eq!(search.embedder, "ollama/nomic-embed-text".parse().unwrap());
    assert_eq!(search.reranker, "dir:/m".parse().unwrap());
    assert_eq!(search.fusion, Some(engine::parse_fusion("rrf:10").unwrap()));
    assert_eq!((search.rerank_hits, search.wait.as_millis()), (12, 700));
    for key in ["embedder", "reranker", "query_prefix", "document_prefix"] {
        // Also if the workspace is trusted: its code could be sent away.
        let workspace = format!("[search]\n{key} = \"evil/x\"");
        let error = Case { workspace: &workspace, trusted: true, ..NOTHING }.load().unwrap_err();
        assert_eq!(
            error,
            format!(
                "`search.{key}` in /root/baton.toml: a workspace may not set it; write it into your own configuration file"
            )
        );
    }
}

#[test]
fn a_vector_server_is_the_users_choice_alone() {
    let user = "[search]\nengine = \"qdrant\"\n[search.qdrant]\nurl = \"http://127.0.0.1:6334\"\nprefix = \"me_\"";
    let vars = &[("BATON__SEARCH__QDRANT__API_KEY_ENV", "QDRANT_API_KEY")][..];
    let search = Case { user, vars, ..NOTHING }.load().unwrap().settings.search.read().unwrap();
    let chosen = engine::QdrantConfig {
        url: "http://127.0.0.1:6334".to_owned(),
        api_key_env: Some("QDRANT_API_KEY".to_owned()),
        prefix: "me_".to_owned(),
    };
    assert_eq!(search.engine, engine::EngineChoice::Qdrant(chosen));
    for (table, key) in [
        ("search", "engine"),
        ("search.qdrant", "url"),
        ("search.qdrant", "api_key_env"),
        ("search.qdrant", "prefix"),
    ] {
        // Also if the workspace is trusted: its code could be sent away, or a key.
        let workspace = format!("[{table}]\n{key} = \"qdrant\"");
        let error = Case { workspace: &workspace, trusted: true, ..NOTHING }.load().unwrap_err();
        assert!(
            error.contains(&format!(
                "`{table}.{key}` in /root/baton.toml: a workspace may not set it"
            )),
            "{error}"
        );
    }
    check_error(
        &Case { user: "[search]\nengine = \"qdrant\"", ..NOTHING },
        expect![
            "`search.engine` is `qdrant`, and `search.qdrant.url` is not set; write the server's gRPC port there, such as http://127.0.0.1:6334"
        ],
    );
    check_error(
        &Case { user: "[search]\nengine = \"faiss\"", ..NOTHING },
        expect!["`search.engine` is `faiss`; it must be `embedded` or `qdrant`"],
    );
}

#[test]
fn what_search_cannot_be_is_said() {
    check_error(
        &Case { user: "[search]\nembedder = \"nomic\"", ..NOTHING },
        expect![
            "`search.embedder`: `nomic` is no embedder; write `static`, `none`, provider/model such as `ollama/nomic-embed-text`, or `dir:` and the absolute path of a model's folder"
        ],
    );
    check_error(
        &Case { user: "[search]\nreranker = \"dir:x\"", ..NOTHING },
        expect![
            "`search.reranker`: `dir:x` is no reranker; write `none`, provider/model such as `tei/bge-reranker-base`, or `dir:` and the absolute path of a model's folder"
        ],
    );
    check_error(
        &Case { workspace: "[search]\nfusion = \"best\"", ..NOTHING },
        expect![
            "`search.fusion`: `best` is no fusion; write `lexical`, `weighted:0.3` with the share of meaning from 0 to 1, `rrf` or `rrf:60`"
        ],
    );
    check_error(
        &Case { user: "[search]\nrerank_hits = 0", ..NOTHING },
        expect!["`search.rerank_hits` is 0; it must be 1 to 200"],
    );
    check_error(
        &Case { user: "[search]\nwait_ms = 1", ..NOTHING },
        expect!["`search.wait_ms` is 1; it must be 50 to 60000"],
    );
    check_error(
        &Case { user: "[search]\ndimensions = 100000", ..NOTHING },
        expect!["`search.dimensions` is 100000; it must be 8 to 8192"],
    );
}

#[test]
fn tiers_budgets_and_prices() {
    let user = "cassette = \"replay:a.jsonl\"\n[tiers]\nfast = [\"ollama/a\"]\n[budget]\nday_usd = 2.5\n\
                [[models]]\nname = \"x/y\"\nprice = { input = 1, output = 2.5 }\n[cache]\nresponses = true";
    let vars = &[("BATON__BUDGET__RUN_TOKENS", "5000")][..];
    let settings = Case { user, vars, ..NOTHING }.load().unwrap().settings;
    assert_eq!(settings.tiers.fast[0].to_string(), "ollama/a");
    assert_eq!((settings.budget.day_usd, settings.budget.run_tokens), (Some(2.5), Some(5_000)));
    assert_eq!(settings.models[0].facts.price.unwrap().output, 2.5);
    assert!(settings.cache.responses && settings.cassette.is_some());
    let wrong = Case { user: "[budget]\nday_usd = -1", ..NOTHING };
    check_error(&wrong, expect!["`budget.day_usd` must be dollars, 0 or more"]);
    // What is spent, and who is asked, is the user's to say.
    for workspace in
        ["[budget]\nrun_usd = 100", "[tiers]\nfast = [\"evil/x\"]", "cassette = \"record:x\""]
    {
        let error = Case { workspace, trusted: true, ..NOTHING }.load().unwrap_err();
        assert!(error.contains("a workspace may not set it"), "{error}");
    }
    let stray = Case { user: "[[models]]\nname = \"x/y\"\nprize = 1", ..NOTHING };
    check_error(
        &stray,
        expect![
            "unknown key `models.prize` in /home/baton/config.toml; known there: context_tokens, name, output_tokens, price, schema, tokenizer, tools"
        ],
    );
}

#[test]
fn containers_are_chosen_by_the_user_with_their_image() {
    let read = |user| Case { user, ..NOTHING }.load().map(|loaded| loaded.settings.sandbox());
    let user = "sandbox = \"podman\"\n[container]\nimage = \"tools:1\"\nruntime = \"runsc\"";
    expect![[r#"
        Container(
            Container {
                engine: Podman,
                program: None,
                image: "tools:1",
                runtime: Some(
                    "runsc",
                ),
            },
        )
    "#]]
    .assert_debug_eq(&read(user).unwrap());
    let user = "sandbox = \"kubernetes\"\n[container]\nimage = \"tools:1\"\ncontext = \"lab\"";
    expect![[r#"
        Kubernetes(
            Kubernetes {
                image: "tools:1",
                runtime: None,
                namespace: None,
                context: Some(
                    "lab",
                ),
                program: None,
            },
        )
    "#]]
    .assert_debug_eq(&read(user).unwrap());
    let wrong = [
        "sandbox = \"docker\"",
        "sandbox = \"lxc\"",
        "sandbox = \"docker\"\n[container]\nimage = \"--privileged\"",
        "sandbox = \"docker\"\n[container]\nimage = \"tools:1\"\nnamespace = \"lab\"",
    ];
    let said: String = wrong.iter().map(|user| read(user).unwrap_err() + "\n").collect();
    expect![[r#"
        `sandbox` is `docker`, and `container.image` is not set; write the image there that has the project's tools
        `sandbox` is `lxc`; it must be `auto`, `off`, `docker`, `podman` or `kubernetes`
        `container` has `--privileged`, which is no name
        `container.namespace` and `container.context` are for `kubernetes`, and `sandbox` is `docker`
    "#]]
    .assert_eq(&said);
}

#[test]
fn no_workspace_chooses_an_image() {
    for workspace in ["[container]\nimage = \"evil\"", "sandbox = \"docker\""] {
        let error = Case { workspace, ..NOTHING }.load().unwrap_err();
        assert!(error.contains("a workspace may not set it"), "{error}");
    }
    let vars = &[("BATON__CONTAINER__PROGRAM", "/bin/evil")][..];
    assert!(Case { vars, ..NOTHING }.load().unwrap_err().contains("it cannot be set there"));
}
