//! Lifecycle stages (生命周期阶段): who is a customer now, who may become one, and whom not to contact.

use std::fmt;

use chrono::{DateTime, Utc};

use super::outcome::unreadable;
use super::{LifecyclePolicy, Segmented};
use crate::history::{AsOf, ConsentState};
use crate::model::{PurchaseModel, PurchasePosterior};
use crate::quantity::{Span, TimeUnit};
use crate::scorer::{ScoreError, Scorer};
use crate::summary::CustomerSummary;

/// Where a customer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum LifecycleStage {
    /// Known, and nothing else (潜在客户).
    Potential,
    /// In talks: there was a contact or a quote lately (目标客户).
    Target,
    /// A customer now (现有客户).
    Current,
    /// Not to be contacted: the consent was taken back, or erasure was asked for (排除).
    Excluded,
}

impl LifecycleStage {
    /// Its name, as it is written when serialised.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Potential => "potential",
            Self::Target => "target",
            Self::Current => "current",
            Self::Excluded => "excluded",
        }
    }
}

impl fmt::Display for LifecycleStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A customer's stage, and what it was found from.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Lifecycle {
    /// The stage.
    pub stage: LifecycleStage,
    /// Was a customer once, by a purchase or a contract, and is none now (流失); never of one who is
    /// excluded, of whom nothing but that is said.
    pub lapsed: bool,
    /// Whether a contract is in force.
    pub contract_in_force: bool,
    /// P(alive), if a model told it.
    pub probability_alive: Option<f64>,
    /// Time since the last purchase; `None` without any.
    pub silence: Option<Span>,
    /// Time since the last contact or step of a quote; `None` without any.
    pub since_contact: Option<Span>,
}

impl fmt::Display for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lapsed = if self.lapsed { ", lapsed" } else { "" };
        f.pad(&format!("{}{lapsed}", self.stage))
    }
}

/// Tells how likely it is that somebody is still a customer. Every
/// [`PurchaseModel`] can tell, and `()` never does: then only contracts and recent purchases make a
/// customer.
pub trait LifeSign {
    /// P(alive), from 0 to 1; `None` if that cannot be told, as of somebody who has not bought.
    ///
    /// # Errors
    ///
    /// [`ScoreError`] if the summary does not suit the model.
    fn probability_alive(&self, customer: &CustomerSummary) -> Result<Option<f64>, ScoreError>;
}

impl LifeSign for () {
    fn probability_alive(&self, _: &CustomerSummary) -> Result<Option<f64>, ScoreError> {
        Ok(None)
    }
}

impl<P: PurchaseModel> LifeSign for P {
    fn probability_alive(&self, customer: &CustomerSummary) -> Result<Option<f64>, ScoreError> {
        match customer.rfm() {
            Some(rfm) => Ok(Some(self.posterior(rfm)?.probability_alive())),
            None => Ok(None),
        }
    }
}

/// Tells the lifecycle stage of a customer.
///
/// In this order:
///
/// 1. **Excluded** if the consent to be contacted was taken back, as a request for erasure does too.
///    That reads nothing but the consent itself, so it is said of those who are not modelled as well.
/// 2. **Current** if a contract is in force, or P(alive) is at least one half, or the last purchase
///    is within the active window.
/// 3. **Target** if the last contact in which both sides take part, or the last step of a quote, is
///    within the target window.
/// 4. **Potential** otherwise.
///
/// Who bought or had a contract and is not current is lapsed besides.
///
/// # Examples
///
/// ```
/// use guanxi::history::CustomerId;
/// use guanxi::quantity::{Span, TimeUnit};
/// use guanxi::scorer::Scorer;
/// use guanxi::segment::{LifecyclePolicy, LifecycleScorer, LifecycleStage};
/// use guanxi::summary::{CustomerSummary, RfmSummary};
///
/// // Customers typically come every four weeks: who came within twelve is current.
/// let scorer = LifecycleScorer::new((), LifecyclePolicy::new(Span::weeks(4.0)?)?);
/// let stage = |silence| {
///     let rfm = RfmSummary::new(TimeUnit::Week, 3, 40.0, 40.0 + silence)?;
///     let customer = CustomerSummary::from_rfm(CustomerId::new("c-1")?, rfm);
///     Ok::<_, guanxi::Error>(scorer.score(&customer)?)
/// };
/// let recent = stage(12.0)?.modelled().ok_or("permitted")?;
/// assert_eq!((recent.stage, recent.lapsed), (LifecycleStage::Current, false));
/// let gone = stage(12.5)?.modelled().ok_or("permitted")?;
/// assert_eq!((gone.stage, gone.lapsed), (LifecycleStage::Potential, true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LifecycleScorer<A> {
    alive: A,
    policy: LifecyclePolicy,
}

