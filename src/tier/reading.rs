//! How a customer's summary is read for the ladder.

use chrono::{DateTime, Utc};

use super::{Attribute, AttributeValue, Attributes, TierPolicy, UnstatedTerms, YearlyValue};
use crate::dimension::TrustBelief;
use crate::history::Rank;
use crate::quantity::{Currency, Estimate, HalfLife, Money, QuantityError, Span, TimeUnit};
use crate::scorer::ScoreError;
use crate::summary::{
    CustomerSummary, FadedScore, PartnershipEvent, PartnershipEvidence, PartnershipMeasure,
    SummaryError, TrustDirection, Unreadable,
};

/// Precision of the belief about a number from 0 to 1 of which nothing is known: 1/(1/12).
const PRIOR_PRECISION: f64 = 12.0;
/// Its mean.
const PRIOR_MEAN: f64 = 0.5;

impl Attributes {
    /// What a summary tells of how close the relationship is, as of its instant.
    ///
    /// | attribute | how |
    /// |---|---|
    /// | contact level | the highest rank at which both sides met [often enough](TierPolicy::contacts_needed); observed |
    /// | information sharing | of the two ways, the one that shares less: `s = Σ depth/(Σ 1 + k)` over fading acts, with the variance `s(1 − s)/(Σ 1 + k + 1)` of a beta distribution; normal |
    /// | preference | `Beta(1 + won, 1 + lost)` of fading quotes at terms no better than a rival's; or the share of wallet, where that is surer |
    /// | alignment | fading answers, near- or long-term, whichever agree less; a review of unstated reach counts to both; normal |
    /// | joint value | `J/(J + V)` of the firm's share of joint projects and the margin of purchases, both a year; observed |
    /// | switching cost | answers of that side; the firm's, without answers, from what it invested in this relationship alone: `x/(x + V + J)`; normal, or observed |
    /// | importance to the customer | the share of wallet, else answers on importance; normal |
    /// | other importance, alternatives | answers; normal |
    /// | tie | 1 while there is an equity tie, or an alliance that no end of the relationship followed; observed |
    /// | trust | the [belief](TrustBelief) of the customer in the firm; beta |
    /// | tenure | years since the first purchase or contract; observed |
    ///
    /// Answers have a normal error ([`answer_sd`](TierPolicy::answer_sd)) and meet a prior of mean
    /// ½ and variance 1/12, so as they fade the belief widens and never drifts to 0. What was done
    /// and what was not (contacts, sharing) is observed: it fades to 0.
    ///
    /// Margin and cost a year are what was earned and spent so far, divided by the tenure (the longer
    /// of the years since the first purchase and since the first contract), and by one year at least;
    /// so the value of a newcomer is that of its first year so far, and the value
    /// of a relationship that grew is below what it is now. A joint project counts half after a
    /// [half-life](TierPolicy::value_half_life): `J = Σ value·share·2^(−age/h)/E`, with the exposure
    /// `E = h/ln 2·(1 − 2^(−T/h))` of as many years `T`. Value that was lost is not created: a
    /// negative margin counts as 0 in shares. The forms of sharing, joint value and exposure are our
    /// choice.
    ///
    /// What the customer does not permit to read is unknown.
    ///
    /// # Errors
    ///
    /// [`ScoreError::Unreadable`] if evidence is of a later instant than the summary;
    /// [`ScoreError::Quantity`] if amounts are in two currencies or leave their range.
    pub fn of(customer: &CustomerSummary, policy: &TierPolicy) -> Result<Self, ScoreError> {
        let unreadable = |reason| ScoreError::Unreadable {
            customer: customer.customer().clone(),
            reason,
        };
        let close = permitted(customer.partnership()).map_err(unreadable)?;
        let trust = permitted(customer.trust()).map_err(unreadable)?;
        let mut known = Self::default();
        let nothing = PartnershipEvidence::EMPTY;
        let close = close.unwrap_or(&nothing);

        let years = tenure(customer, close);
        let economic = customer.economic().is_ok();
        let bought = customer.rfm().is_some() || close.first_contract().is_some();
        if economic || bought {
            let value = if bought { 1.0 } else { 0.0 };
            known.set(Attribute::Transaction, Some(observed(value, value)));
        }
        known.set(Attribute::Tenure, years.map(|years| observed(years, 1.0)));
        known.set(Attribute::Tie, tie(close));
        known.read_contacts(close, policy);
        known.read_answers(close, policy)?;
        if let Some(trust) = trust {
            let belief = TrustBelief::of(trust, TrustDirection::CustomerInFirm, policy.trust());
            if counts(belief.n_eff(), policy) {
                known.trust_broken = belief.is_broken();
                let value = AttributeValue::Beta {
                    alpha: belief.alpha(),
                    beta: belief.beta(),
                    n_eff: belief.n_eff(),
                };
                known.set(Attribute::Trust, Some(value));
            }
        }
        if let (true, Some(as_of)) = (economic, customer.as_of()) {
            known.read_money(customer, close, (as_of, years.unwrap_or(0.0)), policy)?;
        }
        Ok(known)
    }

