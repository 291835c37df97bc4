//! Measures what language servers say of a change: `cargo bench -p tools --bench diagnostics [-- rounds]`. A line changes in a small
//! project: once asked of a server that runs and has seen the file, before and after; once by a program on the command line that
//! reads the changed project from nothing, as one does by hand. By turns. It checks nothing, and installs nothing.
//!
//! Figures mean something only beside others of the same run: hence the ratios.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a tool for developers; it starts what it compares with"
)]

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base::{AbsPathBuf, FileChange, Patch, RelPath};
use fixture::{Fixture, TempWorkspace, language_server};
use lsp::Pool;
use mimalloc::MiMalloc;
use sandbox::{Level, Sandbox, Setting};
use tokio_util::sync::CancellationToken;
use tools::diagnostics::{Asked, diagnose};
use vfs::Vfs;

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Longer than any of them takes.
const TIME: Duration = Duration::from_secs(120);
/// How many other files use the changed one.
const USERS: usize = 20;

/// A project of one language.
struct Project {
    server: &'static str,
    /// In the fixture language; in `user` the file's number is `{n}`.
    files: &'static str,
    user: &'static str,
    path: &'static str,
    /// In the changed file; a number behind it changes.
    line: &'static str,
    /// `{path}` stands for the changed file.
    by_hand: &'static [&'static str],
}

const ALL: &[Project] = &[
    Project {
        server: "pyright-langserver",
        files: "//- /pyrightconfig.json\n{}\n//- /shop/__init__.py\n//- /shop/price.py\nfrom dataclasses import dataclass\n\nLIMIT = 1\n\n\n@dataclass\nclass Price:\n    cents: int\n\n    def times(self, count: int) -> \"Price\":\n        return Price(self.cents * count)\n",
        user: "//- /shop/shelf{n}.py\nfrom shop.price import LIMIT, Price\n\n\ndef worth(prices: list[Price]) -> int:\n    return sum(price.times({n}).cents for price in prices) + LIMIT\n",
        path: "shop/price.py",
        line: "LIMIT = 1",
        by_hand: &["pyright", "{path}"],
    },
    Project {
        server: "typescript-language-server",
        files: "//- /tsconfig.json\n{ \"compilerOptions\": { \"strict\": true, \"noEmit\": true, \"types\": [] } }\n//- /price.ts\nexport const LIMIT = 1;\n\nexport interface Price {\n  readonly cents: number;\n}\n\nexport function times(price: Price, count: number): Price {\n  return { cents: price.cents * count };\n}\n",
        user: "//- /shelf{n}.ts\nimport { LIMIT, type Price, times } from \"./price\";\n\nexport function worth(prices: Price[]): number {\n  return prices.reduce((sum, price) => sum + times(price, {n}).cents, LIMIT);\n}\n",
        path: "price.ts",
        line: "LIMIT = 1",
        by_hand: &["tsc", "--noEmit"],
    },
    Project {
        server: "gopls",
        files: "//- /go.mod\nmodule example.org/shop\n\ngo 1.21\n//- /price/price.go\npackage price\n\nimport \"fmt\"\n\nconst Limit = 1\n\ntype Price struct{ Cents int }\n\nfunc (p Price) Times(count int) Price { return Price{p.Cents * count} }\n\nfunc (p Price) String() string { return fmt.Sprint(p.Cents) }\n",
        user: "//- /shelf{n}/shelf.go\npackage shelf{n}\n\nimport \"example.org/shop/price\"\n\nfunc Worth(p price.Price) int { return p.Times({n}).Cents + price.Limit }\n",
        path: "price/price.go",
        line: "Limit = 1",
        by_hand: &["gopls", "check", "{path}"],
    },
    Project {
        server: "clangd",
        files: "//- /compile_flags.txt\n-std=c++17\n//- /price.hpp\n#pragma once\n#include <string>\n#include <vector>\n\nstruct Price {\n    int cents;\n    Price times(int count) const { return Price{cents * count}; }\n};\n//- /price.cpp\n#include \"price.hpp\"\n\n#include <algorithm>\n#include <map>\n\nconstexpr int LIMIT = 1;\n\nint worth(const std::map<std::string, Price>& prices) {\n    int sum = LIMIT;\n    for (const auto& [name, price] : prices) sum += price.times(2).cents;\n    return std::max(sum, 0);\n}\n",
        user: "//- /shelf{n}.cpp\n#include \"price.hpp\"\n\nint worth{n}(const Price& price) { return price.times({n}).cents; }\n",
        path: "price.cpp",
        line: "LIMIT = 1",
        by_hand: &["clangd", "--check={path}", "--log=error"],
    },
];

