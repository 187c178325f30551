//! The frame of a program: arguments in, one answer or one line about what is wrong out.

#![allow(
    clippy::disallowed_methods,
    reason = "the terminal is where a program's answer goes"
)]

use std::io::{self, Read, Write};
use std::process::ExitCode;

use super::{Arguments, Failure, Options};

/// Runs a program: usage for `--help`, and a failure as one line on standard error.
///
/// `answer` prepares everything before it prints, so that a failure leaves standard output empty.
pub(crate) fn run(
    usage: &str,
    options: Options,
    answer: impl FnOnce(&Arguments) -> Result<(), Failure>,
) -> ExitCode {
    let given = std::env::args_os().skip(1);
    let done = Arguments::parse(given, options).and_then(|arguments| {
        if arguments.help() {
            print(usage)
        } else {
            answer(&arguments)
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            note(&format!("error: {failure}"));
            ExitCode::from(failure.status())
        }
    }
}

/// Prints the answer.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    copy_out(text.as_bytes())
}

/// Copies the answer to standard output. A reader who has seen enough and closed the pipe, as
/// `head` does, is no failure.
pub(crate) fn copy_out(mut answer: impl Read) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let copied = io::copy(&mut answer, &mut stdout).and_then(|_| stdout.flush());
    match copied {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}

/// Writes a line to standard error; nobody may be listening.
pub(crate) fn note(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
