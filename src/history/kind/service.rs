//! Dealing with each other: contacts, requests, complaints and deliveries.

use chrono::{DateTime, Utc};

use super::payload::{Checks, payload};
use crate::history::channel::Initiator;
use crate::history::error::HistoryError;
use crate::history::id::InteractionId;
use crate::history::rank::Rank;
use crate::quantity::{Fraction, Money, QuantityError, Span, TimeUnit};

/// A duration in minutes, from 0 to 1e21 seconds as a [`Span`] is: the unit of every duration in a
/// payload.
///
/// # Examples
///
/// ```
/// use guanxi::history::Minutes;
///
/// assert_eq!(Minutes::new(90.0)?.value(), 90.0);
/// assert!(Minutes::new(-1.0).is_err());
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "f64", into = "f64"))]
pub struct Minutes(f64);

impl Minutes {
    /// Checks a number of minutes.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] unless it is a number from 0 to 1e21 seconds.
    pub fn new(minutes: f64) -> Result<Self, QuantityError> {
        Span::new(minutes, TimeUnit::Minute)
            .map(|span| Self(span.length()))
            .map_err(|_| QuantityError::Domain {
                quantity: "duration in minutes",
                expected: "a length of time from 0 to 1e21 seconds",
                found: minutes,
            })
    }

    /// The number of minutes.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }

    /// The same duration as a span.
    ///
    /// # Errors
    ///
    /// [`QuantityError`], which no value of this type leads to.
    pub fn to_span(self) -> Result<Span, QuantityError> {
        Span::new(self.0, TimeUnit::Minute)
    }
}

impl TryFrom<f64> for Minutes {
    type Error = QuantityError;

    fn try_from(minutes: f64) -> Result<Self, QuantityError> {
        Self::new(minutes)
    }
}

impl From<Minutes> for f64 {
    fn from(minutes: Minutes) -> Self {
        minutes.0
    }
}

/// Who turned to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Direction {
    /// The customer turned to the firm.
    Inbound,
    /// The firm turned to the customer.
    Outbound,
}

payload! {
    /// Firm and customer were in touch (接触).
    Contact as "contact";
    plain new {
        /// Who turned to whom.
        copy direction: Direction,
    }
    optional {
        /// How long it took.
        copy minutes / with_minutes: Minutes,
        /// Rank of our person.
        copy rank_ours / with_rank_ours: Rank,
        /// Rank of theirs.
        copy rank_theirs / with_rank_theirs: Rank,
        /// Key of their [contact person](crate::history::ContactPerson).
        text person / with_person: String,
        /// How long the answer took.
        copy response_minutes / with_response_minutes: Minutes,
        /// How long it was promised to take at most.
        copy promised_minutes / with_promised_minutes: Minutes,
        /// What it cost the firm, at or above 0.
        money cost / with_cost: Money,
    }
}

impl Contact {
    pub(super) fn by(&self) -> Initiator {
        match self.direction {
            Direction::Inbound => Initiator::Customer,
            Direction::Outbound => Initiator::Firm,
        }
    }

    /// Whether the answer came later than promised; `None` where either time is not stated.
    #[must_use]
    pub fn is_late(&self) -> Option<bool> {
        Some(self.response_minutes? > self.promised_minutes?)
    }
}

payload! {
    /// The customer asked for service.
    #[derive(Default)]
    ServiceRequest as "service_request";
    plain new {}
    optional {
        /// About what.
        text topic / with_topic: String,
        /// How easy it was for the customer, from 1 (very hard) to 7 (very easy).
        checked ease / with_ease: i32,
        /// How long the customer was busy with it.
        copy minutes / with_minutes: Minutes,
        /// How often it was handed to someone else.
        copy hand_overs / with_hand_overs: u32,
        /// What it cost the firm, at or above 0.
        money cost / with_cost: Money,
    }
    rule ServiceRequest::ease_is_on_its_scale;
}

impl ServiceRequest {
    fn ease_is_on_its_scale(&self, _: &Checks) -> Result<(), HistoryError> {
        match self.ease {
            Some(found) if !(1..=7).contains(&found) => Err(HistoryError::Score {
                kind: "service_request",
                field: "ease",
                lowest: 1,
                highest: 7,
                found,
            }),
            _ => Ok(()),
        }
    }
}

payload! {
    /// The customer complained (投诉).
    #[derive(Default)]
    ComplaintOpened as "complaint_opened";
    plain new {}
    optional {
        /// How bad it is. Without it the complaint counts, and says nothing about feeling.
        copy severity / with_severity: Fraction,
        /// About what.
        text topic / with_topic: String,
    }
}

impl ComplaintOpened {
    pub(super) fn feeling(&self) -> Option<f64> {
        self.severity.map(|s| -0.3 - 0.5 * s.value())
    }
}

payload! {
    /// The firm settled a complaint.
    #[derive(Default)]
    ComplaintResolved as "complaint_resolved";
    plain new {}
    optional {
        /// How well. Without it the settlement says nothing about trust or feeling.
        copy quality / with_quality: Fraction,
        /// How long it took.
        copy latency_minutes / with_latency_minutes: Minutes,
        /// The complaint.
        item of / with_complaint: InteractionId,
        /// What it cost the firm, at or above 0.
        money cost / with_cost: Money,
    }
}

impl ComplaintResolved {
    pub(super) fn feeling(&self) -> Option<f64> {
        self.quality.map(|q| 1.2 * q.value() - 0.6)
    }
}

payload! {
    /// Goods or a service came to the customer (交付).
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::{DateTime, Days};
    /// use guanxi::history::{Delivery, HistoryError};
    ///
    /// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
    /// let late = Delivery::new(day(9)).with_promised_at(day(7));
    /// assert_eq!(late.is_late(), Some(true));
    ///
    /// let impossible = late.with_ordered_at(day(10)); // delivered before ordered
    /// assert!(matches!(impossible, Err(HistoryError::TimeOrder { field: "delivered_at", .. })));
    /// ```
    Delivery as "delivery";
    plain new {
        /// When it came; not after the interaction itself.
        copy delivered_at: DateTime<Utc>,
    }
    optional {
        /// When it was ordered; not after it came.
        checked ordered_at / with_ordered_at: DateTime<Utc>,
        /// When it was promised for.
        copy promised_at / with_promised_at: DateTime<Utc>,
        /// Whether it was defective.
        copy defect / with_defect: bool,
    }
    rule Delivery::ordered_before_delivered;
}

impl Delivery {
    fn ordered_before_delivered(&self, checks: &Checks) -> Result<(), HistoryError> {
        checks.order(
            ("ordered_at", self.ordered_at),
            ("delivered_at", Some(self.delivered_at)),
        )
    }

    /// Whether it came later than promised; `None` where nothing was promised.
    #[must_use]
    pub fn is_late(&self) -> Option<bool> {
        self.promised_at
            .map(|promised| self.delivered_at > promised)
    }

    pub(super) fn feeling(&self) -> Option<f64> {
        if self.defect == Some(true) {
            return Some(-0.5);
        }
        self.is_late().map(|late| if late { -0.3 } else { 0.1 })
    }
}
