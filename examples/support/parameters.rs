//! The numbers of a model on the command line.

use guanxi::model::{CovariateEffect, CovariateRole};

use super::{Failure, ModelName, quoted};

/// What `--parameters` says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parameters {
    /// The parameters that every model of its kind has, in its own order.
    pub(crate) values: Vec<f64>,
    /// Effects of covariates, in the order in which they were given.
    pub(crate) effects: Vec<CovariateEffect>,
}

impl Parameters {
    /// Reads `r=0.55,alpha=10.58,…`, each name once; for a model that takes covariates effects may be
    /// among them: `purchase.member=0.4,dropout.member=-0.3`.
    pub(crate) fn parse(model: ModelName, text: &str) -> Result<Self, Failure> {
        let names = model.parameter_names();
        let wanted = || {
            let pairs: Vec<String> = names.iter().map(|name| format!("{name}=…")).collect();
            format!("{} for {model}", pairs.join(","))
        };
        let unexpected = |found: String| Failure::unexpected("--parameters", wanted(), found);
        let mut values = vec![None; names.len()];
        let mut effects: Vec<CovariateEffect> = Vec::new();
        for pair in text.split(',') {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(unexpected(quoted(pair.as_bytes())));
            };
            let name = name.trim();
            let number = || {
                value.trim().parse::<f64>().map_err(|_| {
                    let found = quoted(value.as_bytes());
                    Failure::unexpected(format!("--parameters, {name}"), "a number", found)
                })
            };
            let place = names.iter().position(|known| *known == name);
            if let Some(slot) = place.and_then(|place| values.get_mut(place)) {
                if slot.replace(number()?).is_some() {
                    return Err(unexpected(format!("{name} twice")));
                }
            } else if let Some((on, covariate)) = effect(model, name) {
                if effects
                    .iter()
                    .any(|e| e.on == on && e.covariate == covariate)
                {
                    return Err(unexpected(format!("{name} twice")));
                }
                effects.push(CovariateEffect::new(on, covariate, number()?));
            } else {
                let found = format!("the unknown name {}", quoted(name.as_bytes()));
                return Err(unexpected(found));
            }
        }
        let values = values.into_iter().zip(names);
        let values =
            values.map(|(value, name)| value.ok_or_else(|| unexpected(format!("no {name}"))));
        Ok(Self {
            values: values.collect::<Result<_, _>>()?,
            effects,
        })
    }

    /// The covariates that have effects, each once.
    pub(crate) fn covariates(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for effect in &self.effects {
            if !names.contains(&effect.covariate) {
                names.push(effect.covariate.clone());
            }
        }
        names
    }
}

/// What an effect of this name acts on, and which covariate has it.
fn effect(model: ModelName, name: &str) -> Option<(CovariateRole, &str)> {
    if !model.takes_covariates() {
        return None;
    }
    let (on, covariate) = name.split_once('.')?;
    let on = match on {
        "purchase" => CovariateRole::Purchase,
        "dropout" => CovariateRole::Dropout,
        _ => return None,
    };
    (!covariate.is_empty()).then_some((on, covariate))
}
