//! What the sector examples share: seeded draws, a log that numbers its events, and how estimates
//! are told.
//!
//! The customers of these examples are made up. What each was drawn from is known, so that an
//! example can hold its answer against the truth.

#[path = "text.rs"]
mod text;

use std::error::Error;

use guanxi::chrono::{DateTime, TimeDelta, Utc};
use guanxi::history::{
    AsOf, CustomerId, Interaction, InteractionId, Kind, Promise, PromiseEvent, Purpose,
};
use guanxi::model::{
    Clv, ClvTerms, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters, RandomStream,
};
use guanxi::quantity::{
    Currency, DiscountRate, Estimate, Interval, Money, Probability, QuantityError, TimeUnit,
};
use guanxi::summary::{CustomerBase, CustomerSummary, SummaryPolicy};

pub(crate) use text::{Columns, grouped, rounded};

/// What can go wrong in an example.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// Level of every interval that is told.
pub(crate) const LEVEL: Probability = Probability::NINETY_FIVE_PERCENT;

/// Seeded draws, a stream for each customer: what one does never depends on the others.
#[derive(Debug)]
pub(crate) struct Draws(RandomStream);

impl Draws {
    /// The stream of a customer under a seed.
    pub(crate) fn new(seed: u64, customer: u64) -> Self {
        Self(RandomStream::new(seed, customer))
    }

    /// Whether something of probability `p` happens.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.0.uniform() < p
    }

    /// A number from `low` to `high`, each as likely as the other.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.uniform()
    }

    /// A draw from the normal distribution.
    pub(crate) fn normal(&mut self, mean: f64, sd: f64) -> f64 {
        mean + sd * self.0.normal()
    }

    /// A draw from the exponential distribution with mean 1.
    pub(crate) fn exponential(&mut self) -> f64 {
        self.0.exponential()
    }

    /// A whole number below this one, each as likely as the other.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few, at or above 0"
    )]
    pub(crate) fn below(&mut self, number: usize) -> usize {
        (number as f64 * self.0.uniform()) as usize
    }

    /// A draw from the gamma distribution with this whole shape and scale 1.
    pub(crate) fn gamma(&mut self, shape: u32) -> f64 {
        (0..shape).map(|_| self.0.exponential()).sum()
    }

    /// An answer on a scale of whole numbers, near `mean`.
    #[allow(clippy::cast_possible_truncation, reason = "rounded, and on the scale")]
    pub(crate) fn answer(&mut self, mean: f64, scale: (i32, i32)) -> i32 {
        let given = self.normal(mean, 1.0).round();
        given.clamp(scale.0.into(), scale.1.into()) as i32
    }

    /// When something happens between `from` and `to` that comes at random, every `gap` on average.
    pub(crate) fn arrivals(&mut self, gap: f64, from: f64, to: f64) -> Vec<f64> {
        let mut times = Vec::new();
        let mut time = from + gap * self.0.exponential();
        while time < to {
            times.push(time);
            time += gap * self.0.exponential();
        }
        times
    }
}

/// The probability of which `log_odds` are the log-odds.
pub(crate) fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// The instant so many days after 2024-01-01T00:00:00Z, with fractions, to the second.
#[allow(
    clippy::cast_possible_truncation,
    reason = "a few years in seconds are far below 2^53"
)]
pub(crate) fn day(days: f64) -> DateTime<Utc> {
    let start = DateTime::UNIX_EPOCH + TimeDelta::days(19_723);
    start + TimeDelta::seconds((days * 86_400.0).round() as i64)
}

/// The name of a customer of whom the number is known: `word-0042`.
pub(crate) fn named(word: &str, number: u64) -> Outcome<CustomerId> {
    Ok(CustomerId::new(format!("{word}-{number:04}"))?)
}

/// What happened, in the order it was written down.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    first: usize,
    events: Vec<Interaction>,
}

impl Log {
    /// A log that numbers its events from here on, where another of the same customer has those
    /// before.
    pub(crate) fn from_place(first: usize) -> Self {
        let events = Vec::new();
        Self { first, events }
    }

