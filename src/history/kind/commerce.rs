//! Buying and selling: purchases, returns, quotes, offers, contracts and payments.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::payload::{Checks, payload};
use crate::history::channel::Initiator;
use crate::history::error::HistoryError;
use crate::history::id::{InteractionId, check_name};
use crate::quantity::{Money, Span};

payload! {
    /// The customer bought something.
    ///
    /// Every amount is for the whole purchase, at or above 0, and in one currency.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::history::{HistoryError, Purchase};
    /// use guanxi::quantity::{Currency, Money};
    ///
    /// let eur = |text| Money::parse(text, Currency::EUR);
    /// let order = Purchase::new(eur("41.00")?)?.with_cost(eur("30.50")?)?.with_category("tea");
    /// let margin = order.amount().checked_sub(order.cost().unwrap_or(Money::zero(Currency::EUR)))?;
    /// assert_eq!(margin.to_string(), "10.50 EUR");
    ///
    /// let refused = Purchase::new(eur("-1")?); // money back is a Return
    /// assert!(matches!(refused, Err(HistoryError::NegativeAmount { field: "amount", .. })));
    /// # Ok::<(), guanxi::history::HistoryError>(())
    /// ```
    Purchase as "purchase";
    fallible new {
        /// What the customer paid.
        money amount: Money,
    }
    optional {
        /// What the goods cost the firm.
        money cost / with_cost: Money,
        /// What they would have cost the customer without a discount.
        money list_price / with_list_price: Money,
        /// What was taken off the list price.
        money discount / with_discount: Money,
        /// What kind of goods they were.
        text category / with_category: String,
        /// How many, or how much.
        decimal quantity / with_quantity: Decimal,
    }
}

/// Why goods came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ReturnReason {
    /// They were defective: the firm's ability is in doubt.
    Defect,
    /// They were not what was ordered.
    WrongItem,
    /// They came too late.
    Late,
    /// The customer wanted them no longer.
    ChangedMind,
    /// Another reason.
    Other,
    /// None was given.
    #[default]
    Unstated,
}

/// What the firm did about a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ReturnOutcome {
    /// The money was given back.
    #[default]
    Honoured,
    /// The money was not given back: the amount is what was asked for.
    Refused,
}

payload! {
    /// The customer brought something back, or asked for money back.
    ///
    /// The amount is at or above 0; that it flows to the customer is what the kind says. Unless
    /// stated otherwise it was honoured.
    Return as "return";
    fallible new {
        /// What was given back, or asked for and refused.
        money amount: Money,
    }
    chosen {
        /// Why.
        reason / with_reason: ReturnReason,
        /// Whether the firm gave the money back.
        outcome / with_outcome: ReturnOutcome,
    }
    optional {
        /// The purchase it undoes.
        item of / with_purchase: InteractionId,
    }
}

/// A step on the way from a question about a price to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum QuoteEvent {
    /// The customer asked for a price.
    Requested,
    /// The firm named one.
    Issued,
    /// The customer took it.
    Won,
    /// The customer did not take it.
    Lost,
}

payload! {
    /// A step of a quote (报价).
    Quote as "quote";
    plain new {
        /// Which step.
        copy event: QuoteEvent,
    }
    optional {
        /// The price quoted, at or above 0.
        money amount / with_amount: Money,
        /// What the customer needs.
        text need / with_need: String,
        /// Who else was asked.
        text rival / with_rival: String,
        /// By what share of the rival's price ours is higher; below 0 where ours is lower, and
        /// never below −1.
        checked price_gap / with_price_gap: f64,
    }
    rule Quote::price_gap_is_a_share;
}

impl Quote {
    fn price_gap_is_a_share(&self, _: &Checks) -> Result<(), HistoryError> {
        match self.price_gap {
            Some(found) if !(found.is_finite() && found >= -1.0) => Err(HistoryError::Domain {
                kind: "quote",
                field: "price_gap",
                expected: "a finite fraction at or above -1",
                found,
            }),
            _ => Ok(()),
        }
    }

