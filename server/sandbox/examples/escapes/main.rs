//! Tries every attack of `tests/it/attacks/` against every mechanism, each one afresh and judged from outside; prints JSON.
//!
//! `escapes <path of sandbox-helper> <kind> [part of a name]`; `cargo xtask eval escapes` builds it and makes the table. A secret for
//! programs to find has to be in `HOST_SECRET`. It leaves the machine as it was, also where nothing confines the attack.
#![cfg_attr(
    not(all(target_os = "linux", target_arch = "x86_64")),
    allow(unused, reason = "the attacks are system calls by number")
)]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a tool for developers; it starts what it compares with"
)]

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod judge;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod mechanism;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "../../tests/it/outside.rs"]
mod outside;

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn main() {
    panic!("the attacks are for Linux on x86-64");
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn main() {
    let mut args = std::env::args_os().skip(1);
    let helper = std::path::PathBuf::from(args.next().expect("the path of sandbox-helper"));
    let kind = args.next().expect("a kind").into_string().unwrap();
    let part = args.next().map_or(String::new(), |part| part.into_string().unwrap());
    mechanism::keep_mounts_private();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let report = runtime.block_on(judge::all(helper, &kind, &part));
    println!("{}", serde_json::to_string(&report).unwrap());
}
