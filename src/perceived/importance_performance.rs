//! What matters against how well it is done.
//!
//! Martilla & James (1977), "Importance-Performance Analysis", *Journal of Marketing* 41(1), 77–79,
//! <https://doi.org/10.1177/002224297704100112>.

use std::fmt;

use super::driver_error::{DriverError, check_names, owned};

/// Where a component stands, and what Martilla & James (1977) advise there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum MapQuadrant {
    /// Important and done badly: concentrate here (优先改进).
    ConcentrateHere,
    /// Important and done well: keep up the good work (继续保持).
    KeepUpTheGoodWork,
    /// Unimportant and done badly: low priority (低优先级).
    LowPriority,
    /// Unimportant and done well: possible overkill (可能过度).
    PossibleOverkill,
}

impl fmt::Display for MapQuadrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ConcentrateHere => "concentrate here",
            Self::KeepUpTheGoodWork => "keep up the good work",
            Self::LowPriority => "low priority",
            Self::PossibleOverkill => "possible overkill",
        })
    }
}

/// Where an axis of the map is cut in two.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "snake_case", try_from = "RawCut")
)]
#[non_exhaustive]
pub enum Cut {
    /// At the mean of the components.
    Mean,
    /// At their median; of an even number, halfway between the two in the middle.
    Median,
    /// At a number of one's own, such as the middle of the scale or what a rival reaches.
    At(f64),
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(rename = "Cut", rename_all = "snake_case")]
enum RawCut {
    Mean,
    Median,
    At(f64),
}

#[cfg(feature = "serde")]
impl TryFrom<RawCut> for Cut {
    type Error = DriverError;

    fn try_from(raw: RawCut) -> Result<Self, DriverError> {
        match raw {
            RawCut::Mean => Ok(Self::Mean),
            RawCut::Median => Ok(Self::Median),
            RawCut::At(number) if number.is_finite() => Ok(Self::At(number)),
            RawCut::At(found) => Err(DriverError::Domain {
                quantity: "place",
                name: "a cut".to_owned(),
                expected: "a finite number",
                found,
            }),
        }
    }
}

/// Where the two axes of the map are cut.
///
/// By default both are cut at the mean of the components. Both means and medians are established:
/// Martilla & James (1977) prefer medians where a scale may have no equal steps, and means where the
/// two lie close, because they use more of the data. Means by default are our choice, validated on
/// nothing; a cut that is relative to the components always finds some to improve.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct QuadrantCuts {
    /// Where importance is cut.
    pub importance: Cut,
    /// Where performance is cut.
    pub performance: Cut,
}

impl Default for QuadrantCuts {
    fn default() -> Self {
        Self::both(Cut::Mean)
    }
}

impl QuadrantCuts {
    /// Both axes cut the same way.
    #[must_use]
    pub const fn both(cut: Cut) -> Self {
        Self {
            importance: cut,
            performance: cut,
        }
    }
}

/// One component on the map.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct MapPoint {
    component: String,
    importance: f64,
    performance: f64,
    quadrant: MapQuadrant,
}

impl MapPoint {
    /// The name of the component.
    #[must_use]
    pub fn component(&self) -> &str {
        &self.component
    }

    /// How much it matters, in the unit it was given in.
    #[must_use]
    pub fn importance(&self) -> f64 {
        self.importance
    }

    /// How well it is done, in the unit it was given in.
    #[must_use]
    pub fn performance(&self) -> f64 {
        self.performance
    }

    /// Where it stands.
    #[must_use]
    pub fn quadrant(&self) -> MapQuadrant {
        self.quadrant
    }
}

/// The importance–performance map (重要性–绩效分析): which components to improve first.
///
/// Importance is what customers state, or what goes with the outcome
/// ([`DriverSample::importance_performance`](super::DriverSample::importance_performance)); the two
/// often differ. A component at a cut counts as above it (our choice).
///
/// # Examples
///
/// ```
/// use guanxi::perceived::{ImportancePerformance, MapQuadrant, QuadrantCuts};
///
/// let map = ImportancePerformance::new(
///     [("quality", 0.30, 6.0), ("speed", 0.25, 8.0), ("image", 0.05, 5.0), ("price", 0.10, 9.0)],
///     QuadrantCuts::default(),
/// )?;
/// assert_eq!((map.importance_cut(), map.performance_cut()), (0.175, 7.0));
/// let first: Vec<&str> = map.within(MapQuadrant::ConcentrateHere).map(|p| p.component()).collect();
/// assert_eq!(first, ["quality"]);
/// # Ok::<(), guanxi::perceived::DriverError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawMap"))]
pub struct ImportancePerformance {
    points: Vec<MapPoint>,
    importance_cut: f64,
    performance_cut: f64,
}

