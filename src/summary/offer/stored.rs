//! How the state is written down, and the doubts it is read with.

use chrono::{DateTime, Utc};
use smol_str::SmolStr;
use std::sync::Arc;

use super::{ByPromotion, OfferEvidence, Offers, PriceRow};
use crate::summary::SummaryError;
use crate::summary::decay::Decayed;

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PricesRow {
    #[serde(with = "crate::quantity::stored::shared_text")]
    category: Arc<str>,
    purchases: u64,
    means: [f64; 2],
    squares: [f64; 3],
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "OfferEvidence")]
pub(super) struct OfferRow {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<DateTime<Utc>>,
    #[serde(default)]
    faded: [f64; 4],
    #[serde(default)]
    discounted: u64,
    #[serde(default)]
    priced: u64,
    #[serde(default)]
    shown: ByPromotion,
    #[serde(default)]
    accepted: ByPromotion,
    #[serde(default)]
    ignored: ByPromotion,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    prices: Vec<PricesRow>,
}

impl From<OfferEvidence> for OfferRow {
    fn from(state: OfferEvidence) -> Self {
        let offers = state.0.map_or_else(Offers::default, |offers| *offers);
        let prices = offers.prices.into_iter().map(|row| PricesRow {
            category: row.category.into(),
            purchases: row.purchases,
            means: row.means,
            squares: row.squares,
        });
        Self {
            at: offers.faded.latest(),
            faded: offers.faded.sums(),
            discounted: offers.discounted,
            priced: offers.priced,
            shown: offers.shown,
            accepted: offers.accepted,
            ignored: offers.ignored,
            prices: prices.collect(),
        }
    }
}

impl PricesRow {
    fn fault(&self) -> Option<(&'static str, String)> {
        if !(1..=1 << 53).contains(&self.purchases) {
            let found = self.purchases.to_string();
            return Some(("prices of 1 to 2^53 purchases", found));
        }
        // The logarithms of what amounts and quantities can be, and as many squares of them.
        if !self.means.iter().all(|mean| mean.abs() <= 200.0) {
            return Some(("logarithms from -200 to 200", format!("{:?}", self.means)));
        }
        let [price, product, quantity] = self.squares;
        let most = self.purchases as f64 * 4e4;
        let sums = (0.0..=most).contains(&price) && (0.0..=most).contains(&quantity);
        let line = product.abs() <= (price * quantity).sqrt() * (1.0 + 1e-9) + 1e-9;
        let alone = self.purchases > 1 || (price <= 0.0 && quantity <= 0.0);
        if !(sums && line && alone) {
            let found = format!("{:?} of {}", self.squares, self.purchases);
            return Some(("squares that its purchases can make up", found));
        }
        None
    }
}

impl OfferRow {
    /// The rule that a stored state broke, if it broke one, and what was found.
    fn fault(&self) -> Option<(&'static str, String)> {
        let counts = [
            self.discounted,
            self.priced,
            self.shown.total(),
            self.accepted.total(),
            self.ignored.total(),
        ];
        if counts.iter().any(|count| *count > 1 << 53) || self.discounted > self.priced {
            let found = format!("{counts:?}");
            return Some((
                "at most 2^53 of each, and no more discounts than prices",
                found,
            ));
        }
        let occasions = self.shown.promotion + self.shown.regular;
        let most = [
            self.discounted,
            self.priced,
            self.shown.promotion,
            occasions,
        ];
        let weighs =
            |(faded, count): (&f64, u64)| (0.0..=count as f64 * (1.0 + 1e-9)).contains(faded);
        let [discounted, priced, promotions, shown] = self.faded;
        let ordered = discounted <= priced * (1.0 + 1e-9) && promotions <= shown * (1.0 + 1e-9);
        if !(self.faded.iter().zip(most).all(weighs) && ordered) {
            let found = format!("{:?} of {most:?}", self.faded);
            return Some(("faded counts from 0 to the counts", found));
        }
        if let Some(fault) = self.prices.iter().find_map(PricesRow::fault) {
            return Some(fault);
        }
        if !self
            .prices
            .is_sorted_by(|row, next| row.category < next.category)
        {
            let found = "others".to_owned();
            return Some(("categories in the order of their names, each once", found));
        }
        let fades = counts.iter().any(|count| *count > 0) || !self.prices.is_empty();
        if self.at.is_some() != fades {
            let found = format!("{:?}", self.at);
            return Some(("an instant exactly where something was observed", found));
        }
        None
    }
}

impl TryFrom<OfferRow> for OfferEvidence {
    type Error = SummaryError;

    fn try_from(row: OfferRow) -> Result<Self, SummaryError> {
        if let Some((expected, found)) = row.fault() {
            return Err(SummaryError::StoredState { expected, found });
        }
        let Some(at) = row.at else {
            return Ok(Self::EMPTY);
        };
        let prices = row.prices.into_iter().map(|row| PriceRow {
            category: SmolStr::from(row.category),
            purchases: row.purchases,
            means: row.means,
            squares: row.squares,
        });
        Ok(Self(Some(Box::new(Offers {
            faded: Decayed::from_stored(at, row.faded),
            discounted: row.discounted,
            priced: row.priced,
            shown: row.shown,
            accepted: row.accepted,
            ignored: row.ignored,
            prices: prices.collect(),
        }))))
    }
}
