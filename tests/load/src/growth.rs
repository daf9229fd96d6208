//! What becomes of opening and listing while the tables grow.

use std::sync::Arc;

use anyhow::Result;
use serde::Serialize;

use crate::{
    bench::Bench,
    bulk::Bulk,
    driver::Operation,
    operations::{Open, Page, window},
    pgbench::Twin,
};

/// The callers of these measurements.
const CLIENTS: usize = 16;

/// One operation at one size of the tables.
#[derive(Clone, Debug, Serialize)]
pub struct Growth {
    /// What was done.
    pub operation: String,
    /// Cases in the table.
    pub rows: u64,
    /// The median latency, in milliseconds.
    pub p50_ms: f64,
    /// The same as a multiple of that at the smallest size.
    pub to_smallest: f64,
    /// The same after taking out how much the machine itself was slower: by a twin whose tables do not grow.
    pub to_smallest_by_twin: f64,
    /// How often in a second.
    pub per_second: f64,
    /// The median latency of the twin, in milliseconds.
    pub twin_p50_ms: f64,
}

/// Measures at each size.
///
/// # Errors
/// When a call is refused, a twin fails, or the disk is full.
pub async fn measure(bench: &mut Bench) -> Result<()> {
    let twin_of_open = bench.twin_of_open().await?;
    let big = bench.organization("big").await?;
    let mut bulk = Bulk::of(&bench.fleet, &big).await?;
    bulk.fix_page().await?;
    for rows in bench.arguments.rows.clone() {
        bulk.grow(rows).await?;
        bench.meter.rest().await?;
        let page: Arc<dyn Operation> = Arc::new(Page::of(&big, rows).await?);
        let open: Arc<dyn Operation> = Arc::new(Open(vec![Arc::clone(&big)]));
        for (operation, done, twin) in
            [("page of 50", page, Twin::fixed_page()), ("open a case", open, twin_of_open.clone())]
        {
            let name = format!("{operation} at {rows} rows");
            let point = bench.measure(&name, CLIENTS, &done, &twin).await?;
            let twin_p50_ms = point.twin.as_ref().map_or(1.0, |twin| twin.p50_ms);
            let smallest = bench.report.growth.iter().find(|growth| growth.operation == operation);
            let (first, first_twin) =
                smallest.map_or((point.p50_ms, twin_p50_ms), |growth| (growth.p50_ms, growth.twin_p50_ms));
            bench.report.growth.push(Growth {
                operation: operation.to_owned(),
                rows,
                p50_ms: point.p50_ms,
                to_smallest: point.p50_ms / first,
                to_smallest_by_twin: (point.p50_ms / twin_p50_ms) / (first / first_twin),
                per_second: point.per_second,
                twin_p50_ms,
            });
        }
        // Beside the same page as a bare statement on the same rows.
        let page: Arc<dyn Operation> = Arc::new(Page::of(&big, rows).await?);
        let name = format!("page of 50 at {rows} rows, same rows");
        bench.measure(&name, CLIENTS, &page, &Twin::page(rows, window(rows))).await?;
    }
    bench.world_of_growth = Some((big, bulk.rows()));
    Ok(())
}