    fn read_contacts(&mut self, close: &PartnershipEvidence, policy: &TierPolicy) {
        if let Some(rank) = close.contact_rank(policy.contacts_needed()) {
            let n_eff = close.contacts_at_least(rank);
            self.set(Attribute::ContactLevel, Some(observed(rank.level(), n_eff)));
            self.contacts = Some(Rank::ALL.map(|rank| close.contacts_at_least(rank)));
        }
        self.persons = close.persons();
        if self.persons > 0 {
            let persons = self.persons as f64;
            self.breadth = Some(persons / (persons + policy.half_breadth()));
        }
    }

    fn read_answers(
        &mut self,
        close: &PartnershipEvidence,
        policy: &TierPolicy,
    ) -> Result<(), QuantityError> {
        use PartnershipMeasure as Of;
        let answer = |of| answers(close.score(of), policy);
        self.set(Attribute::InformationSharing, sharing(close, policy)?);
        self.set(Attribute::Alignment, alignment(close, policy)?);
        let wallet = answer(Of::ShareOfWallet)?;
        self.set(
            Attribute::Preference,
            match (quotes(close, policy), wallet) {
                (Some(won), Some(share)) if share.sd() < won.sd() => Some(share),
                (won, share) => won.or(share),
            },
        );
        let importance = answer(Of::ImportanceToCustomer)?;
        self.set(Attribute::ImportanceToCustomer, wallet.or(importance));
        for (attribute, of) in [
            (Attribute::ImportanceToFirm, Of::ImportanceToFirm),
            (Attribute::AlternativesOfFirm, Of::AlternativesOfFirm),
            (
                Attribute::AlternativesOfCustomer,
                Of::AlternativesOfCustomer,
            ),
            (Attribute::SwitchingCostOfFirm, Of::SwitchingCostOfFirm),
            (
                Attribute::SwitchingCostOfCustomer,
                Of::SwitchingCostOfCustomer,
            ),
        ] {
            self.set(attribute, answer(of)?);
        }
        Ok(())
    }

    /// What is read of money: value and cost a year, joint value, and what the firm has at stake.
    fn read_money(
        &mut self,
        customer: &CustomerSummary,
        close: &PartnershipEvidence,
        (as_of, years): (DateTime<Utc>, f64),
        policy: &TierPolicy,
    ) -> Result<(), ScoreError> {
        let half_life = policy.value_half_life();
        let years = years.max(1.0);
        let exposure = exposure(years, half_life);
        let account = customer.money();
        let mut currency = account.currency();
        let (mut joint, mut squares, mut projects) = (0.0, 0.0, 0.0);
        let (mut stake, mut stakes) = (0.0, 0.0);
        for step in close.steps() {
            let left = left_of(step.at(), as_of, half_life)?;
            match step.event() {
                PartnershipEvent::JointProject { value, share } => {
                    let ours = in_currency(value, &mut currency)? * share.value() * left;
                    joint += ours;
                    squares += ours * ours;
                    projects += left;
                }
                PartnershipEvent::Invested { amount } => {
                    stake += in_currency(amount, &mut currency)? * left;
                    stakes += left;
                }
                _ => {}
            }
        }
        let Some(currency) = currency else {
            return Ok(());
        };
        let joint = joint / exposure;
        let Some((margin, cost)) = yearly(customer, years, policy)? else {
            return Ok(());
        };
        // Purchases and projects come by chance: of a compound Poisson sum, the variance is the sum
        // of squares, n·m²(1 + s²) of n amounts with the mean m and the spread s.
        let orders = account.orders() as f64;
        let spread = policy.amount_spread().hypot(1.0);
        let chance = margin.abs() * spread / orders.max(1.0).sqrt();
        self.yearly = Some(YearlyValue {
            value: Money::from_estimate(margin + joint, currency)?,
            cost: Money::from_estimate(cost, currency)?,
            value_sd: chance.hypot(squares.sqrt() / exposure),
            n_eff: orders + projects,
        });
        let created = margin.max(0.0) + joint;
        if projects > 0.0 && created > 0.0 {
            let share = observed(joint / created, projects);
            self.set(Attribute::JointValue, Some(share));
        }
        let answered = self.get(Attribute::SwitchingCostOfFirm).is_some();
        if !answered && stakes > 0.0 && stake + created > 0.0 {
            let share = observed(stake / (stake + created), stakes);
            self.set(Attribute::SwitchingCostOfFirm, Some(share));
        }
        Ok(())
    }
}