    /// Writes down an event and names it after its customer and its place; `days` are counted as in
    /// [`day`].
    pub(crate) fn add(
        &mut self,
        who: &CustomerId,
        days: f64,
        kind: impl Into<Kind>,
    ) -> Outcome<()> {
        let id = InteractionId::new(format!("{who}-{:05}", self.first + self.events.len()))?;
        let event = Interaction::new(id, who.clone(), day(days), kind)?;
        self.events.push(event);
        Ok(())
    }

    /// The same with more said of it, such as when it was recorded or who began it.
    pub(crate) fn add_as(
        &mut self,
        who: &CustomerId,
        days: f64,
        kind: impl Into<Kind>,
        more: impl FnOnce(Interaction) -> Interaction,
    ) -> Outcome<()> {
        self.add(who, days, kind)?;
        let event = self.events.pop().map(more);
        self.events.extend(event);
        Ok(())
    }

    /// All of it.
    pub(crate) fn events(&self) -> &[Interaction] {
        &self.events
    }

    /// What had happened by the end of a day.
    pub(crate) fn until(&self, days: f64) -> impl Iterator<Item = &Interaction> {
        let events = self.events.iter();
        events.filter(move |event| event.occurred_at() <= day(days))
    }
}

/// What is known of everybody at the end of a day, in the order of names.
pub(crate) fn summaries(log: &Log, days: f64) -> Outcome<Vec<CustomerSummary>> {
    let mut base = CustomerBase::new(SummaryPolicy::default());
    base.observe_all(log.until(days))?;
    Ok(base.summaries(day(days)).collect::<Result<_, _>>()?)
}

/// Whether a customer agrees to something.
pub(crate) fn permits(customer: &CustomerSummary, purpose: Purpose, days: f64) -> bool {
    let consent = customer.consent();
    consent.is_some_and(|consent| consent.permits(purpose, AsOf::at(day(days))))
}

/// An amount in euros, to the cent.
pub(crate) fn eur(amount: f64) -> Result<Money, QuantityError> {
    Money::from_estimate(amount, Currency::EUR)
}

/// A promise that was kept or broken.
pub(crate) fn promise(kept: bool) -> Promise {
    Promise::new(if kept {
        PromiseEvent::Kept
    } else {
        PromiseEvent::Broken
    })
}

/// What customers come to, by a model that is known: a purchase in five to six weeks.
pub(crate) fn known_purchases() -> Outcome<MbgNbd> {
    Ok(MbgNbd::new(MbgNbdParameters {
        unit: TimeUnit::Week,
        r: 2.0,
        alpha: 11.0,
        a: 0.5,
        b: 12.0,
    })?)
}

/// What customers are worth by models that are known, whose purchases are of `spend` EUR on
/// average, at a margin of 30 % and 10 % interest a year.
pub(crate) fn known_clv(spend: f64) -> Outcome<Clv<MbgNbd, GammaGamma>> {
    let purchases = known_purchases()?;
    let (p, q) = (6.25, 4.0);
    let spend = GammaGamma::new(GammaGammaParameters {
        currency: Currency::EUR,
        p,
        q,
        gamma: spend * (q - 1.0) / p,
    })?;
    let terms = ClvTerms::new(0.30, DiscountRate::annual(0.10)?)?;
    Ok(Clv::new(purchases, spend, terms)?)
}

/// The interval of an estimate: the one it states, or that of a normal distribution.
pub(crate) fn range(estimate: Estimate) -> Result<Interval, QuantityError> {
    match estimate.stated_interval() {
        Some(stated) => Ok(stated),
        None => estimate.normal_interval(LEVEL),
    }
}

/// An estimate with its interval, each multiplied by `scale`: `81.2 (76.1 to 86.7)`.
pub(crate) fn told(estimate: Estimate, scale: f64, decimals: usize) -> Outcome<String> {
    let interval = range(estimate)?;
    let [mean, lower, upper] = [estimate.mean(), interval.lower(), interval.upper()]
        .map(|number| rounded(scale * number, decimals));
    Ok(format!("{mean} ({lower} to {upper})"))
}
