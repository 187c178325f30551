//! The models by name, and their parameters.

use std::fmt;

use guanxi::model::{BgNbd, GammaGamma, MbgNbd, Parametric, ParetoNbd};

use super::{Failure, quoted};

/// A model that an example can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ModelName {
    BgNbd,
    MbgNbd,
    ParetoNbd,
    GammaGamma,
}

impl ModelName {
    /// Every model.
    pub(crate) const ALL: [Self; 4] =
        [Self::BgNbd, Self::MbgNbd, Self::ParetoNbd, Self::GammaGamma];

    /// The models of purchases.
    pub(crate) const PURCHASES: [Self; 3] = [Self::BgNbd, Self::MbgNbd, Self::ParetoNbd];

    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BgNbd => "bg-nbd",
            Self::MbgNbd => "mbg-nbd",
            Self::ParetoNbd => "pareto-nbd",
            Self::GammaGamma => "gamma-gamma",
        }
    }

    /// The name in the literature.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::BgNbd => BgNbd::MODEL,
            Self::MbgNbd => MbgNbd::MODEL,
            Self::ParetoNbd => ParetoNbd::MODEL,
            Self::GammaGamma => GammaGamma::MODEL,
        }
    }

    /// The names of its parameters.
    pub(crate) fn parameter_names(self) -> &'static [&'static str] {
        match self {
            Self::BgNbd => BgNbd::NAMES,
            Self::MbgNbd => MbgNbd::NAMES,
            Self::ParetoNbd => ParetoNbd::NAMES,
            Self::GammaGamma => GammaGamma::NAMES,
        }
    }

    /// The model of `--model` among those that are offered.
    pub(crate) fn parse(text: &str, offered: &[Self]) -> Result<Self, Failure> {
        let found = offered.iter().find(|model| model.name() == text);
        found.copied().ok_or_else(|| {
            let names: Vec<&str> = offered.iter().map(|model| model.name()).collect();
            Failure::unexpected(
                "--model",
                format!("one of {}", names.join(", ")),
                quoted(text.as_bytes()),
            )
        })
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The values of `--parameters r=0.55,alpha=10.58,…` in the model's own order, each given once.
pub(crate) fn parse_parameters<const N: usize>(
    model: ModelName,
    text: &str,
) -> Result<[f64; N], Failure> {
    let names = model.parameter_names();
    let wanted = || {
        let pairs: Vec<String> = names.iter().map(|name| format!("{name}=…")).collect();
        format!("{} for {model}", pairs.join(","))
    };
    let unexpected = |found: String| Failure::unexpected("--parameters", wanted(), found);
    let mut values = [None; N];
    for pair in text.split(',') {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(unexpected(quoted(pair.as_bytes())));
        };
        let name = name.trim();
        let place = names.iter().position(|known| *known == name);
        let Some(slot) = place.and_then(|place| values.get_mut(place)) else {
            let found = format!("the unknown name {}", quoted(name.as_bytes()));
            return Err(unexpected(found));
        };
        let number: f64 = value.trim().parse().map_err(|_| {
            let found = quoted(value.as_bytes());
            Failure::unexpected(format!("--parameters, {name}"), "a number", found)
        })?;
        if slot.replace(number).is_some() {
            return Err(unexpected(format!("{name} twice")));
        }
    }
    let mut complete = [0.0; N];
    for ((value, found), name) in complete.iter_mut().zip(values).zip(names) {
        *value = found.ok_or_else(|| unexpected(format!("no {name}")))?;
    }
    Ok(complete)
}
