//! The expected value of every customer of a base.

use crate::numeric::chunks::{self, Grain};
use crate::summary::{ColumnError, DistinctSummaries, SpendColumns, SummaryColumns};

use super::super::purchase::{AnswersError, PurchaseModel, PurchaseQuestion};
use super::super::spend::{SpendModel, SpendPosterior};
use super::super::{purchase, spend};
use super::Clv;

/// How many customers are valued at once: what they need stays in the nearest memory.
const PART: usize = 256;

impl<P: PurchaseModel, S: SpendModel> Clv<P, S> {
    /// The expected value of many customers, less the cost to serve, in major units of the spend model's
    /// currency: `out[i]` becomes the net of what [`value`](Self::value) says of row *i*, to the last bit.
    /// Nothing is drawn. Without spend columns everybody is expected to spend what the population does.
    ///
    /// # Cost
    ///
    /// It allocates nothing beyond what the models do, unless threads share a large base, with the
    /// feature `parallel`. Where many customers are alike, [`answers_merged`](Self::answers_merged)
    /// asks the purchase model once for each kind.
    ///
    /// # Errors
    ///
    /// - [`AnswersError::Column`] unless `spend` and `out` have as many rows as `customers`.
    /// - [`AnswersError::Quantity`] if columns are in another unit or currency.
    /// - [`AnswersError::Row`] with the first row whose value has no finite expectation, and why, as
    ///   [`value`](Self::value) says.
    ///
    /// What `out` holds is then of no use.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::model::{
    ///     Clv, ClvTerms, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters,
    /// };
    /// use guanxi::quantity::{Currency, DiscountRate, Money, Span, TimeUnit};
    /// use guanxi::summary::SummaryColumns;
    ///
    /// let purchases = MbgNbd::new(MbgNbdParameters {
    ///     unit: TimeUnit::Week,
    ///     r: 0.525,
    ///     alpha: 6.183,
    ///     a: 0.891,
    ///     b: 1.614,
    /// })?;
    /// let spend = GammaGamma::new(GammaGammaParameters {
    ///     currency: Currency::EUR,
    ///     p: 6.25,
    ///     q: 3.74,
    ///     gamma: 15.44,
    /// })?;
    /// let terms = ClvTerms::new(0.3, DiscountRate::annual(0.1)?)?
    ///     .with_cost_to_serve(Money::parse("3.00", Currency::EUR)?, TimeUnit::Month)?
    ///     .until(Span::years(3.0)?);
    /// let customers = SummaryColumns::new(TimeUnit::Week, &[2], &[30.0], &[38.0])?;
    /// let mut value = [0.0];
    /// Clv::new(purchases, spend, terms)?.answers(&customers, None, &mut value)?;
    /// assert!((value[0] - (33.904986 - 43.707991)).abs() < 1e-5);
    /// # Ok::<(), guanxi::Error>(())
    /// ```
    pub fn answers(
        &self,
        customers: &SummaryColumns<'_>,
        spend: Option<&SpendColumns<'_>>,
        out: &mut [f64],
    ) -> Result<(), AnswersError> {
        purchase::check_columns(self.purchases.unit(), customers, out.len())?;
        self.check_spend(spend, out.len())?;
        chunks::for_each_mut(out, Grain::rows(8_192), |start, out| {
            for (part, out) in out.chunks_mut(PART).enumerate() {
                let start = start + part * PART;
                let rows = customers.part(start, out.len());
                let spend = spend.map(|spend| spend.part(start, out.len()));
                self.part(&rows, spend.as_ref(), out).map_err(|error| {
                    let row_of = 0..rows.len();
                    self.first_error(error, &rows, row_of, spend.as_ref())
                        .after(start)
                })?;
            }
            Ok(())
        })
    }

    /// The values of at most [`PART`] customers.
    fn part(
        &self,
        customers: &SummaryColumns<'_>,
        spend: Option<&SpendColumns<'_>>,
        out: &mut [f64],
    ) -> Result<(), AnswersError> {
        let mut more = [0.0; PART];
        let more = &mut more[..out.len()];
        self.purchases
            .answers(customers, self.purchases_asked(), out)?;
        self.spend_of(spend, more)?;
        for (value, spend) in out.iter_mut().zip(&*more) {
            *value *= self.terms.margin * *spend;
        }
        if self.cost > 0.0 {
            self.purchases
                .answers(customers, self.lifetime_asked(), more)?;
            for (value, lifetime) in out.iter_mut().zip(more) {
                *value -= self.cost * *lifetime;
            }
        }
        Ok(())
    }

