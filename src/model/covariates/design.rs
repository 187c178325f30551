//! Which covariates act on what, and in what units.

use super::CovariateError;

/// What a covariate acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum CovariateRole {
    /// The purchase rate: `α = α₀·exp(−γ·z)`, so that mean rates grow as `exp(γ·z)`.
    Purchase,
    /// Dropout: its rate grows as `exp(γ·z)`, or its chance as the [`DropoutLink`] says.
    Dropout,
    /// Both, by one effect: the two are taken as equal.
    Both,
    /// The value of a transaction: mean spend grows as `exp(γ·z)`.
    Spend,
}

impl CovariateRole {
    /// What stands before the name of the covariate in that of an effect.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Dropout => "dropout",
            Self::Both => "both",
            Self::Spend => "spend",
        }
    }

    /// What is acted on, in words.
    pub(super) fn on(self) -> &'static str {
        match self {
            Self::Purchase => "purchase rates",
            Self::Dropout => "dropout",
            Self::Both => "purchase rates and dropout",
            Self::Spend => "spend",
        }
    }

    /// Whether two effects of one covariate in these roles are one too many.
    fn clashes(self, other: Self) -> bool {
        let has =
            |role: Self, part: Self| role == part || (role == Self::Both && part != Self::Spend);
        [Self::Purchase, Self::Dropout, Self::Spend]
            .iter()
            .any(|&part| has(self, part) && has(other, part))
    }
}

/// How covariates move a chance of dropout `p ~ Beta(a, b)` (BG/NBD, MBG/NBD, shifted
/// beta-geometric). A dropout *rate*, as of the Pareto/NBD, has one way only and ignores it.
///
/// # Examples
///
/// The same effect of −0.3 under both links:
///
/// ```
/// use guanxi::model::{
///     BgNbd, BgNbdParameters, Covariate, CovariateEffect, CovariateParameters, CovariateRole,
///     DropoutLink, WithCovariates,
/// };
/// use guanxi::quantity::TimeUnit;
///
/// let mean_dropout = |dropout_link| {
///     let model = WithCovariates::new(CovariateParameters {
///         base: BgNbd::new(BgNbdParameters {
///             unit: TimeUnit::Week,
///             r: 0.243,
///             alpha: 4.414,
///             a: 0.793,
///             b: 2.426,
///         })?,
///         covariates: vec![Covariate::new("member")?],
///         effects: vec![CovariateEffect::new(CovariateRole::Dropout, "member", -0.3)],
///         dropout_link,
///     })?;
///     let BgNbdParameters { a, b, .. } = model.of(&[1.0])?.parameters();
///     Ok::<f64, Box<dyn std::error::Error>>(a / (a + b))
/// };
/// assert!((mean_dropout(DropoutLink::MeanDropout)? - 0.1949477092).abs() < 1e-9);
/// assert!((mean_dropout(DropoutLink::Common)? - 0.2463497981).abs() < 1e-9); // as without
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum DropoutLink {
    /// `a = a₀·exp(γ·z)` with `b` as it is: the log-odds of mean dropout, `ln(a/b)`, are linear in
    /// the covariates. The default.
    #[default]
    MeanDropout,
    /// `a = a₀·exp(γ·z)` and `b = b₀·exp(γ·z)`, the implementation common elsewhere: mean dropout
    /// `a/(a + b)` stays as it is, and only how much customers differ in it changes.
    Common,
}

/// In what units effects are given.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Standardise {
    /// Of the sample's standard deviations, from the sample's means: effects can be compared, and
    /// the base is the average customer. Means and deviations are by weight, and are kept with the
    /// model. The default.
    #[default]
    MeanAndDeviation,
    /// Of the covariates themselves: the base is the customer with a 0 everywhere. For indicators,
    /// and for effects that other samples are to be compared with.
    None,
    /// As another model has it, such as one that a ridge pulls towards: one [`Covariate`] for each
    /// covariate of the sample, in any order.
    As(Vec<Covariate>),
}

/// A covariate (协变量): what it is called, and the constants that standardise it.
///
/// Effects act on `(z − centre)/scale`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawCovariate"))]
pub struct Covariate {
    pub(super) name: String,
    pub(super) centre: f64,
    pub(super) scale: f64,
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "Covariate")]
struct RawCovariate {
    name: String,
    centre: f64,
    scale: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<RawCovariate> for Covariate {
    type Error = CovariateError;

    fn try_from(raw: RawCovariate) -> Result<Self, CovariateError> {
        Self::new(raw.name)?.standardised(raw.centre, raw.scale)
    }
}

impl Covariate {
    /// A covariate that is taken as it is.
    ///
    /// # Errors
    ///
    /// [`CovariateError::EmptyName`].
    pub fn new(name: impl Into<String>) -> Result<Self, CovariateError> {
        let name = name.into();
        if name.is_empty() {
            return Err(CovariateError::EmptyName);
        }
        Ok(Self {
            name,
            centre: 0.0,
            scale: 1.0,
        })
    }

    /// The same, standardised as `(z − centre)/scale`.
    ///
    /// # Errors
    ///
    /// [`CovariateError::Standard`] unless the centre is from −1e300 to 1e300, and the scale from
    /// 1e-300 to 1e300.
    pub fn standardised(self, centre: f64, scale: f64) -> Result<Self, CovariateError> {
        let refuse = |constant, expected, found| {
            Err(CovariateError::Standard {
                covariate: self.name.clone(),
                constant,
                expected,
                found,
            })
        };
        // Written so that NaN fails them.
        if !RANGE.contains(&centre) {
            return refuse("centre", "a number from -1e300 to 1e300", centre);
        }
        if !(1e-300..=1e300).contains(&scale) {
            return refuse("scale", "a number from 1e-300 to 1e300", scale);
        }
        Ok(Self {
            centre,
            scale,
            ..self
        })
    }

