//! Options of the command line.

use std::ffi::{OsStr, OsString};
use std::fmt::Display;

use guanxi::model::Phases;
use guanxi::quantity::{DiscountRate, Span, TimeUnit};
use guanxi::summary::DedupeUnit;

use super::{Failure, ModelName, Moment, dedupe_named, quoted};

/// The options a program knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Those that take a value, without the dashes.
    pub(crate) valued: &'static [&'static str],
    /// Those that stand alone.
    pub(crate) flags: &'static [&'static str],
}

/// The options that were given.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    valued: Vec<(&'static str, OsString)>,
    flags: Vec<&'static str>,
    help: bool,
}

impl Arguments {
    /// Reads the arguments after the program's name.
    pub(crate) fn parse(
        given: impl IntoIterator<Item = OsString>,
        options: Options,
    ) -> Result<Self, Failure> {
        let given: Vec<OsString> = given.into_iter().collect();
        let mut parser = lexopt::Parser::from_args(given);
        let mut arguments = Self::default();
        loop {
            let name = match parser.next() {
                Ok(None) => return Ok(arguments),
                Ok(Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h'))) => {
                    arguments.help = true;
                    return Ok(arguments);
                }
                Ok(Some(lexopt::Arg::Long(name))) => name.to_owned(),
                Ok(Some(other)) => {
                    let found = match other {
                        lexopt::Arg::Short(letter) => format!("-{letter}"),
                        lexopt::Arg::Value(value) => quoted(value.as_encoded_bytes()),
                        lexopt::Arg::Long(name) => format!("--{name}"),
                    };
                    return Err(Failure::unexpected("arguments", known(options), found));
                }
                Err(error) => return Err(Failure::refused("arguments", error)),
            };
            if let Some(&flag) = options.flags.iter().find(|&&flag| flag == name) {
                if arguments.has(flag) {
                    return Err(twice(flag));
                }
                if parser.optional_value().is_some() {
                    return Err(Failure::unexpected(format!("--{flag}"), "no value", "one"));
                }
                arguments.flags.push(flag);
            } else if let Some(&option) = options.valued.iter().find(|&&option| option == name) {
                if arguments.raw(option).is_some() {
                    return Err(twice(option));
                }
                let missing = |found| Failure::unexpected(format!("--{option}"), "a value", found);
                let value = parser.value().map_err(|_| missing("none".to_owned()))?;
                if value.as_encoded_bytes().starts_with(b"--") {
                    return Err(missing(format!(
                        "the option {}",
                        quoted(value.as_encoded_bytes())
                    )));
                }
                arguments.valued.push((option, value));
            } else {
                return Err(Failure::unexpected(
                    "arguments",
                    known(options),
                    quoted(format!("--{name}").as_bytes()),
                ));
            }
        }
    }

    /// Whether the usage was asked for.
    pub(crate) fn help(&self) -> bool {
        self.help
    }

    /// Whether a flag was given.
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    /// The value of an option as it was given.
    pub(crate) fn raw(&self, option: &str) -> Option<&OsStr> {
        self.valued
            .iter()
            .find(|(name, _)| *name == option)
            .map(|(_, value)| value.as_os_str())
    }

    /// The value of an option as text.
    pub(crate) fn text(&self, option: &str) -> Result<Option<&str>, Failure> {
        let Some(raw) = self.raw(option) else {
            return Ok(None);
        };
        match raw.to_str() {
            Some(text) => Ok(Some(text)),
            None => Err(Failure::unexpected(
                format!("--{option}"),
                "UTF-8 text",
                quoted(raw.as_encoded_bytes()),
            )),
        }
    }

    /// The value of an option as whatever the library reads it as.
    pub(crate) fn parsed<T, E: Display>(
        &self,
        option: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Failure> {
        match self.text(option)? {
            None => Ok(None),
            Some(text) => match parse(text) {
                Ok(value) => Ok(Some(value)),
                Err(error) => Err(Failure::refused(format!("--{option}"), error)),
            },
        }
    }

    /// A number.
    pub(crate) fn number(&self, option: &str) -> Result<Option<f64>, Failure> {
        let Some(text) = self.text(option)? else {
            return Ok(None);
        };
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(Failure::unexpected(
                format!("--{option}"),
                "a finite number",
                quoted(text.as_bytes()),
            )),
        }
    }

