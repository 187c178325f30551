//! Do relationships move between rungs as they used to (平稳性检验)?
//!
//! Anderson & Goodman (1957), "Statistical Inference about Markov Chains", *Annals of Mathematical
//! Statistics* 28(1), 89–110, <https://doi.org/10.1214/aoms/1177707039>: the likelihood ratio of
//! transition probabilities that differ by period against ones that do not. Degrees of freedom where
//! rows or cells are empty are those of Bickenbach & Bode (2003), *International Regional Science
//! Review* 26(3), 363–392, <https://doi.org/10.1177/0160017603253789>.

use super::{InvestmentError, Tier, TierCounts};
use crate::numeric::gamma::{chi_square_upper, excess};
use crate::quantity::Probability;

/// Fewer expected than this in a cell, and chi-square is a rough guide (Cochran 1954,
/// <https://doi.org/10.2307/3001616>).
const FEW: f64 = 5.0;

/// More periods than can be compared: what is stored of more is none of ours.
#[cfg(feature = "serde")]
const MOST_PERIODS: u64 = 1_000_000_000;

/// Whether the moves from one rung were the same in every period.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "ResultRow", into = "ResultRow"))]
pub struct ChiSquareResult {
    likelihood_ratio: f64,
    pearson: f64,
    degrees_of_freedom: u64,
    sparse_cells: u64,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "ChiSquareResult")]
struct ResultRow {
    likelihood_ratio: f64,
    pearson: f64,
    degrees_of_freedom: u64,
    sparse_cells: u64,
}

