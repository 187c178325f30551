//! The Rust side of `run.sh`, which times this crate and lifetimes in turn.
//!
//! Given a directory it writes the simulated log there as columns of little-endian numbers, then
//! reads the name of a task a line, and answers each with a line of JSON: the seconds it took from
//! columns in memory, those with equal rows merged beforehand, and what came out. Without a
//! directory, as `cargo bench` calls it, it runs every task once on a small log and checks what
//! comes out.

#![allow(
    clippy::disallowed_methods,
    reason = "reads its arguments and a pipe, writes files and measures time"
)]

#[path = "../support/mod.rs"]
mod support;
mod tasks;

use std::fs;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use lexopt::ValueExt;
use serde_json::json;

use tasks::{Answer, Data, Reply, TASKS};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut directory: Option<PathBuf> = None;
    let mut customers = 2_000;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("customers") => customers = arguments.value()?.parse()?,
            lexopt::Arg::Value(value) => directory = Some(value.into()),
            _ => {} // those of cargo and criterion
        }
    }
    let data = Data::of(customers);
    if let Some(directory) = directory {
        return serve(&data, &directory);
    }
    check(&data);
    Ok(())
}

/// Answers one task a line until the pipe is closed.
fn serve(data: &Data, directory: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let log = &data.log;
    write(
        &directory.join("customer.u64"),
        &log.customer,
        u64::to_le_bytes,
    )?;
    write(&directory.join("at.i64"), &log.at, i64::to_le_bytes)?;
    write(&directory.join("cents.i64"), &log.cents, i64::to_le_bytes)?;
    println!("{}", json!({ "version": env!("CARGO_PKG_VERSION") }));
    for task in io::stdin().lock().lines() {
        let task = task?;
        let Reply {
            seconds,
            merged,
            answer,
        } = tasks::run(&task, data).ok_or_else(|| format!("there is no task {task:?}"))?;
        let reply = match answer {
            Answer::Parameters(parameters) => {
                json!({ "seconds": seconds, "merged": merged, "parameters": parameters })
            }
            Answer::Columns(numbers) => {
                let file = format!("{task}.f64");
                write(&directory.join(&file), &numbers, f64::to_le_bytes)?;
                json!({ "seconds": seconds, "merged": merged, "answers": file })
            }
        };
        println!("{reply}");
    }
    Ok(())
}

fn write<T: Copy, const N: usize>(
    path: &Path,
    column: &[T],
    bytes: fn(T) -> [u8; N],
) -> io::Result<()> {
    let bytes: Vec<u8> = column.iter().flat_map(|number| bytes(*number)).collect();
    fs::write(path, bytes)
}

/// Every task has an answer made of numbers.
fn check(data: &Data) {
    for task in TASKS {
        let reply = tasks::run(task, data).unwrap_or_else(|| panic!("no task {task}"));
        let (Answer::Parameters(numbers) | Answer::Columns(numbers)) = reply.answer;
        assert!(!numbers.is_empty(), "{task}: no answer");
        let sound = |number: &f64| number.is_finite() && *number >= 0.0;
        assert!(numbers.iter().all(sound), "{task}: {numbers:?}");
        println!("{task}: ok");
    }
}