impl ImportancePerformance {
    /// A map of components, each with its importance and its performance. All importances are in one
    /// unit, and all performances in one, of which more is better.
    ///
    /// # Errors
    ///
    /// [`DriverError::Empty`] without a component, [`DriverError::Repeated`] for two of one name,
    /// [`DriverError::Domain`], naming it, for a number that is not finite or above 1e300 in size.
    pub fn new<C: AsRef<str>>(
        components: impl IntoIterator<Item = (C, f64, f64)>,
        cuts: QuadrantCuts,
    ) -> Result<Self, DriverError> {
        let mut names = Vec::new();
        let mut rows = Vec::new();
        for (name, importance, performance) in components {
            let name = owned(name);
            rows.push((
                in_range("importance", &name, importance)?,
                in_range("performance", &name, performance)?,
            ));
            names.push(name);
        }
        check_names("components", &names)?;
        let importance_cut = cut("importance", cuts.importance, rows.iter().map(|r| r.0))?;
        let performance_cut = cut("performance", cuts.performance, rows.iter().map(|r| r.1))?;
        let point = |(component, (importance, performance)): (String, (f64, f64))| MapPoint {
            component,
            importance,
            performance,
            quadrant: quadrant(importance >= importance_cut, performance >= performance_cut),
        };
        Ok(Self {
            points: names.into_iter().zip(rows).map(point).collect(),
            importance_cut,
            performance_cut,
        })
    }

    /// The components, in the order in which they came.
    #[must_use]
    pub fn points(&self) -> &[MapPoint] {
        &self.points
    }

    /// The components in a quadrant, the most important first.
    pub fn within(&self, quadrant: MapQuadrant) -> impl Iterator<Item = &MapPoint> {
        let inside = self.points.iter().filter(|p| p.quadrant == quadrant);
        let mut inside: Vec<&MapPoint> = inside.collect();
        inside.sort_by(|a, b| b.importance.total_cmp(&a.importance));
        inside.into_iter()
    }

    /// From which importance on a component is important.
    #[must_use]
    pub fn importance_cut(&self) -> f64 {
        self.importance_cut
    }

    /// From which performance on a component is done well.
    #[must_use]
    pub fn performance_cut(&self) -> f64 {
        self.performance_cut
    }
}

fn quadrant(important: bool, done_well: bool) -> MapQuadrant {
    match (important, done_well) {
        (true, false) => MapQuadrant::ConcentrateHere,
        (true, true) => MapQuadrant::KeepUpTheGoodWork,
        (false, false) => MapQuadrant::LowPriority,
        (false, true) => MapQuadrant::PossibleOverkill,
    }
}

/// Refuses a number whose sums might be none.
fn in_range(quantity: &'static str, name: &str, found: f64) -> Result<f64, DriverError> {
    if (-1e300..=1e300).contains(&found) {
        return Ok(found + 0.0); // −0 + 0 is +0
    }
    Err(DriverError::Domain {
        quantity,
        name: name.to_owned(),
        expected: "a number from -1e300 to 1e300",
        found,
    })
}

/// Where numbers, of which there is at least one, are cut.
fn cut(
    quantity: &'static str,
    cut: Cut,
    numbers: impl Iterator<Item = f64>,
) -> Result<f64, DriverError> {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let (n, lowest) = (sorted.len(), sorted[0]);
    match cut {
        // From the lowest, so that the mean of equal numbers is theirs to the last bit.
        Cut::Mean => Ok(lowest + sorted.iter().map(|x| x - lowest).sum::<f64>() / n as f64),
        Cut::Median => {
            let below = sorted[(n - 1) / 2];
            Ok(below + 0.5 * (sorted[n / 2] - below))
        }
        Cut::At(place) => in_range(quantity, "a cut", place),
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "ImportancePerformance")]
struct RawMap {
    points: Vec<MapPoint>,
    importance_cut: f64,
    performance_cut: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<RawMap> for ImportancePerformance {
    type Error = DriverError;

    fn try_from(raw: RawMap) -> Result<Self, DriverError> {
        let cuts = QuadrantCuts {
            importance: Cut::At(raw.importance_cut),
            performance: Cut::At(raw.performance_cut),
        };
        let rows = raw
            .points
            .iter()
            .map(|p| (&*p.component, p.importance, p.performance));
        let made = Self::new(rows, cuts)?;
        for (stored, made) in raw.points.iter().zip(&made.points) {
            if stored.quadrant != made.quadrant {
                return Err(DriverError::Unknown {
                    what: "the quadrant of a component between these cuts",
                    known: vec![made.quadrant.to_string()],
                    found: stored.quadrant.to_string(),
                });
            }
        }
        Ok(made)
    }
}
