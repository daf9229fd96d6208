//! What the binary can be told to do, a file each.

pub mod migrate;
pub mod play;
pub mod serve;
pub mod up;

/// One clear line about what went wrong.
#[expect(clippy::print_stderr, reason = "this is where a person is told")]
pub fn complain(fault: &anyhow::Error) {
    eprintln!("callout: {fault:#}");
}

/// A line for the person at the terminal.
#[expect(clippy::print_stdout, reason = "this is where a person is told")]
pub fn say(line: &str) {
    println!("{line}");
}

/// A passing remark, beside the output.
#[expect(clippy::print_stderr, reason = "this is where a person is told")]
pub fn note(line: &str) {
    eprintln!("{line}");
}