    /// A calendar day or an instant.
    pub(crate) fn moment(&self, option: &str) -> Result<Option<Moment>, Failure> {
        let Some(text) = self.text(option)? else {
            return Ok(None);
        };
        match Moment::parse(text.as_bytes()) {
            Some(moment) => Ok(Some(moment)),
            None => Err(Failure::unexpected(
                format!("--{option}"),
                Moment::EXPECTED,
                quoted(text.as_bytes()),
            )),
        }
    }

    /// The value of an option that must be there, as text.
    pub(crate) fn required_text(&self, option: &str) -> Result<&str, Failure> {
        self.text(option)?.ok_or_else(|| missing(option))
    }

    /// The value of an option that must be there, as it was given.
    pub(crate) fn required_raw(&self, option: &str) -> Result<&OsStr, Failure> {
        self.raw(option).ok_or_else(|| missing(option))
    }

    /// `--unit`, a week unless given.
    pub(crate) fn unit(&self) -> Result<TimeUnit, Failure> {
        let unit = self.parsed("unit", str::parse::<TimeUnit>)?;
        Ok(unit.unwrap_or(TimeUnit::Week))
    }

    /// `--dedupe`, a day unless given.
    pub(crate) fn dedupe(&self) -> Result<DedupeUnit, Failure> {
        match self.text("dedupe")? {
            None => Ok(DedupeUnit::Day),
            Some(name) => dedupe_named(name).ok_or_else(|| {
                Failure::unexpected(
                    "--dedupe",
                    "one of second, minute, hour, day, week",
                    quoted(name.as_bytes()),
                )
            }),
        }
    }

    /// `--k`, for a model that has one.
    pub(crate) fn phases(&self, model: ModelName) -> Result<Option<Phases>, Failure> {
        let Some(text) = self.text("k")? else {
            return Ok(None);
        };
        if !model.has_phases() {
            let expected = "it with bg-cnbd or mbg-cnbd only";
            return Err(Failure::unexpected("--k", expected, model.name()));
        }
        let k = text.parse::<u32>().ok().and_then(|k| Phases::new(k).ok());
        k.map(Some).ok_or_else(|| {
            let expected = "a whole number from 1 to 100";
            Failure::unexpected("--k", expected, quoted(text.as_bytes()))
        })
    }

    /// `--horizon` in the model's unit, 39 unless given.
    pub(crate) fn horizon(&self, unit: TimeUnit) -> Result<Span, Failure> {
        let length = self.number("horizon")?.unwrap_or(39.0);
        Span::new(length, unit).map_err(|error| Failure::refused("--horizon", error))
    }

    /// `--annual-discount`, 0.10 unless given, or `--continuous-discount` per model unit.
    pub(crate) fn discount(&self, unit: TimeUnit) -> Result<DiscountRate, Failure> {
        let annual = self.number("annual-discount")?;
        match self.number("continuous-discount")? {
            Some(_) if annual.is_some() => Err(Failure::unexpected(
                "--continuous-discount",
                "one discount rate",
                "--annual-discount as well",
            )),
            Some(rate) => DiscountRate::continuous(rate, unit)
                .map_err(|error| Failure::refused("--continuous-discount", error)),
            None => DiscountRate::annual(annual.unwrap_or(0.10))
                .map_err(|error| Failure::refused("--annual-discount", error)),
        }
    }
}

fn missing(option: &str) -> Failure {
    Failure::unexpected(format!("--{option}"), "the option", "none")
}

fn twice(option: &str) -> Failure {
    Failure::unexpected(format!("--{option}"), "the option once", "it twice")
}

/// The options in words, for a message.
fn known(options: Options) -> String {
    let names: Vec<String> = options
        .valued
        .iter()
        .chain(options.flags)
        .map(|name| format!("--{name}"))
        .collect();
    format!("one of {}, --help", names.join(", "))
}
