//! Covariates: which columns act on what, and their values.

use csv::ByteRecord;
use guanxi::model::{CovariateDesign, DropoutLink, Standardise};

use super::summary::number;
use super::{Arguments, Failure, ModelName, Table, quoted};

/// The options that name covariates.
pub(crate) const NAMING: [&str; 3] = ["covariates", "purchase-covariates", "dropout-covariates"];

/// Which covariates act on what, and how.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Effects {
    /// On purchase rates.
    pub(crate) purchase: Vec<String>,
    /// On dropout.
    pub(crate) dropout: Vec<String>,
    /// What the effects on dropout move.
    pub(crate) link: DropoutLink,
    /// Whether effects are by standard deviation of a covariate.
    pub(crate) standardise: bool,
}

impl Effects {
    /// The effects asked for, if any.
    pub(crate) fn read(arguments: &Arguments, model: ModelName) -> Result<Option<Self>, Failure> {
        let [both, mut purchase, mut dropout] = [
            names(arguments, NAMING[0])?,
            names(arguments, NAMING[1])?,
            names(arguments, NAMING[2])?,
        ];
        let link = dropout_link(arguments, model)?;
        let standardise = arguments.has("standardise");
        let Some(option) = NAMING.iter().find(|name| arguments.raw(name).is_some()) else {
            let lonely = [
                ("dropout-link", arguments.raw("dropout-link").is_some()),
                ("standardise", standardise),
            ];
            return match lonely.iter().find(|(_, given)| *given) {
                Some((option, _)) => Err(Failure::unexpected(
                    format!("--{option}"),
                    "--covariates to go with it",
                    "none",
                )),
                None => Ok(None),
            };
        };
        if !model.takes_covariates() {
            let able: Vec<ModelName> = ModelName::ALL
                .iter()
                .copied()
                .filter(|model| model.takes_covariates())
                .collect();
            return Err(Failure::unexpected(
                format!("--{option}"),
                format!(
                    "a model of single customers who may differ by them, one of {}",
                    ModelName::listed(&able)
                ),
                model.name(),
            ));
        }
        purchase.splice(0..0, both.iter().cloned());
        if model != ModelName::Nbd {
            dropout.splice(0..0, both); // the NBD has no dropout
        }
        Ok(Some(Self {
            purchase,
            dropout,
            link,
            standardise,
        }))
    }

    /// The covariates, each once.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.purchase.iter().chain(&self.dropout) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// The same for the library.
    pub(crate) fn design(&self) -> CovariateDesign {
        CovariateDesign::default()
            .on_purchase(self.purchase.iter().cloned())
            .on_dropout(self.dropout.iter().cloned())
            .with_dropout_link(self.link)
            .with_standardise(if self.standardise {
                Standardise::MeanAndDeviation
            } else {
                Standardise::None
            })
    }
}

/// `--dropout-link`, the mean unless given; only dropout chances have a choice.
pub(crate) fn dropout_link(
    arguments: &Arguments,
    model: ModelName,
) -> Result<DropoutLink, Failure> {
    let Some(text) = arguments.text("dropout-link")? else {
        return Ok(DropoutLink::default());
    };
    let link = match text {
        "mean" => DropoutLink::MeanDropout,
        "common" => DropoutLink::Common,
        _ => {
            let found = quoted(text.as_bytes());
            return Err(Failure::unexpected(
                "--dropout-link",
                "mean or common",
                found,
            ));
        }
    };
    if matches!(model, ModelName::BgNbd | ModelName::MbgNbd) {
        Ok(link)
    } else {
        let expected = "it with bg-nbd or mbg-nbd only";
        Err(Failure::unexpected(
            "--dropout-link",
            expected,
            model.name(),
        ))
    }
}

/// Names separated by commas.
fn names(arguments: &Arguments, option: &str) -> Result<Vec<String>, Failure> {
    let Some(text) = arguments.text(option)? else {
        return Ok(Vec::new());
    };
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    if names.iter().any(String::is_empty) {
        let expected = "names of columns separated by commas";
        let found = quoted(text.as_bytes());
        return Err(Failure::unexpected(format!("--{option}"), expected, found));
    }
    Ok(names)
}

/// Where the covariates are in a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct CovariateColumns {
    columns: Vec<(String, usize)>,
}

impl CovariateColumns {
    /// Finds the columns of these names.
    pub(crate) fn find(table: &Table, names: &[String], header: &str) -> Result<Self, Failure> {
        let columns = names.iter().map(|name| {
            let place = table.required_column(name, header)?;
            Ok((name.clone(), place))
        });
        Ok(Self {
            columns: columns.collect::<Result<_, Failure>>()?,
        })
    }

    /// The values of the row that the table read last.
    pub(crate) fn read(&self, table: &Table, row: &ByteRecord) -> Result<Vec<f64>, Failure> {
        let expected = "a number from -1e300 to 1e300";
        let values = self
            .columns
            .iter()
            .map(|(name, place)| number(table, name, &row[*place], expected, |z| z.abs() <= 1e300));
        values.collect()
    }
}
