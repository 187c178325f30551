//! Which components go with the outcome, and how much of its variance each accounts for.
//!
//! Grömping (2007), "Estimators of Relative Importance in Linear Regression Based on Variance
//! Decomposition", *The American Statistician* 61(2), 139–147,
//! <https://doi.org/10.1198/000313007X188252>.

use super::correlation_matrix::CorrelationMatrix;
use super::driver_error::DriverError;
#[cfg(feature = "serde")]
use super::driver_error::check_names;
use super::lmg::{MOST, Subsets};

/// How far R² may come out above 1 by rounding.
const ROUNDING: f64 = 1e-9;

/// One component and what goes with it in the outcome. It tells of association, not of cause.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Driver {
    component: String,
    importance: f64,
    share_of_explained: Option<f64>,
    first_in: f64,
    last_in: f64,
    correlation: f64,
    coefficient: f64,
}

impl Driver {
    /// The name of the component.
    #[must_use]
    pub fn component(&self) -> &str {
        &self.component
    }

    /// The part of R² that is the component's: what it adds to R², averaged over all orderings in
    /// which the components can enter, at or above 0 (LMG).
    #[must_use]
    #[doc(alias = "LMG")]
    #[doc(alias = "Shapley")]
    pub fn importance(&self) -> f64 {
        self.importance
    }

    /// The same as a share of R², from 0 to 1; `None` if the components explain nothing.
    #[must_use]
    pub fn share_of_explained(&self) -> Option<f64> {
        self.share_of_explained
    }

    /// R² of the component alone, as if it were the first to enter: its squared correlation with
    /// the outcome.
    #[must_use]
    pub fn first_in(&self) -> f64 {
        self.first_in
    }

    /// What the component adds to all others, as if it were the last to enter: its squared
    /// semipartial correlation.
    #[must_use]
    pub fn last_in(&self) -> f64 {
        self.last_in
    }

    /// Its correlation with the outcome, from −1 to 1: the sign that importance does not have.
    #[must_use]
    pub fn correlation(&self) -> f64 {
        self.correlation
    }

    /// Its standardised coefficient beside all others, in sd of the outcome a sd of the component.
    #[must_use]
    #[doc(alias = "beta")]
    pub fn coefficient(&self) -> f64 {
        self.coefficient
    }
}

/// Relative importance of components for an outcome (驱动因素重要性): how R² divides among them.
///
/// The part of a component is the increase of R² when it enters a regression, averaged over all
/// orderings in which the components can enter (LMG). Parts are at or above 0 and sum to R².
/// Components that go together share what they explain together; a component that goes with another
/// that matters has a part even where its coefficient is 0, so a part of 0 is rare.
///
/// # What it does not say
///
/// That the outcome would change if a component were changed: all of it is association among
/// respondents. Nor which way: see [`Driver::correlation`].
///
/// # Cost and accuracy
///
/// R² of all `2^p` subsets is found in one pass of about three steps each; nothing is allocated on
/// the way. Twelve components take a fraction of a millisecond, each further one would take twice as
/// long, and more than twelve are refused. Established: Lindeman, Merenda & Gold (1980); Grömping
/// (2007). Parts agree with the average over all orderings, computed with 40 digits, to 1e-13 for
/// components that differ; the error grows with the inflation of their variances, to at most about
/// 1e-9 before [`DriverError::Collinear`] refuses them.
///
/// # Examples
///
/// ```
/// use guanxi::perceived::{CorrelationMatrix, DriverImportance};
///
/// let printed = CorrelationMatrix::new(
///     ["quality", "price", "value"],
///     [[1.0, 0.4, 0.6], [0.4, 1.0, 0.5], [0.6, 0.5, 1.0]],
/// )?;
/// let drivers = DriverImportance::of(&printed, "value")?;
/// assert!((drivers.r_squared() - 0.440476190).abs() < 1e-9);
/// assert!((drivers.driver("quality")?.importance() - 0.275238095).abs() < 1e-9);
/// assert!((drivers.driver("price")?.importance() - 0.165238095).abs() < 1e-9);
/// # Ok::<(), guanxi::perceived::DriverError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawImportance"))]
pub struct DriverImportance {
    outcome: String,
    r_squared: f64,
    drivers: Vec<Driver>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    respondents: Option<usize>,
    left_out: usize,
}