    /// The same for customers that were merged by [`SummaryColumns::distinct`]. `spend` and `out` have a
    /// row for each customer, in the order before merging; the values are the same to the last bit.
    ///
    /// # Cost
    ///
    /// The purchase model is asked once or twice for each *distinct* row, with memory for these
    /// answers: 8 or 16 bytes each.
    ///
    /// # Errors
    ///
    /// As [`answers`](Self::answers); rows are customers.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::model::{
    ///     Clv, ClvTerms, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters,
    /// };
    /// use guanxi::quantity::{Currency, DiscountRate, Span, TimeUnit};
    /// use guanxi::summary::SummaryColumns;
    ///
    /// let purchases = MbgNbd::new(MbgNbdParameters {
    ///     unit: TimeUnit::Week,
    ///     r: 0.525,
    ///     alpha: 6.183,
    ///     a: 0.891,
    ///     b: 1.614,
    /// })?;
    /// let spend = GammaGamma::new(GammaGammaParameters {
    ///     currency: Currency::EUR,
    ///     p: 6.25,
    ///     q: 3.74,
    ///     gamma: 15.44,
    /// })?;
    /// let terms = ClvTerms::new(0.3, DiscountRate::annual(0.1)?)?.until(Span::years(3.0)?);
    /// let (recency, age) = ([30.0, 0.0, 30.0], [38.0, 38.0, 38.0]);
    /// let customers = SummaryColumns::new(TimeUnit::Week, &[2, 0, 2], &recency, &age)?;
    /// let alike = customers.distinct();
    /// assert_eq!(alike.len(), 2);
    /// let mut value = [0.0; 3];
    /// Clv::new(purchases, spend, terms)?.answers_merged(&alike, None, &mut value)?;
    /// assert!((value[0] - 33.904986).abs() < 1e-5);
    /// assert_eq!(value[2], value[0]);
    /// # Ok::<(), guanxi::Error>(())
    /// ```
    pub fn answers_merged(
        &self,
        customers: &DistinctSummaries,
        spend: Option<&SpendColumns<'_>>,
        out: &mut [f64],
    ) -> Result<(), AnswersError> {
        ColumnError::check_length("out", customers.customers(), out.len())?;
        self.check_spend(spend, out.len())?;
        self.merged(customers, spend, out).map_err(|error| {
            let row_of = customers.row_of().iter().map(|&row| row as usize);
            self.first_error(error, &customers.columns(), row_of, spend)
        })
    }

    /// The values of customers that were merged.
    fn merged(
        &self,
        customers: &DistinctSummaries,
        spend: Option<&SpendColumns<'_>>,
        out: &mut [f64],
    ) -> Result<(), AnswersError> {
        let of_customer = |error| match error {
            AnswersError::Row { row, reason } => AnswersError::Row {
                row: customers.first_of(row),
                reason,
            },
            other => other,
        };
        let mut purchases = vec![0.0; customers.len()];
        self.purchases
            .answers(&customers.columns(), self.purchases_asked(), &mut purchases)
            .map_err(of_customer)?;
        self.spend_of(spend, out)?;
        for (value, &row) in out.iter_mut().zip(customers.row_of()) {
            *value = self.terms.margin * *value * purchases[row as usize];
        }
        if self.cost > 0.0 {
            let lifetime = &mut purchases;
            self.purchases
                .answers(&customers.columns(), self.lifetime_asked(), lifetime)
                .map_err(of_customer)?;
            for (value, &row) in out.iter_mut().zip(customers.row_of()) {
                *value -= self.cost * lifetime[row as usize];
            }
        }
        Ok(())
    }

    /// What [`value`](Self::value) says of the first customer without one. An `error` may be of
    /// another: the questions that a value takes are asked of all customers one after the other.
    ///
    /// `row_of` and `spend` are in the order of the customers.
    fn first_error(
        &self,
        error: AnswersError,
        rows: &SummaryColumns<'_>,
        row_of: impl IntoIterator<Item = usize>,
        spend: Option<&SpendColumns<'_>>,
    ) -> AnswersError {
        if !matches!(error, AnswersError::Row { .. }) {
            return error;
        }
        // Other customers of a row that was asked about can only lack the spend.
        let mut is_answered = vec![false; rows.len()];
        let mut customers = row_of.into_iter().enumerate();
        let first = customers.find_map(|(customer, row)| {
            let spend = spend.and_then(|spend| spend.get(customer));
            let reason = if is_answered[row] {
                self.spend.posterior(spend.as_ref()).err()?
            } else {
                is_answered[row] = true;
                self.value_of(&rows.get(row)?, spend.as_ref()).err()?
            };
            Some(AnswersError::Row {
                row: customer,
                reason,
            })
        });
        first.unwrap_or(error)
    }

    fn purchases_asked(&self) -> PurchaseQuestion {
        PurchaseQuestion::DiscountedPurchases(self.terms.discount, self.terms.horizon)
    }

    fn lifetime_asked(&self) -> PurchaseQuestion {
        PurchaseQuestion::DiscountedLifetime(self.terms.discount, self.terms.horizon)
    }

    fn check_spend(
        &self,
        spend: Option<&SpendColumns<'_>>,
        rows: usize,
    ) -> Result<(), AnswersError> {
        let Some(columns) = spend else { return Ok(()) };
        ColumnError::check_length("spend", rows, columns.len())?;
        spend::check(self.spend.currency(), columns, rows)
    }

    /// The expected spend of each row, or that of the population.
    fn spend_of(
        &self,
        columns: Option<&SpendColumns<'_>>,
        out: &mut [f64],
    ) -> Result<(), AnswersError> {
        if let Some(columns) = columns {
            return self.spend.answers(columns, out);
        }
        if !out.is_empty() {
            let population = self
                .spend
                .posterior(None)
                .map_err(|reason| AnswersError::Row { row: 0, reason })?;
            out.fill(population.expected_spend());
        }
        Ok(())
    }
}