    /// Name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is taken off its values.
    #[must_use]
    pub fn centre(&self) -> f64 {
        self.centre
    }

    /// What they are divided by then.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// A value, standardised.
    pub(super) fn standard(&self, z: f64) -> f64 {
        (z - self.centre) / self.scale
    }
}

/// The values that a covariate can have.
pub(super) const RANGE: std::ops::RangeInclusive<f64> = -1e300..=1e300;

/// Checks that names are unique; none of a [`Covariate`] is empty.
pub(super) fn check_names(covariates: &[Covariate]) -> Result<(), CovariateError> {
    let mut names: Vec<&str> = covariates.iter().map(Covariate::name).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(CovariateError::DuplicateName {
            covariate: pair[0].to_owned(),
        }),
        None => Ok(()),
    }
}

/// Names of covariates.
pub(super) fn names(covariates: &[Covariate]) -> Vec<String> {
    covariates.iter().map(|c| c.name.clone()).collect()
}

/// Checks that values are one number for each covariate.
pub(super) fn check_values(
    covariates: &[Covariate],
    z: &[f64],
    row: Option<u64>,
) -> Result<(), CovariateError> {
    if z.len() != covariates.len() {
        return Err(CovariateError::Count {
            expected: names(covariates),
            found: z.len(),
        });
    }
    // Written so that NaN fails it.
    match covariates.iter().zip(z).find(|(_, z)| !RANGE.contains(*z)) {
        Some((covariate, &found)) => Err(CovariateError::Value {
            covariate: covariate.name.clone(),
            row,
            found,
        }),
        None => Ok(()),
    }
}

/// Where each effect's covariate is among those of the customers, if the effects make sense.
pub(super) fn places(
    effects: &[(CovariateRole, &str)],
    covariates: &[Covariate],
) -> Result<Vec<usize>, CovariateError> {
    let mut places = Vec::with_capacity(effects.len());
    for (i, &(role, covariate)) in effects.iter().enumerate() {
        let place = covariates.iter().position(|c| c.name == covariate);
        places.push(place.ok_or_else(|| CovariateError::Unknown {
            covariate: covariate.to_owned(),
            known: names(covariates),
        })?);
        let mut before = effects[..i].iter();
        if before.any(|&(other, name)| name == covariate && other.clashes(role)) {
            return Err(CovariateError::DuplicateEffect {
                covariate: covariate.to_owned(),
                role,
            });
        }
    }
    Ok(places)
}

/// Which covariates act on what: the design of a model with covariates.
///
/// There is no intercept: that is what the base's own parameters are.
///
/// # Examples
///
/// A channel that may make customers buy more often and stay longer, each by an effect of its own; a
/// region that moves both alike; and an age that only bears on dropout:
///
/// ```
/// use guanxi::model::{CovariateDesign, Standardise};
///
/// let design = CovariateDesign::default()
///     .on_purchase(["channel"])
///     .on_dropout(["channel", "age"])
///     .on_both_equally(["region"])
///     .with_standardise(Standardise::None);
/// assert_eq!(
///     design.effect_names(),
///     ["purchase.channel", "dropout.channel", "dropout.age", "both.region"]
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct CovariateDesign {
    effects: Vec<(CovariateRole, String)>,
    dropout_link: DropoutLink,
    standardise: Standardise,
}

impl CovariateDesign {
    fn with(
        mut self,
        role: CovariateRole,
        covariates: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let effects = covariates.into_iter().map(|name| (role, name.into()));
        self.effects.extend(effects);
        self
    }

    /// These covariates also act on purchase rates.
    #[must_use]
    pub fn on_purchase(self, covariates: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with(CovariateRole::Purchase, covariates)
    }

    /// These covariates also act on dropout.
    #[must_use]
    pub fn on_dropout(self, covariates: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with(CovariateRole::Dropout, covariates)
    }

    /// These covariates also act on purchase rates and on dropout by one effect, `γ₁ = γ₂`.
    #[must_use]
    pub fn on_both_equally(self, covariates: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with(CovariateRole::Both, covariates)
    }

    /// These covariates also act on spend.
    #[must_use]
    pub fn on_spend(self, covariates: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with(CovariateRole::Spend, covariates)
    }

    /// How covariates move a chance of dropout; [`DropoutLink::MeanDropout`] unless set.
    #[must_use]
    pub fn with_dropout_link(mut self, link: DropoutLink) -> Self {
        self.dropout_link = link;
        self
    }

    /// In what units effects are given; [`Standardise::MeanAndDeviation`] unless set.
    #[must_use]
    pub fn with_standardise(mut self, standardise: Standardise) -> Self {
        self.standardise = standardise;
        self
    }

    /// How covariates move a chance of dropout.
    #[must_use]
    pub fn dropout_link(&self) -> DropoutLink {
        self.dropout_link
    }

    /// In what units effects are given.
    #[must_use]
    pub fn standardise(&self) -> &Standardise {
        &self.standardise
    }

    /// Names of the effects, as a fit reports them after the parameters of the base.
    #[must_use]
    pub fn effect_names(&self) -> Vec<String> {
        let effects = self.effects();
        effects
            .iter()
            .map(|&(role, covariate)| effect_name(role, covariate))
            .collect()
    }

    pub(super) fn effects(&self) -> Vec<(CovariateRole, &str)> {
        let effects = self.effects.iter();
        effects.map(|(role, name)| (*role, name.as_str())).collect()
    }
}

/// Name of an effect, such as `purchase.channel`.
pub(super) fn effect_name(role: CovariateRole, covariate: &str) -> String {
    format!("{}.{covariate}", role.prefix())
}