    pub(super) fn by(&self) -> Initiator {
        match self.event {
            QuoteEvent::Issued => Initiator::Firm,
            QuoteEvent::Requested | QuoteEvent::Won | QuoteEvent::Lost => Initiator::Customer,
        }
    }

    pub(super) fn feeling(&self) -> f64 {
        match self.event {
            QuoteEvent::Lost => -0.1,
            QuoteEvent::Requested | QuoteEvent::Issued | QuoteEvent::Won => 0.0,
        }
    }
}

/// What became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum OfferEvent {
    /// It was put before the customer.
    Shown,
    /// The customer took it up.
    Accepted,
    /// The customer let it pass.
    Ignored,
}

payload! {
    /// An offer the firm made of itself.
    Offer as "offer";
    plain new {
        /// What became of it.
        copy event: OfferEvent,
    }
    optional {
        /// Which offer.
        text name / with_name: String,
        /// Whether it was a promotion: at a lower price than usual.
        copy promotion / with_promotion: bool,
        /// What it cost the firm, at or above 0.
        money cost / with_cost: Money,
    }
}

/// A step in the life of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum ContractEvent {
    /// It was made.
    Signed,
    /// It was continued when it fell due.
    ///
    /// State the [term](Contract::with_term) again: a renewal without one is
    /// [in force](crate::summary::ContractStep::in_force) until something else is told, and measures
    /// of [retention](crate::metric::ContractHistory) let it run for the term stated last.
    Renewed,
    /// One side ended it.
    Cancelled,
    /// It fell due and was not continued.
    Expired,
}

payload! {
    /// A step in the life of a contract (合同).
    ///
    /// The last step of a contract is what stands. Where a customer has several beside each other,
    /// their names tell them apart; steps without a name are all of one contract, so that a second
    /// one signed without a name takes the place of the first.
    Contract as "contract";
    plain new {
        /// Which step.
        copy event: ContractEvent,
    }
    optional {
        /// Which contract, where a customer has several beside each other; text as that of an id.
        name name / with_name: String,
        /// For how long it binds, from the interaction on.
        copy term / with_term: Span,
        /// What it is worth over its term, at or above 0.
        money value / with_value: Money,
    }
    rule Contract::name_names;
}

impl Contract {
    fn name_names(&self, _: &Checks) -> Result<(), HistoryError> {
        self.name()
            .map_or(Ok(()), |name| check_name("contract name", name))
    }

    pub(super) fn feeling(&self) -> f64 {
        match self.event {
            ContractEvent::Signed | ContractEvent::Renewed => 0.3,
            ContractEvent::Cancelled => -0.6,
            ContractEvent::Expired => -0.1,
        }
    }
}

/// A step in the life of a debt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum PaymentEvent {
    /// It fell due.
    Due,
    /// It was paid.
    Received,
    /// It was given up: a bad debt.
    Defaulted,
    /// The customer disputes it, or had it charged back.
    Disputed,
}

impl PaymentEvent {
    fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Received => "received",
            Self::Defaulted => "defaulted",
            Self::Disputed => "disputed",
        }
    }
}

payload! {
    /// A step in the life of a debt of the customer (付款).
    Payment as "payment";
    plain new {
        /// Which step.
        copy event: PaymentEvent,
    }
    optional {
        /// How much, at or above 0.
        money amount / with_amount: Money,
        /// When it falls or fell due.
        copy due_at / with_due_at: DateTime<Utc>,
        /// When it was paid, if not when the interaction occurred; of a payment received alone.
        checked paid_at / with_paid_at: DateTime<Utc>,
    }
    rule Payment::only_what_was_received_was_paid;
}

impl Payment {
    fn only_what_was_received_was_paid(&self, _: &Checks) -> Result<(), HistoryError> {
        if self.paid_at.is_none() || self.event == PaymentEvent::Received {
            return Ok(());
        }
        Err(HistoryError::Misplaced {
            kind: "payment",
            field: "paid_at",
            expected: "received",
            found: self.event.name(),
        })
    }
}
