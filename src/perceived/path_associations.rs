//! How variables go together along the arrows of a diagram: regressions of standardised variables.
//!
//! Wright (1934), "The Method of Path Coefficients", *Annals of Mathematical Statistics* 5(3),
//! 161–215, <https://doi.org/10.1214/aoms/1177732676>.

use std::fmt;

use super::correlation_matrix::CorrelationMatrix;
use super::driver_error::DriverError;
use super::driver_importance::check_respondents;
use super::path_diagram::{Arrows, PathDiagram};
use crate::numeric::student;
use crate::quantity::{Estimate, Interval, Probability};

/// One arrow: how a variable goes with another, the others that point there held fixed. It is an
/// association among respondents, not a cause.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct PathAssociation {
    from: String,
    to: String,
    coefficient: Estimate,
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    t: Option<f64>,
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    p_value: Option<f64>,
}

impl PathAssociation {
    /// Where the arrow begins.
    #[must_use]
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Where it points.
    #[must_use]
    pub fn to(&self) -> &str {
        &self.to
    }

    /// The standardised coefficient: how many sd the one lies higher among respondents of whom the
    /// other lies one sd higher. With its standard error and its t interval, which is always stated.
    #[must_use]
    #[doc(alias = "beta")]
    pub fn coefficient(&self) -> Estimate {
        self.coefficient
    }

    /// The coefficient over its standard error; `None` where the fit is perfect and there is none.
    #[must_use]
    pub fn t(&self) -> Option<f64> {
        self.t
    }

    /// How often a `t` as far from 0 would come about if there were no association, two-sided.
    #[must_use]
    pub fn p_value(&self) -> Option<f64> {
        self.p_value
    }
}

impl fmt::Display for PathAssociation {
    /// `value ~ satisfaction: 0.61 [0.42, 0.80] (association)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, .. } = self;
        write!(f, "{from} ~ {to}: {:.2}", self.coefficient.mean())?;
        if let Some(interval) = self.coefficient.stated_interval() {
            write!(f, " [{:.2}, {:.2}]", interval.lower(), interval.upper())?;
        }
        write!(f, " (association)")
    }
}

/// One variable and all arrows to it: a regression of standardised variables.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct PathEquation {
    outcome: String,
    r_squared: f64,
    degrees_of_freedom: usize,
    paths: Vec<PathAssociation>,
}

impl PathEquation {
    /// The variable that the arrows point to.
    #[must_use]
    pub fn outcome(&self) -> &str {
        &self.outcome
    }

    /// The share of its variance that goes with them, from 0 to 1.
    #[must_use]
    #[doc(alias = "R2")]
    pub fn r_squared(&self) -> f64 {
        self.r_squared
    }

    /// Respondents less the unknowns of the regression.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> usize {
        self.degrees_of_freedom
    }

    /// The arrows to it, in the order of the diagram.
    #[must_use]
    pub fn paths(&self) -> &[PathAssociation] {
        &self.paths
    }
}

/// Standardised paths of a diagram (标准化路径系数), each an association and none a cause.
///
/// Each variable is regressed, by ordinary least squares, on those whose arrows point to it, all of
/// them standardised. In a diagram without circles and with errors that are unrelated, that is the
/// maximum likelihood estimate (Land 1969). Standard errors are those of the regression, as
/// statistical packages print them: they take the sample's standard deviations for known. The test
/// of 0 is exact for normal errors; an interval is too wide for strong associations (at a
/// correlation of .8, by a half or more), and may be too narrow where coefficients are large beside
/// correlated others (Yuan & Chan 2011, *Psychometrika* 76, 670–690,
/// <https://doi.org/10.1007/s11336-011-9224-6>).
///
/// # What it does not say
///
/// That changing one variable would change another. The arrows are assumed: a third variable behind
/// two, or an arrow the other way, gives the same numbers.
///
/// # Examples
///
/// ```
/// use guanxi::perceived::{CorrelationMatrix, PathDiagram};
/// use guanxi::quantity::Probability;
///
/// let printed = CorrelationMatrix::new(
///     ["value", "satisfaction", "loyalty"],
///     [[1.0, 0.6, 0.5], [0.6, 1.0, 0.6], [0.5, 0.6, 1.0]],
/// )?;
/// let diagram = PathDiagram::new([
///     ("satisfaction", vec!["value"]),
///     ("loyalty", vec!["value", "satisfaction"]),
/// ])?;
/// let paths = diagram.associations_of(&printed.with_respondents(203), Probability::NINETY_FIVE_PERCENT)?;
/// let direct = paths.between("value", "loyalty")?;
/// assert!((direct.coefficient().mean() - 0.21875).abs() < 1e-12); // (.5 − .6·.6)/(1 − .6²)
/// let by_way = paths.along(&["value", "satisfaction", "loyalty"])?;
/// assert!((by_way.mean() - 0.6 * 0.46875).abs() < 1e-12);
/// assert!((direct.coefficient().mean() + by_way.mean() - 0.5).abs() < 1e-12);
/// assert_eq!(direct.to_string(), "value ~ loyalty: 0.22 [0.08, 0.35] (association)");
/// # Ok::<(), guanxi::perceived::DriverError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawAssociations"))]
pub struct PathAssociations {
    diagram: PathDiagram,
    correlations: CorrelationMatrix,
    level: Probability,
    equations: Vec<PathEquation>,
}

