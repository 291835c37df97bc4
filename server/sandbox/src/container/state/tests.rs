//! States as Docker 20.10 and Podman 4.3 say them, and what is made of them.

use expect_test::expect;

use super::{State, is_not_found};

const DOCKER: &str = r#"{"Status":"exited","Running":false,"Paused":false,"Restarting":false,"OOMKilled":false,"Dead":false,"Pid":0,"ExitCode":CODE,"Error":"","StartedAt":"2026-11-22T09:07:48.016208724Z","FinishedAt":"2026-11-22T09:07:48.019579748Z"}"#;
const PODMAN: &str = r#"{"OciVersion":"1.0.2-dev","Status":"created","Running":false,"Paused":false,"Restarting":false,"OOMKilled":false,"Dead":false,"Pid":0,"ExitCode":0,"Error":"","StartedAt":"0001-01-01T00:00:00Z","FinishedAt":"0001-01-01T00:00:00Z","Health":{"Status":"","FailingStreak":0,"Log":null},"CheckpointedAt":"0001-01-01T00:00:00Z","RestoredAt":"0001-01-01T00:00:00Z"}"#;

fn end(state: &str, stderr: &str) -> String {
    let end = State::read(state).map(|state| state.end(stderr.as_bytes()));
    format!("{end:?}\n")
}

#[test]
fn ends() {
    let exit = |code: i32| DOCKER.replace("CODE", &code.to_string());
    let tini = "[FATAL tini (7)] exec nosuch failed: No such file or directory\n";
    let catatonit = "ERROR (catatonit:2): failed to exec pid1: No such file or directory\n";
    let all = [
        end(&exit(0), ""),
        end(&exit(1), "anything"),
        end(&exit(137), ""),
        end(&exit(255), ""),
        end(&exit(137).replace("\"OOMKilled\":false", "\"OOMKilled\":true"), ""),
        // A child was ended for its memory, and the command did not mind.
        end(&exit(0).replace("\"OOMKilled\":false", "\"OOMKilled\":true"), ""),
        end(&exit(127), tini),
        end(&exit(1), catatonit),
        // Said on the way, and of something else.
        end(&exit(1), &format!("{tini}1 failed\n")),
        end(&exit(0), tini),
        end(PODMAN, ""),
        end(&PODMAN.replace("\"Error\":\"\"", "\"Error\":\"no runtime\""), ""),
        end("", ""),
        end("[]", ""),
    ];
    expect![[r#"
        Ok(Ok(Exit(0)))
        Ok(Ok(Exit(1)))
        Ok(Ok(Signal(9)))
        Ok(Ok(Exit(255)))
        Ok(Ok(Memory))
        Ok(Ok(Memory))
        Ok(Err(NotFound))
        Ok(Err(NotFound))
        Ok(Ok(Exit(1)))
        Ok(Ok(Exit(0)))
        Ok(Err(NotStarted("")))
        Ok(Err(NotStarted("no runtime")))
        Err("the engine's `inspect`: EOF while parsing a value at line 1 column 0")
        Err("the engine's `inspect`: invalid length 0, expected struct State with 5 elements at line 1 column 2")
    "#]].assert_eq(&all.concat());
}

#[test]
fn words_for_a_program_that_is_not_there() {
    let found = [
        "crun: executable file `nosuch` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found",
        "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"nosuch\": executable file not found in $PATH: unknown",
    ];
    assert!(found.iter().all(|said| is_not_found(said)));
    let others =
        ["No such image: x", "bind source path does not exist: /x", "no such file or directory"];
    assert!(!others.iter().any(|said| is_not_found(said)));
}
