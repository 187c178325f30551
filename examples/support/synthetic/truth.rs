//! What lies behind the interactions of a customer.

use guanxi::history::{CustomerId, TrustFacet};

/// What is sold; the order of the shares in [`Needs`].
pub(crate) const CATEGORIES: [&str; 6] =
    ["pumps", "valves", "sensors", "filters", "drives", "service"];

/// How a customer stands out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Story {
    /// Nothing was arranged.
    Ordinary,
    /// Allowed service and marketing, and never analytics.
    NoAnalytics,
    /// Allowed analytics, and took it back.
    AnalyticsWithdrawn {
        /// On which day.
        day: f64,
    },
    /// Known by its purchases alone: not even a delivery is recorded.
    PurchasesOnly,
    /// Asked for prices and bought nothing.
    Prospect,
    /// Asked to be forgotten. What was recorded before is still in the log, and nothing after.
    Erased {
        /// On which day.
        day: f64,
    },
    /// Was promised much, and from the day of its [`TrustChange`] on little of it was kept.
    BrokenPromises,
    /// Loyal, content, and recommends the firm several times a year.
    Ambassador,
    /// Left, and was won back: the end of its [`Absence`].
    WonBack,
}

/// How a customer buys.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Buying {
    /// Rate of purchases while active, by year: gamma with shape 4 and mean 6. 0 for a prospect.
    pub(crate) purchases_per_year: f64,
    /// Rate of dropout, by year: gamma with shape 2 and mean 0.25.
    pub(crate) dropout_per_year: f64,
    /// Mean of an amount, in euros: 6/ν, where ν is gamma with shape 4 and rate 1250, so 2500 on
    /// average over customers.
    pub(crate) mean_spend: f64,
    /// Share of an amount that is left after the cost of the goods, from 0.2 to 0.45.
    pub(crate) margin_rate: f64,
}

/// A time without purchases and without anything that an active customer does.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Absence {
    /// The day of dropout.
    pub(crate) from: f64,
    /// The day the customer came back; `None` if it stayed away.
    pub(crate) until: Option<f64>,
}

/// How far the firm deserves the customer's trust: the probability that it lives up to what was
/// expected, in each facet.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Facets {
    /// That it can.
    pub(crate) ability: f64,
    /// That it means well.
    pub(crate) benevolence: f64,
    /// That it keeps to principles.
    pub(crate) integrity: f64,
}

impl Facets {
    /// One facet.
    pub(crate) fn of(self, facet: TrustFacet) -> f64 {
        match facet {
            TrustFacet::Ability => self.ability,
            TrustFacet::Benevolence => self.benevolence,
            TrustFacet::Integrity => self.integrity,
        }
    }

    /// The facets by weights in the order ability, benevolence, integrity, which add up to 1.
    pub(crate) fn weighted(self, [a, b, i]: [f64; 3]) -> f64 {
        a * self.ability + b * self.benevolence + i * self.integrity
    }

    /// The mean of the three.
    pub(crate) fn mean(self) -> f64 {
        (self.ability + self.benevolence + self.integrity) / 3.0
    }
}

/// A day from which the firm deserves less trust than before.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct TrustChange {
    /// The day.
    pub(crate) day: f64,
    /// Trust deserved from that day on.
    pub(crate) after: Facets,
}

/// How the customer feels toward the firm, from −1 to 1.
///
/// Either one level throughout, normal with mean 0.1 and variance 0.16; or a path that is that
/// distribution at every time and returns to its mean with a half-life of 90 days
/// (Ornstein–Uhlenbeck). What would leave [−0.95, 0.95] is set to its end.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Feeling {
    /// Days in which a deviation from the mean halves; `None` for one level throughout.
    pub(crate) half_life_days: Option<f64>,
    /// Days for which each value of the path holds.
    pub(crate) step_days: f64,
    /// The values, from day 0 on; the last holds for good.
    pub(crate) path: Vec<f64>,
}

impl Feeling {
    /// The feeling on a day.
    pub(crate) fn at(&self, day: f64) -> f64 {
        let step = usize::try_from(super::whole(day / self.step_days)).unwrap_or(0);
        let value = self.path.get(step).or(self.path.last());
        value.copied().unwrap_or(0.0)
    }
}

/// A day from which the customer needs something else.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct NeedsChange {
    /// The day.
    pub(crate) day: f64,
    /// Shares from that day on.
    pub(crate) after: [f64; 6],
}

/// What the customer needs: probabilities of [`CATEGORIES`].
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Needs {
    /// Shares that add up to 1.
    pub(crate) shares: [f64; 6],
    /// The change, if there is one.
    pub(crate) change: Option<NeedsChange>,
}