/// A state, or nothing where the customer does not permit to read it.
fn permitted<T>(state: Result<Option<T>, Unreadable>) -> Result<Option<T>, Unreadable> {
    match state {
        Err(Unreadable::Withheld(_)) => Ok(None),
        state => state,
    }
}

fn observed(value: f64, n_eff: f64) -> AttributeValue {
    AttributeValue::Observed { value, n_eff }
}

fn counts(n_eff: f64, policy: &TierPolicy) -> bool {
    n_eff > 0.0 && n_eff >= policy.least_evidence()
}

/// Years since the first purchase or contract.
fn tenure(customer: &CustomerSummary, close: &PartnershipEvidence) -> Option<f64> {
    let bought = customer.rfm().map(|rfm| rfm.in_unit(TimeUnit::Year).age());
    let bound = close.first_contract().zip(customer.as_of());
    let bound = bound.and_then(|(first, as_of)| Span::between(first, as_of, TimeUnit::Year).ok());
    match (bought, bound.map(Span::length)) {
        (Some(bought), Some(bound)) => Some(bought.max(bound)),
        (bought, bound) => bought.or(bound),
    }
}

/// Whether an equity tie or an alliance is in force; nothing if there never was either.
fn tie(close: &PartnershipEvidence) -> Option<AttributeValue> {
    let (mut equity, mut alliance) = (None, None);
    for step in close.steps() {
        match step.event() {
            PartnershipEvent::EquityTie { fraction } => equity = Some(fraction.value() > 0.0),
            PartnershipEvent::Alliance { .. } => alliance = Some(true),
            PartnershipEvent::Ended => alliance = alliance.map(|_| false),
            _ => {}
        }
    }
    let known = equity.is_some() || alliance.is_some();
    let in_force = equity == Some(true) || alliance == Some(true);
    known.then(|| observed(if in_force { 1.0 } else { 0.0 }, 1.0))
}

/// The two ways of sharing, of which the lesser counts.
fn sharing(
    close: &PartnershipEvidence,
    policy: &TierPolicy,
) -> Result<Option<AttributeValue>, QuantityError> {
    let ways = [
        PartnershipMeasure::SharedWithFirm,
        PartnershipMeasure::SharedWithCustomer,
    ];
    let ways = ways.map(|way| close.score(way));
    if ways.iter().all(Option::is_none) {
        return Ok(None);
    }
    let mut least: Option<Estimate> = None;
    for way in ways {
        // A firm that records sharing at all and none of one way shared none that way.
        let (acts, depth) = way.map_or((0.0, 0.0), |way| (way.weight, way.sum));
        let n = acts + policy.sharing_prior();
        let mean = depth.min(acts) / n;
        let sd = (mean * (1.0 - mean) / (n + 1.0)).sqrt();
        let way = Estimate::new(mean, sd, acts)?;
        if least.is_none_or(|least| way.mean() < least.mean()) {
            least = Some(way);
        }
    }
    Ok(least.map(AttributeValue::Normal))
}

/// Quotes won and lost at terms no better than a rival's.
fn quotes(close: &PartnershipEvidence, policy: &TierPolicy) -> Option<AttributeValue> {
    let stated = close.score(PartnershipMeasure::QuoteAtEqualOrWorseTerms);
    let unstated = match policy.unstated_terms() {
        UnstatedTerms::Equal => close.score(PartnershipMeasure::QuoteAtUnstatedTerms),
        UnstatedTerms::Ignored => None,
    };
    let (mut decided, mut won) = (0.0, 0.0);
    for quotes in [stated, unstated].into_iter().flatten() {
        decided += quotes.weight;
        won += quotes.sum.min(quotes.weight);
    }
    counts(decided, policy).then_some(AttributeValue::Beta {
        alpha: 1.0 + won,
        beta: 1.0 + (decided - won),
        n_eff: decided,
    })
}