/// Refuses no component, and more than all orderings can be averaged over.
pub(super) fn check_count(found: usize) -> Result<(), DriverError> {
    if found == 0 {
        return Err(DriverError::Empty { what: "components" });
    }
    if found > MOST {
        return Err(DriverError::TooManyComponents { limit: MOST, found });
    }
    Ok(())
}

impl DriverImportance {
    /// The importance of all other columns for the outcome.
    ///
    /// # Errors
    ///
    /// - [`DriverError::Unknown`] if no column is the outcome.
    /// - [`DriverError::Empty`] without another, [`DriverError::TooManyComponents`] with more than
    ///   12.
    /// - [`DriverError::TooFew`] if the respondents are known to be fewer than two more than the
    ///   components: a regression through all points explains everything, and means nothing.
    /// - [`DriverError::Collinear`], naming the column and those that determine it, if less than
    ///   1e-6 of its variance is its own.
    /// - [`DriverError::Indefinite`] if the correlations explain more than everything.
    pub fn of(correlations: &CorrelationMatrix, outcome: &str) -> Result<Self, DriverError> {
        let place = correlations.place(outcome)?;
        let mut places: Vec<usize> = (0..correlations.columns().len())
            .filter(|&k| k != place)
            .collect();
        let components = places.len();
        check_count(components)?;
        if let Some(found) = correlations.respondents() {
            check_respondents(components, found, correlations.left_out())?;
        }
        let factor = correlations.factor(&places)?;
        let r: Vec<f64> = places.iter().map(|&k| correlations.at(k, place)).collect();
        let coefficients = factor.solve(&r);

        places.push(place);
        let mut subsets = Subsets::of(components);
        subsets.fill(|i, j| correlations.at(places[i], places[j]));
        let whole = subsets.whole();
        if whole > 1.0 + ROUNDING.max(1e-3 * super::correlation_matrix::OWN_VARIANCE) {
            return Err(DriverError::Indefinite { found: 1.0 - whole });
        }
        let r_squared = whole.min(1.0);
        // Where rounding leads beyond 1, the parts shrink with the whole.
        let shrink = if whole > 1.0 { 1.0 / whole } else { 1.0 };
        let mut shares = vec![0.0; components];
        subsets.shares(&mut shares);
        let drivers = (0..components)
            .map(|k| {
                let importance = shrink * shares[k];
                Driver {
                    component: correlations.columns()[places[k]].clone(),
                    importance,
                    share_of_explained: share_of(importance, r_squared),
                    first_in: subsets.alone(k),
                    last_in: subsets.last(k),
                    correlation: r[k],
                    coefficient: coefficients[k],
                }
            })
            .collect();
        Ok(Self {
            outcome: outcome.to_owned(),
            r_squared,
            drivers,
            respondents: correlations.respondents(),
            left_out: correlations.left_out(),
        })
    }

    /// What the components are held against.
    #[must_use]
    pub fn outcome(&self) -> &str {
        &self.outcome
    }

    /// The share of the variance of the outcome that goes with the components together, from 0 to 1.
    #[must_use]
    #[doc(alias = "R2")]
    pub fn r_squared(&self) -> f64 {
        self.r_squared
    }

    /// R² less what as many unrelated components would be expected to explain (Ezekiel 1930), which
    /// may be below 0; `None` if the respondents are not known.
    #[must_use]
    pub fn adjusted_r_squared(&self) -> Option<f64> {
        let n = self.respondents? as f64;
        let free = n - 1.0 - self.drivers.len() as f64;
        Some(1.0 - (1.0 - self.r_squared) * (n - 1.0) / free)
    }

    /// The components, in the order in which they came.
    #[must_use]
    pub fn drivers(&self) -> &[Driver] {
        &self.drivers
    }

