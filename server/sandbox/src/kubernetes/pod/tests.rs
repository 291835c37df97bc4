//! Answers of a cluster, shortened.

use expect_test::expect;

use super::{end, progress};

fn pod(status: &str) -> String {
    format!(r#"{{"items":[{{"metadata":{{"name":"baton-1-x7"}},"status":{status}}}]}}"#)
}

#[test]
fn progress_of_a_pod() {
    let container = |state: &str| {
        pod(&format!(r#"{{"phase":"Pending","containerStatuses":[{{"state":{state}}}]}}"#))
    };
    let all = [
        r#"{"items":[]}"#.to_owned(),
        pod("{}"),
        pod(
            r#"{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes are available"}]}"#,
        ),
        container(r#"{"waiting":{"reason":"ContainerCreating"}}"#),
        container(r#"{"waiting":{"reason":"ErrImagePull","message":"no such image"}}"#),
        container(r#"{"running":{"startedAt":"2026-01-01T00:00:00Z"}}"#),
        pod(r#"{"phase":"Failed","reason":"Evicted","message":"The node was low on resource"}"#),
        "no JSON".to_owned(),
    ];
    let said = all.map(|answer| format!("{:?}\n", progress(&answer))).concat();
    expect![[r#"
        Ok(Waits(""))
        Ok(Waits(""))
        Ok(Waits("Unschedulable: 0/3 nodes are available"))
        Ok(Waits("ContainerCreating: "))
        Ok(Failed("ErrImagePull: no such image"))
        Ok(Runs("baton-1-x7"))
        Ok(Failed("Evicted: The node was low on resource"))
        Err("`kubectl get pods`: expected ident at line 1 column 2")
    "#]]
    .assert_eq(&said);
}

#[test]
fn why_the_cluster_ended_it() {
    let all = [
        pod("{}"),
        pod(r#"{"phase":"Running","containerStatuses":[{"state":{"running":{}}}]}"#),
        pod(
            r#"{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"reason":"OOMKilled","exitCode":137}}}]}"#,
        ),
        pod(r#"{"phase":"Failed","reason":"Evicted"}"#),
        pod(r#"{"phase":"Failed","reason":"DeadlineExceeded"}"#),
        r#"{"items":[]}"#.to_owned(),
    ];
    let said = all.map(|answer| format!("{:?}\n", end(&answer))).concat();
    expect![[r#"
        None
        None
        Some(Memory)
        Some(Disk)
        Some(Timeout)
        None
    "#]]
    .assert_eq(&said);
}
