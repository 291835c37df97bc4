//! The whole document as it is sent, and what the cluster's own schemas say of it.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{fs, path::Path, process::Command};

use base::AbsPathBuf;
use expect_test::expect;
use serde_json::Value;
use tempfile::TempDir;

use super::{Folder, list};
use crate::{Job, Limits, level::Kubernetes};

fn document() -> Value {
    let config = Kubernetes {
        image: "registry.example/tools:1".to_owned(),
        runtime: Some("gvisor".to_owned()),
        namespace: None,
        context: None,
        program: None,
    };
    let mut job = Job::new(AbsPathBuf::new("/home/u/a b").unwrap(), ["pytest"]);
    job.env = [("PRICE".to_owned(), "$(HOME) $5".to_owned())].into();
    job.limits = Limits { wall_ms: 1_500, memory_bytes: 1 << 30, ..Limits::default() };
    let folders = [("/tmp", 5), ("/home/u/a b", 7)]
        .map(|(path, bytes)| Folder { path: Path::new(path), bytes });
    serde_json::to_value(list(&config, &job, &folders, "baton-1-2-3", "here/1/2")).unwrap()
}

#[test]
fn a_policy_and_a_job() {
    expect![[r#"
        {
          "apiVersion": "v1",
          "items": [
            {
              "apiVersion": "networking.k8s.io/v1",
              "kind": "NetworkPolicy",
              "metadata": {
                "annotations": {
                  "baton.owner": "here/1/2"
                },
                "labels": {
                  "app.kubernetes.io/managed-by": "baton",
                  "baton.job": "baton-1-2-3"
                },
                "name": "baton-1-2-3"
              },
              "spec": {
                "egress": [],
                "ingress": [],
                "podSelector": {
                  "matchLabels": {
                    "baton.job": "baton-1-2-3"
                  }
                },
                "policyTypes": [
                  "Ingress",
                  "Egress"
                ]
              }
            },
            {
              "apiVersion": "batch/v1",
              "kind": "Job",
              "metadata": {
                "annotations": {
                  "baton.owner": "here/1/2"
                },
                "labels": {
                  "app.kubernetes.io/managed-by": "baton",
                  "baton.job": "baton-1-2-3"
                },
                "name": "baton-1-2-3"
              },
              "spec": {
                "activeDeadlineSeconds": 602,
                "backoffLimit": 0,
                "template": {
                  "metadata": {
                    "annotations": {
                      "baton.owner": "here/1/2"
                    },
                    "labels": {
                      "app.kubernetes.io/managed-by": "baton",
                      "baton.job": "baton-1-2-3"
                    }
                  },
                  "spec": {
                    "automountServiceAccountToken": false,
                    "containers": [
                      {
                        "command": [
                          "sleep",
                          "602"
                        ],
                        "env": [
                          {
                            "name": "BATON_OUT",
                            "value": "/run/baton/out"
                          },
                          {
                            "name": "CARGO_NET_OFFLINE",
                            "value": "true"
                          },
                          {
                            "name": "DOTNET_CLI_TELEMETRY_OPTOUT",
                            "value": "1"
                          },
                          {
                            "name": "DOTNET_NOLOGO",
                            "value": "1"
                          },
                          {
                            "name": "GOPROXY",
                            "value": "off"
                          },
                          {
                            "name": "GOTOOLCHAIN",
                            "value": "local"
                          },
                          {
                            "name": "HOME",
                            "value": "/tmp/home"
                          },
                          {
                            "name": "LANG",
                            "value": "C.UTF-8"
                          },
                          {
                            "name": "LOGNAME",
                            "value": "baton"
                          },
                          {
                            "name": "PIP_NO_INDEX",
                            "value": "1"
                          },
                          {
                            "name": "PRICE",
                            "value": "$$(HOME) $5"
                          },
                          {
                            "name": "RUSTUP_AUTO_INSTALL",
                            "value": "0"
                          },
                          {
                            "name": "TERM",
                            "value": "dumb"
                          },
                          {
                            "name": "TMPDIR",
                            "value": "/tmp"
                          },
                          {
                            "name": "USER",
                            "value": "baton"
                          }
                        ],
                        "image": "registry.example/tools:1",
                        "imagePullPolicy": "IfNotPresent",
                        "name": "job",
                        "resources": {
                          "limits": {
                            "cpu": "2",
                            "ephemeral-storage": "12",
                            "memory": "1073741824"
                          },
                          "requests": {
                            "cpu": "2",
                            "ephemeral-storage": "12",
                            "memory": "1073741824"
                          }
                        },
                        "securityContext": {
                          "allowPrivilegeEscalation": false,
                          "capabilities": {
                            "drop": [
                              "ALL"
                            ]
                          },
                          "readOnlyRootFilesystem": true,
                          "runAsNonRoot": true
                        },
                        "volumeMounts": [
                          {
                            "mountPath": "/tmp",
                            "name": "folder-0"
                          },
                          {
                            "mountPath": "/home/u/a b",
                            "name": "folder-1"
                          }
                        ]
                      }
                    ],
                    "enableServiceLinks": false,
                    "restartPolicy": "Never",
                    "runtimeClassName": "gvisor",
                    "securityContext": {
                      "fsGroup": 65534,
                      "runAsGroup": 65534,
                      "runAsNonRoot": true,
                      "runAsUser": 65534,
                      "seccompProfile": {
                        "type": "RuntimeDefault"
                      }
                    },
                    "terminationGracePeriodSeconds": 0,
                    "volumes": [
                      {
                        "emptyDir": {
                          "sizeLimit": "5"
                        },
                        "name": "folder-0"
                      },
                      {
                        "emptyDir": {
                          "sizeLimit": "7"
                        },
                        "name": "folder-1"
                      }
                    ]
                  }
                },
                "ttlSecondsAfterFinished": 60
              }
            }
          ],
          "kind": "List"
        }
    "#]]
    .assert_eq(&format!("{:#}\n", document()));
}

/// Against the schemas of several versions, to the letter: what they do not know is an error.
#[test]
fn the_schemas_of_the_cluster_accept_it() {
    if std::env::var_os("RUN_SLOW_TESTS").is_none() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let check = |value: &Value, version: &str| {
        let file = dir.path().join("thing.json");
        fs::write(&file, value.to_string()).unwrap();
        let validate = ["--strict", "--kubernetes-version", version];
        let said = Command::new("kubernetes-validate").args(validate).arg(&file).output();
        let said = said.expect("kubernetes-validate is installed by `cargo xtask test`");
        (
            said.status.success(),
            String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned(),
        )
    };
    let things = document()["items"].as_array().unwrap().clone();
    assert_eq!(things.len(), 2);
    for version in ["1.28", "1.33", "1.37"] {
        for thing in &things {
            let (is_valid, said) = check(thing, version);
            assert!(is_valid, "{version}: {said}");
        }
    }
    // And that it says no.
    let mut wrong = things[1].clone();
    wrong["spec"]["template"]["spec"]["enableServicelinks"] = false.into();
    assert!(!check(&wrong, "1.37").0);
    let mut wrong = things[0].clone();
    wrong["spec"]["policyTypes"] = "Egress".into();
    assert!(!check(&wrong, "1.37").0);
}
