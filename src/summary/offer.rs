//! How a customer answers to prices (价格与优惠): purchases at a discount, offers, and what was paid
//! for how much.

#[cfg(feature = "serde")]
mod stored;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use smol_str::SmolStr;

use crate::history::{Interaction, Kind, OfferEvent, Purchase};

use super::EvidencePolicy;
use super::decay::Decayed;

/// Numbers of offers by what they offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ByPromotion {
    /// A lower price than usual.
    pub promotion: u64,
    /// The usual price.
    pub regular: u64,
    /// It was not stated whether the price was lower.
    pub unstated: u64,
}

impl ByPromotion {
    fn count(&mut self, promotion: Option<bool>) {
        let place = match promotion {
            Some(true) => &mut self.promotion,
            Some(false) => &mut self.regular,
            None => &mut self.unstated,
        };
        *place = place.saturating_add(1);
    }

    fn add(&mut self, other: Self) {
        self.promotion = self.promotion.saturating_add(other.promotion);
        self.regular = self.regular.saturating_add(other.regular);
        self.unstated = self.unstated.saturating_add(other.unstated);
    }

    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        let stated = self.promotion.saturating_add(self.regular);
        stated.saturating_add(self.unstated)
    }
}

/// How much of one category of goods was bought at which prices: the sums of a line through the
/// logarithms of price and quantity.
#[derive(Debug, Clone, PartialEq)]
struct PriceRow {
    category: SmolStr,
    purchases: u64,
    /// Means of the logarithms of unit price and quantity.
    means: [f64; 2],
    /// Squares of price, products, squares of quantity, around those means.
    squares: [f64; 3],
}

impl PriceRow {
    /// Takes in others around their means (Chan, Golub & `LeVeque` 1983): no large sums cancel.
    fn add(&mut self, other: &Self) {
        let (ours, theirs) = (self.purchases as f64, other.purchases as f64);
        let all = ours + theirs;
        let dx = other.means[0] - self.means[0];
        let dy = other.means[1] - self.means[1];
        let weight = ours / all * theirs;
        let apart = [dx * dx, dx * dy, dy * dy];
        for ((sum, more), apart) in self.squares.iter_mut().zip(other.squares).zip(apart) {
            *sum += more + apart * weight;
        }
        for (mean, difference) in self.means.iter_mut().zip([dx, dy]) {
            *mean += difference * (theirs / all);
        }
        self.purchases = self.purchases.saturating_add(other.purchases);
    }
}

/// What was paid for how much, within categories of goods: the sums that an elasticity is made of.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct PriceVariation {
    /// Purchases whose category, quantity and price are known.
    pub purchases: u64,
    /// In how many categories they are; each has a level of its own.
    pub categories: u64,
    /// Squares of the logarithms of unit prices around the mean of their category.
    pub price_squares: f64,
    /// Products of the logarithms of unit prices and quantities, around those means.
    pub products: f64,
    /// Squares of the logarithms of quantities, around those means.
    pub quantity_squares: f64,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Offers {
    /// Purchases at a discount, purchases whose price is known, promotions shown, offers shown.
    faded: Decayed<4>,
    discounted: u64,
    priced: u64,
    shown: ByPromotion,
    accepted: ByPromotion,
    ignored: ByPromotion,
    /// Sorted by category.
    prices: Vec<PriceRow>,
}

