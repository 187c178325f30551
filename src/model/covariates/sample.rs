//! Customers with covariates: those who share all values in one sample.

use std::collections::BTreeMap;

use crate::summary::RfmSummary;

use super::super::fit::{FitError, Sample};
use super::super::purchase::PurchaseSample;
#[cfg(feature = "simulate")]
use super::super::resample::Resample;
use super::CovariateError;
use super::design::{Covariate, check_names, check_values};

/// Customers with the values of their covariates, to fit a
/// [`WithCovariates`](super::WithCovariates) to.
///
/// `S` is the sample that the plain model is fitted to. Every customer has a number for every
/// covariate, whether a design uses it or not; a missing value is not a 0 and is refused. A category
/// is so many indicators, 0 or 1, less one.
///
/// # Examples
///
/// ```
/// use guanxi::model::{CovariateSample, PurchaseSample};
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::RfmSummary;
///
/// let mut sample = CovariateSample::<PurchaseSample>::new(["online", "age"])?;
/// let customer = RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?;
/// sample.add(&customer, &[1.0, 34.0], 1.0)?;
/// assert_eq!(
///     sample.add(&customer, &[1.0, f64::NAN], 1.0).map_err(|error| error.to_string()),
///     Err("covariate `age` in row 2 must be a number from -1e300 to 1e300, got NaN".to_owned())
/// );
/// assert_eq!(
///     sample.add(&customer, &[1.0], 1.0).map_err(|error| error.to_string()),
///     Err("a customer has 2 covariates, `online`, `age`, got 1 values".to_owned())
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CovariateSample<S = PurchaseSample> {
    covariates: Vec<Covariate>,
    empty: S,
    groups: BTreeMap<Vec<u64>, S>,
    /// Rows asked for, those refused included.
    rows: u64,
}

impl<S: Clone> CovariateSample<S> {
    /// An empty sample of customers with these covariates, in this order.
    ///
    /// # Errors
    ///
    /// [`CovariateError`] if a name is empty or there twice.
    pub fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, CovariateError>
    where
        S: Default,
    {
        Self::of(S::default(), names)
    }

    /// The same for samples that are not all alike when empty, such as a
    /// [`TransactionSpendSample`](super::super::TransactionSpendSample) in its currency.
    ///
    /// # Errors
    ///
    /// [`CovariateError`] if a name is empty or there twice.
    pub fn of(
        empty: S,
        names: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self, CovariateError> {
        let covariates: Vec<Covariate> = names
            .into_iter()
            .map(Covariate::new)
            .collect::<Result<_, _>>()?;
        check_names(&covariates)?;
        Ok(Self {
            covariates,
            empty,
            groups: BTreeMap::new(),
            rows: 0,
        })
    }

    /// The sample of the customers with these values, to add to; each call is a row of its own in
    /// what errors say.
    ///
    /// # Errors
    ///
    /// [`CovariateError`] unless there is one number for each covariate.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::model::{CovariateSample, TransactionSpendSample};
    /// use guanxi::quantity::Currency;
    /// use guanxi::summary::SpendBasis;
    ///
    /// let empty = TransactionSpendSample::new(Currency::EUR, SpendBasis::AllTransactions);
    /// let mut sample = CovariateSample::of(empty, ["online"])?;
    /// sample.at(&[1.0])?.add(&[20.0, 31.5], 1.0)?;
    /// sample.at(&[0.0])?.add(&[25.0], 1.0)?;
    /// assert_eq!(sample.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn at(&mut self, z: &[f64]) -> Result<&mut S, CovariateError> {
        self.rows += 1;
        check_values(&self.covariates, z, Some(self.rows))?;
        let key = Self::key(z);
        let empty = &self.empty;
        Ok(self.groups.entry(key).or_insert_with(|| empty.clone()))
    }

    /// Adds `weight` customers with this summary and these values of the covariates.
    ///
    /// # Errors
    ///
    /// - [`FitError::Covariate`] unless there is one number for each covariate.
    /// - As [`Sample::add`] otherwise.
    pub fn add(&mut self, customer: &RfmSummary, z: &[f64], weight: f64) -> Result<(), FitError>
    where
        S: Sample,
    {
        let before = self.groups.len();
        let added = self.at(z)?.add(customer, weight);
        if added.is_err() && self.groups.len() > before {
            // Nobody is in the group that was made for the customer.
            let key = Self::key(z);
            self.groups.remove(&key);
        }
        added
    }

    /// What customers with equal covariates share; a negative zero is a plain one.
    fn key(z: &[f64]) -> Vec<u64> {
        z.iter().map(|z| (z + 0.0).to_bits()).collect()
    }

    /// Names of the covariates, in the order of a customer's values.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.covariates.iter().map(Covariate::name)
    }

    /// Number of different sets of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    pub(super) fn covariates(&self) -> &[Covariate] {
        &self.covariates
    }

    /// The values with the customers who have them, always in the same order.
    pub(super) fn groups(&self) -> impl Iterator<Item = (impl Iterator<Item = f64>, &S)> {
        let groups = self.groups.iter();
        groups.map(|(key, sample)| (key.iter().map(|&bits| f64::from_bits(bits)), sample))
    }

    /// What a sample without customers is like.
    pub(super) fn empty(&self) -> &S {
        &self.empty
    }
}

/// Customers keep the values of their covariates.
#[cfg(feature = "simulate")]
impl<S: Resample + Clone> Resample for CovariateSample<S> {
    fn sorted(&self) -> Self {
        let groups = self.groups.iter();
        Self {
            groups: groups
                .map(|(z, group)| (z.clone(), group.sorted()))
                .collect(),
            ..self.clone()
        }
    }

    fn weights(&self) -> Vec<f64> {
        self.groups.values().flat_map(Resample::weights).collect()
    }

    fn reweighted(&self, weights: &[f64]) -> Self {
        let mut rest = weights;
        let mut groups = BTreeMap::new();
        for (z, group) in &self.groups {
            let (own, others) = rest.split_at(group.weights().len().min(rest.len()));
            rest = others;
            // Nobody with these values was drawn.
            if own.iter().any(|&weight| weight > 0.0) {
                groups.insert(z.clone(), group.reweighted(own));
            }
        }
        Self {
            groups,
            ..self.clone()
        }
    }
}
