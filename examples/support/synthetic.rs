//! A synthetic log of a firm and its business customers, of which the truth is known.
//!
//! [`generate`] is a pure function of a seed, a number of customers and a number of years. It first
//! draws the [`Truth`] of each customer (how often it buys, how far the firm deserves its trust, how
//! it feels, what it needs), and then what would be seen of that truth: interactions of every kind.
//! An estimate made from the interactions can then be held against the truth behind them.
//!
//! It is written against the public API of the crate alone. Every latent number is rounded before
//! anything is drawn with it, and every number that is written is rounded to few decimals, so that
//! the last bits of a logarithm, which differ by platform, do not show: the same seed gives the same
//! bytes.
//!
//! # What is drawn from what
//!
//! | seen | drawn from |
//! |---|---|
//! | purchases | a Poisson process of [`Buying::purchases_per_year`] while [`Truth::is_active`]; the first on the day the customer joined |
//! | dropout | exponential with [`Buying::dropout_per_year`] |
//! | amounts | Gamma–Gamma: each amount is gamma with shape [`SPEND_SHAPE`] and mean [`Buying::mean_spend`]; cost is `1 − margin_rate` of it |
//! | categories of purchases and of observed preferences | [`Needs::at`] the day |
//! | promise kept | [`Facets::of`] the stated facet, stated with weights .2 .2 .6 |
//! | delivery on time and sound | .8 ability + .2 integrity; of the failures three in four are late |
//! | complaint | with [`COMPLAINT_AFTER_FAILURE`] after a failed delivery or a broken promise |
//! | quality of its settlement | of ten steps, each with probability .4 ability + .4 benevolence + .2 integrity |
//! | refund honoured | .1 ability + .4 benevolence + .5 integrity |
//! | reply in time | .7 ability + .3 benevolence |
//! | survey item on trust, from 1 to 7 | of six steps, each with the probability of its facet |
//! | payment on time, customer's promise kept | [`Truth::payment_reliability`] |
//! | NPS, CSAT, CES, stars, affect items, sentiment, notes, rated contacts | [`Feeling::at`] the day as their mean, with the variance of the instrument: [`AnswerNoise`] |
//! | renewal | the logistic [`RENEWAL`] link of mean trust, feeling and price gap |
//! | ideas | a Poisson process; quality of ten steps, each with [`Knowledge::idea_quality`] |
//! | recommendations | a Poisson process of [`Truth::referrals_per_year`], and those in [`Truth::referred_by`] |
//! | alignment of goals | of ten steps, each with the probability of benevolence |
//! | an offer taken up | .15 and up to .3 more, by feeling |
//! | profile fields | right when recorded with the stated reliability, and wrong for good after an exponential time: [`FieldTruth`] |
//!
//! Only where a payload states nothing of how it felt does the default valence of its kind stand,
//! which no feeling was drawn for. The survey items on benefit, sacrifice, importance, alternatives,
//! switching cost and share of wallet, and every amount but those of orders, rest on nothing. Consents, referrals, renewals and disclosed fields are seen only
//! where the customer acted, so as evidence of trust they are not a fair sample of it.

#[path = "synthetic/bonds.rs"]
mod bonds;
#[path = "synthetic/draws.rs"]
mod draws;
#[path = "synthetic/journal.rs"]
mod journal;
#[path = "synthetic/knowledge.rs"]
mod knowledge;
#[path = "synthetic/latent.rs"]
mod latent;
#[path = "synthetic/service.rs"]
mod service;
#[path = "synthetic/trade.rs"]
mod trade;
#[path = "synthetic/truth.rs"]
mod truth;
#[path = "synthetic/voice.rs"]
mod voice;

use guanxi::chrono::{DateTime, TimeDelta, Utc};
use guanxi::history::{HistoryError, Interaction};

use draws::{Draws, Topic, whole};
use journal::{Journal, finish};

pub(crate) use truth::{
    Absence, Buying, CATEGORIES, Facets, Feeling, FieldTruth, Knowledge, Needs, NeedsChange,
    RENEWAL, Renewal, RenewalLink, Story, TrustChange, Truth,
};
pub(crate) use voice::AnswerNoise;

/// The seed of the shipped log.
pub(crate) const SHIPPED_SEED: u64 = 20_220_101;
/// How many customers the shipped log has.
pub(crate) const SHIPPED_CUSTOMERS: usize = 40;
/// How many years the shipped log covers.
pub(crate) const SHIPPED_YEARS: u32 = 2;
/// Days of a year of the log.
pub(crate) const DAYS_PER_YEAR: f64 = 365.0;
/// Shape of the gamma distribution of the amounts of one customer.
pub(crate) const SPEND_SHAPE: f64 = 6.0;
/// Share of failed deliveries and broken promises that the customer complains of.
pub(crate) const COMPLAINT_AFTER_FAILURE: f64 = 0.4;

