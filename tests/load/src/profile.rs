//! On what the services spend their CPU time: perf looks at them while something is done.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Result, ensure};
use callout_journal::Service;
use serde::Serialize;
use tokio::process::Command;

use crate::{
    bench::Bench,
    driver::{Operation, closed},
};

/// How often a second a processor is looked at: not in step with anything that is done by the clock.
const FREQUENCY: &str = "397";

/// How much of the stack is kept of each look, by which the callers are found: the release build keeps no frame pointers.
const STACKS: &str = "dwarf,16384";

/// Work of the kernel, by parts of the names of its functions. It counts before all else: whoever asked for it, it is not
/// done by them.
const KERNEL: &[(&str, &[&str])] = &[
    ("kernel: to send and to receive", &["tcp_", "sock_", "__sys_sendto", "__sys_recvfrom", "net_rx_action"]),
    (
        "kernel: to wake, wait and switch",
        &["entry_SYSCALL", "asm_", "irqentry", "do_syscall", "schedule", "ret_from_fork"],
    ),
];

/// Other work, by parts of the names of its functions: that of the innermost which is named here.
const LAYERS: &[(&str, &[&str])] = &[
    ("spans, log lines, metrics", &["tracing", "opentelemetry", "callout_kit::telemetry"]),
    ("regulation: verdicts, limits, calendars", &["callout_regulation::"]),
    ("identity: tokens and permissions", &["jsonwebtoken", "callout_kit::identity", "callout_kit::permissions"]),
    ("messages and documents", &["serde", "prost", "pbjson"]),
    ("driver of the database", &["sqlx"]),
    ("RPC and HTTP/2", &["h2::", "hyper", "tonic", "tower", "http_body"]),
    ("services", &["callout_"]),
    ("runtime", &["tokio::", "mio::"]),
];

/// What nothing is known of.
const ELSE: &str = "else";

/// On what the services spent their CPU time while something was done.
#[derive(Clone, Debug, Serialize)]
pub struct Profile {
    /// What was done.
    pub operation: String,
    /// Callers at once.
    pub clients: usize,
    /// How often a processor was seen working for a service.
    pub looks: u64,
    /// How much of a hundred of that was for what, the most first.
    pub percent: Vec<(&'static str, f64)>,
}

/// Adds to the report what the services do while something is done, in a slice of its own; where perf does not work, that there
/// is none.
///
/// # Errors
/// When the operation cannot be prepared, or perf cannot read what it has written.
pub async fn take(bench: &mut Bench, name: &str, clients: usize, operation: &Arc<dyn Operation>) -> Result<()> {
    operation.prepare(clients, bench.slice()).await?;
    bench.meter.rest().await?;
    let mut processes = Vec::new();
    for service in Service::ALL {
        processes.extend(bench.fleet.process_ids(service).await.iter().map(u32::to_string));
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("perf.data");
    let mut record = Command::new("perf");
    record.args(["record", "--freq", FREQUENCY, "--call-graph", STACKS, "--pid", &processes.join(","), "--output"]);
    record.arg(&file).args(["--", "sleep", &bench.slice().as_secs().to_string()]);
    let (recorded, _) = tokio::join!(record.output(), closed(operation, clients, bench.slice()));
    // It may be missing, or not be allowed here: no reason to lose the other figures.
    let refused = match recorded {
        Ok(perf) if perf.status.success() => None,
        Ok(perf) => Some(String::from_utf8_lossy(&perf.stderr).lines().next().unwrap_or_default().to_owned()),
        Err(error) => Some(error.to_string()),
    };
    if let Some(refused) = refused {
        bench.report.note(format!("There is no profile of {name}: perf says `{refused}`."));
        return Ok(());
    }
    let mut script = Command::new("perf");
    script.args(["script", "--no-inline", "--fields", "ip,sym", "--input"]).arg(&file);
    let script = script.output().await?;
    ensure!(script.status.success(), "perf fails: {}", String::from_utf8_lossy(&script.stderr));
    let (looks, percent) = shares(&String::from_utf8_lossy(&script.stdout));
    bench.report.profiles.push(Profile { operation: name.to_owned(), clients, looks, percent });
    Ok(())
}

/// How many stacks there are, and how much of a hundred of them is for what; stacks are apart by empty lines, innermost first.
fn shares(script: &str) -> (u64, Vec<(&'static str, f64)>) {
    let mut counts = BTreeMap::<&'static str, u64>::new();
    for stack in script.split("\n\n").map(str::trim).filter(|stack| !stack.is_empty()) {
        let frames: Vec<&str> =
            stack.lines().filter_map(|line| line.trim().split_once(' ')).map(|(_, name)| name).collect();
        *counts.entry(work_of(&frames)).or_default() += 1;
    }
    let looks: u64 = counts.values().sum();
    let mut percent: Vec<_> =
        counts.into_iter().map(|(work, count)| (work, count as f64 * 100.0 / looks.max(1) as f64)).collect();
    percent.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    (looks, percent)
}

fn work_of(frames: &[&str]) -> &'static str {
    let is_in = |frame: &str, parts: &[&str]| parts.iter().any(|part| frame.contains(part));
    let kernel = KERNEL.iter().find(|(_, parts)| frames.iter().any(|frame| is_in(frame, parts)));
    let layer = || frames.iter().find_map(|frame| LAYERS.iter().find(|(_, parts)| is_in(frame, parts)));
    kernel.or_else(layer).map_or(ELSE, |(work, _)| work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_the_kernels_or_that_of_its_innermost_function_which_is_known() {
        let script = "
\t         154ef84 mi_theap_umalloc
\t         3e4e028 alloc::fmt::format::format_inner
\t         3076481 callout_regulation::decide::facts::facts_on_record
\t         1c033df callout_intake::case::Case::to_proto


\tffffffff821e9917 tcp_sendmsg_locked
\tffffffff81000130 entry_SYSCALL_64_after_hwframe
\t         108f36 <sqlx_core::net::socket::Write<S> as core::future::future::Future>::poll

\t          108f36 <callout_contract::Case as prost::message::Message>::encoded_len
\t          108f36 tonic::codec::encode

\t          108f36 [unknown]
";
        let (looks, mut percent) = shares(script);
        percent.sort_by_key(|(work, _)| *work);
        let expected = [
            (ELSE, 25.0),
            ("kernel: to send and to receive", 25.0),
            ("messages and documents", 25.0),
            ("regulation: verdicts, limits, calendars", 25.0),
        ];
        assert_eq!((looks, percent.as_slice()), (4, expected.as_slice()));
    }
}