#[cfg(feature = "serde")]
impl From<ChiSquareResult> for ResultRow {
    fn from(result: ChiSquareResult) -> Self {
        Self {
            likelihood_ratio: result.likelihood_ratio,
            pearson: result.pearson,
            degrees_of_freedom: result.degrees_of_freedom,
            sparse_cells: result.sparse_cells,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<ResultRow> for ChiSquareResult {
    type Error = InvestmentError;

    fn try_from(row: ResultRow) -> Result<Self, InvestmentError> {
        use super::investment_error::checked;

        let statistic = |quantity, found| {
            let expected = "a finite number at or above 0";
            checked(quantity, expected, 0.0..=f64::MAX, found)
        };
        let most = |what, limit, found| {
            if found <= limit {
                Ok(found)
            } else {
                Err(InvestmentError::TooMany { what, limit, found })
            }
        };
        let (of_freedom, cells) = (row.degrees_of_freedom, row.sparse_cells);
        Ok(Self {
            likelihood_ratio: statistic("likelihood-ratio statistic", row.likelihood_ratio)?,
            pearson: statistic("Pearson statistic", row.pearson)?,
            degrees_of_freedom: most("degrees of freedom", 16 * MOST_PERIODS, of_freedom)?,
            sparse_cells: most("sparse cells", 20 * MOST_PERIODS, cells)?,
        })
    }
}

impl ChiSquareResult {
    /// Twice the log of the likelihood ratio, `−2 ln λ`.
    #[must_use]
    pub fn likelihood_ratio(&self) -> f64 {
        self.likelihood_ratio
    }

    /// Pearson's statistic of the same hypothesis, which keeps its size better where counts are small.
    #[must_use]
    pub fn pearson(&self) -> f64 {
        self.pearson
    }

    /// Degrees of freedom; 0 where nothing can be compared.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> u64 {
        self.degrees_of_freedom
    }

    /// How many cells have an expected count below 5. With many of them the p-values are rough, and that of
    /// the likelihood ratio is mostly too small.
    #[must_use]
    pub fn sparse_cells(&self) -> u64 {
        self.sparse_cells
    }

    /// The p-value of the likelihood ratio, against chi-square; none where nothing can be compared.
    #[must_use]
    pub fn p_value(&self) -> Option<Probability> {
        self.tail(self.likelihood_ratio)
    }

    /// The p-value of Pearson's statistic; none where nothing can be compared.
    #[must_use]
    pub fn pearson_p_value(&self) -> Option<Probability> {
        self.tail(self.pearson)
    }

    /// Whether there is nothing compared in it.
    #[cfg(feature = "serde")]
    fn is_of_nothing(&self) -> bool {
        self.likelihood_ratio <= 0.0 && self.pearson <= 0.0 && self.sparse_cells == 0
    }

    fn tail(&self, statistic: f64) -> Option<Probability> {
        if self.degrees_of_freedom == 0 {
            return None;
        }
        let p = chi_square_upper(self.degrees_of_freedom as f64, statistic);
        Probability::new(p.clamp(0.0, 1.0)).ok() // outside by rounding at most
    }
}

/// The test that relationships move between rungs in every period alike.
///
/// A small p-value says that the chances of moving changed, and that one migration table for all periods
/// describes none of them. [`of_rung`](Self::of_rung) tells from where. A period that nobody began at
/// a rung, and a way that nobody ever took from it, cost that rung their degrees of freedom.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::TimeUnit;
/// use guanxi::tier::{StationarityTest, Tier, TierCounts};
///
/// let year = |stay, rise, lost| {
///     let none = [0; 5];
///     let rows = [[stay, rise, 0, 0, lost], [5, 80, 10, 0, 5], none, none];
///     TierCounts::from_table(TimeUnit::Year, rows)
/// };
/// let test = StationarityTest::of(&[year(70, 20, 10)?, year(60, 20, 20)?, year(50, 20, 30)?])?;
/// let first = test.of_rung(Tier::Transaction).ok_or("a rung")?;
/// assert_eq!(first.degrees_of_freedom(), 4); // (3 periods − 1) × (3 ways − 1)
/// assert!((first.likelihood_ratio() - 13.8139).abs() < 1e-4);
/// assert!(first.p_value().is_some_and(|p| p.value() < 0.01));
/// // Those who moved as ever dilute it.
/// assert!(test.overall().p_value().is_some_and(|p| p.value() > 0.1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "TestRow", into = "TestRow"))]
pub struct StationarityTest {
    periods: usize,
    overall: ChiSquareResult,
    rungs: [ChiSquareResult; 4],
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "StationarityTest")]
struct TestRow {
    periods: usize,
    overall: ChiSquareResult,
    p_value: Option<Probability>,
    rungs: [ChiSquareResult; 4],
}

#[cfg(feature = "serde")]
impl From<StationarityTest> for TestRow {
    fn from(test: StationarityTest) -> Self {
        Self {
            periods: test.periods,
            overall: test.overall,
            p_value: test.overall.p_value(),
            rungs: test.rungs,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<TestRow> for StationarityTest {
    type Error = InvestmentError;

    fn try_from(row: TestRow) -> Result<Self, InvestmentError> {
        let again = together(&row.rungs);
        let near = |one: f64, other: f64| (one - other).abs() <= 1e-9 * one.abs().max(1.0);
        let p = |p: Option<Probability>| p.map_or(-1.0, Probability::value);
        // Of a rung, (periods − 1) × (five ways − 1) at most, and five cells a period.
        let periods = row.periods as u64;
        let most = periods.saturating_sub(1).saturating_mul(4);
        let cells = periods.saturating_mul(5);
        let can_be = |rung: &ChiSquareResult| {
            rung.degrees_of_freedom <= most
                && rung.sparse_cells <= cells
                && (rung.degrees_of_freedom > 0 || rung.is_of_nothing())
        };
        if (2..=MOST_PERIODS).contains(&periods)
            && row.overall.degrees_of_freedom > 0
            && row.rungs.iter().all(can_be)
            && near(again.likelihood_ratio, row.overall.likelihood_ratio)
            && near(again.pearson, row.overall.pearson)
            && again.degrees_of_freedom == row.overall.degrees_of_freedom
            && again.sparse_cells == row.overall.sparse_cells
            && near(p(again.p_value()), p(row.p_value))
        {
            Ok(Self {
                periods: row.periods,
                overall: row.overall,
                rungs: row.rungs,
            })
        } else {
            Err(InvestmentError::Disagrees {
                what: "the test of stationarity",
            })
        }
    }
}

impl StationarityTest {
    /// Compares the moves of two or more periods, in the order of time or any other.
    ///
    /// # Errors
    ///
    /// - [`InvestmentError::NotIdentified`] with fewer than two periods, or where no rung was left in two
    ///   of them by two ways or more.
    /// - [`InvestmentError::Periods`] if their lengths differ.
    pub fn of(periods: &[TierCounts]) -> Result<Self, InvestmentError> {
        let what = "the test of stationarity";
        let Some((first, others)) = periods.split_first().filter(|(_, more)| !more.is_empty())
        else {
            return Err(InvestmentError::NotIdentified {
                what,
                needed: "two periods",
                found: periods.len() as u64,
            });
        };
        if let Some(other) = others.iter().find(|c| c.period() != first.period()) {
            return Err(InvestmentError::Periods {
                expected: first.period(),
                found: other.period(),
            });
        }
        let rungs = Tier::RUNGS.map(|tier| {
            let place = tier.place().unwrap_or_default();
            let rows = periods
                .iter()
                .filter_map(|counts| counts.table().get(place));
            of_row(&rows.map(|row| row.map(|n| n as f64)).collect::<Vec<_>>())
        });
        let overall = together(&rungs);
        if overall.degrees_of_freedom == 0 {
            return Err(InvestmentError::NotIdentified {
                what,
                needed: "a rung that was left in two periods by two ways or more",
                found: 0,
            });
        }
        Ok(Self {
            periods: periods.len(),
            overall,
            rungs,
        })
    }

    /// How many periods were compared.
    #[must_use]
    pub fn periods(&self) -> usize {
        self.periods
    }

    /// The test of all rungs together.
    #[must_use]
    pub fn overall(&self) -> &ChiSquareResult {
        &self.overall
    }

    /// The test of one rung; its statistics add up to the overall ones. Four of these are four tests:
    /// one in five finds something by chance at 5 %.
    #[must_use]
    pub fn of_rung(&self, tier: Tier) -> Option<&ChiSquareResult> {
        tier.place().and_then(|place| self.rungs.get(place))
    }
}

/// Independent tests as one.
fn together(rungs: &[ChiSquareResult; 4]) -> ChiSquareResult {
    let none = ChiSquareResult {
        likelihood_ratio: 0.0,
        pearson: 0.0,
        degrees_of_freedom: 0,
        sparse_cells: 0,
    };
    rungs.iter().fold(none, |sum, rung| ChiSquareResult {
        likelihood_ratio: sum.likelihood_ratio + rung.likelihood_ratio,
        pearson: sum.pearson + rung.pearson,
        degrees_of_freedom: sum
            .degrees_of_freedom
            .saturating_add(rung.degrees_of_freedom),
        sparse_cells: sum.sparse_cells.saturating_add(rung.sparse_cells),
    })
}

/// One rung's moves, a row a period.
fn of_row(periods: &[[f64; 5]]) -> ChiSquareResult {
    let size = |row: &[f64; 5]| row.iter().sum::<f64>();
    let mut totals = [0.0; 5];
    for row in periods {
        for (total, count) in totals.iter_mut().zip(row) {
            *total += count;
        }
    }
    let all: f64 = totals.iter().sum();
    let seen = periods.iter().filter(|row| size(row) > 0.0).count() as u64;
    let ways = totals.iter().filter(|total| **total > 0.0).count() as u64;
    let mut result = ChiSquareResult {
        likelihood_ratio: 0.0,
        pearson: 0.0,
        degrees_of_freedom: seen.saturating_sub(1) * ways.saturating_sub(1),
        sparse_cells: 0,
    };
    if result.degrees_of_freedom == 0 {
        return result; // nothing to compare
    }
    for row in periods {
        let share = size(row) / all;
        for (count, total) in row.iter().zip(totals) {
            let expected = share * total;
            if expected <= 0.0 {
                continue;
            }
            // n ln(n/e) − n + e, of which the last two sum to nothing; so no term is below 0.
            let off = (count - expected) / expected;
            let term = if *count > 0.0 {
                off * off.ln_1p() - excess(off)
            } else {
                1.0
            };
            result.likelihood_ratio += 2.0 * expected * term.max(0.0);
            result.pearson += expected * off * off;
            result.sparse_cells += u64::from(expected < FEW);
        }
    }
    result
}
