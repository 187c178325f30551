//! Information criteria of several models of the same customers, best first.

use std::fmt;

use super::super::report::{Boundary, FitReport};
use super::super::text::{Align, aligned};
use super::{ComparisonError, check_complete, check_same_data};

/// Models of the same customers by their information criteria, the lowest AIC first (信息准则).
///
/// AIC asks which model forecasts best, BIC which is most likely the true one among them. Akaike
/// weights share out the evidence of AIC: they add up to 1 over the models of the table, and say
/// nothing of models outside it.
///
/// # Examples
///
/// ```
/// use guanxi::model::{BgNbd, ComparisonTable, Fit, FitOptions, MbgNbd, PurchaseSample, Sample};
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::RfmSummary;
///
/// # let rows = [
/// #     (0, 0.0, 38.0, 700.0), (0, 0.0, 27.0, 711.0), (1, 5.0, 38.0, 120.0), (1, 30.0, 38.0, 80.0),
/// #     (2, 12.0, 30.0, 60.0), (2, 25.0, 30.0, 70.0), (3, 18.0, 38.0, 40.0), (3, 36.0, 38.0, 60.0),
/// #     (6, 20.0, 33.0, 25.0), (6, 31.0, 33.0, 60.0), (12, 26.0, 38.0, 6.0), (12, 37.0, 38.0, 20.0),
/// # ];
/// # let mut sample = PurchaseSample::default();
/// # for (x, t_x, age, weight) in rows {
/// #     sample.add(&RfmSummary::new(TimeUnit::Week, x, t_x, age)?, weight)?;
/// # }
/// let bg = BgNbd::fit_sample(&sample, &FitOptions::default())?;
/// let mbg = MbgNbd::fit_sample(&sample, &FitOptions::default())?;
/// let table = ComparisonTable::new([bg.report(), mbg.report()])?;
/// assert_eq!(table.best().model(), "MBG/NBD");
/// assert!((table.rows()[1].aic_difference() - 15.8229).abs() < 1e-3);
/// assert!((table.best().weight() - 0.99963).abs() < 1e-5);
/// println!("{table}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonTable {
    rows: Vec<ComparisonRow>,
}

/// One model of a [`ComparisonTable`].
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonRow {
    model: String,
    parameters: usize,
    log_likelihood: f64,
    aic: f64,
    aicc: Option<f64>,
    bic: f64,
    aic_difference: f64,
    bic_difference: f64,
    weight: f64,
    has_ridge: bool,
    boundary: Option<Boundary>,
}

impl ComparisonTable {
    /// Compares fits to the same customers. Of equal AIC the model with fewer parameters comes
    /// first, then the one that was given first.
    ///
    /// A fit with a ridge is compared by its unpenalised likelihood and marked: its criteria are
    /// only indicative.
    ///
    /// # Errors
    ///
    /// - [`ComparisonError::Empty`] without a report.
    /// - [`ComparisonError::Customers`], [`ComparisonError::Rows`] or [`ComparisonError::Scale`],
    ///   naming the first report that is of other data than the first.
    /// - [`ComparisonError::GapsUnknown`] for a likelihood that lacks the density of the gaps.
    pub fn new<'a>(
        reports: impl IntoIterator<Item = &'a FitReport>,
    ) -> Result<Self, ComparisonError> {
        let mut reports = reports.into_iter();
        let first = reports.next().ok_or(ComparisonError::Empty)?;
        check_complete(first)?;
        let mut rows = vec![ComparisonRow::new(first)];
        for report in reports {
            check_same_data(first, report)?;
            rows.push(ComparisonRow::new(report));
        }
        rows.sort_by(|a, b| {
            let by_aic = a.aic.total_cmp(&b.aic);
            by_aic.then(a.parameters.cmp(&b.parameters))
        });
        let lowest =
            |of: fn(&ComparisonRow) -> f64| rows.iter().map(of).fold(f64::INFINITY, f64::min);
        let (aic, bic) = (lowest(|row| row.aic), lowest(|row| row.bic));
        for row in &mut rows {
            row.aic_difference = row.aic - aic;
            row.bic_difference = row.bic - bic;
            row.weight = (-0.5 * row.aic_difference).exp();
        }
        let total: f64 = rows.iter().map(|row| row.weight).sum();
        for row in &mut rows {
            row.weight /= total;
        }
        Ok(Self { rows })
    }

    /// The models, the lowest AIC first.
    #[must_use]
    pub fn rows(&self) -> &[ComparisonRow] {
        &self.rows
    }

    /// The model with the lowest AIC.
    #[must_use]
    pub fn best(&self) -> &ComparisonRow {
        &self.rows[0] // there is at least one
    }
}