/// The fading mean of answers, each with the same error, and the prior.
fn answers(
    score: Option<FadedScore>,
    policy: &TierPolicy,
) -> Result<Option<AttributeValue>, QuantityError> {
    let Some(score) = score.filter(|score| counts(score.weight, policy)) else {
        return Ok(None);
    };
    let per_answer = policy.answer_sd().powi(-2);
    let precision = PRIOR_PRECISION + score.weight * per_answer;
    let mean = (PRIOR_PRECISION * PRIOR_MEAN + score.sum * per_answer) / precision;
    let estimate = Estimate::new(mean, precision.sqrt().recip(), score.weight)?;
    Ok(Some(AttributeValue::Normal(estimate)))
}

/// Near- and long-term alignment, of which the lesser counts.
fn alignment(
    close: &PartnershipEvidence,
    policy: &TierPolicy,
) -> Result<Option<AttributeValue>, QuantityError> {
    use PartnershipMeasure as Of;
    let both = close.score(Of::AlignmentUnstated);
    let mut least: Option<AttributeValue> = None;
    for reach in [Of::AlignmentNearTerm, Of::AlignmentLongTerm] {
        let stated = close.score(reach);
        let pooled = match (stated, both) {
            (Some(stated), Some(both)) => Some(FadedScore {
                weight: stated.weight + both.weight,
                sum: stated.sum + both.sum,
            }),
            (stated, both) => stated.or(both),
        };
        if let Some(reach) = answers(pooled, policy)? {
            if least.is_none_or(|least| reach.mean() < least.mean()) {
                least = Some(reach);
            }
        }
    }
    Ok(least)
}

/// Margin and maintenance cost a year; nothing where margin is not known.
fn yearly(
    customer: &CustomerSummary,
    years: f64,
    policy: &TierPolicy,
) -> Result<Option<(f64, f64)>, ScoreError> {
    let account = customer.money();
    if account.currency().is_none() {
        return Ok(Some((0.0, 0.0))); // nothing was bought, and nothing spent
    }
    let sums = || {
        let revenue = account.net_revenue()?.to_f64();
        let goods = account.cost_of_goods()?.to_f64();
        let mut cost = 0.0;
        for part in [
            account.cost_to_serve()?,
            account.concessions()?,
            account.points_cost()?,
            account.bad_debt()?,
        ] {
            cost += part.to_f64();
        }
        Ok((revenue, goods, cost))
    };
    let (revenue, goods, cost) = sums().map_err(|error| match error {
        SummaryError::Quantity(error) => ScoreError::Quantity(error),
        _ => ScoreError::Inconsistent {
            customer: customer.customer().clone(),
        },
    })?;
    let margin = match (account.orders_without_cost(), policy.assumed_margin()) {
        (0, _) => revenue - goods,
        (_, Some(margin)) => revenue * margin.value(),
        (_, None) => return Ok(None),
    };
    Ok(Some((margin / years, cost / years)))
}

/// What is left of an amount of an earlier instant.
fn left_of(
    at: DateTime<Utc>,
    as_of: DateTime<Utc>,
    half_life: HalfLife,
) -> Result<f64, ScoreError> {
    let age = Span::between(at, as_of, TimeUnit::Year)?;
    Ok(half_life.decay(age))
}

/// How many years of the past still count: `∫₀ᵀ 2^(−u/h) du`.
fn exposure(years: f64, half_life: HalfLife) -> f64 {
    match half_life.span() {
        None => years,
        Some(span) => {
            let rate = std::f64::consts::LN_2 / span.in_unit(TimeUnit::Year);
            let left = -(-rate * years).exp_m1() / rate;
            // A half-life of next to nothing, or next to forever.
            if left.is_finite() && left > 0.0 {
                left
            } else {
                years
            }
        }
    }
}

/// An amount in the one currency of the relationship.
fn in_currency(amount: Money, currency: &mut Option<Currency>) -> Result<f64, QuantityError> {
    let expected = *currency.get_or_insert(amount.currency());
    Money::zero(expected).checked_add(amount).map(Money::to_f64)
}
