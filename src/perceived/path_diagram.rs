//! Which variable is held against which others: the arrows of a path analysis.

use super::answers::SurveyAnswers;
use super::correlation_matrix::CorrelationMatrix;
use super::driver_error::{DriverError, check_names, owned};
use super::path_associations::PathAssociations;
use crate::quantity::Probability;

/// One variable and those it is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(super) struct Arrows {
    pub(super) to: String,
    pub(super) from: Vec<String>,
}

/// The arrows of a path analysis (路径图), from variables to those that are held against them:
/// value → satisfaction → loyalty → profit, or any diagram that leads nowhere back to itself.
///
/// The arrows are an assumption. Nothing that is computed tells whether they are right, or which way
/// they point: turned around, a chain fits as well.
///
/// # Examples
///
/// ```
/// use guanxi::perceived::{CorrelationMatrix, PathDiagram};
/// use guanxi::quantity::Probability;
///
/// let chain = PathDiagram::chain(["value", "satisfaction", "loyalty"])?;
/// let printed = CorrelationMatrix::new(
///     ["value", "satisfaction", "loyalty"],
///     [[1.0, 0.6, 0.3], [0.6, 1.0, 0.5], [0.3, 0.5, 1.0]],
/// )?;
/// let paths = chain.associations_of(&printed.with_respondents(102), Probability::NINETY_FIVE_PERCENT)?;
/// let loyalty = paths.between("satisfaction", "loyalty")?;
/// assert_eq!(loyalty.coefficient().mean(), 0.5);
/// assert!((loyalty.coefficient().sd() - (0.75_f64 / 100.0).sqrt()).abs() < 1e-12);
/// # Ok::<(), guanxi::perceived::DriverError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "Vec<Arrows>", into = "Vec<Arrows>")
)]
pub struct PathDiagram {
    equations: Vec<Arrows>,
}

impl PathDiagram {
    /// A chain, each variable held against the one before it: the service–profit chain (Heskett et
    /// al. 1994, *Harvard Business Review* 72(2), 164–174) and the customer satisfaction index
    /// (Fornell et al. 1996, *Journal of Marketing* 60(4), 7–18,
    /// <https://doi.org/10.1177/002224299606000403>) are such chains.
    ///
    /// # Errors
    ///
    /// [`DriverError::Empty`] with fewer than two variables or for a blank name,
    /// [`DriverError::Circle`] if a variable comes twice.
    pub fn chain<C: AsRef<str>>(
        variables: impl IntoIterator<Item = C>,
    ) -> Result<Self, DriverError> {
        let variables: Vec<String> = variables.into_iter().map(owned).collect();
        for (place, name) in variables.iter().enumerate() {
            if let Some(first) = variables.iter().take(place).position(|v| v == name) {
                let through = variables[first..=place].to_vec();
                return Err(DriverError::Circle { through });
            }
        }
        Self::new(variables.windows(2).map(|pair| (&*pair[1], [&*pair[0]])))
    }

    /// Any diagram: each item is a variable and those whose arrows point to it.
    ///
    /// # Errors
    ///
    /// - [`DriverError::Empty`] without an item, for one without an arrow, or for a blank name.
    /// - [`DriverError::Repeated`] if two items or two arrows of one item have the same name.
    /// - [`DriverError::Circle`] if arrows lead back to where they began.
    pub fn new<C, F>(equations: impl IntoIterator<Item = (C, F)>) -> Result<Self, DriverError>
    where
        C: AsRef<str>,
        F: IntoIterator,
        F::Item: AsRef<str>,
    {
        let arrows = |(to, from): (C, F)| Arrows {
            to: owned(to),
            from: from.into_iter().map(owned).collect(),
        };
        Self::checked(equations.into_iter().map(arrows).collect())
    }

    fn checked(equations: Vec<Arrows>) -> Result<Self, DriverError> {
        let names: Vec<String> = equations.iter().map(|e| e.to.clone()).collect();
        check_names("variables that arrows point to", &names)?;
        for equation in &equations {
            check_names("the arrows to a variable", &equation.from)?;
        }
        let diagram = Self { equations };
        diagram.check_circles()?;
        Ok(diagram)
    }

    /// Takes away, again and again, what no arrow points to; what is left goes in circles.
    fn check_circles(&self) -> Result<(), DriverError> {
        let mut left: Vec<&Arrows> = self.equations.iter().collect();
        loop {
            let open: Vec<&str> = left.iter().map(|e| &*e.to).collect();
            let before = left.len();
            left.retain(|e| e.from.iter().any(|f| open.contains(&f.as_str())));
            if left.is_empty() {
                return Ok(());
            }
            if left.len() == before {
                break;
            }
        }
        // And what points to nothing that is left only hangs on them.
        loop {
            let before = left.len();
            let used: Vec<&str> = left.iter().flat_map(|e| &e.from).map(|f| &**f).collect();
            left.retain(|e| used.contains(&e.to.as_str()));
            if left.len() == before {
                let through = left.into_iter().map(|e| e.to.clone()).collect();
                return Err(DriverError::Circle { through });
            }
        }
    }

    /// Every variable once, in the order in which the diagram names them, each before what its
    /// arrows point to within one item.
    #[must_use]
    pub fn variables(&self) -> Vec<&str> {
        let mut variables: Vec<&str> = Vec::new();
        for equation in &self.equations {
            for name in equation.from.iter().chain([&equation.to]) {
                if !variables.contains(&name.as_str()) {
                    variables.push(name);
                }
            }
        }
        variables
    }

    /// Every arrow, from a variable to another.
    pub fn arrows(&self) -> impl Iterator<Item = (&str, &str)> {
        self.equations
            .iter()
            .flat_map(|e| e.from.iter().map(move |from| (&**from, &*e.to)))
    }

    pub(super) fn equations(&self) -> &[Arrows] {
        &self.equations
    }

    /// How the variables go together along the arrows, with intervals of a level; of the
    /// respondents who answered about all of them, so that every equation is of the same.
    ///
    /// # Errors
    ///
    /// As [`CorrelationMatrix::of`] and [`associations_of`](Self::associations_of).
    pub fn associations(
        &self,
        answers: &SurveyAnswers,
        level: Probability,
    ) -> Result<PathAssociations, DriverError> {
        self.associations_of(&CorrelationMatrix::of(answers, self.variables())?, level)
    }

    /// The same from correlations, among which others than the variables may be.
    ///
    /// # Errors
    ///
    /// - [`DriverError::Unknown`] if a variable has no column.
    /// - [`DriverError::NoRespondents`] if the correlations do not say how many they rest on.
    /// - [`DriverError::TooFew`] with fewer respondents than two more than the arrows to a variable.
    /// - [`DriverError::Collinear`], naming the variable and those that determine it.
    /// - [`DriverError::Quantity`] for a level of 0 or 1.
    pub fn associations_of(
        &self,
        correlations: &CorrelationMatrix,
        level: Probability,
    ) -> Result<PathAssociations, DriverError> {
        PathAssociations::of(self, correlations, level)
    }
}

#[cfg(feature = "serde")]
impl From<PathDiagram> for Vec<Arrows> {
    fn from(diagram: PathDiagram) -> Self {
        diagram.equations
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Vec<Arrows>> for PathDiagram {
    type Error = DriverError;

    fn try_from(equations: Vec<Arrows>) -> Result<Self, DriverError> {
        Self::checked(equations)
    }
}
