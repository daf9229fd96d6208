//! The one binary of the suite.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod commands;

/// Runs the after-sales service of an organisation by its own regulation: four gRPC services, from the first call to the
/// engineer's score.
#[derive(Debug, Parser)]
#[command(name = "callout", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Up(commands::up::Up),
    Serve(commands::serve::Serve),
    Migrate(commands::migrate::Migrate),
    Play(commands::play::Play),
}

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Arguments::parse().command {
        Command::Up(up) => up.run().await,
        Command::Serve(serve) => serve.run().await,
        Command::Migrate(migrate) => migrate.run().await,
        Command::Play(play) => play.run().await,
    };
    match ended {
        Ok(code) => code,
        Err(fault) => {
            commands::complain(&fault);
            ExitCode::FAILURE
        }
    }
}
