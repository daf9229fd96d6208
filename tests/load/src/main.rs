//! Loads the real suite, one process of each service in the release build, and says what an operation costs beside the bare
//! statements that carry the same data, which pgbench sends to the same server in the same run.

#![expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "rates and ratios of what was measured; nothing here is money or a score"
)]

mod arguments;
mod bench;
mod bulk;
mod driver;
mod feed;
mod goals;
mod growth;
mod meter;
mod operations;
mod overload;
mod pgbench;
mod profile;
mod report;
mod sink;
mod stock;
mod traced;
mod whole;
mod world;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use crate::{
    arguments::{Arguments, Part},
    bench::Bench,
};

#[tokio::main]
async fn main() -> Result<ExitCode> {
    callout_fleet::unless_ended(Box::pin(run(Arguments::parse().resolved()))).await
}

async fn run(arguments: Arguments) -> Result<ExitCode> {
    let mut bench = Bench::start(arguments).await?;
    // What grows is measured while it is small.
    if bench.wants(Part::Growth) {
        growth::measure(&mut bench).await?;
    }
    operations::measure(&mut bench).await?;
    if bench.wants(Part::Stock) {
        stock::measure(&mut bench).await?;
    }
    if bench.wants(Part::Feed) {
        feed::measure(&mut bench).await?;
    }
    if bench.wants(Part::Whole) {
        whole::measure(&mut bench).await?;
    }
    if bench.wants(Part::Tracing) {
        traced::measure(&mut bench).await?;
    }
    if bench.wants(Part::Overload) {
        overload::measure(&mut bench).await?;
    }
    bench.finish().await
}