impl ComparisonRow {
    fn new(report: &FitReport) -> Self {
        let k = report.degrees_of_freedom() as f64;
        let room = report.customers() - k - 1.0;
        Self {
            model: report.model().to_owned(),
            parameters: report.degrees_of_freedom(),
            log_likelihood: report.log_likelihood(),
            aic: report.aic(),
            aicc: (room > 0.0).then(|| report.aic() + 2.0 * k * (k + 1.0) / room),
            bic: report.bic(),
            aic_difference: 0.0,
            bic_difference: 0.0,
            weight: 1.0,
            has_ridge: report.has_ridge(),
            boundary: report.boundary(),
        }
    }

    /// Name of the model.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// How many parameters were estimated.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// Log-likelihood at the estimates, without any ridge.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// Akaike's information criterion; lower is better.
    #[must_use]
    pub fn aic(&self) -> f64 {
        self.aic
    }

    /// The same corrected for a small sample; `None` with fewer than two customers more than
    /// parameters.
    #[must_use]
    pub fn aicc(&self) -> Option<f64> {
        self.aicc
    }

    /// Schwarz's information criterion; lower is better.
    #[must_use]
    pub fn bic(&self) -> f64 {
        self.bic
    }

    /// How far the AIC is above the lowest one.
    #[must_use]
    pub fn aic_difference(&self) -> f64 {
        self.aic_difference
    }

    /// How far the BIC is above the lowest one.
    #[must_use]
    pub fn bic_difference(&self) -> f64 {
        self.bic_difference
    }

    /// Akaike weight, from 0 to 1: the share of the evidence among the models of the table.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// Whether a ridge pulled the estimates, so that the criteria are only indicative.
    #[must_use]
    pub fn has_ridge(&self) -> bool {
        self.has_ridge
    }

    /// The boundary that the estimates ran to, if they did.
    #[must_use]
    pub fn boundary(&self) -> Option<Boundary> {
        self.boundary
    }
}

/// One line a model, the lowest AIC first; `*` marks a ridge.
impl fmt::Display for ComparisonTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heading = [
            "model",
            "parameters",
            "ln L",
            "AIC",
            "Δ AIC",
            "weight",
            "BIC",
            "Δ BIC",
            "",
        ];
        let mut rows = vec![heading.map(str::to_owned).to_vec()];
        for row in &self.rows {
            let mark = if row.has_ridge { "*" } else { "" };
            rows.push(vec![
                format!("{}{mark}", row.model),
                row.parameters.to_string(),
                format!("{:.3}", row.log_likelihood),
                format!("{:.2}", row.aic),
                format!("{:.2}", row.aic_difference),
                format!("{:.3}", row.weight),
                format!("{:.2}", row.bic),
                format!("{:.2}", row.bic_difference),
                row.boundary
                    .map_or_else(String::new, |boundary| boundary.to_string()),
            ]);
        }
        let mut columns = [Align::Right; 9];
        (columns[0], columns[8]) = (Align::Left, Align::Left);
        f.write_str(aligned(&rows, &columns).trim_end())?;
        if self.rows.iter().any(ComparisonRow::has_ridge) {
            f.write_str("\n  * with a ridge: the criteria are only indicative")?;
        }
        Ok(())
    }
}
