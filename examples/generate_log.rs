//! How is a log made of which the truth is known?
//!
//! ```text
//! cargo run --release --example generate_log > log.jsonl
//! cargo run --release --example generate_log -- --seed 7 --customers 500 --years 4 > log.jsonl
//! cargo run --release --example generate_log -- --seed 7 --customers 500 --years 4 --truth > truth.jsonl
//! ```
//!
//! Prints interactions of a firm with its business customers as JSON Lines, one `Interaction` a line,
//! in the order in which they became known; with `--truth` what lies behind them, one customer a
//! line. The module `support/synthetic.rs` says what is drawn from what. Without `--seed`,
//! `--customers` and `--years` it makes the log that comes with the crate,
//! `examples/data/b2b_interactions.jsonl` and `b2b_truth.jsonl`, and checks that it is the same to
//! the last byte.

use std::process::ExitCode;

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod support;
#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
#[path = "support/synthetic.rs"]
mod synthetic;

use support::{Arguments, Failure, Options, print, quoted, run};
use synthetic::{SHIPPED_CUSTOMERS, SHIPPED_SEED, SHIPPED_YEARS, generate, log_lines, truth_lines};

const USAGE: &str = "\
Makes a log of interactions of which the truth is known, as JSON Lines.

usage: generate_log [options]

  --seed NUMBER       same seed, same log (default: 20220101)
  --customers NUMBER  how many customers, 1 to 100000 (default: 40)
  --years NUMBER      how many years of 365 days, 1 to 50 (default: 2)
  --truth             the truth behind the log instead of the log
";

const OPTIONS: Options = Options {
    valued: &["seed", "customers", "years"],
    flags: &["truth"],
};

const SHIPPED_LOG: &str = include_str!("data/b2b_interactions.jsonl");
const SHIPPED_TRUTH: &str = include_str!("data/b2b_truth.jsonl");

fn main() -> ExitCode {
    run(USAGE, OPTIONS, answer)
}

fn answer(arguments: &Arguments) -> Result<(), Failure> {
    let seed = whole(arguments, "seed", SHIPPED_SEED, (0, u64::MAX))?;
    let customers = whole(
        arguments,
        "customers",
        SHIPPED_CUSTOMERS as u64,
        (1, 100_000),
    )?;
    let years = whole(arguments, "years", u64::from(SHIPPED_YEARS), (1, 50))?;
    let refused = |error: &dyn std::fmt::Display| Failure::refused("the generator", error);
    let customers = usize::try_from(customers).map_err(|error| refused(&error))?;
    let years = u32::try_from(years).map_err(|error| refused(&error))?;
    let made = generate(seed, customers, years).map_err(|error| refused(&error))?;
    let log = log_lines(&made.interactions).map_err(|error| refused(&error))?;
    let truth = truth_lines(&made.truths).map_err(|error| refused(&error))?;
    if ["seed", "customers", "years"]
        .iter()
        .all(|option| arguments.raw(option).is_none())
    {
        assert!(
            log == SHIPPED_LOG,
            "the log differs from the one that is shipped"
        );
        assert!(
            truth == SHIPPED_TRUTH,
            "the truth differs from the one that is shipped"
        );
    }
    print(if arguments.has("truth") { &truth } else { &log })
}

/// A whole number between two limits.
fn whole(
    arguments: &Arguments,
    option: &str,
    default: u64,
    (least, most): (u64, u64),
) -> Result<u64, Failure> {
    let Some(text) = arguments.text(option)? else {
        return Ok(default);
    };
    match text.parse::<u64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(Failure::unexpected(
            format!("--{option}"),
            format!("a whole number from {least} to {most}"),
            quoted(text.as_bytes()),
        )),
    }
}
