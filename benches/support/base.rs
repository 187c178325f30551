//! What a whole base is asked: each distinct row once, and every customer gets the answer of its row.

use guanxi::model::PurchaseModel;
use guanxi::quantity::{DiscountRate, Horizon, Span, TimeUnit};
use guanxi::summary::{DistinctSummaries, SpendColumns, SummaryColumns};

use super::gamma_gamma;
use super::pending::{Answers, PurchaseQuestion, SpendAnswers};

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
    pub(crate) fn ask<M: PurchaseModel>(&mut self, model: &M, question: PurchaseQuestion) {
        let rows = self.distinct.columns();
        model.answers(&rows, question, &mut self.by_row).unwrap();
        self.gather();
    }

    /// Each customer's expected purchases of a year, discounted from their instants.
    pub(crate) fn discounted_year<M: PurchaseModel>(&mut self, model: &M) {
        let rate = DiscountRate::continuous(MONTHLY.ln_1p() / MONTH, TimeUnit::Week).unwrap();
        let year = Horizon::Finite(Span::weeks(12.0 * MONTH).unwrap());
        self.ask(model, PurchaseQuestion::DiscountedPurchases(rate, year));
    }

    /// The same by months, the purchases of each discounted from its end, as lifetimes does it.
    pub(crate) fn year_by_months<M: PurchaseModel>(&mut self, model: &M) {
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
    }

    /// Multiplies each customer's answer by the spend that Gamma–Gamma expects of a purchase.
    pub(crate) fn times_spend(&mut self, spend: &SpendColumns<'_>) {
        let mut expected = vec![0.0; spend.len()];
        gamma_gamma().answers(spend, &mut expected).unwrap();
        for (answer, spend) in self.by_customer.iter_mut().zip(&expected) {
            *answer *= spend;
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