impl Needs {
    /// The shares on a day.
    pub(crate) fn at(&self, day: f64) -> &[f64; 6] {
        match &self.change {
            Some(change) if day >= change.day => &change.after,
            _ => &self.shares,
        }
    }
}

/// How the probability of a renewal depends on the relationship: a logistic link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RenewalLink {
    /// Where everything else is 0.
    pub(crate) intercept: f64,
    /// By unit of mean trust, which goes from 0 to 1.
    pub(crate) trust: f64,
    /// By unit of feeling, which goes from −1 to 1.
    pub(crate) feeling: f64,
    /// By unit of the gap to the rival's price, a share.
    pub(crate) price_gap: f64,
}

/// The link behind every [`Renewal`].
pub(crate) const RENEWAL: RenewalLink = RenewalLink {
    intercept: -1.6,
    trust: 4.0,
    feeling: 1.5,
    price_gap: -6.0,
};

impl RenewalLink {
    /// The probability of a renewal.
    pub(crate) fn probability(self, trust: f64, feeling: f64, price_gap: f64) -> f64 {
        let logit = self.intercept
            + self.trust * trust
            + self.feeling * feeling
            + self.price_gap * price_gap;
        1.0 / (1.0 + (-logit).exp())
    }
}

/// A contract that fell due while the customer was active.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Renewal {
    /// When it fell due.
    pub(crate) day: f64,
    /// Mean of the three facets of trust deserved on that day.
    pub(crate) trust: f64,
    /// Feeling on that day.
    pub(crate) feeling: f64,
    /// By what share our price was above the rival's; it is also in the quote before the renewal.
    pub(crate) price_gap: f64,
    /// The probability that follows.
    pub(crate) probability: f64,
    /// What happened: renewed, or cancelled.
    pub(crate) renewed: bool,
}

/// A recorded field of the profile.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct FieldTruth {
    /// Which field.
    pub(crate) field: String,
    /// When it was recorded.
    pub(crate) day: f64,
    /// Probability that it was right when recorded; stated in the log.
    pub(crate) reliability: f64,
    /// Whether the customer disclosed it, or the firm found it out.
    pub(crate) disclosed: bool,
    /// Days in which half of such fields go out of date.
    pub(crate) half_life_days: f64,
    /// Until which day it is right; `None` if it never was.
    pub(crate) right_until: Option<f64>,
}

/// What the firm can learn.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Knowledge {
    /// Fields in the order they were recorded; the last of a name counts.
    pub(crate) fields: Vec<FieldTruth>,
    /// Ideas the customer gives, by year.
    pub(crate) ideas_per_year: f64,
    /// Mean quality of an idea, from 0 to 1.
    pub(crate) idea_quality: f64,
}

/// What lies behind the interactions of one customer. Days count from the start of the log.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Truth {
    /// Whose truth it is.
    pub(crate) customer: CustomerId,
    /// How the customer stands out.
    pub(crate) story: Story,
    /// The day of the first purchase, or, of a prospect, of the first question.
    pub(crate) joined: f64,
    /// The time away, if the customer left within the log.
    pub(crate) away: Option<Absence>,
    /// How it buys.
    pub(crate) buying: Buying,
    /// Trust the firm deserves until the change, if there is one.
    pub(crate) trust: Facets,
    /// The change of trust.
    pub(crate) trust_change: Option<TrustChange>,
    /// Probability that the customer pays on time, and keeps what it promised.
    pub(crate) payment_reliability: f64,
    /// How it feels.
    pub(crate) feeling: Feeling,
    /// What it needs.
    pub(crate) needs: Needs,
    /// The day the first contract was signed; `None` if it buys without.
    pub(crate) contract_from: Option<f64>,
    /// Every contract that fell due within the log while it was active.
    pub(crate) renewals: Vec<Renewal>,
    /// Recommendations to others while active, by year, beside those in `referred`.
    pub(crate) referrals_per_year: f64,
    /// Who recommended the firm to this customer.
    pub(crate) referred_by: Option<CustomerId>,
    /// What can be learned.
    pub(crate) knowledge: Knowledge,
}

impl Truth {
    /// Whether the customer had joined and was not away.
    pub(crate) fn is_active(&self, day: f64) -> bool {
        let away = |a: Absence| day >= a.from && a.until.is_none_or(|until| day < until);
        day >= self.joined && !self.away.is_some_and(away)
    }

    /// The trust the firm deserved on a day.
    pub(crate) fn trust_at(&self, day: f64) -> Facets {
        match self.trust_change {
            Some(change) if day >= change.day => change.after,
            _ => self.trust,
        }
    }

    /// Whether it is more than a prospect.
    pub(crate) fn buys(&self) -> bool {
        self.story != Story::Prospect
    }
}
