//! The binary: arguments, environment and settings become one engine, one command and one exit code.
//!
//! No workflow, no protocol and no prompt is in here.

mod commands;
mod config;
mod demo;
mod drive;
mod exit;
mod options;
mod outside;
mod render;
mod review;
mod session;
mod stop;

use std::io::Write;

use clap::Parser;
use mimalloc::MiMalloc;
use tracing_subscriber::EnvFilter;

use exit::{Exit, exit_of};
use options::{Command, Options};
use outside::Outside;
use render::safe::safe_text;
use render::style;
use session::Session;

/// A search makes thousands of small things and is done with them in a millisecond, and so does a parser: C code has this
/// allocator too (`override`).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() {
    // Before anything starts a thread: the sandbox's helper leaves namespaces, which only one thread can.
    let mut args = std::env::args_os().skip(1).peekable();
    if args.peek().is_some_and(|first| first == sandbox::HELPER) {
        sandbox::helper_main(args);
    }
    let code = match Outside::read() {
        Ok(outside) => start(outside),
        Err(error) => {
            fail(&error, false);
            Exit::Failed.code()
        }
    };
    // Never by returning: a thread that waits for input would keep the process.
    std::process::exit(code);
}

fn start(outside: Outside) -> i32 {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) => {
            // Help and version are no errors; a closed pipe is nobody's problem here.
            let _ = error.print();
            return error.exit_code();
        }
    };
    log(&outside);
    let json = options.global.json;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(dispatch(outside, options)),
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            let exit = exit_of(&error);
            if exit != Exit::PipeClosed {
                fail(&error, json);
            }
            exit.code()
        }
    }
}

async fn dispatch(outside: Outside, options: Options) -> anyhow::Result<i32> {
    let Options { global, command } = options;
    let mut session = Session::new(outside, global);
    let exit = match command {
        Command::Demo(demo) => demo::demo(&mut session, &demo).await?,
        Command::Run(run) => commands::run::run(&mut session, run).await?,
        Command::Verify(verify) => commands::verify::verify(&mut session, &verify).await?,
        Command::Search(search) => commands::search::search(&mut session, search).await?,
        Command::Context(context) => commands::context::context(&mut session, context).await?,
        Command::Code(code) => commands::code::code(&mut session, code).await?,
        Command::Index(index) => commands::index::index(&mut session, &index).await?,
        Command::Review(review) => commands::review::review(&mut session, review).await?,
        Command::Runs(runs) => commands::runs::runs(&mut session, runs).await?,
        Command::Memory(memory) => commands::memory::memory(&mut session, memory)?,
        Command::Costs(costs) => commands::costs::costs(&mut session, &costs)?,
        Command::Doctor(doctor) => commands::doctor::doctor(&mut session, &doctor).await?,
        Command::Tools(tools) => commands::tools::tools(&mut session, tools).await?,
        Command::Trust(trust) => commands::trust::trust(&mut session, &trust)?,
        Command::Lsp(_) => return commands::serve::lsp(&session).await,
        Command::Mcp(_) => return commands::serve::mcp(&session).await,
    };
    session.out.rest();
    Ok(exit.code())
}

/// To standard error, so that standard output holds results alone. `BATON_LOG` says how much.
fn log(outside: &Outside) {
    let wanted = outside.var("BATON_LOG").unwrap_or("warn");
    let (filter, problem) = match EnvFilter::try_new(wanted) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new("warn"), Some(error)),
    };
    // It logs addresses whole, and a key may stand in one: only for whoever asks for it by name.
    let filter = match wanted.contains("rmcp") {
        true => filter,
        false => filter.add_directive("rmcp=off".parse().expect("is a directive")),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(outside.stderr_is_terminal && outside.var("NO_COLOR").is_none())
        .init();
    if let Some(problem) = problem {
        tracing::warn!("BATON_LOG is not a filter: {problem}");
    }
}

/// Says why nothing came of it. Nothing is left to do about a stream that does not take it.
fn fail(error: &anyhow::Error, json: bool) {
    let message = format!("{error:#}");
    if json {
        let kind = error
            .downcast_ref::<engine::Error>()
            .map_or_else(|| "error".into(), engine::Error::kind);
        let line = serde_json::json!({"error": {"kind": kind, "message": message}});
        let _ = writeln!(std::io::stdout(), "{line}");
    }
    let _ = writeln!(anstream::stderr(), "{} {}", style::bad("error:"), safe_text(&message));
}