impl PathAssociations {
    pub(super) fn of(
        diagram: &PathDiagram,
        correlations: &CorrelationMatrix,
        level: Probability,
    ) -> Result<Self, DriverError> {
        let respondents = correlations
            .respondents()
            .ok_or(DriverError::NoRespondents { what: "a path" })?;
        let one = |arrows| equation(arrows, correlations, respondents, level);
        Ok(Self {
            equations: diagram
                .equations()
                .iter()
                .map(one)
                .collect::<Result<_, _>>()?,
            diagram: diagram.clone(),
            correlations: correlations.clone(),
            level,
        })
    }

    /// The diagram.
    #[must_use]
    pub fn diagram(&self) -> &PathDiagram {
        &self.diagram
    }

    /// The correlations that everything was computed from, and how many respondents they rest on.
    #[must_use]
    pub fn correlations(&self) -> &CorrelationMatrix {
        &self.correlations
    }

    /// The level of the intervals.
    #[must_use]
    pub fn level(&self) -> Probability {
        self.level
    }

    /// One regression a variable that arrows point to, in the order of the diagram.
    #[must_use]
    pub fn equations(&self) -> &[PathEquation] {
        &self.equations
    }

    /// The arrow from one variable to another.
    ///
    /// # Errors
    ///
    /// [`DriverError::NoArrow`] if the diagram has none.
    pub fn between(&self, from: &str, to: &str) -> Result<&PathAssociation, DriverError> {
        let mut all = self.equations.iter().flat_map(|e| &e.paths);
        let found = all.find(|path| path.from == from && path.to == to);
        found.ok_or_else(|| DriverError::NoArrow {
            from: from.to_owned(),
            to: to.to_owned(),
        })
    }

    /// The association along arrows that follow each other: the product of their coefficients, with
    /// the standard error of the delta method (Sobel 1982, *Sociological Methodology* 13, 290–312,
    /// <https://doi.org/10.2307/270723>), which takes those of different equations for unrelated. It
    /// has no interval of its own: products are skewed in small samples, so
    /// [`Estimate::normal_interval`] is rough.
    ///
    /// # Errors
    ///
    /// [`DriverError::Empty`] with fewer than two variables, [`DriverError::NoArrow`] if the diagram
    /// has no arrow from one to the next.
    pub fn along(&self, variables: &[&str]) -> Result<Estimate, DriverError> {
        if variables.len() < 2 {
            return Err(DriverError::Empty {
                what: "a way along arrows",
            });
        }
        let steps = variables.windows(2).map(|pair| {
            let step = self.between(pair[0], pair[1])?.coefficient;
            Ok((step.mean(), step.sd()))
        });
        let steps = steps.collect::<Result<Vec<_>, DriverError>>()?;
        let product = steps.iter().map(|step| step.0).product();
        let mut variance = 0.0;
        for (one, (_, sd)) in steps.iter().enumerate() {
            let others = steps.iter().enumerate().filter(|&(k, _)| k != one);
            let rest: f64 = others.map(|(_, step)| step.0).product();
            variance += (sd * rest) * (sd * rest);
        }
        let n = self.correlations.respondents().unwrap_or_default() as f64;
        Ok(Estimate::new(product, variance.sqrt(), n)?)
    }
}

