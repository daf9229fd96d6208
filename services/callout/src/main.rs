//! The one binary of the suite.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod commands;
mod story;
mod terminal;

/// A call allocates thousands of small things, and the threads that serve it free one another's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs the after-sales service of an organisation by its own regulation: four gRPC services, from the first call to the
/// engineer's score.
#[derive(Debug, Parser)]
#[command(
    name = "callout",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "\
New here?
  callout demo       one real case, told from the first call to the score
  callout up         the whole suite on this machine, with tokens to call it
  callout pack list  the regulations that are built in"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(commands::demo::Demo),
    Up(commands::up::Up),
    Serve(commands::serve::Serve),
    Migrate(commands::migrate::Migrate),
    Check(commands::check::Check),
    Play(commands::play::Play),
    Trace(commands::trace::Trace),
    Pack(commands::pack::Pack),
}

#[tokio::main]
async fn main() -> ExitCode {
    #[cfg(feature = "faults")]
    let _faults = callout_journal::faults::set_up();
    let ended = match Arguments::parse().command {
        Command::Demo(demo) => demo.run().await,
        Command::Up(up) => up.run().await,
        Command::Serve(serve) => serve.run().await,
        Command::Migrate(migrate) => migrate.run().await,
        Command::Check(check) => check.run().await,
        Command::Play(play) => play.run().await,
        Command::Trace(trace) => trace.run(),
        Command::Pack(pack) => pack.run().await,
    };
    match ended {
        Ok(code) => code,
        Err(fault) if terminal::nobody_reads(&fault) => ExitCode::SUCCESS,
        Err(fault) => {
            terminal::complain(&fault);
            ExitCode::FAILURE
        }
    }
}