    /// The components, the most important first; equal ones in the order in which they came.
    #[must_use]
    pub fn ranked(&self) -> Vec<&Driver> {
        let mut ranked: Vec<&Driver> = self.drivers.iter().collect();
        ranked.sort_by(|a, b| b.importance.total_cmp(&a.importance));
        ranked
    }

    /// A component by its name.
    ///
    /// # Errors
    ///
    /// [`DriverError::Unknown`] if none has it.
    pub fn driver(&self, component: &str) -> Result<&Driver, DriverError> {
        let found = self.drivers.iter().find(|d| d.component == component);
        found.ok_or_else(|| DriverError::Unknown {
            what: "a component",
            known: self.drivers.iter().map(|d| d.component.clone()).collect(),
            found: component.to_owned(),
        })
    }

    /// How many respondents it rests on; `None` for correlations that do not say.
    #[must_use]
    pub fn respondents(&self) -> Option<usize> {
        self.respondents
    }

    /// How many respondents were left out because they did not answer everything.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }
}

/// A part of a whole that is not 0.
pub(super) fn share_of(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| (part / whole).min(1.0)) // beyond 1 by rounding alone
}

/// A regression needs one respondent more than it has unknowns to say anything.
pub(super) fn check_respondents(
    components: usize,
    found: usize,
    left_out: usize,
) -> Result<(), DriverError> {
    let needed = components + 2;
    if found >= needed {
        return Ok(());
    }
    Err(DriverError::TooFew {
        what: "a regression on these components",
        needed,
        found,
        left_out,
    })
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "DriverImportance")]
struct RawImportance {
    outcome: String,
    r_squared: f64,
    drivers: Vec<Driver>,
    #[serde(default)]
    respondents: Option<usize>,
    left_out: usize,
}

#[cfg(feature = "serde")]
impl TryFrom<RawImportance> for DriverImportance {
    type Error = DriverError;

    fn try_from(raw: RawImportance) -> Result<Self, DriverError> {
        let check = |quantity, name: &str, found: f64, lowest: f64, highest: f64, expected| {
            if (lowest..=highest).contains(&found) {
                return Ok(());
            }
            let name = name.to_owned();
            Err(DriverError::Domain {
                quantity,
                name,
                expected,
                found,
            })
        };
        let share = "between 0 and 1";
        let mut names = vec![raw.outcome.clone()];
        names.extend(raw.drivers.iter().map(|d| d.component.clone()));
        check_names("columns", &names)?;
        check_count(raw.drivers.len())?;
        if let Some(found) = raw.respondents {
            check_respondents(raw.drivers.len(), found, raw.left_out)?;
        }
        let whole = raw.r_squared;
        check("R²", &raw.outcome, whole, 0.0, 1.0, share)?;
        let mut left = whole;
        for driver in &raw.drivers {
            let name = &driver.component;
            check("importance", name, driver.importance, 0.0, 1.0, share)?;
            check("first-in share", name, driver.first_in, 0.0, 1.0, share)?;
            check("last-in share", name, driver.last_in, 0.0, 1.0, share)?;
            let (r, coefficient) = (driver.correlation, driver.coefficient);
            check("correlation", name, r, -1.0, 1.0, "between -1 and 1")?;
            let finite = "a finite number";
            check("coefficient", name, coefficient, f64::MIN, f64::MAX, finite)?;
            let gap = driver.first_in - r * r;
            let square = "the square of its correlation";
            check(
                "first-in share less the square",
                name,
                gap,
                -1e-9,
                1e-9,
                square,
            )?;
            let share = share_of(driver.importance, whole);
            let gap = share.unwrap_or(-1.0) - driver.share_of_explained.unwrap_or(-1.0);
            let expected = "0: its importance over R²";
            check("distance of the share", name, gap, -1e-9, 1e-9, expected)?;
            left -= driver.importance;
        }
        let expected = "0: they sum to R²";
        check(
            "distance of the parts",
            &raw.outcome,
            left,
            -1e-9,
            1e-9,
            expected,
        )?;
        Ok(Self {
            outcome: raw.outcome,
            r_squared: whole,
            drivers: raw.drivers,
            respondents: raw.respondents,
            left_out: raw.left_out,
        })
    }
}