/// The time from one instant to another that is not before it.
fn since(at: DateTime<Utc>, as_of: DateTime<Utc>) -> Option<Span> {
    Span::between(at, as_of, TimeUnit::Day).ok()
}

/// Whether a time lies within a window, whose last instant belongs to it: neither the rounding of a
/// unit nor that of a difference puts it outside. A part in 1e9 of a year is a thirtieth of a second.
fn within(since: Option<Span>, window: Span) -> bool {
    since.is_some_and(|since| {
        let unit = since.unit();
        since.length() <= window.in_unit(unit) * (1.0 + 1e-9)
    })
}

impl<A: LifeSign> LifecycleScorer<A> {
    /// A scorer by a purchase model, or by none: `()`.
    pub fn new(alive: A, policy: LifecyclePolicy) -> Self {
        Self { alive, policy }
    }

    /// The rules.
    pub fn policy(&self) -> &LifecyclePolicy {
        &self.policy
    }

    fn is_excluded(&self, customer: &CustomerSummary) -> bool {
        let (Some(consent), Some(as_of)) = (customer.consent(), customer.as_of()) else {
            return false;
        };
        let stands = consent.state(self.policy.contact_purpose(), AsOf::at(as_of));
        matches!(stands, ConsentState::Withdrawn { .. })
    }

    fn judge(&self, customer: &CustomerSummary) -> Result<Lifecycle, ScoreError> {
        customer
            .economic()
            .map_err(|why| unreadable(customer, why))?;
        let engagement = customer.engagement();
        let dealt = engagement.map_err(|why| unreadable(customer, why))?;
        let as_of = customer.as_of();
        let contract_in_force = dealt
            .zip(as_of)
            .is_some_and(|(dealt, as_of)| dealt.contract_in_force(as_of));
        let probability_alive = self.alive.probability_alive(customer)?;
        let silence = match customer.rfm() {
            Some(rfm) => Some(Span::new(rfm.silence(), rfm.unit())?),
            None => None,
        };
        let last = dealt.and_then(|dealt| dealt.last_contact().max(dealt.last_quote()));
        let since_contact = last.zip(as_of).and_then(|(at, as_of)| since(at, as_of));
        let alive = probability_alive.is_some_and(|p| p >= self.policy.alive().value());
        let stage = if contract_in_force || alive || within(silence, self.policy.active_window()) {
            LifecycleStage::Current
        } else if within(since_contact, self.policy.target_window()) {
            LifecycleStage::Target
        } else {
            LifecycleStage::Potential
        };
        let was_current =
            silence.is_some() || dealt.is_some_and(|dealt| !dealt.contracts().is_empty());
        Ok(Lifecycle {
            stage,
            lapsed: was_current && stage != LifecycleStage::Current,
            contract_in_force,
            probability_alive,
            silence,
            since_contact,
        })
    }
}

impl<A: LifeSign> Scorer for LifecycleScorer<A> {
    type Score = Segmented<Lifecycle>;

    /// # Errors
    ///
    /// [`ScoreError::Unreadable`] if purchases or contacts may not be read, and those of the model.
    fn score(&self, customer: &CustomerSummary) -> Result<Self::Score, ScoreError> {
        if self.is_excluded(customer) {
            return Ok(Segmented::Modelled(Lifecycle {
                stage: LifecycleStage::Excluded,
                lapsed: false,
                contract_in_force: false,
                probability_alive: None,
                silence: None,
                since_contact: None,
            }));
        }
        super::outcome::if_modelled(customer, || self.judge(customer))
    }
}
