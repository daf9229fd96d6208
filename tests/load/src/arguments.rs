//! What is measured, and for how long.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Something that can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// A call that does nothing: the floor of the RPC layer.
    Floor,
    /// A case is opened: in one organisation, and spread over several.
    Open,
    /// A case is read by its name.
    Read,
    /// A page of 50 cases of a big organisation.
    Page,
    /// A part goes onto a loan slip: of many items, and of a single one that all want.
    Stock,
    /// An event is written and comes out of a subscription.
    Feed,
    /// A whole case from the call to the score, through all four services.
    Whole,
    /// Opening and paging while the tables grow.
    Growth,
    /// Three times as many calls as can be served.
    Overload,
    /// What tracing costs.
    Tracing,
}

/// Measures the suite under load, beside pgbench on the same server.
///
/// Starts a private PostgreSQL and one process of each service, the release binary beside this
/// one; so build the whole workspace with the same profile first:
///
///     cargo build --release --workspace
///     cargo run --release --package callout-load
///
/// Every figure stands beside that of its twin: the bare statements that carry the same data,
/// sent by pgbench to the same server, in turns with it. Machines differ and are disturbed; the
/// ratios of one run are what counts.
#[derive(Clone, Debug, Parser)]
#[command(name = "callout-load", version, max_term_width = 100, verbatim_doc_comment)]
pub struct Arguments {
    /// What to measure; all of it unless named.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PARTS")]
    pub only: Vec<Part>,
    /// How many callers at once, each without a pause and with a connection of its own.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64", value_name = "NUMBERS")]
    pub clients: Vec<usize>,
    /// How many seconds a slice takes: the suite and its twin are measured in turns, a slice each.
    #[arg(long, default_value_t = 5, value_name = "SECONDS")]
    pub seconds: u64,
    /// How many slices of each are measured for a figure.
    #[arg(long, default_value_t = 3, value_name = "NUMBER")]
    pub rounds: u32,
    /// The sizes of the table of cases at which growth is measured, ascending. A million take about 2 GB of disk.
    #[arg(long, value_delimiter = ',', default_value = "10000,1000000,10000000", value_name = "NUMBERS")]
    pub rows: Vec<u64>,
    /// How many cases the organisation has in which cases are read and listed.
    #[arg(long, default_value_t = 1_000_000, value_name = "NUMBER")]
    pub big: u64,
    /// How many items are in stock.
    #[arg(long, default_value_t = 1_000, value_name = "NUMBER")]
    pub items: usize,
    /// For how many seconds more is asked of the suite than it can do.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    pub overload_seconds: u64,
    /// How many calls each process takes on at once meanwhile, as a deployment sets it for its machine: enough to keep two
    /// cores and a disk busy, and no queue.
    #[arg(long, default_value_t = 3, value_name = "NUMBER")]
    pub overload_calls: usize,
    /// How many connections to the database each service has, instead of the suite's own default.
    #[arg(long, value_name = "NUMBER")]
    pub pool: Option<u32>,
    /// A first impression within two minutes: short slices, one of each, and small tables.
    #[arg(long)]
    pub short: bool,
    /// Where the figures go as JSON.
    #[arg(long, default_value = "target/load/load.json", value_name = "FILE")]
    pub out: PathBuf,
    /// A page to write them to for people, such as tests/load/RESULTS.md; the JSON goes beside it.
    #[arg(long, value_name = "FILE")]
    pub results: Option<PathBuf>,
    /// Where the processes' logs go; they are added to.
    #[arg(long, default_value = "target/load", value_name = "DIR")]
    pub logs: PathBuf,
}

impl Arguments {
    /// The same, with what `--short` stands for.
    pub fn resolved(mut self) -> Self {
        if self.short {
            self.seconds = self.seconds.min(2);
            self.rounds = 1;
            self.rows = vec![1_000, 10_000];
            self.big = self.big.min(10_000);
            self.items = self.items.min(100);
            self.overload_seconds = self.overload_seconds.min(5);
        }
        self.rows.sort_unstable();
        self
    }
}