fn main() {
    // Before anything starts a thread, as the binary does it.
    let mut args = std::env::args_os().skip(1).peekable();
    if args.peek().is_some_and(|first| first == sandbox::HELPER) {
        sandbox::helper_main(args);
    }
    // Cargo adds `--bench`.
    let rounds = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(11);
    tokio::runtime::Runtime::new().unwrap().block_on(measure(rounds));
}

async fn measure(rounds: usize) {
    let helper = std::env::current_exe().unwrap();
    let sandbox = Sandbox::preflight_capped(Setting::Auto, helper, Level::Full).await;
    if sandbox.level() != Level::Full {
        println!("skipped: the sandbox is {} here", sandbox.level());
        return;
    }
    for project in ALL {
        let missing = [project.server, project.by_hand[0]];
        match missing.into_iter().find(|name| language_server(name).is_none()) {
            Some(name) => println!("{}: skipped: `{name}` is not installed", project.server),
            None => compare(&sandbox, project, rounds).await,
        }
    }
}

async fn compare(sandbox: &Sandbox, project: &Project, rounds: usize) {
    let (files, other) = (project.folder(), project.folder());
    let root = AbsPathBuf::try_from(files.path().canonicalize().unwrap()).unwrap();
    let vfs = Vfs::open(root.clone()).unwrap();
    let servers = Pool::new(sandbox.clone(), root.clone());
    let path = RelPath::parse(project.path).unwrap();
    let old = files.read(project.path).unwrap();
    assert_eq!(old.matches(project.line).count(), 1);
    let (mut first, mut warm, mut by_hand) = (Duration::ZERO, Vec::new(), Vec::new());
    for round in 0..=rounds {
        let new = old.replace(project.line, &format!("{}{round}", project.line));
        let change = FileChange::edit(path.clone(), old.as_str(), &new);
        let (patch, snapshot) = (Patch::new(vec![change]).unwrap(), vfs.snapshot());
        let asked = Asked {
            servers: &servers,
            root: &root,
            snapshot: &snapshot,
            patch: &patch,
            is_applied: false,
            time: TIME,
        };
        let begun = Instant::now();
        let said = diagnose(asked, &CancellationToken::new()).await;
        let took = begun.elapsed();
        assert!(matches!(said.as_slice(), [one] if one.counts == Ok((0, 0))), "{said:?}");
        // The server starts, and reads what the project requires.
        if round == 0 {
            first = took;
            continue;
        }
        warm.push(took);
        other.write(project.path, &new).unwrap();
        by_hand.push(project.by_hand(other.path()));
    }
    servers.stop().await;
    let [warm, by_hand] = [warm, by_hand].map(|mut times| {
        times.sort();
        [times[0], times[times.len() / 2], times[times.len() - 1]].map(ms)
    });
    println!(
        "{:27} first {:7.0}; warm min {:6.0} p50 {:6.0} max {:6.0}; {:6} p50 {:6.0} ms; warm / by hand {:.2}",
        project.server,
        ms(first),
        warm[0],
        warm[1],
        warm[2],
        project.by_hand[0],
        by_hand[1],
        warm[1] / by_hand[1]
    );
}

impl Project {
    fn folder(&self) -> TempWorkspace {
        let mut text = self.files.to_owned();
        for n in 0..USERS {
            write!(text, "{}", self.user.replace("{n}", &n.to_string())).unwrap();
        }
        let folder = TempWorkspace::new(&Fixture::parse(&text)).unwrap();
        fixture::link_language_server(folder.path(), self.server).unwrap();
        folder
    }

    fn by_hand(&self, folder: &Path) -> Duration {
        let program = language_server(self.by_hand[0]).unwrap();
        let args = self.by_hand[1..].iter().map(|arg| arg.replace("{path}", self.path));
        let begun = Instant::now();
        let mut command = Command::new(program);
        let output = command.args(args).current_dir(folder).stdin(Stdio::null()).output().unwrap();
        let took = begun.elapsed();
        assert!(output.status.success(), "{}: {output:?}", self.by_hand[0]);
        took
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
