//! `callout pack`: regulation packs, for those who write them.

mod rehearse;
mod report;
mod shelf;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::{Context as _, Result};
use callout_regulation::{Library, Regulation, diff, load, rule_table, schema};
use clap::{Args, Subcommand};

use self::{rehearse::Rehearse, shelf::Shelf};
use crate::terminal::say;

/// Checks, compares and explains regulation packs: a company's after-sales regulation as one readable file.
#[derive(Debug, Args)]
pub struct Pack {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Says everything that is wrong with packs, each with its line and column and what would be right.
    ///
    /// A pack that `extends` another one finds it among the files named, beside its own file, and among those built in.
    #[command(after_help = "Example:\n  callout pack check regulations/*.yaml")]
    Check {
        /// Packs (YAML).
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Says in words what changes from one pack to another.
    #[command(after_help = "Examples:\n  callout pack diff R01-aerial-platforms@1 R01-agent-sales@1\n  \
                            callout pack diff R01-aerial-platforms@1 draft.yaml")]
    Diff {
        /// A file, or a built-in pack such as R01-aerial-platforms@1.
        from: String,
        /// Another one.
        to: String,
    },
    /// Prints the JSON Schema of packs, with which an editor helps their author.
    #[command(
        after_help = "Example:\n  callout pack schema > pack.schema.json\n\nThe first line of a pack then says\n  \
                            # yaml-language-server: $schema=pack.schema.json"
    )]
    Schema,
    /// Lists the packs that are built in.
    List,
    /// Prints every rule of a pack: what it says, how it is kept, by which service and which entries (Markdown).
    #[command(after_help = "Example:\n  callout pack rules R01-aerial-platforms@1")]
    Rules {
        /// A file, or a built-in pack such as R01-aerial-platforms@1.
        pack: String,
    },
    Rehearse(Rehearse),
}

impl Pack {
    /// Does what was asked for; fails when a pack has problems.
    pub async fn run(self) -> Result<ExitCode> {
        match self.command {
            Command::Check { files } => return check(&files),
            Command::Diff { from, to } => {
                let (from, to) = (regulation(&from)?, regulation(&to)?);
                let changes = diff(&from, &to);
                if changes.is_empty() {
                    say("nothing changes")?;
                }
                for change in changes {
                    say(&change)?;
                }
            }
            Command::Schema => say(&serde_json::to_string_pretty(&schema())?)?,
            Command::List => {
                for regulation in built_in()?.iter() {
                    let pack = regulation.pack();
                    let (revision, rules) = (regulation.revision(), pack.rules.len());
                    say(&format!("{revision:<26} {rules:>3} rules, from {}  {}", pack.effective_from, pack.title.en))?;
                }
            }
            Command::Rules { pack } => {
                let regulation = regulation(&pack)?;
                say(rule_table(&regulation).trim_end())?;
            }
            Command::Rehearse(rehearse) => rehearse.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn check(files: &[PathBuf]) -> Result<ExitCode> {
    let shelf = Shelf::around(files);
    let (mut problems, mut broken) = (0, 0);
    for file in files {
        let found = match shelf.source(file) {
            Ok(source) => match load(source, &shelf.sources()) {
                Ok(regulation) => {
                    let (revision, rules) = (regulation.revision(), regulation.pack().rules.len());
                    let from = regulation.pack().effective_from;
                    say(&format!("{}: ok: {revision}, {rules} rules, from {from}", file.display()))?;
                    continue;
                }
                Err(found) => found.0.iter().map(ToString::to_string).collect(),
            },
            Err(unreadable) => vec![unreadable],
        };
        for problem in &found {
            say(problem)?;
        }
        problems += found.len();
        broken += 1;
    }
    if broken == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    let (noun, files) = (if problems == 1 { "problem" } else { "problems" }, files.len());
    say(&format!("{problems} {noun} in {broken} of {files} packs"))?;
    Ok(ExitCode::FAILURE)
}

/// The pack of a file, or one that is built in.
fn regulation(pack: &str) -> Result<Arc<Regulation>> {
    let file = PathBuf::from(pack);
    if !file.exists() {
        let built_in = built_in()?;
        let known = || built_in.iter().map(|regulation| regulation.revision()).collect::<Vec<_>>().join(", ");
        return built_in
            .named(pack)
            .cloned()
            .with_context(|| format!("`{pack}` is neither a file nor a pack that is built in: {}", known()));
    }
    let shelf = Shelf::around(std::slice::from_ref(&file));
    let source = shelf.source(&file).map_err(anyhow::Error::msg)?;
    Ok(Arc::new(load(source, &shelf.sources())?))
}

fn built_in() -> Result<&'static Library> {
    Ok(Library::built_in()?)
}