impl fmt::Display for PathAssociations {
    /// One line an arrow, below what all of them are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "associations among {} respondents ({} left out), not causes",
            self.correlations.respondents().unwrap_or_default(),
            self.correlations.left_out()
        )?;
        for equation in &self.equations {
            write!(f, "\n{}: R² {:.2}", equation.outcome, equation.r_squared)?;
            for path in &equation.paths {
                write!(f, "\n  {path}")?;
            }
        }
        Ok(())
    }
}

/// The regression of one variable.
fn equation(
    arrows: &Arrows,
    correlations: &CorrelationMatrix,
    respondents: usize,
    level: Probability,
) -> Result<PathEquation, DriverError> {
    check_respondents(arrows.from.len(), respondents, correlations.left_out())?;
    let place = correlations.place(&arrows.to)?;
    let find = |name: &String| correlations.place(name);
    let places = arrows
        .from
        .iter()
        .map(find)
        .collect::<Result<Vec<_>, _>>()?;
    let factor = correlations.factor(&places)?;
    let r: Vec<f64> = places.iter().map(|&k| correlations.at(k, place)).collect();
    let coefficients = factor.solve(&r);
    let inverse = factor.inverse();
    let explained: f64 = coefficients.iter().zip(&r).map(|(b, r)| b * r).sum();
    if explained > 1.0 + super::correlation_matrix::OWN_VARIANCE {
        let found = 1.0 - explained;
        return Err(DriverError::Indefinite { found });
    }
    let r_squared = explained.clamp(0.0, 1.0); // rounding only
    let degrees_of_freedom = respondents - 1 - places.len();
    let degrees = degrees_of_freedom as f64;
    let reach = student::two_sided_quantile(degrees, level.complement().value());
    let mut paths = Vec::with_capacity(places.len());
    for (k, from) in arrows.from.iter().enumerate() {
        let sd = ((1.0 - r_squared) / degrees * inverse.at(k, k)).sqrt();
        let b = coefficients[k];
        let interval = Interval::new(b - reach * sd, b + reach * sd, level)?;
        let t = Some(b / sd).filter(|t| t.is_finite());
        paths.push(PathAssociation {
            from: from.clone(),
            to: arrows.to.clone(),
            coefficient: Estimate::new(b, sd, respondents as f64)?.with_interval(interval),
            t,
            p_value: t.map(|t| student::two_sided_tail(degrees, t)),
        });
    }
    Ok(PathEquation {
        outcome: arrows.to.clone(),
        r_squared,
        degrees_of_freedom,
        paths,
    })
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "PathAssociations")]
struct RawAssociations {
    diagram: PathDiagram,
    correlations: CorrelationMatrix,
    level: Probability,
    equations: Vec<PathEquation>,
}

#[cfg(feature = "serde")]
impl TryFrom<RawAssociations> for PathAssociations {
    type Error = DriverError;

    /// Computes everything again and refuses what differs.
    fn try_from(raw: RawAssociations) -> Result<Self, DriverError> {
        let made = Self::of(&raw.diagram, &raw.correlations, raw.level)?;
        let numbers = |equations: &[PathEquation]| -> Vec<(String, f64)> {
            let mut numbers = Vec::new();
            for equation in equations {
                let name = &equation.outcome;
                numbers.push((name.clone(), equation.r_squared));
                numbers.push((name.clone(), equation.degrees_of_freedom as f64));
                for path in &equation.paths {
                    let name = format!("{} ~ {}", path.from, path.to);
                    let b = path.coefficient;
                    let ends = b.stated_interval().map(|i| [i.lower(), i.upper()]);
                    let [lower, upper] = ends.unwrap_or_default();
                    let (t, p) = (path.t.unwrap_or_default(), path.p_value.unwrap_or_default());
                    let all = [b.mean(), b.sd(), b.n_eff(), lower, upper, t, p];
                    numbers.extend(all.map(|number| (name.clone(), number)));
                }
            }
            numbers
        };
        let (stored, computed) = (numbers(&raw.equations), numbers(&made.equations));
        if stored.len() != computed.len() {
            return Err(DriverError::Length {
                row: 0,
                expected: computed.len(),
                found: stored.len(),
            });
        }
        for ((name, found), (expected, number)) in stored.into_iter().zip(computed) {
            // Written so that NaN fails it.
            let agree = (found - number).abs() <= 1e-9 * number.abs().max(1.0);
            if name != expected || !agree {
                return Err(DriverError::Domain {
                    quantity: "a stored number",
                    name,
                    expected: "what the correlations give",
                    found,
                });
            }
        }
        Ok(made)
    }
}
