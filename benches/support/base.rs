//! What a whole base is asked: each distinct row once, and every customer gets the answer of its row.

use guanxi::model::{Clv, ClvTerms, PurchaseModel, PurchaseQuestion, SpendModel};
use guanxi::quantity::{DiscountRate, Span, TimeUnit};
use guanxi::summary::{DistinctSummaries, SpendColumns, SummaryColumns};

use super::{bg_nbd, gamma_gamma};

/// Weeks of a month, and its discount, as lifetimes counts them by default.
const MONTH: f64 = 4.345;
const MONTHLY: f64 = 0.01;

/// Merged rows, and room for their answers and those of the customers.
pub(crate) struct Merged {
    distinct: DistinctSummaries,
    by_row: Vec<f64>,
    by_customer: Vec<f64>,
}

impl Merged {
    pub(crate) fn of(customers: &SummaryColumns<'_>) -> Self {
        let distinct = customers.distinct();
        Self {
            by_row: vec![0.0; distinct.len()],
            by_customer: vec![0.0; distinct.customers()],
            distinct,
        }
    }

    /// Each customer's answer.
    pub(crate) fn ask(&mut self, model: &impl PurchaseModel, question: PurchaseQuestion) {
        let rows = self.distinct.columns();
        model.answers(&rows, question, &mut self.by_row).unwrap();
        self.gather();
    }

    /// Each customer's value in the coming year, its purchases discounted from their instants.
    pub(crate) fn value(&mut self, spend: &SpendColumns<'_>) {
        let rate = DiscountRate::continuous(MONTHLY.ln_1p() / MONTH, TimeUnit::Week).unwrap();
        let terms = ClvTerms::new(1.0, rate).unwrap();
        let terms = terms.until(Span::weeks(12.0 * MONTH).unwrap());
        Clv::new(bg_nbd(), gamma_gamma(), terms)
            .unwrap()
            .answers_merged(&self.distinct, Some(spend), &mut self.by_customer)
            .unwrap();
    }

    /// The same with the purchases of each month discounted from its end, as lifetimes does it.
    pub(crate) fn value_by_months(&mut self, spend: &SpendColumns<'_>) {
        let model = bg_nbd();
        let rows = self.distinct.columns();
        let mut until = vec![0.0; rows.len()];
        let mut before = vec![0.0; rows.len()];
        self.by_row.fill(0.0);
        for month in 1..=12 {
            let span = Span::weeks(MONTH * f64::from(month)).unwrap();
            let question = PurchaseQuestion::ExpectedPurchases(span);
            model.answers(&rows, question, &mut until).unwrap();
            let discount = (1.0 + MONTHLY).powi(-month);
            for ((sum, until), before) in self.by_row.iter_mut().zip(&until).zip(&mut before) {
                *sum += discount * (until - *before);
                *before = *until;
            }
        }
        self.gather();
        let mut expected = vec![0.0; spend.len()];
        gamma_gamma().answers(spend, &mut expected).unwrap();
        for (value, spend) in self.by_customer.iter_mut().zip(&expected) {
            *value *= spend;
        }
    }

    fn gather(&mut self) {
        self.distinct
            .gather(&self.by_row, &mut self.by_customer)
            .unwrap();
    }

    pub(crate) fn into_answers(self) -> Vec<f64> {
        self.by_customer
    }
}
