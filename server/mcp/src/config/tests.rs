//! Settings that cannot be meant.

use std::time::Duration;

use expect_test::{Expect, expect};
use sandbox::Network;
use secrecy::SecretString;

use super::{Http, Program, Secret, ServerConfig, Variable, Via};
use crate::policy::Rules;

fn server(name: &str, via: Via) -> ServerConfig {
    ServerConfig {
        name: name.to_owned(),
        via,
        rules: Rules::default(),
        timeout: Duration::from_secs(1),
        output_bytes: 4_096,
    }
}

fn program(argv: &[&str], env: Vec<Variable>) -> Via {
    let argv = argv.iter().map(|it| (*it).to_owned()).collect();
    Via::Program(Program { argv, env, folders: Vec::new(), network: Network::Own })
}

fn http(url: &str, token: bool) -> Via {
    let value = Some(SecretString::from("sk-0123456789abcdef".to_owned()));
    let token = token.then(|| Secret { name: "T".to_owned(), value });
    Via::Http(Http { url: url.to_owned(), token })
}

fn check(server: &ServerConfig, expected: Expect) {
    let said = server.check().err().unwrap_or_else(|| "fits".to_owned());
    expected.assert_eq(&said);
}

#[test]
fn what_is_plain_fits() {
    check(&server("files", program(&["mcp-files", "x"], Vec::new())), expect!["fits"]);
    check(&server("a-b_1", program(&["/opt/mcp-files"], Vec::new())), expect!["fits"]);
    check(&server("web", http("https://example.org/mcp", true)), expect!["fits"]);
    check(&server("web", http("http://127.0.0.1:1/mcp", true)), expect!["fits"]);
    check(&server("web", http("http://[::1]:1/mcp", true)), expect!["fits"]);
    check(&server("web", http("http://example.org/mcp", false)), expect!["fits"]);
}

#[test]
fn names_are_short_and_plain() {
    check(
        &server("", program(&["x"], Vec::new())),
        expect!["`mcp.name` is ``; it must be 1 to 32 of a-z, 0-9, `-` and `_`"],
    );
    check(
        &server("A/b", program(&["x"], Vec::new())),
        expect!["`mcp.name` is `A/b`; it must be 1 to 32 of a-z, 0-9, `-` and `_`"],
    );
}

#[test]
fn a_program_is_never_one_of_the_workspace() {
    check(
        &server("a", program(&[], Vec::new())),
        expect!["`mcp` `a`: `command` is empty; write the program and its arguments as a list"],
    );
    check(
        &server("a", program(&["node_modules/.bin/x"], Vec::new())),
        expect![
            "`mcp` `a`: `command` begins with `node_modules/.bin/x`, which would be a file of whatever workspace is open; write a name on the PATH, or an absolute path"
        ],
    );
}

#[test]
fn secrets_have_no_place_in_a_file() {
    let variable = Variable::Plain { name: "GITHUB_TOKEN".to_owned(), value: "x".to_owned() };
    check(
        &server("a", program(&["x"], vec![variable])),
        expect![
            "`mcp` `a`: `env` gives `GITHUB_TOKEN` a value, and that looks like a secret; write its name alone, and set the variable where Baton is started"
        ],
    );
    check(
        &server("a", http("https://user:pass@example.org", false)),
        expect![
            "`mcp` `a`: `url` has a password in it; name the variable with the token in `token_env`"
        ],
    );
    check(
        &server("a", http("http://example.org", true)),
        expect![
            "`mcp` `a`: `url` is http://, and a token would be read by everybody on the way; use https://"
        ],
    );
    check(
        &server("a", http("file:///x", true)),
        expect!["`mcp` `a`: `url` is neither http:// nor https://"],
    );
}

#[test]
fn ranges_hold() {
    let fits = server("a", program(&["x"], Vec::new()));
    check(
        &ServerConfig { timeout: Duration::from_millis(1), ..fits.clone() },
        expect!["`mcp` `a`: `timeout_ms` is 1; it must be 100 to 600000"],
    );
    check(
        &ServerConfig { output_bytes: 1, ..fits },
        expect!["`mcp` `a`: `output_bytes` is 1; it must be 1024 to 1048576"],
    );
}

#[test]
fn what_is_secret_is_never_printed() {
    let printed = format!("{:?}", server("a", http("https://example.org", true)));
    assert!(!printed.contains("0123456789"), "{printed}");
}
