//! The rules by which lifecycle stages are told.

use std::borrow::Borrow;

use super::SegmentError;
use super::error::checked;
use super::outcome::unreadable;
use crate::history::Purpose;
use crate::quantity::{Fingerprint, PolicyId, Probability, Span, TimeUnit};
use crate::summary::CustomerSummary;

/// How lifecycle stages are told (生命周期规则).
///
/// | rule | default | why |
/// |---|---|---|
/// | typical time between purchases | none: it is stated, or the [median of a population](Self::of) | our choice |
/// | active window | 3 typical times | our choice |
/// | P(alive) from which somebody is a customer | 0.5 | our choice |
/// | target window | 90 days | our choice |
/// | consent without which nobody is contacted | marketing | our choice |
///
/// Validated against nothing. The typical time is frozen: a stage changes with its customer and not
/// with the others.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{Span, TimeUnit};
/// use guanxi::segment::LifecyclePolicy;
///
/// let policy = LifecyclePolicy::new(Span::weeks(4.0)?)?;
/// assert_eq!(policy.active_window().in_unit(TimeUnit::Week), 12.0);
/// let strict = policy.with_gaps(2.0)?;
/// assert_eq!(strict.active_window().in_unit(TimeUnit::Week), 8.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PolicyRow", into = "PolicyRow"))]
pub struct LifecyclePolicy {
    typical_gap: Span,
    gaps: f64,
    active_window: Span,
    alive: Probability,
    target_window: Span,
    contact_purpose: Purpose,
}

/// So many typical times between purchases.
fn window(typical_gap: Span, gaps: f64) -> Result<Span, SegmentError> {
    let unit = typical_gap.unit();
    Ok(Span::new(gaps * typical_gap.length(), unit)?)
}

impl LifecyclePolicy {
    /// The default rules, with a known typical time between purchases.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless that is above 0; [`SegmentError::Quantity`] if the active window
    /// is longer than a span can be.
    pub fn new(typical_gap: Span) -> Result<Self, SegmentError> {
        let (what, range) = ("typical time between purchases", "above 0");
        let above_0 = f64::from_bits(1)..=f64::MAX;
        checked(what, range, above_0, typical_gap.length())?;
        Ok(Self {
            typical_gap,
            gaps: 3.0,
            active_window: window(typical_gap, 3.0)?,
            alive: Probability::new(0.5)?,
            target_window: Span::days(90.0)?,
            contact_purpose: Purpose::Marketing,
        })
    }

    /// The default rules, with the typical time between purchases of a population: the median of its
    /// customers' mean times between purchases. Those who did not come back have none, and those who
    /// do not permit it are left out.
    ///
    /// # Errors
    ///
    /// [`SegmentError::NotIdentified`] if nobody came back; [`SegmentError::Score`] if purchases may
    /// not be read of somebody who permits segments.
    pub fn of<C: Borrow<CustomerSummary>>(
        customers: impl IntoIterator<Item = C>,
    ) -> Result<Self, SegmentError> {
        let mut gaps = Vec::new();
        for customer in customers {
            let customer = customer.borrow();
            if customer.modelled().is_err() {
                continue;
            }
            customer
                .economic()
                .map_err(|why| unreadable(customer, why))?;
            if let Some(rfm) = customer.rfm().filter(|rfm| rfm.frequency() > 0) {
                let days = rfm.in_unit(TimeUnit::Day).recency();
                gaps.push(days / f64::from(rfm.frequency()));
            }
        }
        match super::relation_scorer::median(gaps) {
            Some(days) => Self::new(Span::days(days)?),
            None => Err(SegmentError::NotIdentified {
                what: "typical times between purchases",
                needed: 1,
                of: "customer who came back",
                found: 0,
            }),
        }
    }

    /// The same rules with another number of typical times in the active window.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless it lies between 1e-6 and 1e6; [`SegmentError::Quantity`] if
    /// the window is longer than a span can be.
    pub fn with_gaps(self, gaps: f64) -> Result<Self, SegmentError> {
        let (what, range) = ("typical times in the active window", "between 1e-6 and 1e6");
        Ok(Self {
            gaps: checked(what, range, 1e-6..=1e6, gaps)?,
            active_window: window(self.typical_gap, gaps)?,
            ..self
        })
    }

    /// The same rules with another P(alive) from which somebody is a customer.
    #[must_use]
    pub fn with_alive(self, alive: Probability) -> Self {
        Self { alive, ..self }
    }

    /// The same rules with another target window.
    #[must_use]
    pub fn with_target_window(self, target_window: Span) -> Self {
        Self {
            target_window,
            ..self
        }
    }

    /// The same rules with another consent without which nobody is contacted.
    #[must_use]
    pub fn with_contact_purpose(self, contact_purpose: Purpose) -> Self {
        Self {
            contact_purpose,
            ..self
        }
    }

    /// The typical time between purchases.
    #[must_use]
    pub fn typical_gap(&self) -> Span {
        self.typical_gap
    }

    /// How many of them are in the active window.
    #[must_use]
    pub fn gaps(&self) -> f64 {
        self.gaps
    }

    /// How long after a purchase somebody is a customer.
    #[must_use]
    pub fn active_window(&self) -> Span {
        self.active_window
    }

    /// The P(alive) from which somebody is a customer.
    #[must_use]
    pub fn alive(&self) -> Probability {
        self.alive
    }

    /// How long after a contact or a quote somebody is a target.
    #[must_use]
    pub fn target_window(&self) -> Span {
        self.target_window
    }

    /// The consent without which nobody is contacted.
    #[must_use]
    pub fn contact_purpose(&self) -> Purpose {
        self.contact_purpose
    }

    /// The name these rules have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let seconds = |span: Span| span.in_unit(TimeUnit::Second);
        let numbers = [
            seconds(self.typical_gap),
            self.gaps,
            self.alive.value(),
            seconds(self.target_window),
        ];
        let print = Fingerprint::of("lifecycle");
        let print = numbers.into_iter().fold(print, Fingerprint::number);
        print.text(self.contact_purpose.name()).id()
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "LifecyclePolicy")]
struct PolicyRow {
    typical_gap: Span,
    gaps: f64,
    alive: Probability,
    target_window: Span,
    contact_purpose: Purpose,
}

#[cfg(feature = "serde")]
impl From<LifecyclePolicy> for PolicyRow {
    fn from(policy: LifecyclePolicy) -> Self {
        Self {
            typical_gap: policy.typical_gap,
            gaps: policy.gaps,
            alive: policy.alive,
            target_window: policy.target_window,
            contact_purpose: policy.contact_purpose,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PolicyRow> for LifecyclePolicy {
    type Error = SegmentError;

    fn try_from(row: PolicyRow) -> Result<Self, SegmentError> {
        Ok(Self::new(row.typical_gap)?
            .with_gaps(row.gaps)?
            .with_alive(row.alive)
            .with_target_window(row.target_window)
            .with_contact_purpose(row.contact_purpose))
    }
}