/// How a customer answers to prices and offers (优惠证据).
///
/// A purchase tells whether it was at a discount if it states a discount or a list price; one that
/// states neither is not counted, for what was not stated is not a full price. An offer that was
/// shown is an occasion, and a promotion an occasion with a discount on offer. A purchase of a known
/// category and quantity tells what was bought at which price.
///
/// Counts are exact, and kept a second time fading by a [half-life](EvidencePolicy::offers); order
/// and sharding of the events change only last digits. A customer of whom nothing of this is known
/// costs 8 bytes.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{CustomerId, Interaction, InteractionId, Kind, Offer, OfferEvent, Purchase};
/// use guanxi::quantity::{Currency, Money};
/// use guanxi::summary::{EvidencePolicy, OfferEvidence};
///
/// let eur = |text| Money::parse(text, Currency::EUR);
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let told: [Kind; 4] = [
///     Purchase::new(eur("8")?)?.with_list_price(eur("10")?)?.into(),
///     Purchase::new(eur("10")?)?.with_list_price(eur("10")?)?.into(),
///     Purchase::new(eur("10")?)?.into(), // says nothing of a discount
///     Offer::new(OfferEvent::Shown).with_promotion(true).into(),
/// ];
/// let log = told.into_iter().zip(0..).map(|(kind, n)| {
///     let id = InteractionId::new(format!("i-{n}"))?;
///     Interaction::new(id, CustomerId::new("c-1")?, day(n), kind)
/// });
/// let log = log.collect::<Result<Vec<_>, _>>()?;
/// let offers = OfferEvidence::from_interactions(&log, day(9), &EvidencePolicy::default());
/// assert_eq!((offers.discounted(), offers.priced()), (1, 2));
/// assert_eq!(offers.shown().promotion, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::OfferRow", into = "stored::OfferRow")
)]
pub struct OfferEvidence(Option<Box<Offers>>);

fn fade(policy: &EvidencePolicy) -> impl Fn(f64) -> [f64; 4] {
    let half_life = policy.offers();
    move |seconds| [half_life.fade(seconds); 4]
}

/// Whether a purchase was at a discount; `None` if it does not say.
fn discounted(purchase: &Purchase) -> Option<bool> {
    let taken_off = purchase.discount().map(|discount| !discount.is_zero());
    let below_list = purchase
        .list_price()
        .map(|list| purchase.amount().amount() < list.amount());
    match (taken_off, below_list) {
        (Some(one), Some(other)) => Some(one || other),
        (one, other) => one.or(other),
    }
}

fn to_f64(number: Decimal) -> f64 {
    // At most 28 decimal places, by which powers of ten divide with one rounding more.
    let scale = i32::try_from(number.scale()).unwrap_or(0);
    number.mantissa() as f64 / 10_f64.powi(scale)
}

/// The price and quantity of a purchase; `None` unless category and quantity are stated and it was
/// neither free nor of nothing.
fn price(purchase: &Purchase) -> Option<PriceRow> {
    let (category, quantity) = (purchase.category()?, to_f64(purchase.quantity()?));
    let paid = purchase.amount().to_f64();
    (quantity > 0.0 && paid > 0.0).then(|| PriceRow {
        category: SmolStr::new(category),
        purchases: 1,
        means: [paid.ln() - quantity.ln(), quantity.ln()],
        squares: [0.0; 3],
    })
}

impl OfferEvidence {
    /// Nothing observed; nothing allocated.
    pub const EMPTY: Self = Self(None);

    /// Whether a purchase says anything that is kept here.
    pub(super) fn reads(purchase: &Purchase) -> bool {
        let price = purchase.category().is_some() && purchase.quantity().is_some();
        price || purchase.discount().is_some() || purchase.list_price().is_some()
    }

    /// Takes in one interaction; those that say nothing of prices and offers change nothing.
    pub(super) fn observe(&mut self, interaction: &Interaction, policy: &EvidencePolicy) {
        let at = interaction.occurred_at();
        match interaction.kind() {
            Kind::Purchase(purchase) if Self::reads(purchase) => {
                let (bargain, row) = (discounted(purchase), price(purchase));
                if bargain.is_none() && row.is_none() {
                    return;
                }
                let offers = self.0.get_or_insert_default();
                let flag = |is: bool| f64::from(u8::from(is));
                let is_bargain = bargain == Some(true);
                let amounts = [flag(is_bargain), flag(bargain.is_some()), 0.0, 0.0];
                offers.faded.add(at, amounts, fade(policy));
                offers.discounted += u64::from(is_bargain);
                offers.priced += u64::from(bargain.is_some());
                if let Some(row) = row {
                    offers.price(&row);
                }
            }
            Kind::Offer(offer) => {
                let offers = self.0.get_or_insert_default();
                let promotion = offer.promotion();
                let mut amounts = [0.0; 4];
                match offer.event() {
                    OfferEvent::Shown => {
                        offers.shown.count(promotion);
                        if let Some(promotion) = promotion {
                            amounts = [0.0, 0.0, f64::from(u8::from(promotion)), 1.0];
                        }
                    }
                    OfferEvent::Accepted => offers.accepted.count(promotion),
                    OfferEvent::Ignored => offers.ignored.count(promotion),
                }
                offers.faded.add(at, amounts, fade(policy));
            }
            _ => {}
        }
    }