/// 2022-01-01T00:00:00Z, in seconds since the epoch.
const START: i64 = 1_640_995_200;

/// Customers with their truth, and what was seen of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Synthetic {
    /// What lies behind the interactions, one customer an item, in the order of their numbers.
    pub(crate) truths: Vec<Truth>,
    /// What happened, in the order in which it became known; ids ascend.
    ///
    /// Most is known when it occurs. What is recorded late stands where it was recorded, so that the
    /// log only ever grows at its end.
    pub(crate) interactions: Vec<Interaction>,
}

/// The log of `customers` business customers over `years` years, and the truth behind it.
///
/// Customers are named `customer-01` and so on. Of every forty, eight have a [`Story`] of their own,
/// at fixed places.
///
/// # Errors
///
/// [`HistoryError`] if a drawn value were outside its range, which no seed leads to.
pub(crate) fn generate(seed: u64, customers: usize, years: u32) -> Result<Synthetic, HistoryError> {
    let days = DAYS_PER_YEAR * f64::from(years);
    let mut truths = (0..customers)
        .map(|number| latent::draw(seed, number, days))
        .collect::<Result<Vec<_>, _>>()?;
    latent::refer(seed, &mut truths);
    let mut journals = Vec::with_capacity(customers);
    for (number, truth) in truths.iter().enumerate() {
        let draws = |topic| Draws::new(seed, number, topic);
        let mut journal = Journal::new(truth.customer.clone(), days);
        trade::orders(truth, days, &mut draws(Topic::Orders), &mut journal)?;
        if truth.story != Story::PurchasesOnly {
            trade::quotes(truth, days, &mut draws(Topic::Quotes), &mut journal)?;
            trade::contracts(truth, &mut journal)?;
            service::promises(truth, days, &mut draws(Topic::Promises), &mut journal)?;
            service::contacts(truth, days, &mut draws(Topic::Contacts), &mut journal)?;
            voice::surveys(truth, days, &mut draws(Topic::Surveys), &mut journal)?;
            voice::opinions(truth, days, &mut draws(Topic::Opinions), &mut journal)?;
            knowledge::consents(truth, &mut draws(Topic::Consents), &mut journal);
            knowledge::profile(truth, &mut journal)?;
            knowledge::ideas(truth, days, &mut draws(Topic::Ideas), &mut journal)?;
            bonds::partnership(truth, days, &mut draws(Topic::Bonds), &mut journal)?;
            bonds::programme(truth, days, &mut draws(Topic::Programme), &mut journal)?;
            bonds::endings(truth, &mut draws(Topic::Endings), &mut journal);
        }
        journals.push(journal);
    }
    bonds::referrals(seed, &truths, days, &mut journals)?;
    Ok(Synthetic {
        interactions: finish(journals)?,
        truths,
    })
}

/// The instant of a day of the log, counted from 0 with fractions.
///
/// Business is done from 8 to 18 o'clock, so a fraction of a day is a fraction of those hours; the
/// instant is rounded to five minutes.
pub(crate) fn instant(day: f64) -> DateTime<Utc> {
    let steps = whole((day - day.floor()) * 120.0).min(119);
    at(86_400 * whole(day.floor()) + 8 * 3_600 + 300 * steps)
}

/// The end of a log of so many years: nothing is recorded later.
pub(crate) fn end_of(years: u32) -> DateTime<Utc> {
    at(86_400 * whole(DAYS_PER_YEAR * f64::from(years)))
}

/// The day of an instant, with fractions, for [`Feeling::at`] and its like: the inverse of
/// [`instant`], to the five minutes it rounds to. A night belongs to neither day: before 8 o'clock the
/// day has not begun, and after 18 o'clock it is over.
pub(crate) fn day_of(instant: DateTime<Utc>) -> f64 {
    let seconds = (instant - at(0)).num_seconds();
    let of_day = seconds.rem_euclid(86_400) - 8 * 3_600;
    seconds.div_euclid(86_400) as f64 + (of_day as f64 / 36_000.0).clamp(0.0, 1.0)
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(START + seconds)
}

/// Interactions as JSON Lines.
///
/// # Errors
///
/// What the writer of JSON says, which no interaction leads to.
pub(crate) fn log_lines(interactions: &[Interaction]) -> serde_json::Result<String> {
    lines(interactions)
}

/// Truths as JSON Lines.
///
/// # Errors
///
/// What the writer of JSON says, which no truth leads to.
pub(crate) fn truth_lines(truths: &[Truth]) -> serde_json::Result<String> {
    lines(truths)
}

fn lines<T: serde::Serialize>(items: &[T]) -> serde_json::Result<String> {
    let mut text = String::new();
    for item in items {
        text.push_str(&serde_json::to_string(item)?);
        text.push('\n');
    }
    Ok(text)
}
