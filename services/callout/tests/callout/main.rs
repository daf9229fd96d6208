//! The binary, as it is called in a terminal.
#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

mod demo;
mod migrate;
mod pack;
mod play;
mod trace;
mod up;

use std::process::{Command, Output};

/// Runs the binary to its end.
fn callout<A: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = A>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_callout"))
        .args(arguments)
        .env_remove("CALLOUT_TOKEN")
        .env_remove("NO_COLOR")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Its output, of a call that must succeed.
fn said<'a>(arguments: impl IntoIterator<Item = &'a str>) -> String {
    let output = callout(arguments);
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// The one line with which a call must fail.
fn complaint<'a>(arguments: impl IntoIterator<Item = &'a str>) -> String {
    let output = callout(arguments);
    let complaint = text(&output.stderr);
    assert_eq!((output.status.code(), complaint.lines().count()), (Some(1), 1), "{complaint}");
    complaint
}

#[test]
fn every_command_explains_itself_within_a_hundred_columns() {
    let commands: [&[&str]; 14] = [
        &[],
        &["demo"],
        &["up"],
        &["serve"],
        &["migrate"],
        &["play"],
        &["trace"],
        &["pack"],
        &["pack", "check"],
        &["pack", "diff"],
        &["pack", "schema"],
        &["pack", "list"],
        &["pack", "rules"],
        &["pack", "rehearse"],
    ];
    for command in commands {
        let help = said(command.iter().copied().chain(["--help"]));
        let usage = [&["callout"], command].concat().join(" ");
        assert!(help.contains(&format!("Usage: {usage}")), "{help}");
        let widest = help.lines().map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= 100), "{widest:?} columns:\n{help}");
    }
}

#[test]
fn the_help_names_every_command() {
    let help = said(["--help"]);
    for command in ["demo", "up", "serve", "migrate", "play", "trace", "pack"] {
        assert!(help.lines().any(|line| line.trim_start().starts_with(command)), "{command} in\n{help}");
    }
}

#[test]
fn the_version_is_that_of_the_release() {
    assert_eq!(said(["--version"]), format!("callout {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn an_unknown_command_is_refused_with_what_was_meant() {
    let output = callout(["paly"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("'play'"), "{}", text(&output.stderr));
}