    /// Takes in what another state observed of other events. Associative and commutative; exact
    /// for counts, and but for the last digits for what fades and for prices.
    pub(super) fn merge(&mut self, other: &Self, policy: &EvidencePolicy) {
        let Some(theirs) = &other.0 else {
            return;
        };
        let Some(ours) = &mut self.0 else {
            self.0 = Some(theirs.clone());
            return;
        };
        ours.faded.merge(&theirs.faded, fade(policy));
        ours.discounted = ours.discounted.saturating_add(theirs.discounted);
        ours.priced = ours.priced.saturating_add(theirs.priced);
        ours.shown.add(theirs.shown);
        ours.accepted.add(theirs.accepted);
        ours.ignored.add(theirs.ignored);
        for row in &theirs.prices {
            ours.price(row);
        }
    }

    /// The state as of an instant that is not before the latest event.
    pub(super) fn faded_to(&self, as_of: DateTime<Utc>, policy: &EvidencePolicy) -> Self {
        Self(self.0.as_ref().map(|offers| {
            Box::new(Offers {
                faded: offers.faded.faded_to(as_of, fade(policy)),
                ..(**offers).clone()
            })
        }))
    }

    /// Whether nothing was observed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The instant of the latest event, or a later one that the state was
    /// faded to; `None` without any.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.0.as_ref().and_then(|offers| offers.faded.latest())
    }

    /// How many purchases were at a discount.
    #[must_use]
    #[doc(alias = "k")]
    pub fn discounted(&self) -> u64 {
        self.0.as_ref().map_or(0, |offers| offers.discounted)
    }

    /// Of how many purchases it is known whether they were at a discount.
    #[must_use]
    #[doc(alias = "n")]
    pub fn priced(&self) -> u64 {
        self.0.as_ref().map_or(0, |offers| offers.priced)
    }

    /// Fading counts of the purchases at a discount, and of those of which it is known.
    #[must_use]
    pub fn discounted_faded(&self) -> (f64, f64) {
        let offers = self.0.as_ref();
        let [discounted, priced, ..] = offers.map_or([0.0; 4], |offers| offers.faded.sums());
        (discounted, priced)
    }

    /// Fading counts of the promotions shown, and of the offers shown of which it is known whether
    /// they were promotions.
    #[must_use]
    pub fn shown_faded(&self) -> (f64, f64) {
        let offers = self.0.as_ref();
        let [.., promotions, shown] = offers.map_or([0.0; 4], |offers| offers.faded.sums());
        (promotions, shown)
    }

    /// Offers that were put before the customer: occasions.
    #[must_use]
    pub fn shown(&self) -> ByPromotion {
        self.count(|offers| offers.shown)
    }

    /// Offers that the customer took up.
    #[must_use]
    pub fn accepted(&self) -> ByPromotion {
        self.count(|offers| offers.accepted)
    }

    /// Offers that the customer let pass.
    #[must_use]
    pub fn ignored(&self) -> ByPromotion {
        self.count(|offers| offers.ignored)
    }

    fn count(&self, which: impl Fn(&Offers) -> ByPromotion) -> ByPromotion {
        self.0.as_deref().map(which).unwrap_or_default()
    }

    /// What was paid for how much, over all categories of goods.
    #[must_use]
    pub fn price_variation(&self) -> PriceVariation {
        let rows = self.0.iter().flat_map(|offers| &offers.prices);
        rows.fold(PriceVariation::default(), |sums, row| {
            let [price, product, quantity] = row.squares;
            PriceVariation {
                purchases: sums.purchases.saturating_add(row.purchases),
                categories: sums.categories + 1,
                price_squares: sums.price_squares + price,
                products: sums.products + product,
                quantity_squares: sums.quantity_squares + quantity,
            }
        })
    }
}

impl Offers {
    fn price(&mut self, row: &PriceRow) {
        let place = self
            .prices
            .binary_search_by(|known| known.category.cmp(&row.category));
        match place {
            Ok(place) => {
                if let Some(known) = self.prices.get_mut(place) {
                    known.add(row);
                }
            }
            Err(place) => self.prices.insert(place, row.clone()),
        }
    }
}
